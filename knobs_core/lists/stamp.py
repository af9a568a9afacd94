"""Stamps: what a list was made of, so that anybody can make the same list again, or learn what became different.

A stamp holds the id of the bundle, the reader, what was turned and which rules held, and the list with its hash. The id
of a bundle comes from all its files, so the same id and the same stamp give the same list.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from knobs_core.base import BundleError, ConfigError
from knobs_core.bundles import Bundle, Person
from knobs_core.lists.recipe import Amount, HouseRules, ItemId, ListRecipe, read_document
from knobs_core.lists.rendering import arm_of, left_out_by, list_for, steered_list
from knobs_core.lists.rules import Rules
from knobs_core.steering import OPERATORS, SPREAD

Ids = Annotated[tuple[ItemId, ...], Field(max_length=10_000)]


class Stamp(BaseModel):
    """What a list was made of.

    bundle: its id; data: checksum of the data behind it
    user, users, items: whose list it is, one of the three; seen: items that were marked as seen
    newcomer: whether it is a newcomer's list, see ``Bundle.newcomer``; then user is only what they were called
    dials: {key of a knob: amount}; operator: how they were mixed; n: rows
    recipe: that made it; then dials, operator and n are the recipe's; house: the rules of the house, which hold always
    list: ids of the items, from the first row on; hash: of them
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    format: Literal[1] = 1
    bundle: str
    data: str = ""
    user: str | None = None
    users: Annotated[tuple[str, ...], Field(max_length=4)] = ()
    items: Ids = ()
    seen: Ids = ()
    newcomer: bool = False
    dials: dict[str, Amount] = Field(default_factory=dict)
    operator: str = SPREAD
    n: int = Field(default=20, ge=1)
    recipe: ListRecipe | None = None
    house: HouseRules = HouseRules()
    list: Ids
    hash: str

    @model_validator(mode="before")
    @classmethod
    def _unwrapped(cls, document: Any) -> Any:
        return document.get("stamp", document) if isinstance(document, dict) else document

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.hash != list_hash(self.list):
            raise ValueError("hash: it is of another list")
        return self

    def person(self, bundle: Bundle) -> Person:
        """The reader in front of a bundle."""
        if self.newcomer:
            return bundle.newcomer
        return bundle.person(self.user, self.items or None, self.users or None, self.seen)


class Replayed(NamedTuple):
    """Whether the list came out the same, and if not the first difference, in words."""

    same: bool
    difference: str


def stamp_of(bundle: Bundle, made: Sequence[str], **fields: Any) -> Stamp:
    """The stamp of a list. made: ids of its items, in order; fields: those of ``Stamp`` that say how it was made."""
    checksum = bundle.interactions.source.checksum
    return Stamp(bundle=bundle.id, data=checksum, list=tuple(made), hash=list_hash(made), **fields)


def list_hash(items: Sequence[str]) -> str:
    """SHA-256 over the ids of a list, in order, in hexadecimal digits."""
    return hashlib.sha256("\n".join(items).encode()).hexdigest()


def read_stamp(path: str | Path) -> Stamp:
    """The stamp in a JSON file, which may be the document that ``knobs recommend --json`` printed.

    Raises:
        ConfigError: not there, or no stamp; names the field. StorageError: not readable.
    """
    return read_document(path, Stamp, "a stamp", "export the list again")


def replay(bundle: Bundle, stamp: Stamp) -> Replayed:
    """Make the list of a stamp again.

    Raises:
        BundleError: the stamp was made with another bundle.
        KnobsError: the bundle does not have what the stamp names.
    """
    if stamp.bundle != bundle.id:
        source = bundle.interactions.source
        why = "of other data" if stamp.data and stamp.data != source.checksum else "of the same data, trained otherwise"
        raise BundleError(f"bundle {stamp.bundle}, which made this list", f"bundle {bundle.id} {why}", "give that one")
    person = stamp.person(bundle)
    if stamp.recipe is not None:
        rules = Rules(bundle, stamp.recipe, stamp.house)
        arm = arm_of(stamp.recipe, stamp.user) if stamp.user else None
        rows = list_for(person, rules, rules.dials(arm.dials if arm else stamp.recipe.dials))
    else:
        if stamp.operator not in (SPREAD, *OPERATORS):
            raise ConfigError(f"an operator: {', '.join((SPREAD, *OPERATORS))}", f"'{stamp.operator}'", "correct it")
        dials, left_out = bundle.knobs.dials(stamp.dials), left_out_by(bundle, stamp.house)
        rows = steered_list(person, dials, stamp.n, stamp.operator, left_out)
    now = [bundle.interactions.item_ids[row.column] for row in rows]
    if now == [*stamp.list]:
        return Replayed(True, "")
    at = next(
        (i for i, (old, new) in enumerate(zip(stamp.list, now, strict=False)) if old != new),
        min(len(stamp.list), len(now)),
    )
    old, new = (one[at] if at < len(one) else "nothing" for one in (stamp.list, now))
    return Replayed(False, f"row {at + 1} was {_titled(bundle, old)} and is {_titled(bundle, new)}")


def _titled(bundle: Bundle, item: str) -> str:
    column = bundle.interactions.column_of.get(item)
    return item if column is None else f"'{bundle.interactions.title_with_year(column)}' ({item})"
