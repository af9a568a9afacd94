"""People of the data set under a line that describes their taste: "Loves Film Noir and Coen Brothers: Laura, Fargo"."""

import dataclasses
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import scipy.sparse as sp

from knobs_core.base import visible
from knobs_core.bundles import Bundle
from knobs_core.concepts import Theme, clear
from knobs_ui.server import likes

N_LINES = 2_000  # people who get a line, at most; others are found by their id
N_THEMES = 2
ENOUGH = 20  # likes of somebody whom the wall shows


@dataclasses.dataclass(frozen=True)
class Somebody:
    """One user of the data set. themes: keys of the strongest, at most two; items: the like for each that most people
    know; certainty: strength of the first theme in its errors, 0 without any; line: the taste in words."""

    user_id: str
    n_likes: int
    themes: tuple[str, ...]
    items: tuple[int, ...]
    certainty: float
    line: str


@lru_cache(maxsize=2)
def people(bundle: Bundle) -> dict[str, Somebody]:
    """Users by id: all of them, or of a large data set two thousand at even distances."""
    data = bundle.interactions
    rows = np.unique(np.linspace(0, data.n_users - 1, min(N_LINES, data.n_users)).astype(int))
    histories = data.matrix[rows]
    strengths, errors = bundle.themes.strengths_of(bundle.nested, histories)
    tags, counts = data.tag_matrix()
    carries: dict[str, sp.csr_matrix] = dict(zip(tags, counts, strict=True))
    found = {}
    for place, row in enumerate(rows):
        own, items = histories[place].indices, []
        own = own[np.argsort(-likes(bundle)[1][own], kind="stable")]
        strongest = clear(strengths[place], errors[place])
        themes = [t for t in strongest if np.isin(own, carries[bundle.themes.tags[t]].indices).any()][:N_THEMES]
        for theme in themes:
            carried = own[np.isin(own, carries[bundle.themes.tags[theme]].indices)]
            items += [item for item in carried.tolist() if item not in items][:1]
        keys = tuple(bundle.themes.tags[theme] for theme in themes)
        certainty = float(strengths[place, themes[0]] / errors[place, themes[0]]) if themes else 0.0
        words = line(bundle, keys, items or own[:N_THEMES].tolist())
        user_id = data.user_ids[row]
        found[user_id] = Somebody(user_id, len(own), keys, tuple(items), certainty, words)
    return found


@lru_cache(maxsize=2)
def unlike(bundle: Bundle, n: int = 6) -> tuple[Somebody, ...]:
    """A few people with tastes of all kinds, of those with two themes that are most certain: the ones with titles that
    most people know, none with a theme or a title that another one has."""
    known = likes(bundle)[1]
    able = [one for one in people(bundle).values() if one.n_likes >= ENOUGH and len(one.items) == N_THEMES]
    able = sorted(able, key=lambda one: -one.certainty)[: len(able) // 3 + n]
    chosen: list[Somebody] = []
    for one in sorted(able, key=lambda one: -min(known[[*one.items]])):
        if not any({*one.themes} & {*other.themes} or {*one.items} & {*other.items} for other in chosen):
            chosen.append(one)
    return tuple(chosen[:n])


def line(bundle: Bundle, keys: Sequence[str], items: Sequence[int]) -> str:
    """A taste in words. keys: of its strongest themes; items: columns of likes that stand for it."""
    titles = ", ".join(bundle.interactions.main_title(item) for item in items)
    names = " and ".join(bundle.knobs.title_of(key) for key in keys)
    return visible(f"Loves {names}: {titles}" if names else f"Likes a bit of everything: {titles}")


def line_of(bundle: Bundle, themes: Sequence[Theme]) -> str:
    """The taste with these themes, strongest first, in words."""
    items = dict.fromkeys(theme.because[0] for theme in themes[:N_THEMES] if theme.because)
    return line(bundle, [theme.key for theme in themes[:N_THEMES]], [*items]) if themes else ""
