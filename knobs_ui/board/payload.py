"""What the board is told: knobs with their words, the person's vectors, the list and what it is compared with."""

import dataclasses
import sys
import zlib
from functools import lru_cache
from typing import Any

import numpy as np
import streamlit as st

from knobs_core.base import visible
from knobs_core.bundles import Bundle, Knob
from knobs_core.data import genres_of
from knobs_core.steering import depths
from knobs_ui import html, state
from knobs_ui.board.catalogue import send_items, send_knobs, travels_whole
from knobs_ui.board.knobs import MORE, N_MORE, OnBoard, theme_of, way, words
from knobs_ui.board.mood import mood_data
from knobs_ui.board.transport import send_json, send_rows
from knobs_ui.board.view import View
from knobs_ui.kept import kept_of_bundle


def knob_data(bundle: Bundle, shown: View, on: OnBoard) -> dict[str, Any]:
    """What the board needs to know of a knob."""
    knob, linear, scale = on.knob, bundle.engine.linear, shown.scale(on.knob)
    said, theme = words(bundle, shown, on), theme_of(bundle, knob)
    data: dict[str, Any] = {
        "key": knob.key,
        "kind": knob.kind,
        "amount": shown.choice.amount(knob.key),
        "added": on.added,
        "up": scale.detents.up,
        "down": scale.detents.down,
        "half": [scale.half.down, scale.half.up],
        "blob": _send_vector(bundle, knob) if linear and travels_whole(bundle) else "",
        "depth": _depth(bundle, knob.key) if linear else 0.0,
        **said._asdict(),
    }
    if theme:
        data |= {"theme": visible(bundle.knobs.title_of(theme)), "members": _send_members(bundle, theme)}
    return data


def board_data(bundle: Bundle, shown: View, on_board: list[OnBoard], version: str) -> dict[str, Any]:
    """The board's data, its large arrays handed over as blobs."""
    choice, taste, result, linear = shown.choice, shown.taste, shown.result, bundle.engine.linear
    whole, line = travels_whole(bundle), state.timeline(bundle)
    pins = [shown.list_with(bundle, dials).items for dials in choice.pins]
    here = np.unique(np.concatenate([result.before, result.items, *pins]))
    titles = here if whole else np.union1d(here, shown.at_rest.because[here])
    data: dict[str, Any] = {
        "version": version,
        "state": shown.token,
        "linear": linear,
        "whole": whole,
        "items": send_items(bundle, None if whole else titles),
        "before": result.before.tolist(),
        "after": result.items.tolist(),
        "by": [dial.key if dial else "" for dial in shown.found.dealt_by],
        "ranks": {str(i): int(rank) for i, rank in zip(result.items, result.unsteered_rank, strict=True)},
        "because": _because(bundle, shown, here),
        "seen": _send_seen(bundle, taste.seen) if whole and linear else "",
        "knobs": [knob_data(bundle, shown, on) for on in on_board],
        "way": way(shown),
        "more": {"n": min(len(shown.active), N_MORE), "shown": bool(st.session_state.get(MORE))},
        "pins": [
            {"name": html.turned_words(bundle, state.dials_of(bundle, dials)), "items": items.tolist()}
            for dials, items in zip(choice.pins, pins, strict=True)
        ],
        "filters": dataclasses.asdict(choice.filters),
        "facets": _facets(bundle),
        "group": _group(bundle, shown),
        "words": dataclasses.asdict(bundle.words),
        "n": choice.n,
        "marked": len(choice.seen),
        "undo": bool(line.past),
        "redo": bool(line.future),
        "catalogue": send_knobs(bundle),
        **mood_data(),
        "person": {"token": f"{choice.user_ids} {choice.item_ids} {choice.seen} {choice.filters}"},
    }
    if linear:
        data["person"] |= taste.reach._asdict()
        if whole:
            name = f"person {bundle.id} {choice.user_ids} {choice.item_ids}"
            data["person"]["blob"] = send_rows(name, lambda: taste.base[None].cpu().numpy())
    return data


def preview(bundle: Bundle, shown: View, about: object) -> dict[str, Any] | None:
    """The list with one more knob, a third of the way up. about: its key, or the column of an item to be like."""
    if isinstance(about, int) and 0 <= about < bundle.interactions.n_items:
        key = f"~{bundle.interactions.item_ids[about]}"
    else:
        key = str(about)
    knob = bundle.knobs.get(key)
    if knob is None:
        return None
    up = shown.scale(knob).detents.up
    others = [pair for pair in shown.choice.turned if pair[0] != key]
    found = shown.list_with(bundle, (*others, (key, up[len(up) // 3])))
    return {"about": about, "name": visible(knob.title), "items": found.items.tolist()}


def _group(bundle: Bundle, shown: View) -> dict[str, Any] | None:
    """How well the list serves each member of a group, and what is needed to say so of other lists."""
    users, n = shown.choice.user_ids, shown.choice.n
    if len(users) < 2:
        return None
    worth, whole = shown.at_rest.worths, travels_whole(bundle)
    blob = send_rows(f"group {bundle.id} {users} {n}", lambda: worth) if whole else ""
    shares = np.clip(worth[:, shown.result.items].sum(1), 0, 1)
    return {"names": [visible(f"User {user}") for user in users], "shares": shares.tolist(), "blob": blob}


def _because(bundle: Bundle, shown: View, here: np.ndarray) -> str | dict[str, int]:
    """The like that speaks most for every item, as a blob, or for those that are here."""
    because, choice = shown.at_rest.because, shown.choice
    if travels_whole(bundle):
        return send_rows(f"because {bundle.id} {choice.user_ids} {choice.item_ids}", lambda: because[None])
    return dict(zip(map(str, here.tolist()), because[here].tolist(), strict=True))


@lru_cache(maxsize=2)
def _facets(bundle: Bundle) -> dict[str, Any]:
    """What can be filtered by: the years and genres that there are."""
    years = bundle.interactions.items["year"].dropna()
    span = [int(years.min()), int(years.max())] if len(years) else []
    return {"years": span, "genres": genres_of(bundle.interactions)}


def _send_seen(bundle: Bundle, seen: np.ndarray) -> str:
    return send_json(f"seen {bundle.id} {zlib.crc32(seen.tobytes()):x}", seen.tolist)


def _send_vector(bundle: Bundle, knob: Knob) -> str:
    """What a knob does to scores."""
    return send_rows(f"knob {bundle.id} {knob.key}", lambda: bundle.engine.dial_vectors([knob.dial(1.0)]).cpu().numpy())


@kept_of_bundle
def _depth(bundle: Bundle, key: str) -> float:
    depth = depths(bundle.engine.dial_vectors([bundle.knobs[key].dial(1.0)])).item()
    return min(depth, sys.float_info.max)  # of a knob that does nothing it is infinite, which JSON cannot say


def _send_members(bundle: Bundle, theme: str) -> str:
    tags = bundle.interactions.tags
    return send_json(f"members {bundle.id} {theme}", lambda: tags.loc[tags["tag"] == theme, "item"].tolist())
