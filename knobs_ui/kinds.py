"""What kind of thing each item is, for its colour: of its genres the rarest among the fifteen on most items.

Most genres are on many items and say little ("Drama"); the very rare ones are formats and editions more often than
kinds. So "Adventure|Animation|Children|Comedy" is Animation. Where items have no genres, tags take their place.
"""

from collections import Counter
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from knobs_core.bundles import Bundle
from knobs_core.data import is_decade

MOST = 15  # kinds that have a colour
GOLDEN = 137.508  # degrees; keeps the colours of neighbours apart


class Kinds(NamedTuple):
    """names: of the kinds, those on most items first; of: (n_items,) which of them each item is, -1 for none."""

    names: tuple[str, ...]
    of: np.ndarray

    def hue(self, item: int) -> int:
        """A colour's angle in [0, 360) for an item's kind, -1 for none."""
        return round(self.of[item] * GOLDEN % 360) if self.of[item] >= 0 else -1


@lru_cache(maxsize=2)
def kinds(bundle: Bundle) -> Kinds:
    """The kinds of a bundle's items; shared, so read-only."""
    data = bundle.interactions
    listed = [tuple(filter(None, genres.split("|"))) for genres in data.items["genres"]]
    if not any(listed):
        tags = data.tags.loc[[not is_decade(tag) for tag in data.tags["tag"]]].groupby("item")["tag"].agg(tuple)
        listed = [tags.get(item, ()) for item in range(data.n_items)]
    count = Counter(name for names in listed for name in names)
    names = tuple(name for name, _ in count.most_common(MOST))
    number = {name: place for place, name in enumerate(names)}
    of = np.array([max((number[name] for name in names if name in number), default=-1) for names in listed], np.int64)
    of.flags.writeable = False
    return Kinds(names, of)
