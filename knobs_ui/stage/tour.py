"""A tour: what a speaker shows, step by step, from a TOML file.

    idle = 3                                # minutes

    [[step]]
    say = "More Latin American cinema"
    user = "60"
    dials = { "latin american cinema" = 0.4 }
    focus = "latin american cinema"

docs/stage.md explains every key.
"""

import os
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, model_validator

from knobs_core.base import ConfigError, KnobsError, nearest, read_once, resource
from knobs_core.bundles import Bundle
from knobs_core.data import GROUP_SIZE

LARGEST = 2**20  # bytes of a tour
Words = Annotated[str, Field(max_length=300)]


class Step(BaseModel):
    """One step of a tour; what it leaves out stays as the step before left it.

    say: the caption; note: for the speaker alone
    user, users, items: whom it is about, by id (items also by title); whoever is named begins with all dials at rest
    dials: {name or key of a knob: amount in [-1, 1]}; replace: these dials alone, instead of these as well
    ask: a title that the smallest turn, from rest, is to bring into the rows that are seen
    view: what the board shows; focus: name or key of the knob under the spotlight
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    say: Annotated[Words, Field(min_length=1)]
    note: Words = ""
    user: str | None = None
    users: Annotated[tuple[str, ...], Field(min_length=2, max_length=GROUP_SIZE)] | None = None
    items: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    dials: dict[str, Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]] = Field(default_factory=dict)
    replace: bool = False
    ask: str = ""
    view: Literal["themes", "neurons", "map", "list"] | None = None
    focus: str = ""

    @model_validator(mode="after")
    def _one_person(self) -> "Step":
        if sum(one is not None for one in (self.user, self.users, self.items)) > 1:
            raise ValueError("one of user, users and items")
        return self


class Tour(BaseModel):
    """A whole tour. step: its steps in order; idle: minutes without a hand on anything until the stage returns to its
    opening, 0 for never."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    step: Annotated[tuple[Step, ...], Field(min_length=1)]
    idle: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    _file: str = PrivateAttr("tour")

    @property
    def name(self) -> str:
        """What messages call it: the name of its file."""
        return self._file


@contextmanager
def placed(place: str) -> Iterator[None]:
    """Say in front of an error where in a tour it is."""
    try:
        yield
    except KnobsError as error:
        error.args = (f"{place}: {error}",)
        raise


def read_tour(path: str | Path) -> Tour:
    """The tour in a TOML file.

    Raises:
        ConfigError: no file, no TOML, a key that is not known or a value that does not fit; names the step.
    """
    path = Path(path)
    try:
        found = tomllib.loads(read_once(path.resolve(), LARGEST).decode())
    except (OSError, ValueError) as error:  # a TOMLDecodeError is a ValueError
        reason = error.strerror if isinstance(error, OSError) else error
        raise ConfigError(f"a tour at {path}", f"none ({reason})", "docs/stage.md shows how one is written") from None
    try:
        tour = Tour.model_validate(found)
    except ValidationError as error:
        raise _refusal(path.name, error) from None
    tour._file = path.name
    return tour


def _refusal(name: str, error: ValidationError) -> ConfigError:
    """The first thing that is wrong with a tour, in one line."""
    first = error.errors()[0]
    place = [str(part) for part in first["loc"]]
    inside = place[0] == "step" and len(place) > 1
    where = f"{name}, step {int(place[1]) + 1}" if inside else name
    key = ".".join(place[2:] if inside else place)
    if first["type"] == "extra_forbidden":
        known = list((Step if inside else Tour).model_fields)
        wrong = ConfigError(f"a key of a tour's {'step' if inside else 'head'}", f"'{key}'", nearest(key, known))
    elif first["type"] == "missing":
        wrong = ConfigError(f"a value for {key}", "none", f"write {key} = ...")
    elif first["type"] == "value_error":
        wrong = ConfigError(first["msg"].removeprefix("Value error, "), "several", "keep one")
    else:  # "Input should be ...", "Tuple should have ..."
        should = first["msg"].partition(" should ")[2].partition(" after validation")[0]
        wrong = ConfigError(f"{key} to {should}", f"{first['input']!r:.60}", "change it")
    wrong.args = (f"{where}: {wrong}",)
    return wrong


def tour_of(bundle: Bundle) -> Tour | None:
    """The owner's tour (``KNOBS_TOUR``), else the demo's own; None for other data.

    Raises:
        ConfigError: an owner's tour that cannot be read.
    """
    chosen = os.environ.get("KNOBS_TOUR")
    if not chosen:
        return _read(str(resource("assets", "tour.toml")), 0) if bundle.manifest.source.name == "demo" else None
    file = Path(chosen)
    return _read(chosen, file.stat().st_mtime_ns if file.exists() else 0)


@lru_cache(maxsize=4)
def _read(path: str, changed: int) -> Tour:
    return read_tour(path)
