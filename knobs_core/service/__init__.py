"""Lists for other programs over HTTP: the server behind ``knobs serve``, and a client. Light to import."""

from knobs_core.service.answers import (
    Found,
    Health,
    ItemFound,
    KnobDetail,
    KnobFound,
    ListRow,
    Lists,
    Part,
    ReaderList,
    Receipt,
    RecipeDetail,
    RecipeEntry,
    Recipes,
    Words,
)
from knobs_core.service.client import AnswerError, Client
from knobs_core.service.settings import SETTINGS, Settings

__all__ = [
    "SETTINGS",
    "AnswerError",
    "Client",
    "Found",
    "Health",
    "ItemFound",
    "KnobDetail",
    "KnobFound",
    "ListRow",
    "Lists",
    "Part",
    "ReaderList",
    "Receipt",
    "RecipeDetail",
    "RecipeEntry",
    "Recipes",
    "Settings",
    "Words",
]
