"""What the board shows for a choice: the person, their knobs, both lists, all worked out from the choice alone."""

import dataclasses
import time
import zlib
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
import streamlit as st
import torch

from knobs_core import knobs, people, ticks
from knobs_core.bundle import Bundle
from knobs_core.engine import Engine, Person
from knobs_core.knobs import Active, Knob
from knobs_core.recommend import Recommendation, Standing
from knobs_core.steering import Dial
from knobs_ui import board, evidence, state
from knobs_ui.state import Choice

PERSON = "person"  # in the session
N_ITEMS = 20
WHOLE = 50_000  # items of the largest catalogue that travels whole; beyond it, the candidates for the next turn do
TICK_SECONDS = 0.1  # entry ticks are worked out for as many knobs as fit into this, those that are turned first
OnBoard = tuple[Knob, Active | None, bool]  # a knob, how far it is lit, and whether it was added


@dataclasses.dataclass(frozen=True)
class View:
    """A choice with what follows from it."""

    choice: Choice
    history: sp.csr_matrix
    person: Person
    active: list[Active]
    dials: list[Dial]
    result: Recommendation

    @property
    def token(self) -> str:
        """Short hash of the choice, by which the board knows what belongs together."""
        return f"{zlib.crc32(repr(self.choice).encode()):x}"


def view(bundle: Bundle, engine: Engine, choice: Choice) -> View:
    """Encode the person and rank their items with the dials as they stand, and as they are compared with."""
    history, person, standing = _person(bundle, engine, choice)
    dials = state.dials_of(bundle, choice.dials)
    result = engine.recommend(person, standing, dials, N_ITEMS)
    return View(choice, history, person, knobs.active_knobs(bundle, person.z), dials, result)


def _person(bundle: Bundle, engine: Engine, choice: Choice) -> tuple[sp.csr_matrix, Person, Standing]:
    """What no turn of a dial changes: history, person, and the list that others are compared with. The last one stays
    in the visitor's own session."""
    key = (bundle.id, engine.nested.device, dataclasses.replace(choice, dials=()))
    kept = st.session_state.get(PERSON)
    if kept and kept[0] == key:
        return kept[1]
    data = bundle.interactions
    if len(choice.user_ids) > 1:
        history = people.history_of_group(data, choice.user_ids)
    elif choice.user_ids:
        history = people.history_of(data, choice.user_ids[0])
    else:
        history = people.history_from(data, choice.item_ids)
    also_seen = people.history_from(data, choice.seen).indices if choice.seen else ()
    person = engine.person(history, also_seen)
    made = history, person, Standing(engine.scores(person, state.dials_of(bundle, choice.pinned or ())), person.seen)
    st.session_state[PERSON] = (key, made)
    return made


def shown_knobs(bundle: Bundle, shown: View, n: int) -> list[OnBoard]:
    """Knobs on the board: those that were added, then the person's own, the named ones first."""
    lit = {f"#{entry.label.neuron}": entry for entry in sorted(shown.active, key=lambda a: not a.label.tags)}
    own = list(lit)[:n]
    added = [key for key, _ in shown.choice.dials if key not in own]
    return [(state.find(bundle, key), lit.get(key), True) for key in added] + [
        (state.find(bundle, key), lit[key], False) for key in own
    ]


def board_data(bundle: Bundle, engine: Engine, shown: View, on_board: list[OnBoard], version: str) -> dict:
    """The board's data, its large arrays handed over as blobs."""
    choice, person, result = shown.choice, shown.person, shown.result
    whole = bundle.interactions.n_items <= WHOLE
    data = {
        "version": version,
        "state": shown.token,
        "linear": engine.linear,
        "whole": whole,
        "items": board.send_items(bundle, None if whole else np.union1d(result.before, result.items)),
        "reference": "Pinned" if choice.pinned else "Before",
        "before": result.before.tolist(),
        "after": result.items.tolist(),
        "ranks": {str(i): int(rank) for i, rank in zip(result.items, result.unsteered_rank, strict=True)},
        "seen": person.seen.tolist() if whole and engine.linear else [],
        "knobs": [
            board.knob_data(
                knob,
                choice.amount(knob.key),
                _send_vectors(bundle, engine, list(knob.recipe)) if whole and engine.linear else "",
                added=added,
                level=lit.level if lit else 0,
                **_words(bundle, knob, lit),
            )
            for knob, lit, added in on_board
        ],
        "person": {"token": f"{choice.user_ids} {choice.item_ids} {choice.seen}"},
    }
    if engine.linear:
        data["person"] |= {
            "std": person.std,
            "mass": person.mass,
            "z": {str(j): float(person.z[j]) for j in np.flatnonzero(person.z)},
        }
        if whole:
            name = f"person {bundle.id} {choice.user_ids} {choice.item_ids}"
            rows = lambda: torch.stack([person.base, person.floor]).cpu().numpy()  # noqa: E731
            data["person"]["blob"] = board.send_rows(name, rows)
    return data


def _send_vectors(bundle: Bundle, engine: Engine, neurons: list[int]) -> str:
    return board.send_rows(f"neurons {bundle.id} {neurons}", lambda: engine.neuron_vectors(neurons).cpu().numpy())


def _send_pool(bundle: Bundle, engine: Engine, shown: View, on_board: list[OnBoard]) -> dict | None:
    """For a catalogue too large to travel: the items that can enter the list with the next turn of any one knob."""
    if not engine.linear or bundle.interactions.n_items <= WHOLE:
        return None
    recipes = [knob.recipe for knob, _, _ in on_board]
    columns = ticks.pool(engine, shown.person, shown.dials, recipes, N_ITEMS)
    neurons = sorted({j for recipe in recipes for j in recipe})
    rows = torch.vstack([shown.person.base, shown.person.floor, engine.neuron_vectors(neurons)])
    blob = board.send_pool(f"pool {bundle.id} {shown.token} {neurons}", rows[:, columns].cpu().numpy())
    return {
        "blob": blob,
        "columns": columns.tolist(),
        "neurons": neurons,
        "items": board.send_items(bundle, columns),
    }


def _words(bundle: Bundle, knob: Knob, lit: Active | None) -> dict:
    """Facts, a hint, and the theme whose share of the list is told while the knob is turned."""
    about = _about(bundle, knob.key)
    facts = about.facts or (f"lit {lit.level:.0%}" if lit else "not lit")
    words = {"facts": facts + about.badge, "hint": about.hint}
    if about.theme:
        words |= {"theme": about.theme, "members": _send_members(bundle, about.theme)}
    return words


class _About(NamedTuple):
    """What is said of a knob whoever turns it. facts: "" where they are how far it is lit; theme: "" for none."""

    facts: str
    badge: str
    hint: str
    theme: str


@lru_cache(maxsize=10_000)
def _about(bundle: Bundle, key: str) -> _About:
    knob, titles = state.find(bundle, key), bundle.interactions.items["title"]
    label, effect = knob.label, knob.effect
    facts, hint = f"{len(knob.recipe)} neurons", "A concept: turns several neurons together."
    if label:
        facts, hint = "", "Typical: " + ", ".join(titles[i] for i in label.top_items[:4])
    badge = ""
    if effect and (effect.proven or effect.weak):
        badge = " · ✓" if effect.proven else " · weak"
        hint += f". {evidence.verdict(effect).title}: {evidence.verdict(effect).reason}"
    theme = label.tags[0][0] if label and label.tags else key
    return _About(facts, badge, hint, theme if theme in bundle.concepts.tags else "")


def _send_members(bundle: Bundle, theme: str) -> str:
    tags = bundle.interactions.tags
    return board.send_json(f"members {bundle.id} {theme}", lambda: tags.loc[tags["tag"] == theme, "item"].tolist())


def send_ticks(bundle: Bundle, engine: Engine, shown: View, on_board: list[OnBoard]) -> None:
    """Work out where items enter and leave, for as many knobs as the time allows, and send that to the board."""
    pool = _send_pool(bundle, engine, shown, on_board)
    began, marks = time.perf_counter(), {}
    titles = bundle.interactions.items["title"]
    knobs_there = [knob for knob, _, _ in on_board] if engine.linear else []
    for knob in sorted(knobs_there, key=lambda knob: not shown.choice.amount(knob.key)):
        if time.perf_counter() - began > TICK_SECONDS:
            break
        others = [dial for dial in shown.dials if dial.name != knob.name]
        marks[knob.key] = [
            {"at": round(tick.amount, 4), "title": titles[tick.item], "enters": tick.enters}
            for tick in ticks.ticks(engine, shown.person, others, knob.recipe, N_ITEMS)
        ]
    board.send_ticks({"state": shown.token, "ticks": marks, "pool": pool})
