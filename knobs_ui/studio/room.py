"""What all editors of a server share: the database of recipes, and the audience on which they try them. Nothing in it
is anybody's own."""

import os

import streamlit as st

from knobs_core.audience import Audience, draw
from knobs_core.base import home
from knobs_core.bundles import Bundle
from knobs_core.publishing import DATABASE_URL, Store

SIZE, FRAME = 500, 0.3  # readers, and seconds that a frame of all their lists may take


def store() -> Store:
    """All recipes of the house. Raises: StorageError: the database cannot be reached."""
    return _store(os.environ.get(DATABASE_URL, ""), str(home()))


@st.cache_resource(show_spinner=False, max_entries=2)
def _store(url: str, folder: str) -> Store:
    return Store()


def audience(bundle: Bundle, seed: int = 0) -> Audience:
    """Readers of a bundle on whom recipes are tried: SIZE of them, in strata, or as many as a frame has room for."""
    return _audience(bundle.id, seed, bundle)


@st.cache_resource(show_spinner="Inviting an audience", max_entries=4)
def _audience(bundle_id: str, seed: int, _bundle: Bundle) -> Audience:
    return Audience(_bundle, draw(_bundle, SIZE, seed, within=FRAME))
