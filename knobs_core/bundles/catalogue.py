"""Knobs: what a person may turn, under which name, and which of them somebody activates.

A knob is a neuron, key "#12", a concept's recipe, key = the tag, what makes up one item, key "~ID", or a mixture of
neurons, key "=12:600,7:400", in thousandths. A name typed by
a person is looked up among the concepts, then among the labels of neurons, then as a key. A knob that its owner gave
another name answers to both.
"""

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd

from knobs_core.base import ConfigError, UnknownNameError, clean, folded, lowered, nearest, searchable, title_case
from knobs_core.concepts import SIZE, ConceptRecipe, Label, strongest
from knobs_core.data import Interactions, history_from, is_decade
from knobs_core.evaluation import Effect
from knobs_core.models import Nested
from knobs_core.steering import Dial, Recipe


@dataclasses.dataclass(frozen=True)
class Knob:
    """Something to turn.

    key: "#12" for a neuron, "~ID" for an item, else the tag; name: what people read; recipe: what turning it means
    label: the label of a single neuron, None for others
    effect: what turning it does, None where that was not measured
    rest: (d_embed,) what belongs to a concept beside the neurons of its recipe; explained: share of what turning it
    does to scores that these neurons explain
    former: what it was called before its owner renamed it, else ""
    """

    key: str
    name: str
    recipe: Recipe
    label: Label | None = None
    effect: Effect | None = None
    rest: np.ndarray | None = dataclasses.field(default=None, repr=False, compare=False)
    explained: float = 1.0
    former: str = ""

    @property
    def weak(self) -> str:
        """Why the knob is kept out of the search unless asked for; "" where it is not."""
        return self.effect.weak if self.effect else ""

    @property
    def kind(self) -> str:
        """``concept``, ``decade``, ``neuron``, ``item`` or ``mixture``."""
        if self.label:
            return "neuron"
        made = {"~": "item", "=": "mixture"}.get(self.key[:1])
        return made or ("decade" if is_decade(self.key) else "concept")

    @property
    def title(self) -> str:
        """The name as a heading: "Latin American Cinema". Names that an owner gave, and titles, stay as they are."""
        return self.name if self.former or self.kind in ("item", "mixture") else title_case(self.name)

    @property
    def verdict(self) -> str:
        """Whether it was seen to do what it says, one of ``evaluation.GRADES``; "" where nothing was measured."""
        return self.effect.grade if self.effect else ""

    def dial(self, amount: float) -> Dial:
        """The dial that turns this knob.

        Raises:
            ConfigError: an amount outside [-1, 1].
        """
        return Dial(self.recipe, amount, self.name, self.key, self.rest)


class Catalogue(Mapping[str, Knob]):
    """Every knob of a bundle by key: concepts with a recipe in alphabetical order, then live neurons, the most used
    first. It is shared by all visitors and never changes.

    Args:
        data, nested: of the bundle; recipes: {tag: recipe}; labels: of all neurons; effects: of the measured knobs.
        names: {tag: name} of the concepts that their owner renamed.
    """

    def __init__(
        self,
        data: Interactions,
        nested: Nested,
        recipes: Mapping[str, ConceptRecipe],
        labels: Sequence[Label],
        effects: Sequence[Effect],
        names: Mapping[str, str],
    ):
        self._data, self._nested = data, nested
        measured = {effect.key: effect for effect in effects}
        self._knobs = {
            tag: Knob(
                tag,
                names.get(tag, tag),
                made.recipe,
                None,
                measured.get(tag),
                made.rest,
                made.explained,
                former=tag if tag in names else "",
            )
            for tag, made in recipes.items()
            if made.recipe
        }
        for label in sorted(labels, key=lambda label: -label.n_users):
            if label.alive:
                key = f"#{label.neuron}"
                alone = {label.neuron: 1.0}
                self._knobs[key] = Knob(key, label.label, alone, label, measured.get(key), former=label.former)
        self._labels = labels
        self._made = lru_cache(maxsize=1_000)(self._make)

    def __getitem__(self, key: str) -> Knob:
        """The knob of a key; those made of an item, "~ID", or mixed of neurons, ``mixture_key``, are not listed."""
        knob = self._knobs.get(key) or (self._made(key) if key.startswith(("~", "=")) else None)
        if knob is None:
            raise KeyError(key)
        return knob

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.get(key) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self._knobs)

    def __len__(self) -> int:
        return len(self._knobs)

    def __hash__(self) -> int:
        return id(self)

    def _make(self, key: str) -> Knob | None:
        """The knob "more or less like this item", made of the strongest neurons of the item alone, or a mixture."""
        if key.startswith("="):
            recipe = _mixture(key, len(self._labels))
            main = sorted(recipe, key=lambda j: (not self._labels[j].named, -recipe[j]))[:2]
            names = " and ".join(self._labels[j].label for j in main)
            return Knob(key, f"mixture of {names}", recipe) if recipe else None
        if key[1:] not in self._data.column_of:
            return None
        history = history_from(self._data, [key[1:]])
        recipe = strongest(self._nested.codes(history).toarray()[0], SIZE)
        return Knob(key, f"like {self._data.items['title'][history.indices[0]]}", recipe)

    @cached_property
    def _by_name(self) -> dict[Callable[[str], str], dict[str, Knob]]:
        """For each way to look past spellings: {name, present or former: the first knob of it; concepts come first}."""
        pairs = [(name, knob) for knob in self.values() for name in (knob.name, knob.former) if name]
        return {spelling: {spelling(name): knob for name, knob in reversed(pairs)} for spelling in (lowered, folded)}

    def name_of(self, tag: str) -> str:
        """What people read for a tag: the name of its knob, or the tag where it has none."""
        return self._knobs[tag].name if tag in self._knobs else tag

    def title_of(self, tag: str) -> str:
        """The same as a heading."""
        return self._knobs[tag].title if tag in self._knobs else title_case(tag)

    def find(self, name: str) -> Knob:
        """The knob that a person means by a name, present or former, or by a key, also as "neuron 12".

        Raises:
            UnknownNameError: no concept, label or neuron is called that; names the nearest.
        """
        wanted = clean(name)
        if wanted and re.fullmatch(r"#\d+", wanted) is None:
            for spelling in (lowered, folded):  # as it is written, else in another spelling
                if knob := self._by_name[spelling].get(spelling(wanted)):
                    return knob
        key = re.sub(r"^neuron (?=\d+$)", "#", name.strip(), flags=re.IGNORECASE)
        if key.startswith(("#", "~", "=")) and key in self:
            return self[key]
        names = dict.fromkeys(knob.name for knob in self.values())
        raise UnknownNameError("the name of a concept, knob or neuron (#12)", f"'{name}'", nearest(name, names))

    def search(self, text: str = "", weak: bool = True) -> pd.DataFrame:
        """Knobs whose name, present or former, holds a text, those that begin with it first: key, name, kind, verdict.

        Case and accents do not matter, nor what stands between words.

        Args:
            weak: whether knobs are listed that hardly do what they say.
        """
        alike = searchable if searchable(text) else lowered
        wanted = alike(clean(text))
        holding = (knob for knob in self.values() if any(wanted in alike(own) for own in (knob.name, knob.former)))
        found = [knob for knob in holding if weak or not knob.weak]
        found.sort(key=lambda knob: not alike(knob.name).startswith(wanted))
        rows = [(knob.key, knob.name, knob.kind, knob.verdict) for knob in found]
        return pd.DataFrame(rows, columns=["key", "name", "kind", "verdict"])

    def dials(self, amounts: Mapping[str, float] | Iterable[Dial]) -> list[Dial]:
        """Dials of {name or key: amount}; dials that are ready pass through.

        Raises:
            UnknownNameError: no such knob.
            ConfigError: an amount that is no number from -1 to 1.
        """
        if not isinstance(amounts, Mapping):
            return list(amounts)
        for name, amount in amounts.items():
            if not isinstance(amount, int | float):
                raise ConfigError(f"a number from -1 to 1 for '{name}'", f"'{amount}'", "use a number")
        return [dataclasses.replace(self.find(name).dial(amount), name=name) for name, amount in amounts.items()]

    def parse(self, texts: Iterable[str]) -> list[Dial]:
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
            dials.append(dataclasses.replace(self.find(name).dial(value), name=name.strip()))
        return dials

    def __repr__(self) -> str:
        concepts = sum(knob.kind != "neuron" for knob in self.values())
        return f"<Catalogue of {concepts:,} concepts and {len(self) - concepts:,} neurons>"


def mixture_key(recipe: Mapping[int, float]) -> str:
    """The key of a recipe of any few neurons."""
    return "=" + ",".join(f"{j}:{round(1000 * weight)}" for j, weight in recipe.items() if round(1000 * weight))


def _mixture(key: str, d_sae: int) -> Recipe:
    """The recipe of a mixture's key, which may come from anybody; empty where it says none."""
    if not re.fullmatch(r"=\d{1,7}:\d{1,4}(,\d{1,7}:\d{1,4}){0,31}", key):
        return {}
    weights = {int(j): int(weight) for j, weight in (part.split(":") for part in key[1:].split(","))}
    total = sum(weights.values())
    if not total or max(weights) >= d_sae:
        return {}
    return {j: weight / total for j, weight in weights.items() if weight}


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


def share_named(active: Sequence[Active]) -> float:
    """Share of a code's mass that lies on neurons with a name. active: of one person."""
    return sum(one.share for one in active if one.label.named)


def active_neurons(labels: Sequence[Label], code: np.ndarray) -> list[Active]:
    """A person's active neurons, strongest first. labels: of all neurons; code: (d_sae,)."""
    active = np.flatnonzero(code > 0)
    mass = max(float(code.sum()), 1e-12)
    strongest_first = active[np.argsort(-code[active], kind="stable")].tolist()
    return [Active(labels[j], float(code[j]), float(code[j]) / mass) for j in strongest_first]
