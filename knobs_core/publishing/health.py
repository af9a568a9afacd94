"""Which recipes still fit a bundle, after it was trained again or replaced: the live version of each, and its draft."""

import dataclasses
from typing import Literal

from knobs_core.base import KnobsError
from knobs_core.bundles import Bundle
from knobs_core.lists import PERSON, Carried, Rules, carried
from knobs_core.publishing.store import Entry, Saved, Store, Version

State = Literal["fits", "needs carrying over", "needs a person"]
FITS: State = "fits"
CARRY: State = "needs carrying over"


@dataclasses.dataclass(frozen=True)
class Health:
    """How a version of a recipe stands to a bundle.

    slug, number: which version; live: whether readers get it, else it is the draft; made_for: id of its bundle
    state: one that fits was made with this bundle, or says of none and does the same here
    confidence: of the dial of which one is least sure, in [-1, 1]; None where nothing tells, or nothing was to do
    reasons: a sentence each, of what changes and what is amiss
    """

    slug: str
    number: int
    live: bool
    made_for: str
    state: State
    confidence: float | None
    reasons: tuple[str, ...]


def health(store: Store, bundle: Bundle) -> list[Health]:
    """Every recipe that is not archived, by slug: its live version, then its draft where that is another one."""
    return [
        _health(store.version(entry.slug, number), number == entry.live, bundle)
        for entry in store.entries()
        for number in _numbers(entry)
    ]


def accept(store: Store, bundle: Bundle, slug: str, by: str) -> tuple[Saved, Carried]:
    """Carry a recipe's newest version over to a bundle and save that as the draft; what readers get stays.

    Dials that need a person, and what is gone, are left out of it and named in what is returned.

    Raises:
        UnknownNameError: no such recipe. OvertakenError: somebody saved meanwhile, and both changed the same.
    """
    newest = store.version(slug)
    new = carried(newest.recipe, newest.recipe.bundle, bundle)
    return store.save(new.recipe, by, newest.number), new


def _numbers(entry: Entry) -> list[int]:
    return list(dict.fromkeys(number for number in (entry.live, entry.draft) if number is not None))


def _health(version: Version, live: bool, bundle: Bundle) -> Health:
    recipe = version.recipe
    new = carried(recipe, recipe.bundle, bundle)
    broken = False
    try:
        amiss = Rules(bundle, new.recipe).conflicts()
    except KnobsError as error:
        amiss, broken = [str(error)], True
    same = recipe.bundle == bundle.id or (not recipe.bundle and all(dial.how == "kept" for dial in new.dials))
    state: State = PERSON if new.needs_person or broken else FITS if same and not new.gone else CARRY
    every = [f"It was made with bundle {recipe.bundle or '?'}; all of it does the same here."] if state == CARRY else []
    reasons = (*(new.reasons or every), *(one for one in amiss if one not in new.reasons))
    return Health(version.slug, version.number, live, recipe.bundle, state, new.confidence, reasons)
