"""Tables of items with whatever columns they have: those that a layout knows, and further ones as they are called."""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from knobs_core.base import shown
from knobs_core.data.columns import NESTED, further
from knobs_core.data.sources.folder import Folder


def as_one(names: Sequence[str]) -> tuple[str, ...]:
    """What to say of several files of likes, by their names or those of their splits."""
    said = f"{', '.join(map(shown, names))} are read as one; Knobs splits users itself"
    return (said,) if len(names) > 1 else ()


def read_items(
    folder: Folder,
    name: str,
    columns: Mapping[str, str],
    separator: str = ",",
    quoted: bool = True,
    called: Callable[[str], str] = str,
) -> tuple[pd.DataFrame, list[str]]:
    """A table of items, and its columns that are not kept, each as "items.csv: director (why)".

    Args:
        columns: {name in the file: our name} of those that the layout knows; separator, quoted: see ``Folder.table``.
        called: the name in the heading of a column, where there is more in it.
    """
    more, odd = further(folder.header(name, separator), columns, called)
    frame = folder.table(name, {**columns, **more}, separator, quoted=quoted, further=more)
    nested = [f"{shown(called(theirs))} ({NESTED})" for theirs, ours in more.items() if ours not in frame]
    return frame, [f"{name}: {one}" for one in (*odd, *nested)]
