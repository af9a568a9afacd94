"""A bundle in memory: trained models with their data, labels, recipes, measured effects and, once drawn, a map."""

import dataclasses
from collections.abc import Sequence
from functools import cached_property

from knobs_core.base import ConfigError
from knobs_core.bundles.catalogue import Catalogue
from knobs_core.bundles.manifest import Manifest
from knobs_core.bundles.person import Person
from knobs_core.concepts import DEFAULT, ConceptMap, ConceptRecipe, Label, Themes, concept_recipes
from knobs_core.data import (
    Interactions,
    Split,
    history_from,
    history_of,
    history_of_group,
    split_users,
)
from knobs_core.evaluation import Effect
from knobs_core.maps import Projection
from knobs_core.models import Nested
from knobs_core.steering import Engine


@dataclasses.dataclass(frozen=True, eq=False)
class Bundle:
    """Trained models with everything that belongs to them. One bundle equals only itself, so that it can be a key.

    manifest: what it was made from; interactions: the data; nested: the models; concepts: tags against neurons
    recipes: of all tags, in the order of ``concepts.tags``; labels: of all neurons; effects: of the measured knobs
    projection: the map, None until it is drawn
    """

    manifest: Manifest
    interactions: Interactions
    nested: Nested
    concepts: ConceptMap
    recipes: list[ConceptRecipe]
    labels: list[Label]
    effects: list[Effect]
    projection: Projection | None = None

    @property
    def id(self) -> str:
        """Short hash of everything the bundle was made from; equal bundles share it, others do not."""
        return self.manifest.id

    @property
    def drawn(self) -> Projection:
        """The map, to be asked for where it is known to be drawn."""
        assert self.projection is not None, "the map is not drawn yet"
        return self.projection

    @cached_property
    def engine(self) -> Engine:
        """Steers anybody; it keeps vectors of neurons, and nothing of anybody."""
        return Engine(self.nested)

    @cached_property
    def knobs(self) -> Catalogue:
        """Every knob by key; ``bundle.knobs.search("noir")`` finds some."""
        recipes = dict(zip(self.concepts.tags, self.recipes, strict=True))
        return Catalogue(self.interactions, self.nested, recipes, self.labels, self.effects)

    @cached_property
    def themes(self) -> Themes:
        """Reads anybody's profile."""
        data = self.interactions
        return Themes(*data.tag_matrix(), self.nested, data.matrix[self.split().train], self.manifest.seed)

    def person(
        self,
        user: str | None = None,
        items: Sequence[str] | None = None,
        users: Sequence[str] | None = None,
        seen: Sequence[str] = (),
    ) -> Person:
        """Somebody in front of this bundle, by exactly one of ``user``, ``items`` and ``users``.

        Args:
            user: an id of the data set; items: ids of what somebody likes; users: two to four ids, a group.
            seen: ids of items that are not to be recommended either.

        Raises:
            UnknownNameError: an id that is not in the data.
            ConfigError: none or several of the three.
            DataError: a group of one, or of more than four.
        """
        if sum(one is not None for one in (user, items, users)) != 1:
            raise ConfigError(
                "one of user, items and users", "none or several", "name a user, items somebody likes, or a group"
            )
        data = self.interactions
        if user is not None:
            history = history_of(data, user)
        elif items is not None:
            history = history_from(data, items)
        else:
            history = history_of_group(data, users or ())
        also_seen = history_from(data, seen).indices.tolist() if seen else ()
        return Person(self.engine, data, self.knobs, self.labels, lambda: self.themes, history, also_seen)

    def with_recipes(self, method: str) -> "Bundle":
        """The same bundle with concepts' recipes found by a method of ``concepts.METHODS``, effects left out."""
        if method == DEFAULT:
            return self
        recipes = concept_recipes(self.nested, self.interactions.tag_matrix()[1], method)
        of_neurons = [effect for effect in self.effects if effect.key.startswith("#")]
        return dataclasses.replace(self, recipes=recipes, effects=of_neurons)

    def split(self) -> Split:
        """The users' split this bundle was trained with."""
        return split_users(self.interactions.matrix, self.manifest.seed)

    def __repr__(self) -> str:
        data, models = self.interactions, self.manifest
        return (
            f"<Bundle {self.id}: {models.cfae.name} and {models.sae.name} on {data.source.slug}, "
            f"{data.n_users:,} users, {data.n_items:,} items, {len(self.labels):,} neurons>"
        )
