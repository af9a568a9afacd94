"""Recipes on their way to readers, in one database: drafts, versions, what is on air, who did what, and keys."""

from knobs_core.publishing.changes import Merged, changes, merge
from knobs_core.publishing.database import DATABASE_URL, Database
from knobs_core.publishing.keys import SCOPES, Key, Keys, key_of
from knobs_core.publishing.live import Live
from knobs_core.publishing.store import Act, Entry, HouseVersion, OvertakenError, Saved, Store, Version

__all__ = [
    "DATABASE_URL",
    "SCOPES",
    "Act",
    "Database",
    "Entry",
    "HouseVersion",
    "Key",
    "Keys",
    "Live",
    "Merged",
    "OvertakenError",
    "Saved",
    "Store",
    "Version",
    "changes",
    "key_of",
    "merge",
]
