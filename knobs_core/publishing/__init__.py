"""Recipes on their way to readers: drafts, versions, what is on air, and who did what, in one database."""

from knobs_core.publishing.changes import Merged, changes, merge
from knobs_core.publishing.database import DATABASE_URL, Database
from knobs_core.publishing.health import Health, accept, health
from knobs_core.publishing.keys import SCOPES, Key, Keys, key_of
from knobs_core.publishing.live import Live
from knobs_core.publishing.store import Act, Entry, HouseVersion, OvertakenError, Saved, Store, Version

__all__ = [
    "DATABASE_URL",
    "SCOPES",
    "Act",
    "Database",
    "Entry",
    "Health",
    "HouseVersion",
    "Key",
    "Keys",
    "Live",
    "Merged",
    "OvertakenError",
    "Saved",
    "Store",
    "Version",
    "accept",
    "changes",
    "health",
    "key_of",
    "merge",
]
