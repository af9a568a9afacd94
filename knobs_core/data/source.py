"""Where interactions came from, how they were filtered, what their items are called, and whom to credit."""

import dataclasses
import re
from typing import Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass as checked_dataclass

from knobs_core.base import slug

SAID = ("item", "items", "credit")  # settings that change what is said of data, and not the data
WORD = r"^(\p{L}[\p{L}\p{N}' -]{0,29})?$"


@dataclasses.dataclass(frozen=True)
class Words:
    """What the items of a data set are called in a sentence: one "book", many "books"."""

    one: str = "title"
    many: str = "titles"

    @classmethod
    def of(cls, one: str, many: str = "") -> "Words":
        """The words for a singular; the plural is that of most English words unless it is given."""
        if not one:
            return TITLES
        if re.search(r"[^aeiou]y$", one):
            return cls(one, many or f"{one[:-1]}ies")
        return cls(one, many or one + ("es" if re.search(r"(s|x|z|ch|sh)$", one) else "s"))

    @property
    def a(self) -> str:
        """One of them with its article: "an artist"."""
        return f"{'an' if self.one[0].lower() in 'aeiou' else 'a'} {self.one}"

    def count(self, n: int) -> str:
        """So many of them: "1 book", "2,739 books"."""
        return f"{n:,} {self.one if n == 1 else self.many}"


TITLES = Words()  # where nobody gives other words


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class DataConfig:
    """How a source becomes interactions."""

    threshold: float | None = Field(default=None, allow_inf_nan=False)
    """A row with a value counts as a like when its value is at least this; rows without values all count. Where
    nobody sets it, the values decide: 4 for ratings, 1 for counts and for what is only 0 and 1; see ``values.py``."""
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
    # What was set by nobody is left out of what is written, so that manifests from before keep their id.
    item: str = Field(default="", pattern=WORD, exclude_if=lambda value: not value)
    """What people call one of the items, in lower case: "book"; "" is "title"."""
    items: str = Field(default="", pattern=WORD, exclude_if=lambda value: not value)
    """What they call several, where that is not ``item`` in the plural of most English words."""
    credit: str = Field(default="", max_length=500, exclude_if=lambda value: not value)
    """Who made the data and on which terms they may be used; "" is what is known of the source by its name."""


@dataclasses.dataclass(frozen=True)
class Prepared:
    """The prepared folder that interactions are mapped from. path: where it lies; id: of its manifest."""

    path: str
    id: str


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

    @property
    def words(self) -> Words:
        """What the items are called."""
        return Words.of(self.config.item, self.config.items)
