"""Titles that many people know, for a wall of covers; artists, books and papers alike.

Going down from the most liked title, one is taken unless its series is on the wall already, or its kind or its decade
has had its share: a sixth of the wall for a kind, a third for a decade. Where that leaves places free, the most liked
of the others fill them. A series is what begins alike up to a colon, a number or "and the": "Star Wars: Episode IV",
"Indiana Jones and the Last Crusade", "Terminator 2"; titles in parentheses count too.
"""

import re
from collections import Counter
from functools import lru_cache

import numpy as np

from knobs_core.base import folded
from knobs_core.bundles import Bundle
from knobs_ui.kinds import kinds
from knobs_ui.server import likes

N_COVERS = 24
SHARE = {"kind": N_COVERS // 6, "decade": N_COVERS // 3}
SERIES = re.compile(r"\s*(:| and the | part | vol| - |, #|\s\d+\b|\s[ivx]+$).*", re.IGNORECASE)


def series(title: str) -> set[str]:
    """What titles of one series share, for each title that an item goes by."""
    names = (re.sub(r"^(the|a|an)\s+", "", name, flags=re.IGNORECASE) for name in re.split(r"[()]+", title))
    return {folded(SERIES.sub("", name) or name) for name in names if name.strip()}


@lru_cache(maxsize=2)
def famous(bundle: Bundle) -> tuple[int, ...]:
    """Columns of the titles on the wall, at most 24, the most liked first."""
    data, kind = bundle.interactions, kinds(bundle).of
    order = np.argsort(-likes(bundle)[1], kind="stable").tolist()
    decade = (data.items["year"] // 10).fillna(-1).tolist()
    taken: list[int] = []
    there: set[str] = set()
    count: Counter[tuple[str, int]] = Counter()
    for item in order:
        own = series(str(data.items["title"].iat[item]))
        groups = [("kind", int(kind[item])), ("decade", int(decade[item]))]
        groups = [group for group in groups if group[1] != -1]  # of those that are known
        if own & there or any(count[group] >= SHARE[group[0]] for group in groups):
            continue
        taken.append(item)
        there |= own
        count.update(groups)
        if len(taken) == N_COVERS:
            break
    rest = (item for item in order if item not in taken)
    chosen = {*taken, *(next(rest) for _ in range(min(N_COVERS, len(order)) - len(taken)))}
    return tuple(item for item in order if item in chosen)
