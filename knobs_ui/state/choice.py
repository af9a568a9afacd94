"""A visitor's choice: whose list it is, and how the dials stand."""

import dataclasses

from knobs_core.bundles import Bundle, Person
from knobs_core.steering import Dial

Dials = tuple[tuple[str, float], ...]


@dataclasses.dataclass(frozen=True)
class Choice:
    """Whose list it is and how the dials stand.

    user_ids: one user of the data set, or two to four for a group; empty for somebody built from item_ids
    dials: (knob key, amount) in the order in which they were added; see ``knobs_core.bundles.Knob``
    seen: items that were marked as already seen
    pinned: dials whose list stands on the left for comparison, or None for all dials at rest
    """

    user_ids: tuple[str, ...] = ()
    item_ids: tuple[str, ...] = ()
    dials: Dials = ()
    seen: tuple[str, ...] = ()
    pinned: Dials | None = None

    def amount(self, key: str) -> float:
        """How far a knob is turned."""
        return dict(self.dials).get(key, 0.0)

    @property
    def name(self) -> str:
        """Whose list it is, in words."""
        if not self.user_ids:
            return "Your own taste"
        return f"User {self.user_ids[0]}" if len(self.user_ids) == 1 else f"Users {', '.join(self.user_ids)} together"


def dials_of(bundle: Bundle, dials: Dials) -> list[Dial]:
    """The dials that are turned, ready for steering; those that the bundle does not have are left out."""
    found = ((bundle.knobs.get(key), amount) for key, amount in dials if amount)
    return [knob.dial(amount) for knob, amount in found if knob]


def person_of(bundle: Bundle, choice: Choice) -> Person:
    """Whom a choice is about."""
    if len(choice.user_ids) > 1:
        return bundle.person(users=choice.user_ids, seen=choice.seen)
    if choice.user_ids:
        return bundle.person(choice.user_ids[0], seen=choice.seen)
    return bundle.person(items=choice.item_ids, seen=choice.seen)
