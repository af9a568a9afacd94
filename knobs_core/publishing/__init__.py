"""What lies in one database: recipes on their way to readers, with who did what, and what people answer in studies."""

from knobs_core.publishing.changes import Merged, changes, merge
from knobs_core.publishing.database import DATABASE_URL, Database
from knobs_core.publishing.health import Health, accept, health
from knobs_core.publishing.keys import SCOPES, Key, Keys, key_of
from knobs_core.publishing.live import Live
from knobs_core.publishing.participants import Answered, Participant, Participants, Registered
from knobs_core.publishing.store import Act, Entry, HouseVersion, OvertakenError, Saved, Store, Version
from knobs_core.publishing.timings import HOURS, Counted, Timings, Took, step_of

__all__ = [
    "DATABASE_URL",
    "HOURS",
    "SCOPES",
    "Act",
    "Answered",
    "Counted",
    "Database",
    "Entry",
    "Health",
    "HouseVersion",
    "Key",
    "Keys",
    "Live",
    "Merged",
    "OvertakenError",
    "Participant",
    "Participants",
    "Registered",
    "Saved",
    "Store",
    "Timings",
    "Took",
    "Version",
    "accept",
    "changes",
    "health",
    "key_of",
    "merge",
    "step_of",
]
