"""Who liked what, and what is known about the items: sources, checks, splits and histories. No models, no torch."""

from knobs_core.data.account import Account
from knobs_core.data.facets import Filters, genres_of
from knobs_core.data.find import find_item, search_items
from knobs_core.data.histories import GROUP_SIZE, history_at, history_from, history_of, history_of_group
from knobs_core.data.interactions import Interactions, Tables, build, item_detail, year_text
from knobs_core.data.items import ITEM_COLUMNS
from knobs_core.data.metadata_tags import is_decade, metadata_tags
from knobs_core.data.planted import planted
from knobs_core.data.source import SAID, TITLES, DataConfig, Source, Words
from knobs_core.data.sources import LAYOUTS, NAMED, credit, load_data, terms
from knobs_core.data.sources.brought import read_array, read_brought, read_lines
from knobs_core.data.sources.limits import reading
from knobs_core.data.sparse import keep_entries, shuffled_places, single_items
from knobs_core.data.split import HeldOut, Split, split_users

__all__ = [
    "GROUP_SIZE",
    "ITEM_COLUMNS",
    "LAYOUTS",
    "NAMED",
    "SAID",
    "TITLES",
    "Account",
    "DataConfig",
    "Filters",
    "HeldOut",
    "Interactions",
    "Source",
    "Split",
    "Tables",
    "Words",
    "build",
    "credit",
    "find_item",
    "genres_of",
    "history_at",
    "history_from",
    "history_of",
    "history_of_group",
    "is_decade",
    "item_detail",
    "keep_entries",
    "load_data",
    "metadata_tags",
    "planted",
    "read_array",
    "read_brought",
    "read_lines",
    "reading",
    "search_items",
    "shuffled_places",
    "single_items",
    "split_users",
    "terms",
    "year_text",
]
