"""Knobs by name: what a person may turn, and how a name becomes a recipe.

A name is looked up in this order: a concept (a tag), the label of a neuron, "#12" for neuron 12.
"""

import re
from collections.abc import Iterable

from knobs_core.bundle import Bundle
from knobs_core.errors import ConfigError, UnknownNameError, nearest
from knobs_core.recipes import Recipe
from knobs_core.steering import Dial


def recipe_of(bundle: Bundle, name: str) -> Recipe:
    """Recipe of the knob called ``name``.

    Raises:
        UnknownNameError: no concept, label or neuron is called that; names the nearest.
    """
    concepts = {tag.lower(): recipe for tag, recipe in zip(bundle.concepts.tags, bundle.recipes, strict=True)}
    wanted = name.strip().lower()
    if concepts.get(wanted):
        return concepts[wanted]
    labels = {label.label.lower(): label.neuron for label in bundle.labels if label.alive}
    number = re.fullmatch(r"#(\d+)", wanted)
    if wanted in labels:
        return {labels[wanted]: 1.0}
    if number and int(number[1]) < len(bundle.labels) and bundle.labels[int(number[1])].alive:
        return {int(number[1]): 1.0}
    known = [tag for tag, recipe in zip(bundle.concepts.tags, bundle.recipes, strict=True) if recipe]
    known += [label.label for label in bundle.labels if label.alive]
    raise UnknownNameError(
        "the name of a concept, knob or neuron (#12)", f"'{name}'", nearest(name, dict.fromkeys(known))
    )


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
        dials.append(Dial(recipe_of(bundle, name), value, name.strip()))
    return dials
