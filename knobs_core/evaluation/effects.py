"""What every knob does, measured on people the models have not learned from (``testers.py``).

Whether it finds titles that it was never told about is asked by their places in the whole ranking: ``climbs.py``. What
it does to the list of 20, at rest, at 0.1 and at 0.3, is told in numbers, as means over people:

    theme       share of items that carry the knob's tag, those it was made from among them
    kept        nDCG@20 on the person's hidden likes, against the list at rest
    off_target  sum of |q' - q| over tags, q the tags' shares in the list brought to sum 1, leaving out the theme and
                tags that go with it (pointwise mutual information above 1); 0 nothing else moved, 2 everything did
    popularity  mean popularity percentile of the items

A knob **finds others** when its climb is no luck and half a bit at least, **strongly** from one bit on. It **brings
what it was told** when it does not, but the share of its theme rises from rest to 0.3, its odds by at least half and
itself by at least 1 point (a fifth of a title). Otherwise we **cannot tell**, nor where fewer than 4 titles could be
put aside. It is **weak** when it neither finds others nor brings its own. Only what promises something by its name is
measured: concepts, and neurons with a name by their tags. ``docs/conventions.md`` has what led to these numbers.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
import torch

from knobs_core.concepts import MIN_LIKES, N_RANKED, ConceptRecipe, Label, go_together
from knobs_core.data import TITLES, HeldOut, Words
from knobs_core.evaluation.climbs import (
    EXCHANGED,
    FOLDS,
    Climb,
    RecipeMethod,
    Study,
    concept_climbs,
    neuron_climbs,
    passing,
)
from knobs_core.evaluation.metrics import popularity_percentiles
from knobs_core.evaluation.testers import Testers
from knobs_core.models import Nested
from knobs_core.steering import Dial

AMOUNTS = (0.0, 0.1, 0.3)
K = 20
FINDS, STRONGLY = 0.5, 1.0  # bits
MIN_ODDS, MIN_POINTS = 1.5, 0.01
RISES = 0.03  # of the list is the least that counts as something else rising
PEOPLE = (16, 32)  # people asked, at least and at most
ENTRIES = (2e8, 1e10)  # scores worked out before fewer people are asked, and before knobs are left out
NONLINEAR = 3  # how much longer a score takes that is decoded and not blended
BLOCK = 2**21  # scores held at once: what fits into the cache is ranked in two thirds of the time
GRADES = ("finds others strongly", "finds others", "brings what it was told", "cannot tell")


@dataclasses.dataclass(frozen=True)
class Effect:
    """What a knob does.

    key: of the knob, see ``knobs.Knob``; tag: that its name promises; n_people: how many were asked
    n_titles: how many titles it was not told about were looked for; n_items: of the catalogue
    rest, turned: the median place of such a title at rest and at 0.3; bits, p: of its climb, see ``climbs.py``
    no_luck: whether p is small enough among those of all knobs of its kind
    theme, popularity: shares in [0, 1] at rest, at 0.1 and at 0.3, see the head of this file, as are the next two
    kept: 1 at rest; off_target: in [0, 2]
    rises: (tag, rise of its share of the list at 0.3), at most two tags that do not go with the theme
    """

    key: str
    tag: str
    n_people: int
    n_titles: int
    n_items: int
    rest: float
    turned: float
    bits: float
    p: float
    no_luck: bool
    theme: tuple[float, ...]
    kept: tuple[float, ...]
    off_target: tuple[float, ...]
    popularity: tuple[float, ...]
    rises: tuple[tuple[str, float], ...]

    @property
    def tested(self) -> bool:
        """Whether enough titles could be put aside to see how others fare."""
        return self.n_titles >= FOLDS

    @property
    def finds(self) -> bool:
        """Whether titles that the knob was never told about climb, clearly and by no luck."""
        return self.tested and self.no_luck and self.bits >= FINDS

    @property
    def grade(self) -> str:
        """One of GRADES."""
        if self.finds:
            return GRADES[0] if self.bits >= STRONGLY else GRADES[1]
        return GRADES[2] if self.tested and _rises(self.theme) else GRADES[3]

    @property
    def weak(self) -> str:
        """Why the knob is kept out of the search, in words; "" where it is not."""
        if self.finds or _rises(self.theme):
            return ""
        rest, turned = self.theme[0], self.theme[-1]
        return f"turned to 0.3 it hardly brings what its name says: {rest:.1%} of the list, then {turned:.1%}"

    def sentence(self, name: str = "", words: Words = TITLES) -> str:
        """How an item fares that the knob was never told about, without a full stop.

        Args:
            name: of the tag, if another; words: what the items are called.
        """
        name = name or self.tag
        if not self.tested:
            beside = " beside those that named it" if self.key.startswith("#") else ""
            return f'too few {words.many} to put some aside: {words.count(self.n_titles)} tagged "{name}"{beside}'
        article = "an" if name[:1].lower() in "aeio8" else "a"
        told = "it was not named after" if self.key.startswith("#") else "it was never told about"
        rest, turned = round(self.rest), round(self.turned)
        if rest == turned:
            return f'{article} "{name}" {words.one} {told} stays at place {rest:,} of {self.n_items:,}'
        moves = "climbs" if turned < rest else "falls"
        return f'{article} "{name}" {words.one} {told} {moves} from place {rest:,} to {turned:,} of {self.n_items:,}'


def _rises(shares: Sequence[float]) -> bool:
    """Whether a share rises by enough, from at rest to the largest amount."""
    rest, turned = shares[0], shares[-1]
    return turned >= rest + MIN_POINTS and turned * (1 - rest) >= MIN_ODDS * rest * (1 - turned)


class Subject(NamedTuple):
    """A knob to be measured. theme: row of the tag its name promises; dial: at 1; first: columns of the items that
    named it, None for a concept."""

    key: str
    theme: int
    dial: Dial
    first: np.ndarray | None


def subjects(
    tags: Sequence[str],
    tag_items: sp.csr_matrix,
    recipes: Sequence[ConceptRecipe],
    labels: Sequence[Label],
    item_codes: sp.csr_matrix,
    likes: np.ndarray,
) -> list[Subject]:
    """Every concept with a recipe, the most frequent first, then every neuron with a name by its tags.

    Args:
        tag_items: (n_tags, n_items) assignment counts, rows in the order of ``tags``, as are ``recipes``.
        item_codes: (n_items, d_sae) codes of single items; likes: (n_items,), by which items may name a neuron.
    """
    row_of = {tag: row for row, tag in enumerate(tags)}
    by_size = np.argsort(-np.diff(tag_items.indptr), kind="stable").tolist()
    found = [Subject(tags[row], row, recipes[row].dial(1.0), None) for row in by_size if recipes[row].recipe]
    columns, known = item_codes.tocsc(), likes >= MIN_LIKES
    for label in sorted((label for label in labels if label.tags), key=lambda label: -label.n_users):
        part = slice(*columns.indptr[label.neuron : label.neuron + 2])
        items, values = columns.indices[part], columns.data[part] * known[columns.indices[part]]
        order = np.lexsort((items, -values))[:N_RANKED]
        first = items[order[values[order] > 0]]
        found.append(Subject(f"#{label.neuron}", row_of[label.tags[0][0]], Dial({label.neuron: 1.0}, 1.0), first))
    return found


@torch.inference_mode()
def measure(
    nested: Nested,
    people: HeldOut,
    tried: Sequence[Subject],
    recipe_method: RecipeMethod,
    tags: Sequence[str],
    tag_items: sp.csr_matrix,
    likes: np.ndarray,
    seed: int,
) -> list[Effect]:
    """What knobs do to people's lists, in their order.

    Large bundles are bounded: fewer people are asked, down to 16, and then the last knobs are left out.

    Args:
        people: users the models have not learned from, with likes to encode and hidden likes to find again.
        recipe_method: makes recipes from assignment counts, as those of the concepts were made from all of them.
        tag_items: (n_tags, n_items) assignment counts; likes: (n_items,), for popularity.
        seed: of the sample of people, of the folds and of the exchange.
    """
    cost = len(likes) * (1 if nested.cfae.linear else NONLINEAR)
    turns = np.cumsum([len(AMOUNTS) - 1 + (1 if one.first is not None else FOLDS) for one in tried], dtype=float)
    costs = cost * (turns + EXCHANGED * FOLDS)
    size = int(np.clip(ENTRIES[0] // max(costs.max(initial=0), 1), *PEOPLE))
    tried = tried[: int(np.searchsorted(costs * size, ENTRIES[1], side="right"))]
    testers = Testers(nested, people, size, seed)
    climbs = _climbs(testers, tried, recipe_method, tag_items, likes, seed)
    themes = [one.theme for one in tried]
    carried = sp.csr_matrix(tag_items > 0)
    judge = _Judge(testers, tag_items, likes)
    apart = ~go_together(carried[themes], tag_items)
    apart[np.arange(len(themes)), themes] = False
    effects: list[Effect] = []
    count = max(1, BLOCK // (testers.n_people * len(likes)))
    for start in range(0, len(tried), count):
        rows = slice(start, start + count)
        about = np.pad(carried[themes[rows]].toarray(), ((0, 0), (0, 1)))
        dials = [one.dial for one in tried[rows]]
        facts = [judge.facts(testers.top(dials, amount, K), about) for amount in AMOUNTS]
        effects += _effects(tried[rows], climbs[rows], facts, apart[rows], tags, testers.n_people, len(likes))
    return effects


def _climbs(
    testers: Testers,
    tried: Sequence[Subject],
    method: RecipeMethod,
    tag_items: sp.csr_matrix,
    likes: np.ndarray,
    seed: int,
) -> list[tuple[Climb, bool]]:
    """The climb of each knob, and whether it is no luck among the tested ones of its kind."""
    concepts, neurons = ([one for one in tried if (one.first is not None) == kind] for kind in (False, True))
    first = np.zeros((len(neurons), len(likes)), bool)
    for row, one in zip(first, neurons, strict=True):
        row[one.first] = True
    themes, dials = [one.theme for one in neurons], [one.dial for one in neurons]
    found: dict[str, tuple[Climb, bool]] = {}
    for kind, climbs in (
        (concepts, concept_climbs(Study(testers, tag_items, [one.theme for one in concepts], method, likes, seed))),
        (neurons, neuron_climbs(testers, tag_items, themes, dials, first, likes)),
    ):
        tested = np.array([climb.n_titles >= FOLDS for climb in climbs], bool)
        no_luck = np.zeros(len(climbs), bool)
        no_luck[tested] = passing(np.array([climb.p for climb in climbs])[tested])
        found |= {one.key: (climb, luck) for one, climb, luck in zip(kind, climbs, no_luck.tolist(), strict=True)}
    return [found[one.key] for one in tried]


class _Judge:
    """What lists consist of. Tables have a last column for -1, "no item"."""

    def __init__(self, testers: Testers, tag_items: sp.csr_matrix, likes: np.ndarray):
        self.carries = sp.csr_matrix(tag_items > 0, dtype=np.float32)
        self.percentile = np.append(popularity_percentiles(likes), np.nan)
        self.targets = np.pad(testers.targets, ((0, 0), (0, 1)))
        self.places = min(K, len(likes))  # of a list: a small catalogue has fewer than 20
        self.discount = 1 / np.log2(np.arange(self.places) + 2)
        wanted = np.minimum(testers.targets.sum(1), self.places)
        self.ideal = np.append(np.inf, self.discount.cumsum())[wanted]  # nobody without hidden likes scores

    def facts(self, top: np.ndarray, about: np.ndarray) -> dict[str, np.ndarray]:
        """Of lists (knobs, U, places): share of the theme, popularity, nDCG (knobs,), share of tags (knobs, n_tags)."""
        knob, person = np.arange(len(top))[:, None, None], np.arange(top.shape[1])[:, None]
        hits = self.targets[person, top]
        width = about.shape[1]
        counts = np.bincount((knob * width + top % width).ravel(), minlength=len(top) * width)
        counts = counts.reshape(-1, width)[:, :-1].astype(np.float32)
        return {
            "theme": about[knob, top].sum((1, 2)) / (self.places * top.shape[1]),
            "popularity": np.nanmean(self.percentile[top], axis=(1, 2)),
            "ndcg": (hits @ self.discount / self.ideal).mean(1),
            "tags": (self.carries @ counts.T).T / (self.places * top.shape[1]),
        }


def _effects(
    tried: Sequence[Subject],
    climbs: Sequence[tuple[Climb, bool]],
    facts: Sequence[dict[str, np.ndarray]],
    apart: np.ndarray,
    tags: Sequence[str],
    n_people: int,
    n_items: int,
) -> Iterator[Effect]:
    rest = facts[0]
    others = [np.where(apart, part["tags"], 0) for part in facts]
    shares = [part / np.maximum(part.sum(1, keepdims=True), 1e-12) for part in others]
    rise = others[-1] - others[0]
    parts = {
        "theme": [part["theme"] for part in facts],
        "kept": [np.where(rest["ndcg"] > 0, part["ndcg"] / np.maximum(rest["ndcg"], 1e-12), 1.0) for part in facts],
        "off_target": [np.abs(part - shares[0]).sum(1) for part in shares],
        "popularity": [part["popularity"] for part in facts],
    }
    values = {name: list(zip(*(one.tolist() for one in part), strict=True)) for name, part in parts.items()}
    for row, (subject, (climb, no_luck)) in enumerate(zip(tried, climbs, strict=True)):
        order = np.argsort(-rise[row], kind="stable")[:2]
        yield Effect(
            key=subject.key,
            tag=tags[subject.theme],
            n_people=n_people,
            n_items=n_items,
            no_luck=no_luck,
            rises=tuple((tags[t], float(rise[row, t])) for t in order if rise[row, t] >= RISES),
            **climb._asdict(),
            theme=values["theme"][row],
            kept=values["kept"][row],
            off_target=values["off_target"][row],
            popularity=values["popularity"][row],
        )
