"""Why each row of a list is there, in a sentence for its reader; and notes of a recipe that an editor may begin with.

A recipe's notes are read by everybody, so that those which are proposed know no likes and no places: they are made of a
newcomer's list, for the rows that a dial brings, and say which. What is said of a row is in ``bundles/notes.py``.
"""

from collections.abc import Sequence

from knobs_core.bundles import Bundle, Person
from knobs_core.lists.recipe import HouseRules, ListRecipe
from knobs_core.lists.rendering import list_for
from knobs_core.lists.rules import PINNED, Row, Rules
from knobs_core.steering import SPREAD, Dial

PUT = "Put here by an editor."


def reader_notes(person: Person, dials: Sequence[Dial], rows: Sequence[Row], operator: str = SPREAD) -> list[str]:
    """A sentence for each row of somebody's list; places are those among all that they have not seen."""
    found = person.whys(dials, [row.column for row in rows], operator)
    return [PUT if row.reason == PINNED else str(why) for row, why in zip(rows, found, strict=True)]


def proposed_notes(bundle: Bundle, recipe: ListRecipe, house: HouseRules | None = None) -> dict[str, str]:
    """{item id: sentence} for rows of a newcomer's list that a dial brings and that have no note.

    Raises:
        UnknownNameError: something of the recipe that the bundle does not have.
    """
    rules, person = Rules(bundle, recipe, house), bundle.newcomer
    dials = rules.dials(recipe.dials)
    rows = [row for row in list_for(person, rules, dials) if row.reason != PINNED]
    ids = bundle.interactions.item_ids[[row.column for row in rows]].tolist()
    said = zip(ids, person.whys(dials, [row.column for row in rows]), strict=True)
    return {item: why.public for item, why in said if why.public and item not in recipe.notes}
