"""A list as a recipe: what an editor decides once, and every reader's own taste fills in.

One model, and the document of a file, a row of a database and a call alike: ``ListRecipe.model_json_schema()`` is its
schema. A recipe names knobs and items as they are called; whether a bundle has them is asked in ``rules.py``.
"""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from knobs_core.base import ConfigError, StorageError, read_once, reason, write_whole

LARGEST = 2**22  # bytes of a recipe's file
LONGEST = 200  # rows of a list
Amount = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]
Line = Annotated[str, Field(max_length=200)]
ARM_NAME = re.compile(r"^[\w.-]{1,40}$")
ItemId = Annotated[str, Field(min_length=1, max_length=200)]
Property = Annotated[str, Field(min_length=1, max_length=60, examples=["genre", "decade", "tag", "franchise"])]
Document = TypeVar("Document", bound=BaseModel)
_zones = cache(available_timezones)  # which looks at hundreds of files


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Turn(_Part):
    """How far a knob is turned.

    knob: its key; name: what it was called when the recipe was made
    neurons, effects: what it was made of, and what it did to the items on which it did most, {item id: effect}; with
        these another bundle takes the dial apart anew
    """

    knob: ItemId
    amount: Amount
    name: Line = ""
    neurons: dict[int, float] = Field(default_factory=dict)
    effects: dict[str, float] = Field(default_factory=dict)


class Value(_Part):
    """A value of a property of items. of: which property, as in ``Quota``; value: in whatever spelling."""

    of: Property
    value: Annotated[str, Field(min_length=1, max_length=200)]

    def __str__(self) -> str:
        return f"{self.of} {self.value}"


Values = Annotated[tuple[Value, ...], Field(max_length=200, exclude_if=lambda values: not values)]


class Pool(_Part):
    """Which items may be in the list; all of them where nothing is said.

    items: only these; only: of items with one of these genres; without: of those with none of them
    first, last: from these years, both included; tags: of items with one of these tags
    having: of items with one of these values, of each property that is named; lacking: of those with none of them
    """

    items: tuple[ItemId, ...] = ()
    only: tuple[Line, ...] = ()
    without: tuple[Line, ...] = ()
    tags: tuple[Line, ...] = ()
    first: int | None = None
    last: int | None = None
    having: Values = ()
    lacking: Values = ()


class Pin(_Part):
    """An item at a place of the list, from 1."""

    item: ItemId
    place: int = Field(ge=1, le=LONGEST)


class Wanted(_Part):
    """The titles that the dials were worked out from, see ``shelf.py``: those to lift, and those to sink."""

    wanted: tuple[ItemId, ...] = ()
    unwanted: tuple[ItemId, ...] = ()


class Quota(_Part):
    """How many rows share a property.

    of: which property: genre, decade, tag, franchise, or a column that the bundle's items have
    value: which of its values, every one of them by itself where none is given
    most: in any ``window`` of rows one after the other; least: among the first ``window`` rows, of a value
    window: the whole list where it is not given
    """

    of: Property
    value: Line = ""
    most: int | None = Field(default=None, ge=0)
    least: int = Field(default=0, ge=0)
    window: int | None = Field(default=None, ge=1, le=LONGEST)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.most is None and not self.least:
            raise ValueError("a quota says how many at most or at least")
        if self.least and not self.value:
            raise ValueError("a quota of at least so many names a value")
        if self.least > (self.window or LONGEST) or (self.most is not None and self.least > self.most):
            raise ValueError("a quota cannot ask for more rows than it allows")
        return self

    def __str__(self) -> str:
        amounts = [f"at least {self.least}"] * bool(self.least) + [f"at most {self.most}"] * (self.most is not None)
        window = f" in {self.window} rows" if self.window else ""
        own = self.value if self.of in ("genre", "decade", "tag") else f"{self.of} {self.value}"
        return f"{' and '.join(amounts)} of {own if self.value else f'each {self.of}'}{window}"


class Arm(_Part):
    """Dials that a share of the readers gets instead of the recipe's, to see which serves them better."""

    name: Annotated[str, Field(pattern=ARM_NAME)]
    share: float = Field(gt=0, lt=1)
    dials: tuple[Turn, ...]


class HouseRules(_Part):
    """What holds over every recipe of a house. bans: items that are in no list; without: genres of which none is."""

    bans: tuple[ItemId, ...] = ()
    without: tuple[Line, ...] = ()


class ListRecipe(_Part):
    """What an editor decides about a list.

    slug: what it is called in addresses; headline, about: what readers see; bundle: id of the one it was made with
    length: rows of the list; dials: which hold for everybody; shelf: the titles that these were worked out from
    pool, bans: what may be in the list and what may not
    quotas: how many rows share a property; pins: items at fixed places; notes: {item id: a sentence}
    valid_from, valid_to: between which it is on air, the end excluded; zone: in which the editor gave these times
    arms: other dials for some of the readers
    """

    format: Literal[1] = 1
    slug: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
    headline: Line = ""
    about: Annotated[str, Field(max_length=2_000)] = ""
    bundle: str = ""
    length: int = Field(default=20, ge=1, le=LONGEST)
    dials: Annotated[tuple[Turn, ...], Field(max_length=30)] = ()
    shelf: Wanted = Wanted()
    pool: Pool = Pool()
    bans: tuple[ItemId, ...] = ()
    quotas: Annotated[tuple[Quota, ...], Field(max_length=30)] = ()
    pins: tuple[Pin, ...] = ()
    notes: dict[str, Line] = Field(default_factory=dict)
    valid_from: AwareDatetime | None = None
    valid_to: AwareDatetime | None = None
    zone: str = "UTC"
    arms: Annotated[tuple[Arm, ...], Field(max_length=8)] = ()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        places, pinned = Counter(pin.place for pin in self.pins), Counter(pin.item for pin in self.pins)
        if twice := [place for place, n in places.items() if n > 1]:
            raise ValueError(f"pins: two of them are at place {twice[0]}")
        if again := [item for item, n in pinned.items() if n > 1]:
            raise ValueError(f"pins: '{again[0]}' is at two places")
        if turned := [knob for knob, n in Counter(dial.knob for dial in self.dials).items() if n > 1]:
            raise ValueError(f"dials: '{turned[0]}' is turned twice")
        if beyond := [place for place in places if place > self.length]:
            raise ValueError(f"pins: place {beyond[0]} is beyond a list of {self.length}")
        if self.valid_from and self.valid_to and self.valid_from >= self.valid_to:
            raise ValueError("valid_to: it ends before it begins")
        if self.zone not in _zones():
            raise ValueError(f"zone: no time zone is called {self.zone!r}")
        if (taken := sum(arm.share for arm in self.arms)) >= 1:
            raise ValueError(f"arms: with {taken:.0%} of the readers they leave nobody with the recipe itself")
        if same := [name for name, n in Counter(arm.name for arm in self.arms).items() if n > 1]:
            raise ValueError(f"arms: two of them are called {same[0]!r}")
        return self

    def state(self, now: datetime | None = None) -> Literal["upcoming", "on air", "expired"]:
        """Where a moment lies in the time between ``valid_from`` and ``valid_to``, by default this one."""
        now = now or datetime.now(UTC)
        if self.valid_to and now >= self.valid_to:
            return "expired"
        return "upcoming" if self.valid_from and now < self.valid_from else "on air"

    @property
    def times(self) -> str:
        """When it is on air, in the editor's own time: "from 2026-12-24 18:00 to ... (Europe/Prague)"."""
        parts = [
            f"{word} {moment.astimezone(ZoneInfo(self.zone)):%Y-%m-%d %H:%M}"
            for word, moment in (("from", self.valid_from), ("to", self.valid_to))
            if moment
        ]
        return f"{' '.join(parts)} ({self.zone})" if parts else "always"


def read_recipe(path: str | Path) -> ListRecipe:
    """The recipe in a JSON file.

    Raises:
        ConfigError: not there, not readable, or not a recipe; names the field.
    """
    return read_document(path, ListRecipe, "a recipe")


def read_house_rules(path: str | Path) -> HouseRules:
    """The house rules in a JSON file.

    Raises:
        ConfigError: see ``read_recipe``.
    """
    return read_document(path, HouseRules, "house rules")


def recipe_of(document: Mapping[str, Any]) -> ListRecipe:
    """The recipe that a document holds.

    Raises:
        ConfigError: it is none; names the field.
    """
    try:
        return ListRecipe.model_validate(document)
    except ValidationError as error:
        raise ConfigError("a recipe", fault(error), "correct that field") from None


def write_recipe(recipe: ListRecipe, path: str | Path) -> None:
    """Write a recipe as JSON, whole or not at all.

    Raises:
        StorageError: it cannot be written there.
    """
    write_whole(Path(path), recipe.model_dump_json(indent=2, exclude_defaults=True) + "\n")


def fault(error: ValidationError) -> str:
    """The first thing that is wrong with a document, with the place of it, in a few words."""
    first = error.errors(include_url=False)[0]
    where = ".".join(map(str, first["loc"]))
    said = first["msg"].removeprefix("Value error, ")
    return f"{where}: {said}" if where else said


def read_document(path: str | Path, model: type[Document], what: str, remedy: str = "correct that field") -> Document:
    """What a JSON file holds, as one of our models. what, remedy: for the error where it is none.

    Raises:
        ConfigError: not there, or not that; names the field. StorageError: not readable.
    """
    path = Path(path)
    try:
        return model.model_validate_json(read_once(path, LARGEST))
    except ValidationError as error:
        raise ConfigError(f"{what} in {path}", fault(error), remedy) from None
    except FileNotFoundError:
        raise ConfigError(f"{what} at {path}", "no file", "check the path") from None
    except OSError as error:
        raise StorageError(f"to read {path}", reason(error).lower(), "let it be read") from None
    except ValueError as error:
        raise ConfigError(f"{what} in a file of at most {LARGEST:,} bytes", str(error), "check the path") from None
