"""What all visitors of a study share: its file, and the database of its people and their answers."""

import os
from functools import lru_cache
from pathlib import Path

import streamlit as st

from knobs_core.base import ConfigError, home
from knobs_core.publishing import DATABASE_URL, Database, Participants
from knobs_core.studies import Study, read_study
from knobs_ui import settings


def study_of() -> Study:
    """The study of this server. Raises: ConfigError: there is none, or its file cannot be read."""
    chosen = settings.study()
    if not chosen:
        raise ConfigError("a study on this server", "none", "start it by knobs app --study FILE")
    file = Path(chosen)
    return _read(chosen, file.stat().st_mtime_ns if file.exists() else 0)


@lru_cache(maxsize=4)
def _read(path: str, changed: int) -> Study:
    return read_study(path)


def store() -> Participants:
    """Who takes part, and their answers. Raises: StorageError: the database cannot be reached."""
    return _store(os.environ.get(DATABASE_URL, ""), str(home()))


@st.cache_resource(show_spinner=False, max_entries=2)
def _store(url: str, folder: str) -> Participants:
    return Participants(Database())
