"""The item that a person means by its id or its title, and those that a few letters may mean."""

from difflib import SequenceMatcher

import numpy as np

from knobs_core.base import UnknownNameError, nearest, searchable
from knobs_core.data.interactions import Interactions

ALIKE = 0.7  # of a title's first letters and what was typed, from which on it may be a slip


def find_item(data: Interactions, name: str) -> str:
    """The id of an item by its id, its title, or its title with its year; accents and case do not matter in titles.

    Raises:
        UnknownNameError: no such item, or several of that title.
    """
    column = data.column(name.strip())
    if column is not None:
        return str(data.item_ids[column])
    wanted, titles = searchable(name), data.items["title"].tolist()
    found = [column for column, title in enumerate(titles) if wanted.startswith(searchable(title))]
    found = [
        column for column in found if wanted in (searchable(titles[column]), searchable(data.title_with_year(column)))
    ]
    if wanted and len(found) == 1:
        return str(data.item_ids[found[0]])
    twins = [data.title_with_year(column) for column in found] if wanted else []
    raise UnknownNameError(
        f"an id among the {data.n_items:,} items, or one title", f"'{name}'", nearest(name, twins or titles)
    )


def search_items(data: Interactions, text: str, most: int = 8) -> list[int]:
    """Columns of the items that some letters may mean: of this id or title, then those whose titles begin with them,
    then those in which a word does, then those that hold them; each the most liked first. Where there are none, those
    whose titles begin almost so."""
    wanted, known = searchable(text), data.column(text.strip())
    if not wanted:
        return [] if known is None else [known]
    titles = [searchable(title) for title in data.items["title"]]
    likes = data.matrix.getnnz(axis=0)

    def rank(column: int) -> tuple[bool, bool, bool, int]:
        title, exact = titles[column], column == known or titles[column] == wanted
        return not exact, not title.startswith(wanted), f" {wanted}" not in f" {title}", -int(likes[column])

    found = [column for column, title in enumerate(titles) if wanted in title or column == known]
    if found:
        return sorted(found, key=rank)[:most]
    slips = np.array([SequenceMatcher(None, wanted, title[: len(wanted)]).ratio() for title in titles])
    order = np.lexsort((-likes, -slips))[:most]
    return [int(column) for column in order if slips[column] >= ALIKE]
