"""What every knob does, measured on people the models have not learned from.

For each knob k, person u and amount a > 0 the embedding is steered as ``steering/spread.py`` says:

    y' = (1 - a) y + a up_u h_k / sigma_k        up_u how far dials move u upwards

Nothing is encoded again and people are never looped over; a linear recommender decodes y and h_k once and blends the
scores. Over the top 20 unseen items this gives, at rest, at 0.1 and at 0.3, as means over people:

    theme       share of items that the knob's name is about: they carry its tag, or activate a neuron "like A and B"
    held_out    the same share of items that name and recipe were *not* made from (``concepts/heldout.py``), those they
                were made from taken out of the list; the recipe is made anew from the labelling half by the method
                handed in. A neuron's direction knows no tags, only its name does. "Like A and B" is asked about its
                other titles.
    kept        nDCG@20 on the person's hidden likes, against the list at rest
    off_target  sum of |q' - q| over tags, q the tags' shares in the list brought to sum 1, leaving out the theme and
                tags that go with it (pointwise mutual information above 1); 0 nothing else moved, 2 everything did
    popularity  mean popularity percentile of the items

A knob **does what it says** when the held-out share rises from rest to 0.3: its odds by at least half, itself by at
least 1 point (a fifth of a title), and clearly, by at least 3 standard errors over people. It is **weak** when it does
not, and not even the share of the theme as a whole rises by that much (for a neuron: when it does not). In between are
concepts that bring titles they were made from, which is what their name says, but no others of which it would be true.
``docs/conventions.md`` has what led to these numbers.
"""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
import torch

from knobs_core.base import top_k
from knobs_core.concepts import N_RANKED, ConceptRecipe, Label, go_together, halves
from knobs_core.data import HeldOut, keep_entries
from knobs_core.evaluation.metrics import popularity_percentiles
from knobs_core.models import Nested
from knobs_core.steering import Dial, directions, effects_of, mix, reach_of, sigmas

AMOUNTS = (0.0, 0.1, 0.3)
K = 20
MIN_ODDS, MIN_POINTS, MIN_CLEAR = 1.5, 0.01, 3.0
RISES = 0.03  # of the list is the least that counts as something else rising
PEOPLE = (16, 32)  # people asked, at least and at most
ENTRIES = (1e9, 1e10)  # scores worked out before fewer people are asked, and before knobs are left out
NONLINEAR = 3  # how much longer a score takes that is decoded and not blended
BLOCK = 2**21  # scores held at once: what fits into the cache is ranked in two thirds of the time


@dataclasses.dataclass(frozen=True)
class Effect:
    """What a knob does; every tuple holds values at rest, at 0.1 and at 0.3.

    key: of the knob, see ``knobs.Knob``; n_people: how many were asked
    theme, held_out, popularity: shares in [0, 1]; kept: 1 at rest; off_target: in [0, 2]; see the head of this file
    clear: rise of the held-out share at 0.3 in standard errors
    rises: (tag, rise of its share of the list at 0.3), at most two tags that do not go with the theme
    """

    key: str
    n_people: int
    theme: tuple[float, ...]
    held_out: tuple[float, ...]
    kept: tuple[float, ...]
    off_target: tuple[float, ...]
    popularity: tuple[float, ...]
    clear: float
    rises: tuple[tuple[str, float], ...]

    @property
    def proven(self) -> bool:
        """Whether the knob does what it says on items that neither its name nor its recipe was made from."""
        return _rises(self.held_out) and self.clear >= MIN_CLEAR

    @property
    def weak(self) -> str:
        """Why the knob is kept out of the search, in words; "" where it is not."""
        if self.proven or (_rises(self.theme) and not self.key.startswith("#")):
            return ""
        if not _rises(self.theme):
            rest, turned = self.theme[0], self.theme[-1]
            return f"turned to 0.3 it hardly brings what its name says: {rest:.1%} of the list, then {turned:.1%}"
        return "what it brings to some people it does not bring to others, or only titles its name was made from"


def _rises(shares: Sequence[float]) -> bool:
    """Whether a share rises by enough, from at rest to the largest amount."""
    rest, turned = shares[0], shares[-1]
    return turned >= rest + MIN_POINTS and turned * (1 - rest) >= MIN_ODDS * rest * (1 - turned)


class Subject(NamedTuple):
    """A knob to be measured. theme: row of the tag its name promises, or -1; dial: at 1; held_out: the dial made from
    the labelling half alone, the same one where a half makes none."""

    key: str
    theme: int
    dial: Dial
    held_out: Dial


class Trials(NamedTuple):
    """Knobs to be measured. A row each of (knobs, n_items) says which items a name is about: all of them, those it was
    made from, and those that are asked for."""

    subjects: list[Subject]
    about: sp.csr_matrix
    labelling: sp.csr_matrix
    scored: sp.csr_matrix


def trials(
    tags: Sequence[str],
    tag_items: sp.csr_matrix,
    recipes: Sequence[ConceptRecipe],
    recipe_method: Callable[[sp.csr_matrix], Sequence[ConceptRecipe]],
    labels: Sequence[Label],
    item_codes: sp.csr_matrix,
    seed: int,
) -> Trials:
    """Every concept with a recipe, the most frequent first, then every live neuron, the named ones first.

    Args:
        tag_items: (n_tags, n_items) assignment counts, rows in the order of ``tags``.
        recipe_method: makes recipes from assignment counts, as the ``recipes`` at hand were made from all of them.
        item_codes: (n_items, d_sae) codes of single items.
        seed: of the split into halves.
    """
    labelling, scored = halves(tag_items, seed)
    again = recipe_method(labelling)
    row_of = {tag: row for row, tag in enumerate(tags)}
    concepts = [int(row) for row in np.argsort(-np.diff(tag_items.indptr), kind="stable") if recipes[row].recipe]
    neurons = sorted((label for label in labels if label.alive), key=lambda label: (not label.tags, -label.n_users))
    named = [row_of[label.tags[0][0]] for label in neurons if label.tags]
    themes = named + [-1] * (len(neurons) - len(named))
    subjects = []
    for row in concepts:
        dial = recipes[row].dial(1.0)
        subjects.append(Subject(tags[row], row, dial, again[row].dial(1.0) if again[row].recipe else dial))
    for label, theme in zip(neurons, themes, strict=True):
        alone = Dial({label.neuron: 1.0}, 1.0)
        subjects.append(Subject(f"#{label.neuron}", theme, alone, alone))
    typical = _typical(item_codes, neurons[len(named) :])
    in_name = typical.data > N_RANKED - 2  # "like A and B"
    sides = (
        (tag_items, typical),
        (labelling, keep_entries(typical, in_name)),
        (scored, keep_entries(typical, ~in_name)),
    )
    return Trials(subjects, *(sp.vstack([by_tag[concepts + named], rest], format="csr") > 0 for by_tag, rest in sides))


@torch.inference_mode()
def measure(
    nested: Nested,
    people: HeldOut,
    tried: Trials,
    tags: Sequence[str],
    tag_items: sp.csr_matrix,
    likes: np.ndarray,
    seed: int,
) -> list[Effect]:
    """What the knobs on trial do to people's lists, in their order.

    Large bundles are bounded: fewer people are asked, down to 16, and then the last knobs are left out.

    Args:
        people: users the models have not learned from, with likes to encode and hidden likes to find again.
        tag_items: (n_tags, n_items), for what else moves; likes: (n_items,), for popularity.
        seed: of the sample of people.
    """
    cost = len(likes) * (len(AMOUNTS) - 1) * (1 if nested.cfae.linear else NONLINEAR)
    costs = np.cumsum([cost * (1 + (one.held_out is not one.dial)) for one in tried.subjects], dtype=float)
    size = int(np.clip(ENTRIES[0] // max(costs.max(initial=0), 1), *PEOPLE))
    n_knobs = int(np.searchsorted(costs * size, ENTRIES[1], side="right"))
    audience = _Audience(nested, people, size, seed)
    judge = _Judge(audience, tag_items, likes)
    related = _related(tried, tag_items)
    effects: dict[int, Effect] = {}
    for rows in _blocks(tried.labelling[:n_knobs], audience):
        subjects = [tried.subjects[row] for row in rows]
        about, hidden, wanted = (_padded(matrix[rows]) for matrix in tried[1:])
        depth = min(K + int(hidden.sum(1).max()), len(likes))
        dials, again = [one.dial for one in subjects], [one.held_out for one in subjects]
        same = all(one.held_out is one.dial for one in subjects)
        facts = []
        for amount in AMOUNTS:
            top = audience.top(dials, amount, depth)
            found = _found(top if same or not amount else audience.top(again, amount, depth), hidden, wanted)
            facts.append(judge.facts(top[:, :, :K], about) | {"found": found})
        effects |= zip(rows, _effects(subjects, facts, ~related[rows], tags), strict=True)
    return [effects[row] for row in sorted(effects)]


class _Audience:
    """People to ask, encoded once, and the lists that knobs give them."""

    def __init__(self, nested: Nested, people: HeldOut, size: int, seed: int):
        n = len(people.users)
        chosen = np.sort(np.random.default_rng(seed).permutation(n)[:size])
        self.size, self.nested = len(chosen), nested
        inputs, self.targets = people.inputs[chosen], people.targets[chosen].toarray() > 0
        encoded = nested.encode(inputs)
        rest = nested.scores(encoded)
        self._up = reach_of(rest, inputs).up
        self._seen = torch.as_tensor(inputs.toarray() > 0, device=nested.device)
        rest = rest.masked_fill(self._seen, -torch.inf)  # what is -inf at rest stays so in every blend
        self._own = rest if nested.cfae.linear else encoded.y
        self._rest = top_k(rest, None, rest.shape[1])[None]

    def top(self, dials: Sequence[Dial], amount: float, depth: int) -> np.ndarray:
        """Items (len(dials), U, depth) of the longest lists asked for, best first, -1 where none is left."""
        if not amount:
            return np.broadcast_to(self._rest[:, :, :depth], (len(dials), *self._rest.shape[1:2], depth))
        towards = directions(self.nested, dials)
        effects = effects_of(self.nested.cfae, towards)
        units = (effects if self.nested.cfae.linear else towards) / sigmas(effects)
        scores = mix(self._own, amount) + units[:, None] * (amount * self._up)
        if not self.nested.cfae.linear:
            scores = self.nested.cfae.decode(scores.flatten(0, 1)).unflatten(0, scores.shape[:2])
            scores.masked_fill_(self._seen, -torch.inf)
        return top_k(scores.flatten(0, 1), None, depth).reshape(*scores.shape[:2], -1)


class _Judge:
    """What lists consist of. Tables have a last column for -1, "no item"."""

    def __init__(self, audience: _Audience, tag_items: sp.csr_matrix, likes: np.ndarray):
        self.carries = sp.csr_matrix(tag_items > 0, dtype=np.float32)
        self.percentile = np.append(popularity_percentiles(likes), np.nan)
        self.targets = np.pad(audience.targets, ((0, 0), (0, 1)))
        self.discount = 1 / np.log2(np.arange(K) + 2)
        wanted = np.minimum(audience.targets.sum(1), K)
        self.ideal = np.append(np.inf, self.discount.cumsum())[wanted]  # nobody without hidden likes scores

    def facts(self, top: np.ndarray, about: np.ndarray) -> dict[str, np.ndarray]:
        """Of lists (knobs, U, K): share of the theme, popularity, nDCG (knobs,), share of every tag (knobs, n_tags)."""
        knob, person = np.arange(len(top))[:, None, None], np.arange(top.shape[1])[:, None]
        hits = self.targets[person, top]
        width = about.shape[1]
        counts = np.bincount((knob * width + top % width).ravel(), minlength=len(top) * width)
        counts = counts.reshape(-1, width)[:, :-1].astype(np.float32)
        return {
            "theme": about[knob, top].sum((1, 2)) / (K * top.shape[1]),
            "popularity": np.nanmean(self.percentile[top], axis=(1, 2)),
            "ndcg": (hits @ self.discount / self.ideal).mean(1),
            "tags": (self.carries @ counts.T).T / (K * top.shape[1]),
        }


def _effects(
    subjects: Sequence[Subject], facts: list[dict[str, np.ndarray]], apart: np.ndarray, tags: Sequence[str]
) -> Iterator[Effect]:
    rest, turned = facts[0], facts[-1]
    gain = turned["found"] - rest["found"]  # (knobs, U)
    error = gain.std(1, ddof=1) / np.sqrt(gain.shape[1]) if gain.shape[1] > 1 else np.full(len(gain), np.inf)
    clear = gain.mean(1) / np.maximum(error, 1e-9)
    others = [np.where(apart, part["tags"], 0) for part in facts]
    shares = [part / np.maximum(part.sum(1, keepdims=True), 1e-12) for part in others]
    rise = others[-1] - others[0]
    values = {
        "theme": [part["theme"] for part in facts],
        "held_out": [part["found"].mean(1) for part in facts],
        "kept": [np.where(rest["ndcg"] > 0, part["ndcg"] / np.maximum(rest["ndcg"], 1e-12), 1.0) for part in facts],
        "off_target": [np.abs(part - shares[0]).sum(1) for part in shares],
        "popularity": [part["popularity"] for part in facts],
    }
    for row, subject in enumerate(subjects):
        order = np.argsort(-rise[row], kind="stable")[:2]
        yield Effect(
            key=subject.key,
            n_people=gain.shape[1],
            clear=float(clear[row]),
            rises=tuple((tags[t], float(rise[row, t])) for t in order if rise[row, t] >= RISES),
            **{name: tuple(float(value[row]) for value in part) for name, part in values.items()},
        )


def _found(top: np.ndarray, hidden: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Share (knobs, U) of wanted items among the first K of each list (knobs, U, depth) without the hidden ones."""
    knob = np.arange(len(top))[:, None, None]
    shown = ~hidden[knob, top]
    return (wanted[knob, top] & shown & (shown.cumsum(2, dtype=np.int32) <= K)).sum(2) / K


def _padded(matrix: sp.csr_matrix) -> np.ndarray:
    """Dense rows with a last column that is False."""
    return np.pad(matrix.toarray().astype(bool), ((0, 0), (0, 1)))


def _blocks(labelling: sp.csr_matrix, audience: _Audience) -> Iterator[np.ndarray]:
    """Rows in parts that fit into memory; those with as many items to leave out come together, as lists are as long
    as the longest of a part needs."""
    order = np.argsort(labelling.getnnz(axis=1), kind="stable")
    size = max(1, BLOCK // (audience.size * labelling.shape[1]))
    return (order[start : start + size] for start in range(0, len(order), size))


def _related(tried: Trials, tag_items: sp.csr_matrix) -> np.ndarray:
    """Which tags (knobs, n_tags) go with what a knob is about: its own, and those with mutual information above 1."""
    related = go_together(tried.about, tag_items)
    own = np.array([subject.theme for subject in tried.subjects], np.int64)
    related[np.flatnonzero(own >= 0), own[own >= 0]] = True
    return related


def _typical(item_codes: sp.csr_matrix, labels: Sequence[Label]) -> sp.csr_matrix:
    """The items (len(labels), n_items) that activate each neuron most, as 20 for the first, 19 for the second, ..."""
    columns = item_codes.tocsc()
    result = sp.lil_matrix((len(labels), item_codes.shape[0]), dtype=np.float32)
    for row, label in enumerate(labels):
        part = slice(*columns.indptr[label.neuron : label.neuron + 2])
        order = columns.indices[part][np.argsort(-columns.data[part], kind="stable")]
        # A label's own items come first: rarely liked ones are left out of names, see ``explain``.
        order = np.concatenate([label.top_items, order[~np.isin(order, label.top_items)]])[:N_RANKED].astype(np.int64)
        result[row, order] = N_RANKED - np.arange(len(order))
    return result.tocsr()
