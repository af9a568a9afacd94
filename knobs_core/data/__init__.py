"""Who liked what, and what is known about the items: sources, checks, splits and histories. No models, no torch."""

from knobs_core.data.account import Account
from knobs_core.data.columns import DESCRIPTION, ITEM_COLUMNS, LONGEST_TEXT, further
from knobs_core.data.facets import Filters, genres_of
from knobs_core.data.find import find_item, search_items
from knobs_core.data.franchises import franchises
from knobs_core.data.histories import (
    GROUP_SIZE,
    history_at,
    history_from,
    history_of,
    history_of_group,
    rows_of_users,
)
from knobs_core.data.interactions import Interactions, Tables, build, item_detail, year_text
from knobs_core.data.metadata_tags import is_decade, metadata_tags
from knobs_core.data.planted import planted
from knobs_core.data.prepared import is_prepared, open_prepared, prepared_at
from knobs_core.data.prepared.prepare import prepare
from knobs_core.data.source import SAID, TITLES, DataConfig, Prepared, Source, Words
from knobs_core.data.sources import LAYOUTS, NAMED, credit, load_data, terms
from knobs_core.data.sources.brought import read_array, read_brought, read_lines
from knobs_core.data.sources.limits import reading
from knobs_core.data.sparse import column_counts, keep_entries, most_liked, shuffled_places, single_items, taken
from knobs_core.data.split import HeldOut, Split, split_users

__all__ = [
    "DESCRIPTION",
    "GROUP_SIZE",
    "ITEM_COLUMNS",
    "LAYOUTS",
    "LONGEST_TEXT",
    "NAMED",
    "SAID",
    "TITLES",
    "Account",
    "DataConfig",
    "Filters",
    "HeldOut",
    "Interactions",
    "Prepared",
    "Source",
    "Split",
    "Tables",
    "Words",
    "build",
    "column_counts",
    "credit",
    "find_item",
    "franchises",
    "further",
    "genres_of",
    "history_at",
    "history_from",
    "history_of",
    "history_of_group",
    "is_decade",
    "is_prepared",
    "item_detail",
    "keep_entries",
    "load_data",
    "metadata_tags",
    "most_liked",
    "open_prepared",
    "planted",
    "prepare",
    "prepared_at",
    "read_array",
    "read_brought",
    "read_lines",
    "reading",
    "rows_of_users",
    "search_items",
    "shuffled_places",
    "single_items",
    "split_users",
    "taken",
    "terms",
    "year_text",
]
