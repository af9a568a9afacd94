"""A visitor's choice: whose list it is, and how the dials stand."""

import dataclasses
from collections.abc import Iterable

from knobs_core.base import visible
from knobs_core.bundles import Bundle, Person
from knobs_core.data import Filters, Interactions, history_of
from knobs_core.steering import Dial

Dials = tuple[tuple[str, float], ...]
LENGTHS = (10, 20, 50)  # of a list
MOST_PINS, MOST_DIALS = 3, 64  # lists beside this one, and knobs on a board
EVERYTHING = Filters()


@dataclasses.dataclass(frozen=True)
class Choice:
    """Whose list it is and how the dials stand.

    user_ids: one user of the data set, or two to four for a group; empty for somebody built from item_ids alone
    item_ids: likes; with one user, those that the visitor added to this user's
    dials: (knob key, amount) in the order in which they were added; see ``knobs_core.bundles.Knob``
    seen: items that were marked as already seen
    pins: dials whose lists stand beside this one for comparison, the oldest first
    filters: which items may be in the list; n: how many there are, one of LENGTHS
    """

    user_ids: tuple[str, ...] = ()
    item_ids: tuple[str, ...] = ()
    dials: Dials = ()
    seen: tuple[str, ...] = ()
    pins: tuple[Dials, ...] = ()
    filters: Filters = EVERYTHING
    n: int = 20

    def amount(self, key: str) -> float:
        """How far a knob is turned."""
        return dict(self.dials).get(key, 0.0)

    @property
    def turned(self) -> Dials:
        """The dials that are not at rest."""
        return tuple((key, amount) for key, amount in self.dials if amount)

    def name(self, data: Interactions) -> str:
        """Whose list it is, in words: "User 60 + Talk to Her"."""
        return visible(self._name(data))

    def _name(self, data: Interactions) -> str:
        if not self.user_ids:
            return "Your own taste"
        if len(self.user_ids) > 1:
            return f"Users {', '.join(self.user_ids)} together"
        titles = [data.main_title(data.column_of[item]) for item in self.item_ids]
        added = [*titles[:2], *([f"{len(titles) - 2} more"] if len(titles) > 2 else [])]
        return " + ".join([f"User {self.user_ids[0]}", *added])


def dials_of(bundle: Bundle, dials: Dials) -> list[Dial]:
    """The dials that are turned, ready for steering; those that the bundle does not have are left out."""
    found = ((bundle.knobs.get(key), amount) for key, amount in dials if amount)
    return [knob.dial(amount) for knob, amount in found if knob]


def person_of(bundle: Bundle, choice: Choice, left_out: Iterable[str] = ()) -> Person:
    """Whom a choice is about. left_out: ids of items that are not to be recommended to them either."""
    data, users, seen = bundle.interactions, choice.user_ids, (*choice.seen, *left_out)
    if len(users) > 1:
        return bundle.person(users=users, seen=seen)
    if users and not choice.item_ids:
        return bundle.person(users[0], seen=seen)
    likes = [data.item_ids[i] for user in users for i in history_of(data, user).indices]
    return bundle.person(items=[*likes, *choice.item_ids], seen=seen)
