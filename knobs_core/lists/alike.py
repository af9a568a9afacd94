"""The knob of a bundle that does what a dial of another bundle did.

Items mean the same in both, knobs need not. A dial keeps what it did to the 50 items on which it did most; with r the
correlation of these effects with what a knob of this bundle does to those of the items that there are,

    kept         the knob of the same key, where r >= SAME; where no effects were kept, a theme or a title's own knob by
                 its name alone
    nearest      else the knob of the largest r, where r >= NEAREST: of a thousand knobs the best always looks better
                 than it is
    taken apart  else ten neurons that do the same, see ``concepts/portable.py``; its confidence is the r of effects
                 that were left out when they were found, times what these ten neurons correlate with all that was found

and below SURE nothing is turned, and a person is needed. Two trainings of the demo that differ in their seed alone say
what these bars mean (``benchmarks/retrained.py``): the same theme has an r of .94 (nineteen of twenty above .85), any
other knob one below .39 (nineteen of twenty), the best of all knobs for effects dealt out anew .58; ten neurons have a
confidence of .77 (nineteen of twenty above .57), and below .16 for effects dealt out anew. Over all items a neuron's
nearest knob from .9 on correlates by .76, ten neurons by .74.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Final, Literal, NamedTuple

import numpy as np

from knobs_core.bundles import Bundle, Knob, mixture_key
from knobs_core.concepts import LEAST, SAME, standard_effects
from knobs_core.lists.recipe import Turn

NEAREST, SURE = 0.9, 0.5
BY_NAME = "is kept by its name; nothing tells whether it does the same"
MOST = 1e6  # of an effect; anything larger was not measured
PERSON: Final = "needs a person"
How = Literal["kept", "nearest", "taken apart", "needs a person"]


class Found(NamedTuple):
    """The knob that does what a dial did, None where a person is needed. confidence: see the head of this file, None
    where nothing was kept to go by; said: what was done, behind the dial's name."""

    knob: Knob | None
    how: How
    confidence: float | None
    said: str


class Alike:
    """Which knobs of a bundle do what some turns did. Each turn is known by what it is, not by what it equals."""

    def __init__(self, bundle: Bundle, turns: Sequence[Turn]):
        self._bundle = bundle
        columns = bundle.interactions.column_of
        self._here = {
            id(turn): {
                columns[item]: effect
                for item, effect in turn.effects.items()
                if item in columns and abs(effect) <= MOST  # which is not so of one that is no number
            }
            for turn in turns
        }
        self._columns = sorted({column for here in self._here.values() for column in here})
        self._place = {column: place for place, column in enumerate(self._columns)}

    def same(self, turn: Turn) -> Found | None:
        """The knob of the same key, where it does the same."""
        knob = self._bundle.knobs.get(turn.knob)
        if knob is None:
            return None
        if not turn.effects:
            by_name = knob.kind not in ("neuron", "mixture")  # their numbers mean nothing beyond their bundle
            return Found(knob, "kept", None, BY_NAME) if by_name else None
        if len(self._here[id(turn)]) < LEAST:
            return None
        r = float(self._correlations(turn, self._effects([knob]))[0])
        return Found(knob, "kept", r, f"is kept: it does the same here ({r:.2f})") if r >= SAME else None

    def other(self, turn: Turn, taken: set[str]) -> Found:
        """Another knob that does the same, or ten neurons, or nothing."""
        here = self._here[id(turn)]
        if len(here) < LEAST:
            known = f"of the {len(turn.effects)} titles that tell what it did {len(here)} are here"
            return Found(
                None, PERSON, None, f"needs a person: {known if turn.effects else 'nothing tells what it did'}"
            )
        r = self._correlations(turn, self._every)
        r[[knob.key in taken for knob in self._knobs]] = -1
        best = int(r.argmax()) if len(r) else -1
        if len(r) and r[best] >= NEAREST:
            knob, sure = self._knobs[best], float(r[best])
            return Found(knob, "nearest", sure, f"becomes '{knob.name}', which does most nearly the same ({sure:.2f})")
        apart = self._bundle.take_apart({self._bundle.interactions.item_ids[column]: here[column] for column in here})
        sure = apart.confidence * max(apart.made.explained, 0.0) ** 0.5
        made = self._bundle.knobs.get(mixture_key(apart.made.recipe))
        if made is not None and sure >= SURE and made.key not in taken:
            return Found(made, "taken apart", sure, f"is made anew of {len(made.recipe)} neurons ({sure:.2f})")
        nearest = f"; '{self._knobs[best].name}' comes nearest ({r[best]:.2f})" if len(r) and r[best] > 0 else ""
        return Found(None, PERSON, sure, f"needs a person: nothing here does the same ({max(sure, 0.0):.2f}){nearest}")

    @cached_property
    def _knobs(self) -> list[Knob]:
        return [knob for knob in self._bundle.knobs.values() if not knob.weak]

    @cached_property
    def _every(self) -> np.ndarray:
        return self._effects(self._knobs)

    def _effects(self, knobs: Sequence[Knob]) -> np.ndarray:
        """What knobs do to the items that any turn tells of (len(knobs), len(columns))."""
        blocks = standard_effects(self._bundle.nested, [knob.dial(1.0) for knob in knobs])
        found = [block[:, self._columns].double().cpu().numpy() for block in blocks]
        return np.concatenate([np.zeros((0, len(self._columns))), *found])

    def _correlations(self, turn: Turn, effects: np.ndarray) -> np.ndarray:
        """r (len(effects),) of kept effects with those of knobs; 0 where either is the same for all items."""
        here = self._here[id(turn)]
        then = np.array(list(here.values()))
        now = effects[:, [self._place[column] for column in here]]
        then, now = then - then.mean(), now - now.mean(1, keepdims=True)
        size = np.linalg.norm(now, axis=1) * np.linalg.norm(then)
        return np.where(size > 1e-9, now @ then / np.maximum(size, 1e-9), 0.0)
