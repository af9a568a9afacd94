"""The item that a person means by its id or its title."""

from knobs_core.base import UnknownNameError, nearest, searchable
from knobs_core.data.interactions import Interactions


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
