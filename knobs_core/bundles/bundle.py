"""A bundle in memory: trained models with their data, labels, recipes, measured effects and, once drawn, a map."""

import dataclasses
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property

import numpy as np
import pandas as pd

from knobs_core.base import ConfigError, KnobsError, UnknownNameError, nearest
from knobs_core.bundles.catalogue import Catalogue
from knobs_core.bundles.contents import Contents, encoded
from knobs_core.bundles.manifest import Manifest
from knobs_core.bundles.names import checked_name, names_id
from knobs_core.bundles.open_names import OpenName
from knobs_core.bundles.person import Person
from knobs_core.concepts import (
    DEFAULT,
    SAME,
    ConceptMap,
    ConceptRecipe,
    Label,
    Taken,
    Themes,
    concept_recipes,
    kept_effects,
    neuron_effects,
    same_neurons,
    taken_apart,
)
from knobs_core.data import (
    Interactions,
    Split,
    Words,
    credit,
    history_at,
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
    names: {key: name} of the knobs that their owner renamed; labels have theirs already
    open_names: names proposed for neurons, which name nothing by themselves
    """

    manifest: Manifest
    interactions: Interactions
    nested: Nested
    concepts: ConceptMap
    recipes: list[ConceptRecipe]
    labels: list[Label]
    effects: list[Effect]
    projection: Projection | None = None
    names: Mapping[str, str] = dataclasses.field(default_factory=dict)
    open_names: tuple[OpenName, ...] = ()

    @cached_property
    def id(self) -> str:
        """Short hash of everything in the bundle but its map and its owner's names: equal bundles share it, others do
        not. That of a bundle which was never written is worked out from the bytes that would be."""
        if self.manifest.files:
            return self.manifest.id
        return self.manifest.proving(encoded(self.contents())).id

    def contents(self) -> Contents:
        """What is written of the bundle beside its manifest, map and names."""
        own = self.with_names({})
        return Contents(
            self.interactions, self.nested, self.concepts, self.recipes, own.labels, self.effects, own.item_effects()
        )

    @property
    def names_id(self) -> str:
        """Short hash of the names that the owner gave, for what is kept by ``id`` and shows names; "" without any."""
        return names_id(self.names)

    @property
    def words(self) -> Words:
        """What the items are called: "titles", "books"; every sentence about them uses these words."""
        return self.manifest.origin.words

    @property
    def credit(self) -> str:
        """Whom to credit for the data, and on which terms they may be used, in a line; "" where nobody has said so."""
        return credit(self.manifest.origin)

    @property
    def models(self) -> str:
        """The two models in a few words: "DLAE 128 + TopK 512"."""
        cfae, sae = self.nested.cfae, self.nested.sae
        inner = type(sae).__name__.removesuffix("SAE")
        return f"{type(cfae).__name__} {cfae.d_embed} + {inner} {sae.d_sae}"

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
        return Catalogue(self.interactions, self.nested, recipes, self.labels, self.effects, self.names)

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

    @cached_property
    def newcomer(self) -> Person:
        """Somebody of whom nothing is known: they have the mean taste of all users of the data, and have seen nothing.

        Lists and scores are there as for anybody; there are no likes for a profile or for a reason.
        """
        data = self.interactions
        nothing, taste = history_at(data, []), self.engine.mean_taste(data.matrix)
        return Person(self.engine, data, self.knobs, self.labels, lambda: self.themes, nothing, taste=taste)

    def with_recipes(self, method: str) -> "Bundle":
        """The same bundle with concepts' recipes found by a method of ``concepts.METHODS``, effects left out."""
        if method == DEFAULT:
            return self
        recipes = concept_recipes(self.nested, self.interactions.tag_matrix()[1], method)
        of_neurons = [effect for effect in self.effects if effect.key.startswith("#")]
        manifest = self.manifest.model_copy(update={"files": {}})  # they prove other recipes
        return dataclasses.replace(self, manifest=manifest, recipes=recipes, effects=of_neurons)

    def with_names(self, names: Mapping[str, str]) -> "Bundle":
        """The same bundle with knobs renamed, {key: name}; those that are not among them have their own names.

        Raises:
            UnknownNameError: no knob has this key.
            ConfigError: a name that is empty, too long, not to be seen, like a key, or another knob's.
        """
        labels = [dataclasses.replace(one, label=one.former or one.label, former="") for one in self.labels]
        plain = dataclasses.replace(self, labels=labels, names={})
        if not names:
            return plain
        shown = {key: plain.knobs[key] for key in plain.knobs}
        taken = {knob.name.lower(): key for key, knob in shown.items()}
        for key, name in names.items():
            if key not in shown:
                raise UnknownNameError("the key of a knob", f"'{key}'", nearest(key, shown))
            name = checked_name(key, name, taken)
            taken[name.lower()] = key
            shown[key] = dataclasses.replace(shown[key], name=name, former=plain.knobs[key].name)
        given = {key: shown[key].name for key in names if shown[key].name != shown[key].former}
        for key, name in given.items():
            if label := shown[key].label:
                labels[label.neuron] = dataclasses.replace(label, label=name, former=label.label)
        return dataclasses.replace(plain, labels=labels, names=given)

    def with_names_of(self, old: "Bundle") -> tuple["Bundle", list[str]]:
        """The same bundle with the names that knobs have in an older one, and those of them that do not carry over.

        A concept's name does where the concept is there, a neuron's where the neuron of that number does the same:
        correlation of at least 0.7 between what both add to the scores of the items that are in both bundles.
        """
        numbers = [int(key[1:]) for key in old.names if key.startswith("#")]
        numbers = [j for j in numbers if j < len(self.labels)]
        columns = self.interactions.column_of
        shared = [item for item in old.interactions.item_ids if item in columns]
        before, now = (
            neuron_effects(one.nested, numbers, [one.interactions.column_of[item] for item in shared])
            for one in (old, self)
        )
        same = {f"#{j}" for j, alike in zip(numbers, same_neurons(before, now), strict=True) if alike >= SAME}
        kept = self.with_names({})
        for key, name in old.names.items():
            if not key.startswith("#") or key in same:
                with suppress(KnobsError):  # no such knob any more, or the name is taken
                    kept = kept.with_names({**kept.names, key: name})
        return kept, [name for key, name in old.names.items() if key not in kept.names]

    def item_effects(self) -> pd.DataFrame:
        """What every knob does to the 50 items on which it does most: key, item_id, effect; see ``take_apart``."""
        knobs = list(self.knobs.values())
        items, effects = kept_effects(self.nested, [knob.dial(1.0) for knob in knobs])
        ids = self.interactions.item_ids[items].ravel()
        keys = np.repeat(np.array([knob.key for knob in knobs], object), items.shape[1])
        return pd.DataFrame({"key": keys, "item_id": ids, "effect": effects.ravel()})

    def take_apart(self, effects: Mapping[str, float]) -> Taken:
        """A dial that was kept with another bundle, made of this one's neurons; see ``concepts/portable.py``.

        Args:
            effects: {item id: effect} of one key of another bundle's ``item_effects``.

        Returns:
            ``made.dial(amount)`` turns it; ``confidence`` says how far it does what it did.

        Raises:
            DataError: fewer than five of the items are in this bundle's data.
        """
        columns = self.interactions.column_of
        here = {columns[item]: effect for item, effect in effects.items() if item in columns}
        return taken_apart(self.nested, here, len(effects))

    def split(self) -> Split:
        """The users' split this bundle was trained with."""
        return split_users(self.interactions.matrix, self.manifest.seed)

    def __repr__(self) -> str:
        data, models = self.interactions, self.manifest
        return (
            f"<Bundle {self.id}: {models.cfae.name} and {models.sae.name} on {data.source.slug}, "
            f"{data.n_users:,} users, {data.n_items:,} items, {len(self.labels):,} neurons>"
        )
