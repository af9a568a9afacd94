"""Where interactions came from, and how they were filtered."""

import dataclasses
from typing import Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass as checked_dataclass

from knobs_core.base import slug


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class DataConfig:
    """How a source becomes interactions."""

    threshold: float = 4.0
    """A row with a value counts as a like when its value is at least this; rows without values all count."""
    min_user_interactions: int = Field(default=5, ge=2)
    """Users with fewer likes are left out (two are needed: one to show the model, one to ask for)."""
    min_item_interactions: int = Field(default=1, ge=1)
    """Items with fewer likes are left out, before users are counted."""
    min_tag_assignments: int = Field(default=1, ge=1)
    """Tags given fewer times are left out, counted before any item is."""
    min_tag_items: int = Field(default=5, ge=1)
    """Tags on fewer of the remaining items are left out."""
    duplicates: Literal["refuse", "merge"] = "refuse"
    """What to do when a user and an item meet in two rows: refuse the data, or keep the last row."""


@dataclasses.dataclass(frozen=True)
class Source:
    """What was asked for, a checksum of its content, and the settings it was read with.

    name: a name such as ``demo``, or the path of a folder or archive; checksum: SHA-256, "" where nobody computed it
    """

    name: str = "memory"
    checksum: str = ""
    config: DataConfig = dataclasses.field(default_factory=DataConfig)

    @property
    def slug(self) -> str:
        """The source's short name, as a part of paths and for people to read: ``ml-1m`` for ``data/ml-1m.zip``."""
        return slug(self.name)
