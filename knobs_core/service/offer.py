"""A recipe that was published, in front of the bundle that is served: whether it is on air, and what it gives whom."""

from collections.abc import Callable, Sequence
from functools import cached_property

from knobs_core.base import KnobsError
from knobs_core.bundles import Bundle, Person
from knobs_core.lists import Arm, ListRecipe, Row, Rules, Stamp, arm_of, list_for, list_ids, reader_notes, stamp_of
from knobs_core.publishing import HouseVersion, Version
from knobs_core.service.problems import Problem
from knobs_core.steering import Dial


class Offer:
    """A version of a recipe with the rules of the house. What takes a moment is worked out when it is first asked for.

    Args:
        bundle: that is served; version: of the recipe; house: what holds over it.
    """

    def __init__(self, bundle: Bundle, version: Version, house: HouseVersion):
        self.bundle, self.version, self.house = bundle, version, house
        self.recipe: ListRecipe = version.recipe

    @cached_property
    def ids(self) -> Callable[[str], str]:
        """Names a reader's list; see ``list_ids``."""
        return list_ids(self.bundle, self.recipe, self.house.rules)

    @cached_property
    def plain(self) -> "Offer":
        """No recipe but a list of the same length, under the rules of the house: what its readers would get without."""
        bare = ListRecipe(slug=self.recipe.slug, length=self.recipe.length)
        return Offer(self.bundle, Version(bare.slug, self.version.number, bare, "", self.version.at), self.house)

    def rows(self, person: Person, arm: Arm | None) -> list[Row]:
        """One reader's list, whole.

        Raises:
            Problem: the recipe does not fit the bundle.
        """
        rules, dials = self._fitted
        return list_for(person, rules, dials["" if arm is None else arm.name])

    def notes(self, person: Person, arm: Arm | None, rows: Sequence[Row]) -> list[str]:
        """Why each row of a reader's list is there, in a sentence."""
        _, dials = self._fitted
        return reader_notes(person, dials["" if arm is None else arm.name], rows)

    def arm(self, reader: str | None) -> Arm | None:
        """The arm of a reader; somebody described by items has none, and gets the recipe itself."""
        return None if reader is None else arm_of(self.recipe, reader)

    def stamp(self, made: Sequence[str], **whose: object) -> Stamp:
        """What makes a list again. made: ids of its items; whose: as ``Stamp`` has it."""
        return stamp_of(self.bundle, made, recipe=self.recipe, house=self.house.rules, **whose)

    @cached_property
    def _fitted(self) -> tuple[Rules, dict[str, list[Dial]]]:
        """The rules, and the dials of every arm by its name, "" for the recipe itself.

        A recipe that was made with another bundle is served where all that it names is here as well. Numbers of neurons
        are the exception: in another bundle the same number is another neuron.
        """
        made_with, here = self.recipe.bundle, self.bundle.id
        turns = {"": self.recipe.dials, **{arm.name: arm.dials for arm in self.recipe.arms}}
        other = f"'{self.recipe.slug}' was made with bundle {made_with}, and bundle {here} is served"
        if made_with not in ("", here):
            numbers = [turn.knob for dials in turns.values() for turn in dials if turn.knob.startswith(("#", "="))]
            if numbers:
                raise Problem(409, f"{other}, in which {numbers[0]} is another neuron; have the recipe made anew.")
        try:
            rules = Rules(self.bundle, self.recipe, self.house.rules)
            return rules, {name: rules.dials(dials) for name, dials in turns.items()}
        except KnobsError as error:
            where = (
                f"{other}: " if made_with not in ("", here) else f"'{self.recipe.slug}' does not fit bundle {here}: "
            )
            raise Problem(409, f"{where}{error}") from None
