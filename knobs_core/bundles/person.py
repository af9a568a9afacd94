"""Somebody in front of a bundle: their profile, their list with dials turned, and why it is as it is.

Results are small objects that show themselves as tables: ``table`` is a DataFrame, and notebooks render it.
"""

import dataclasses
import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from knobs_core.base import ConfigError, UnknownNameError, nearest
from knobs_core.bundles.catalogue import Active, Catalogue, active_neurons
from knobs_core.bundles.notes import Why, whys
from knobs_core.concepts import Label, Theme, Themes
from knobs_core.data import Interactions
from knobs_core.steering import (
    SPREAD,
    Attribution,
    Counterfactual,
    Dial,
    Engine,
    Recommendation,
    ReferenceRanking,
    Speaking,
    Taste,
    attribute,
    breakpoints,
    counterfactual,
    hands,
    own,
    speaking,
)

Dials = Mapping[str, float] | Iterable[Dial]


class _Shown:
    """A result that shows itself: as a DataFrame, and as a table in a notebook."""

    @property
    def table(self) -> pd.DataFrame:
        """The result as a DataFrame."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return self.table.to_string(index=False)

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, notebook=True, float_format="{:.4g}".format)


@dataclasses.dataclass(frozen=True, repr=False)
class Explanation(_Shown):
    """Why an item has its score: parts that add up to it.

    item_id, title: the item; attribution: the parts by neuron and dial; labels: of all neurons
    """

    item_id: str
    title: str
    attribution: Attribution
    labels: Sequence[Label] = dataclasses.field(repr=False)

    @property
    def score(self) -> float:
        """The score that the parts add up to."""
        return self.attribution.score

    @property
    def table(self) -> pd.DataFrame:
        """A row a part: kind (``neuron``, ``dial``, ``rest``, ``remainder``, ``bias``), name, part; the largest neurons
        first."""
        found = self.attribution
        rows: list[tuple[str, str, float]] = [("neuron", self.labels[j].label, p) for j, p in found.neurons.items()]
        for part in found.dials:
            rows.append(("dial", part.dial.name, part.neurons))
            if part.rest:
                rows.append(("rest", f"the rest of {part.dial.name}", part.rest))
        rows += [("remainder", "what the code misses of this taste", found.remainder)]
        rows += [("bias", "the same for everybody", found.bias)]
        return pd.DataFrame(rows, columns=["kind", "name", "part"])


@dataclasses.dataclass(frozen=True, repr=False)
class RecommendationList(_Shown):
    """A list with dials turned, beside the list at rest.

    recommendation: both lists as columns of the matrix; dials: as they were turned
    operator: how they were mixed
    """

    recommendation: Recommendation
    dials: tuple[Dial, ...]
    operator: str
    _person: "Person" = dataclasses.field(repr=False)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """A dict an item: rank, item_id, title, score, unsteered_rank, dealt_by, because; what the command line and the
        app export. dealt_by: the name of the dial that brings it, where several take turns, else None; because: the
        title of the like that speaks most for it, None for a newcomer."""
        found, data = self.recommendation, self._person.data
        likes = self._person.because() if self._person.history.nnz else None
        dealers = [dial.name if dial else None for dial in self.dealt_by]
        listed = zip(found.items, found.scores, found.unsteered_rank, dealers, strict=True)
        return [
            {
                "rank": rank,
                "item_id": data.item_ids[column],
                "title": data.items["title"].iat[column],
                "score": float(score),
                "unsteered_rank": int(old),
                "dealt_by": dealer,
                "because": None if likes is None else data.items["title"].iat[likes[column]],
            }
            for rank, (column, score, old, dealer) in enumerate(listed, start=1)
        ]

    @property
    def turns(self) -> bool:
        """Whether several dials that bring more take turns, as they do unless they are mixed into the code."""
        return self.operator == SPREAD

    def notes(self) -> list[str]:
        """One plain sentence a row: why it is in the list and where; see ``bundles/notes.py``."""
        return [str(why) for why in self._person.whys(self.dials, self.recommendation.items.tolist(), self.operator)]

    @property
    def dealt_by(self) -> list[Dial | None]:
        """For each row the dial that brings it, where several take turns."""
        held = hands(self.dials) if self.turns else []
        return [held[hand].more if len(held) > 1 else None for hand in self.recommendation.hands]

    @property
    def table(self) -> pd.DataFrame:
        """A row an item: rank, item_id, title, score, rank_before, dealt_by."""
        columns = ["rank", "item_id", "title", "score", "unsteered_rank", "dealt_by"]
        return pd.DataFrame(self.rows, columns=columns).rename(columns={"unsteered_rank": "rank_before"})

    @property
    def entered(self) -> list[str]:
        """Ids of the items that are in this list and were not in the list at rest."""
        return self._person.data.item_ids[self.recommendation.entered].tolist()

    @property
    def left(self) -> list[str]:
        """Ids of the items that were in the list at rest and are not in this one."""
        return self._person.data.item_ids[self.recommendation.left].tolist()

    @property
    def kept(self) -> float:
        """Share of the list at rest that is still in the list."""
        return 1 - len(self.recommendation.left) / max(len(self.recommendation.before), 1)

    @property
    def own(self) -> float:
        """Share of the person's own taste that the list still meets, in [0, 1]; see ``steering/own.py``."""
        return own(self._person.taste, self.recommendation.items)

    def explain(self, item_id: str) -> Explanation:
        """Take the score of an item apart.

        Raises:
            UnknownNameError: no such item.
            ConfigError: the recommender's decoder is not linear, or dials were mixed into the code; then there are no
                parts that add up.
        """
        person = self._person
        if not self.turns:
            raise ConfigError(
                f"a list with dials of the operator {SPREAD} to take a score apart",
                "dials mixed into the code",
                f"leave the operator out, or use {SPREAD}",
            )
        column = person.column(item_id)
        found = attribute(person.engine, person.taste, self.dials, column)
        return Explanation(item_id, str(person.data.items["title"].iat[column]), found, person.labels)


@dataclasses.dataclass(frozen=True, repr=False)
class SmallestTurn(_Shown):
    """The smallest turn found that brings an item into the list.

    found: the dials to set beside those that stand, the largest first, and the rank that this brings the item to; no
        dials where it is there already
    """

    found: Counterfactual

    @property
    def dials(self) -> tuple[Dial, ...]:
        """The dials to turn, the largest first."""
        return self.found.dials

    @property
    def rank(self) -> int:
        """The item's rank, from 1, with these dials."""
        return self.found.rank

    @property
    def table(self) -> pd.DataFrame:
        """A row a dial: key, knob, amount, and the rank that all of them together bring the item to."""
        rows = [(dial.key, dial.name, dial.amount, self.rank) for dial in self.dials]
        return pd.DataFrame(rows, columns=["key", "knob", "amount", "rank"])


class Person:
    """Somebody by their history; made by ``Bundle.person``, and ``Bundle.newcomer`` without one.

    history: (1, n_items) what they like, a row for each member of a group; taste: as the engine needs it
    themes: gives what reads profiles, which is only made where somebody asks for one
    """

    def __init__(
        self,
        engine: Engine,
        data: Interactions,
        knobs: Catalogue,
        labels: Sequence[Label],
        themes: Callable[[], Themes],
        history: sp.csr_matrix,
        also_seen: Sequence[int] = (),
        taste: Taste | None = None,
    ):
        self.engine, self.data, self.knobs, self.labels = engine, data, knobs, labels
        self.history = history
        self.taste = taste or engine.taste(history, also_seen)
        self._themes = themes

    def column(self, item_id: str) -> int:
        """Column of the matrix of an item's id.

        Raises:
            UnknownNameError: no such item; names the nearest.
        """
        column = self.data.column(item_id)
        if column is None:
            raise UnknownNameError(
                f"an id among the {self.data.n_items:,} items", f"'{item_id}'", nearest(item_id, self.data.item_ids)
            )
        return column

    def because(self) -> np.ndarray:
        """The like that speaks most for each item, (n_items,) columns, read-only; see ``steering/reasons.py``."""
        return self.speaking.likes

    @functools.cached_property
    def speaking(self) -> Speaking:
        """The like that speaks most for each item and its part of the score; read-only."""
        found = speaking(self.engine, self.taste, self.history)
        for array in found:
            if array is not None:
                array.flags.writeable = False
        return found

    def whys(self, dials: Sequence[Dial], columns: Sequence[int], operator: str = SPREAD) -> list[Why]:
        """Why items that the person has not seen are where they are, with dials turned; see ``bundles/notes.py``."""
        speaking, titles = self.speaking if self.history.nnz else None, self.data.items["title"].tolist()
        return whys(self.engine, self.taste, speaking, titles, dials, columns, operator)

    def themes(self, n: int = 9, neurons: bool = False) -> list[Theme]:
        """The n strongest themes of this taste that are clear of 0; see ``concepts/profile.py``.

        Args:
            neurons: read single neurons that go by a tag, instead of concepts.
        """
        likes = np.unique(self.history.indices)
        if neurons:
            return self._themes().read_neurons(self.taste, likes, self.labels, n)
        found = self._themes().read(self.taste, likes, n)
        return [dataclasses.replace(theme, name=self.knobs.name_of(theme.key)) for theme in found]

    def profile(self, n: int = 9, neurons: bool = False) -> pd.DataFrame:
        """The themes that ``themes`` gives: theme, strength, error (the standard error of it), because (titles)."""
        titles = self.data.items["title"]
        rows = [
            (theme.name, theme.strength, theme.error, titles.iloc[list(theme.because)].tolist())
            for theme in self.themes(n, neurons)
        ]
        return pd.DataFrame(rows, columns=["theme", "strength", "error", "because"])

    def neurons(self) -> list[Active]:
        """The active neurons, strongest first."""
        return active_neurons(self.labels, self.taste.z)

    def recommend(
        self,
        dials: Dials = (),
        n: int = 20,
        operator: str = SPREAD,
        reference: ReferenceRanking | None = None,
    ) -> RecommendationList:
        """The list of n items with dials turned.

        Args:
            dials: {name or key of a knob: amount in [-1, 1]}, e.g. ``{"film-noir": .3, "comedy": -.5}``, or dials.
            operator: ``spread``, or how codes are mixed: ``blend``, ``paper`` or ``paper-code``.
            reference: what the list is compared with, by default the list with all dials at rest.

        Raises:
            UnknownNameError: no such knob.
            ConfigError: an amount out of range.
            DataError: there is no item left that the person has not seen.
        """
        turned = self.knobs.dials(dials)
        found = self.engine.recommend(self.taste, turned, n, operator, reference)
        return RecommendationList(found, tuple(turned), operator, self)

    def reference(self, dials: Dials) -> ReferenceRanking:
        """The ranking that some dials make, for other lists to be compared with."""
        ranked, _ = self.engine.dealt(self.taste, self.knobs.dials(dials))
        return ReferenceRanking(ranked.order, self.taste.seen)

    def breakpoints(self, knob: str, dials: Dials = (), n: int = 20) -> pd.DataFrame:
        """Every amount of one dial at which an item enters or leaves the list of n while the dial moves away from 0.

        Args:
            knob: name or key of the knob that moves; dials: the others, which stay as they are.

        Returns:
            A row a change: amount, item_id, title, change (``enters`` or ``leaves``).

        Raises:
            UnknownNameError: no such knob.
            ConfigError: the recommender's decoder is not linear.
        """
        moving = self.knobs.find(knob)
        others = [dial for dial in self.knobs.dials(dials) if dial.key != moving.key]
        found = breakpoints(self.engine, self.taste, others, moving.dial(1.0), n)
        titles = self.data.items["title"]
        rows = [
            (one.amount, self.data.item_ids[one.item], titles.iat[one.item], "enters" if one.enters else "leaves")
            for one in found
        ]
        return pd.DataFrame(rows, columns=["amount", "item_id", "title", "change"])

    def counterfactual(self, item: str, n: int = 10, max_dials: int = 3, dials: Dials = ()) -> SmallestTurn | None:
        """The smallest turn of at most three knobs that brings an item into the first n; None where none is found.

        Of turns about as large, up to 0.05 apart, one of knobs with names comes before one with a neuron without.

        Args:
            dials: as they stand; they stay so, unless the answer turns them further or back. By default all are at
                rest. Where two or more of them bring more, one knob is turned.

        Raises:
            UnknownNameError: no such item or knob.
            DataError: the person likes the item already.
            ConfigError: the recommender's decoder is not linear.
        """
        tried, standing = [knob.dial(1.0) for knob in self.knobs.values()], self.knobs.dials(dials)
        column = self.column(item)
        found = counterfactual(self.engine, self.taste, column, tried, n, max_dials, standing, self._has_name)
        return SmallestTurn(found) if found else None

    def _has_name(self, dial: Dial) -> bool:
        label = self.knobs[dial.key].label
        return label is None or label.named
