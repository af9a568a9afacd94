"""Knobs: what a person may turn, under which name, and how far each is lit.

A knob is a neuron, key "#12", or a concept's recipe, key = the tag. A name typed by a person is looked up among the
concepts, then among the labels of neurons, then as "#12" or, for an item's own knob, "~ID".
"""

import dataclasses
import re
from collections.abc import Iterable

import numpy as np

from knobs_core import people
from knobs_core.bundle import Bundle
from knobs_core.effects import Effect
from knobs_core.errors import ConfigError, UnknownNameError, nearest
from knobs_core.explain import Label
from knobs_core.recipes import SIZE, Recipe, strongest
from knobs_core.steering import Dial


@dataclasses.dataclass(frozen=True)
class Knob:
    """Something to turn.

    key: "#12" for a neuron, else the tag; name: what people read; recipe: what turning it means
    label: the label of a single neuron, None for a concept
    effect: what turning it does, None where that was not measured
    """

    key: str
    name: str
    recipe: Recipe
    label: Label | None = None
    effect: Effect | None = None

    @property
    def weak(self) -> str:
        """Why the knob is kept out of the search unless asked for; "" where it is not."""
        return self.effect.weak if self.effect else ""


def all_knobs(bundle: Bundle) -> dict[str, Knob]:
    """Every knob by key: concepts with a recipe in alphabetical order, then live neurons, the most used first."""
    effects = {effect.key: effect for effect in bundle.effects}
    recipes = zip(bundle.concepts.tags, bundle.recipes, strict=True)
    knobs = {tag: Knob(tag, tag, recipe, effect=effects.get(tag)) for tag, recipe in recipes if recipe}
    for label in sorted(bundle.labels, key=lambda label: -label.n_users):
        if label.alive:
            key = f"#{label.neuron}"
            knobs[key] = Knob(key, label.label, {label.neuron: 1.0}, label, effects.get(key))
    return knobs


def item_knob(bundle: Bundle, item_id: str) -> Knob | None:
    """The knob "more or less like this item": the strongest neurons of the item alone; None for an unknown item."""
    data = bundle.interactions
    if item_id not in data.column_of:
        return None
    history = people.history_from(data, [item_id])
    recipe = strongest(bundle.nested.codes(history).toarray()[0], SIZE)
    return Knob(f"~{item_id}", f"like {data.items['title'][history.indices[0]]}", recipe)


def find(bundle: Bundle, name: str) -> Knob:
    """The knob that a person means by ``name``; "~ID" is the one made of an item.

    Raises:
        UnknownNameError: no concept, label or neuron is called that; names the nearest.
    """
    knobs = all_knobs(bundle)
    wanted = name.strip().lower()
    if re.fullmatch(r"#\d+", wanted) is None:
        for knob in knobs.values():  # concepts come first
            if knob.name.lower() == wanted:
                return knob
    elif wanted in knobs:
        return knobs[wanted]
    if wanted.startswith("~") and (knob := item_knob(bundle, name.strip()[1:])):
        return knob
    names = dict.fromkeys(knob.name for knob in knobs.values())
    raise UnknownNameError("the name of a concept, knob or neuron (#12)", f"'{name}'", nearest(name, names))


def parse_dials(bundle: Bundle, texts: Iterable[str]) -> list[Dial]:
    """Dials from texts such as ``"film noir=0.3"``.

    Raises:
        ConfigError: no "=", no number, or an amount outside [-1, 1].
        UnknownNameError: no such knob.
    """
    dials = []
    for text in texts:
        name, equals, amount = text.rpartition("=")
        try:
            value = float(amount)
        except ValueError:
            equals = ""
        if not equals:
            raise ConfigError("a dial as NAME=AMOUNT, e.g. 'comedy=0.3'", f"'{text}'", "add an amount from -1 to 1")
        dials.append(Dial(find(bundle, name).recipe, value, name.strip()))
    return dials


@dataclasses.dataclass(frozen=True)
class Active:
    """A neuron that a person activates. activation: its value in their code; share: part of the code's mass."""

    label: Label
    activation: float
    share: float

    @property
    def level(self) -> float:
        """Activation against what is usual for this neuron, in [0, 1]."""
        return min(self.activation / self.label.reach, 1.0) if self.label.reach else 1.0


def active_knobs(bundle: Bundle, code: np.ndarray) -> list[Active]:
    """A person's active neurons, strongest first. code: (d_sae,)."""
    lit = np.flatnonzero(code > 0)
    mass = max(float(code.sum()), 1e-12)
    strongest_first = lit[np.argsort(-code[lit], kind="stable")].tolist()
    return [Active(bundle.labels[j], float(code[j]), float(code[j]) / mass) for j in strongest_first]
