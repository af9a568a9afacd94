"""A recipe made with another bundle, carried over to this one: after a new training, or for other data.

What becomes of each dial is in ``alike.py``. Items and tags that are gone are left out and named by their field. What
was kept of a dial stays as the editor's bundle wrote it, however often a recipe is carried over, so that small losses
do not add up; a dial's neurons become those of this bundle.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from knobs_core.base import ConfigError, KnobsError
from knobs_core.bundles import Bundle
from knobs_core.data import Interactions
from knobs_core.lists.alike import PERSON, Alike, Found, How
from knobs_core.lists.properties import values_of
from knobs_core.lists.recipe import ListRecipe, Quota, Turn, Value

Known = TypeVar("Known", Quota, Value)


@dataclasses.dataclass(frozen=True)
class CarriedDial:
    """What became of a dial.

    name, knob: what it was called and its key; now: the key of the knob that does its work here, "" where none does
    how: what was done; confidence: in [-1, 1], see the head of this file; None where nothing was kept to go by
    said: all that in a sentence; arm: whose dial it is, "" for the recipe's own
    """

    name: str
    knob: str
    now: str
    how: How
    confidence: float | None
    said: str
    arm: str = ""


class Gone(NamedTuple):
    """What the bundle does not have. field: of the recipe; what: an id, a tag, or a quota in words."""

    field: str
    what: str


@dataclasses.dataclass(frozen=True)
class Carried:
    """A recipe on another bundle.

    recipe: for the new bundle, without the dials that need a person and what is gone; old, new: ids of the bundles
    dials: what became of each; gone: what was left out
    emptied: fields of the pool of which nothing is left. They stay as they were, as an empty pool is everything.
    """

    recipe: ListRecipe
    old: str
    new: str
    dials: tuple[CarriedDial, ...]
    gone: tuple[Gone, ...]
    emptied: tuple[str, ...] = ()

    @property
    def needs_person(self) -> bool:
        """Whether a person has to choose what a dial or the pool shall be."""
        return bool(self.emptied) or any(dial.how == PERSON for dial in self.dials)

    @property
    def confidence(self) -> float | None:
        """Of the dial of which one is least sure; None where none has one."""
        known = [dial.confidence for dial in self.dials if dial.confidence is not None]
        return min(known, default=None)

    @property
    def reasons(self) -> list[str]:
        """What is to be known of it, a sentence each: dials that changed, what is gone."""
        found = [dial.said for dial in self.dials if dial.how != "kept"]
        found += [f"Nothing is left of {field}; it stays as it was." for field in self.emptied]
        return found + [f"{field}: '{what}' is gone and was left out." for field, what in self.gone]


def carried(recipe: ListRecipe, old_id: str, bundle: Bundle) -> Carried:
    """A recipe made with another bundle on this one. A recipe that was made with this one stays as it is.

    Args:
        old_id: id of the bundle that it was made with; "" where nobody knows.

    Raises:
        ConfigError: the recipe says that it was made with yet another one.
    """
    if recipe.bundle and recipe.bundle != old_id:
        raise ConfigError(f"a recipe made with bundle {old_id or '?'}", f"one of {recipe.bundle}", "give that id")
    if old_id == bundle.id:
        return Carried(recipe, old_id, bundle.id, (), ())
    document, gone, emptied = _there(recipe, bundle)
    turns, dials = _carried(recipe.dials, bundle)
    arms = []
    for arm in recipe.arms:
        others, more = _carried(arm.dials, bundle, arm.name)
        arms.append(arm.model_copy(update={"dials": others}))
        dials += more
    document |= {"dials": turns, "arms": tuple(arms), "bundle": bundle.id}
    return Carried(recipe.model_copy(update=document), old_id, bundle.id, tuple(dials), tuple(gone), emptied)


def _there(recipe: ListRecipe, bundle: Bundle) -> tuple[dict[str, Any], list[Gone], tuple[str, ...]]:
    """The fields of a recipe without what the bundle does not have, what that is, and what is left empty by it."""
    columns, data, gone = bundle.interactions.column_of, bundle.interactions, list[Gone]()
    tags, document = set(data.tags["tag"]), dict[str, Any]()

    def left(field: str, items: Sequence[str], there: Mapping[str, int] | set[str] = columns) -> tuple[str, ...]:
        gone.extend(Gone(field, item) for item in items if item not in there)
        return tuple(item for item in items if item in there)

    pins = left("pins", [pin.item for pin in recipe.pins])
    document["pins"] = tuple(pin for pin in recipe.pins if pin.item in pins)
    document["bans"] = left("bans", recipe.bans)
    document["notes"] = {item: recipe.notes[item] for item in left("notes", list(recipe.notes))}
    on_shelf = {side: left(f"shelf.{side}", items) for side, items in recipe.shelf}
    document["shelf"] = recipe.shelf.model_copy(update=on_shelf)

    def known(field: str, values: Sequence[Known]) -> tuple[Known, ...]:
        there = [one for one in values if _has(data, one)]
        gone.extend(Gone(field, str(one)) for one in values if one not in there)
        return tuple(there)

    pool: dict[str, tuple[Any, ...]] = {
        "items": left("pool.items", recipe.pool.items),
        "tags": left("pool.tags", recipe.pool.tags, tags),
        "having": known("pool.having", recipe.pool.having),
    }
    # Of "having" a property counts by itself: one that loses all of its values would let everything in.
    emptied = tuple(
        f"pool.{name}"
        for name, some in pool.items()
        if {getattr(one, "of", "") for one in some} < {getattr(one, "of", "") for one in getattr(recipe.pool, name)}
    )
    kept = {name: some for name, some in pool.items() if f"pool.{name}" not in emptied}
    kept["lacking"] = known("pool.lacking", recipe.pool.lacking)
    document["pool"] = recipe.pool.model_copy(update=kept)
    document["quotas"] = known("quotas", recipe.quotas)
    return document, [one for one in gone if one.field not in emptied], emptied


def _has(data: Interactions, one: Quota | Value) -> bool:
    """Whether the data have the property and the value that a rule names."""
    try:
        values_of(data, one.of, one.value)
    except KnobsError:
        return False
    return True


def _carried(turns: Sequence[Turn], bundle: Bundle, arm: str = "") -> tuple[tuple[Turn, ...], list[CarriedDial]]:
    """Some turns on a bundle, without those that need a person, and what became of each. No knob is turned twice:
    those that are kept come first."""
    alike = Alike(bundle, turns)
    found: dict[int, Found] = {place: one for place, turn in enumerate(turns) if (one := alike.same(turn))}
    taken = {one.knob.key for one in found.values() if one.knob}
    for place, turn in enumerate(turns):
        if place not in found:
            found[place] = alike.other(turn, taken)
            taken |= {knob.key for knob in [found[place].knob] if knob}
    new, dials = list[Turn](), list[CarriedDial]()
    for place, turn in enumerate(turns):
        knob, how, confidence, said = found[place]
        name = turn.name or turn.knob
        dials.append(CarriedDial(name, turn.knob, knob.key if knob else "", how, confidence, f"'{name}' {said}.", arm))
        if knob:
            called = turn.name if knob.key == turn.knob else knob.name[:200]
            made = {j: round(weight, 4) for j, weight in knob.recipe.items()}
            new.append(turn.model_copy(update={"knob": knob.key, "name": called, "neurons": made}))
    return tuple(new), dials
