"""Titles that many people know, for a wall of covers; works for films, artists, books and papers alike.

Going down from the most liked title, one is taken unless its series is on the wall already, or its kind or its decade
has had its share: a sixth of the wall for a kind, a third for a decade. Where that leaves places free, the most liked
of the others fill them. A series is what begins alike up to a colon, a number or "and the": "Star Wars: Episode IV",
"Indiana Jones and the Last Crusade", "Terminator 2"; titles in parentheses count too.
"""

import re
from collections import Counter
from functools import lru_cache

import numpy as np
import pandas as pd

from knobs_core.base import folded
from knobs_core.bundles import Bundle
from knobs_ui.kinds import kinds
from knobs_ui.server import likes

N_COVERS = 24
SERIES = re.compile(r"\s*(:| and the | part | vol| - |, #|\s\d+\b|\s[ivx]+$).*", re.IGNORECASE)


def series(title: str) -> set[str]:
    """What titles of one series share, for each title that an item goes by."""
    names = (re.sub(r"^(the|a|an)\s+", "", name, flags=re.IGNORECASE) for name in re.split(r"[()]+", title))
    return {folded(SERIES.sub("", name) or name) for name in names if name.strip()}


@lru_cache(maxsize=2)
def famous(bundle: Bundle) -> tuple[int, ...]:
    """Columns of the titles on the wall, at most 24, the most liked first."""
    items = bundle.interactions.items
    order = np.argsort(-likes(bundle)[1], kind="stable").tolist()
    kind, decade = kinds(bundle).of, items["year"] // 10
    taken: list[int] = []
    there: set[str] = set()
    of_kind: Counter[int] = Counter()
    of_decade: Counter[int] = Counter()
    for item in order:
        own, when = series(items["title"].iat[item]), decade.iat[item]
        full = kind[item] >= 0 and of_kind[kind[item]] >= N_COVERS // 6
        full = full or (not pd.isna(when) and of_decade[when] >= N_COVERS // 3)
        if full or own & there:
            continue
        taken.append(item)
        there |= own
        of_kind[kind[item]] += 1
        if not pd.isna(when):
            of_decade[when] += 1
        if len(taken) == N_COVERS:
            break
    rest = (item for item in order if item not in taken)
    chosen = {*taken, *(next(rest) for _ in range(min(N_COVERS, len(order)) - len(taken)))}
    return tuple(item for item in order if item in chosen)
