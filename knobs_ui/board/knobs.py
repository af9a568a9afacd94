"""Which knobs are on the board, and what is said of each: a person's themes or active neurons, and what was added.

Both are views of one taste, and dials turned in one stay in the other.
"""

from typing import NamedTuple

import numpy as np
import streamlit as st

from knobs_core.base import first_n, visible
from knobs_core.bundles import Active, Bundle, Knob
from knobs_core.concepts import Theme
from knobs_core.steering import directions, effects_of
from knobs_ui import evidence
from knobs_ui.board.view import View
from knobs_ui.kept import kept_of_bundle

WAYS = ("themes", "neurons")
WAY, MORE = "knobs are", "more knobs"  # in the session
N_KNOBS, N_MORE, N_GLOSS = 9, 32, 3
FEW = 0.03  # share of a code from which on a neuron is worth a knob


class OnBoard(NamedTuple):
    """A knob on the board. added: by the visitor; theme: of this person's profile; active: how active a neuron is."""

    knob: Knob
    added: bool
    theme: Theme | None = None
    active: Active | None = None


def way(shown: View) -> str:
    """How the taste is shown: as the visitor chose, else by what says more of this person."""
    chosen = st.session_state.get(WAY)
    return chosen if chosen in WAYS else clearer(shown.at_rest.themes, shown.at_rest.neuron_themes)


def clearer(themes: list[Theme], neurons: list[Theme]) -> str:
    """Which of the two profiles says more: the one that stands further above 0, counted in its standard errors. Neurons
    where no theme does."""
    concept, neuron = (
        sum(one.strength / max(one.error, 1e-9) for one in found[:N_KNOBS]) for found in (themes, neurons)
    )
    return WAYS[1] if neuron > concept or not themes else WAYS[0]


def shown_knobs(bundle: Bundle, shown: View) -> list[OnBoard]:
    """The knobs on the board: those that were turned or added, then the person's own, strongest first."""
    themes = {theme.key: theme for theme in shown.at_rest.themes}
    active = {f"#{one.label.neuron}": one for one in shown.active}
    own = _themes(bundle, shown) if way(shown) == WAYS[0] else _strongest(shown)
    turned = sorted(
        (key for key, _ in shown.choice.dials if key in bundle.knobs), key=lambda key: not shown.choice.amount(key)
    )
    return [
        OnBoard(bundle.knobs[key], key not in own, themes.get(key), active.get(key))
        for key in dict.fromkeys([*turned, *own])
    ]  # fmt: skip


def _themes(bundle: Bundle, shown: View) -> list[str]:
    """Keys of the themes worth a knob; those whose knobs are weak are left out."""
    found = [theme.key for theme in shown.at_rest.themes if theme.key in bundle.knobs]
    return [key for key in found if not bundle.knobs[key].weak][:N_KNOBS]


def _strongest(shown: View) -> list[str]:
    """Keys of the neurons worth a knob: of few likes few."""
    if st.session_state.get(MORE):
        return [f"#{one.label.neuron}" for one in shown.active[:N_MORE]]
    likes = len(np.unique(shown.person.history.indices))
    strong = [one for one in shown.active if one.share >= FEW][: min(N_KNOBS, 2 * likes + 1)]
    return [f"#{one.label.neuron}" for one in strong or shown.active[:1]]


class Words(NamedTuple):
    """What is said of a knob. facts: one line; gloss: typical titles; hint: all of it, for who asks."""

    name: str
    facts: str
    gloss: str
    hint: str
    level: float


def words(bundle: Bundle, shown: View, on: OnBoard) -> Words:
    """The words on a knob for this person. level: how much of it this taste has, in [0, 1]."""
    said = about(bundle, on.knob.key)
    facts, level = said.facts, 0.0
    if on.active:
        label = on.active.label
        sure = f" · {label.confidence:.0%} sure" if label.named and not label.former else ""
        level, facts = on.active.level, f"{on.active.level:.0%} active{sure}"
    if on.theme:
        level = on.theme.strength / max(theme.strength for theme in shown.at_rest.themes)
        facts = f"{on.theme.strength + 1:.1f}\N{MULTIPLICATION SIGN} average"
    return Words(said.name, facts + said.badge, said.gloss, said.hint, level)


class About(NamedTuple):
    """What is said of a knob whoever turns it."""

    name: str
    facts: str
    badge: str
    gloss: str
    hint: str


@kept_of_bundle
def about(bundle: Bundle, key: str) -> About:
    """The words on a knob that nobody's taste changes."""
    knob, gloss = bundle.knobs[key], gloss_of(bundle, key)
    facts = {
        "neuron": "not active",
        "concept": "a theme",
        "decade": "a time",
        "item": f"made of one {bundle.words.one}",
    }
    badge, hint = "", f"Typical: {gloss}" if gloss else ""
    if knob.effect and (knob.effect.finds or knob.effect.weak):
        badge = " · ✓" if knob.effect.finds else " · weak"
        judged = evidence.verdict(knob.effect, bundle.knobs.name_of(knob.effect.tag), bundle.words)
        hint += f". {judged.title}: {judged.reason}"
    return About(visible(knob.title), facts.get(knob.kind, "a mixture"), badge, gloss, visible(hint))


def gloss_of(bundle: Bundle, key: str) -> str:
    """One line on a knob: its most typical titles."""
    return visible(", ".join(bundle.interactions.main_title(i) for i in typical(bundle, key)))


@kept_of_bundle
def typical(bundle: Bundle, key: str) -> tuple[int, ...]:
    """Columns of a knob's most typical titles: of a neuron those that activate it most, of a concept those of its own
    that turning it lifts most, of others those that it lifts most."""
    knob, data = bundle.knobs[key], bundle.interactions
    if knob.label:
        return knob.label.top_items[:N_GLOSS]
    effect = effects_of(bundle.nested.cfae, directions(bundle.nested, [knob.dial(1.0)]))[0].cpu().numpy()
    own = data.tags.loc[data.tags["tag"] == key, "item"].unique()
    if len(own):
        effect = np.where(np.isin(np.arange(len(effect)), own), effect, -np.inf)
    return tuple(first_n(effect, min(N_GLOSS, len(own) or N_GLOSS)).tolist())


def theme_of(bundle: Bundle, knob: Knob) -> str:
    """The tag whose titles are counted in the list while a knob is turned; "" for none."""
    tag = knob.label.tags[0][0] if knob.label and knob.label.tags else knob.key
    return tag if tag in bundle.concepts.tags else ""
