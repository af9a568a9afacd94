"""The steering trade-off: how much of a theme a dial brings, for how much of a person's own taste. All methods alike.

People are held out (``data/split.py``, validation and test users); of each tag half the items are labelled, half are
scored (``concepts/heldout.py``), so that no method is praised for what it was told. For pairs of a person and
a tag, and amounts a from 0 to 1:

    personal nDCG@20          the person's hidden likes among unseen items
    segment nDCG@20           all items of the tag among unseen items, as in the paper's Figure 5
    held-out segment nDCG@20  the scored half among unseen items, the labelled half taken out of the ranking

Three ways to choose the tag: ``oracle``, the one that stands out most in the hidden likes against the shown ones, as in
the paper (it peeks); ``random``, four a person; ``absent``, one that no shown like carries.

Amounts mean different things to different methods, so they are compared where they cost the same:

    segment_at_95   the largest held-out segment nDCG where personal nDCG is at least 95% of the unsteered CFAE's, read
                    off the curve with straight lines between amounts; NaN where no amount is that cheap
    hypervolume     area under that trade-off above the unsteered list's exposure, personal nDCG running from 0
    intervals       2.5% and 97.5% of 500 bootstrap samples that draw people and tags anew, both with replacement
    monotone        share of pairs whose exposure (held-out items in the top 20) never falls up to an amount of 0.5
    off_target      at 0.3: sum of changes of the other tags' shares in the top 20, without tags that go with the theme
    popularity      at 0.3: change of the mean popularity percentile of the top 20

Spisak et al. 2026, section 4.4, for personal and segment nDCG; the held-out protocol is this project's own.
"""

from collections.abc import Callable, Container, Sequence
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
import torch

from knobs_core.base import ProgressCallback, Stage, silent, top_k
from knobs_core.concepts import DEFAULT, METHODS, ConceptRecipe, ConceptVectors, go_together, halves
from knobs_core.data import HeldOut, Interactions, Split, keep_entries
from knobs_core.evaluation import baselines
from knobs_core.evaluation.bootstrap import interval, resamples, weighted_means
from knobs_core.evaluation.metrics import hits, ndcg_at_k, popularity_percentiles
from knobs_core.models import Encoded, Nested
from knobs_core.steering import (
    SPREAD,
    Mixture,
    directions,
    effects_of,
    mixed_embedding,
    raised,
    reach_of,
    sigmas,
    weights_of,
)

K = 20
AMOUNTS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 1.0)
KEPT = (0.95, 0.9, 0.8)
MIN_ITEMS = 10  # of a tag, so that both halves hold a few
N_RANDOM = 4
BATCH = 512  # pairs scored at once
MAX_PEOPLE = 2_000
KINDS = ("oracle", "random", "absent")
COMPARED = (DEFAULT, "direction", "representative")


class Pairs(NamedTuple):
    """Whom to steer where. kind: (P,) index into KINDS; person: (P,) row of the inputs; tag: (P,) row of the tags;
    inputs, targets: (n_people, n_items) CSR; labelled, scored: (n_tags, n_items) CSR."""

    kind: np.ndarray
    person: np.ndarray
    tag: np.ndarray
    inputs: sp.csr_matrix
    targets: sp.csr_matrix
    labelled: sp.csr_matrix
    scored: sp.csr_matrix


class Batch(NamedTuple):
    """Some of the pairs, people encoded. tag: (B,); inputs: (B, n_items); encoded: of the inputs."""

    tag: np.ndarray
    inputs: sp.csr_matrix
    encoded: Encoded


Steer = Callable[[Batch, float], torch.Tensor]  # scores (B, n_items) of a batch at an amount


def tradeoff(
    nested: Nested,
    data: Interactions,
    split: Split,
    seed: int = 0,
    progress: ProgressCallback = silent,
    only: Container[str] | None = None,
) -> dict[str, Any]:
    """Measure every method on trained models, over one draw of people, tags and halves.

    Args:
        only: names of the methods to measure, by default all; ``recipe``, ``direction`` and ``representative``, which
            others are compared with, are always among them.

    Returns:
        points: a dict for each method and amount on oracle pairs, as the paper has them
        summary: a dict for each method and kind of pair
        accuracy: nDCG@20 of popularity, EASE and the CFAE, unsteered, over the same people
    """
    pairs = choose_pairs(data, split, seed)
    likes = data.matrix[split.train]
    steered = methods(nested, likes, pairs)
    if only is not None:
        steered = {name: steer for name, steer in steered.items() if name in only or name in COMPARED}
    popularity = popularity_percentiles(likes.getnnz(axis=0))
    stage, curves = Stage("Steering", progress), {}
    for done, (name, steer) in enumerate(steered.items()):
        stage(done, len(steered), name)
        curves[name] = _curves(nested, pairs, steer, popularity)
    stage(len(steered), len(steered))
    rest = curves[DEFAULT]["personal"][:, 0]  # at rest it is the unmodified recommender
    points, summary = [], []
    for kind, kind_name in enumerate(KINDS):
        rows = np.flatnonzero(pairs.kind == kind)
        if len(rows):
            draws = resamples(pairs.person[rows], pairs.tag[rows], seed)
            # One column for everybody as they are, then the bootstrap samples.
            samples = np.vstack([np.ones(len(rows)), draws])
            at_95 = {name: _at(curve, KEPT[0], rows, rest, samples) for name, curve in curves.items()}
            for name, curve in curves.items():
                found = {"method": name, "segments": kind_name, **_summary(curve, rows, rest, curves[DEFAULT])}
                for other in ("representative", "direction"):
                    unknown = np.full_like(at_95[other], np.nan)  # a share of nothing is none
                    ratio = np.divide(at_95[name], at_95[other], out=unknown, where=at_95[other] != 0)
                    found[f"over_{other}"], found[f"over_{other}_interval"] = float(ratio[0]), interval(ratio[1:])
                summary.append({**found, "segment_at_95_interval": interval(at_95[name][1:])})
    for name, curve in curves.items():
        rows = np.flatnonzero(pairs.kind == 0)
        for column, amount in enumerate(AMOUNTS):
            means = {key: _nanmean(curve[key][rows, column]) for key in ("personal", "segment", "heldout")}
            points.append(
                {"method": name, "alpha": amount, "personal_ndcg@20": means["personal"],
                 "segment_ndcg@20": means["segment"], "heldout_segment_ndcg@20": means["heldout"]}
            )  # fmt: skip
    return {"points": points, "summary": summary, "accuracy": _accuracy(nested, likes, split.val, pairs), "seed": seed}


def tradeoff_over_seeds(
    nested: Nested, data: Interactions, split: Split, seeds: Sequence[int], progress: ProgressCallback = silent
) -> dict[str, Any]:
    """``tradeoff`` over several draws of people, tags and halves: means of every number, intervals included.

    Numbers that are missing in every draw are None. ``segment_at_95_spread`` is the standard deviation over draws.
    """
    runs = [tradeoff(nested, data, split, seed, progress) for seed in seeds]
    found: dict[str, Any] = {"seeds": list(seeds), "accuracy": _mean([run["accuracy"] for run in runs])}
    for name in ("points", "summary"):
        found[name] = [_mean(rows) for rows in zip(*(run[name] for run in runs), strict=True)]
    for row, *several in zip(found["summary"], *(run["summary"] for run in runs), strict=True):
        row["segment_at_95_spread"] = _number(np.std([one["segment_at_95"] for one in several]))
    return found


def _mean(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Means of equal fields; texts as they are."""
    means: dict[str, Any] = {}
    for name, first in rows[0].items():
        values = [row[name] for row in rows]
        if isinstance(first, str):
            means[name] = first
        elif isinstance(first, list):
            full = [value for value in values if value]
            means[name] = np.mean(full, axis=0).tolist() if full else []
        else:
            known = [value for value in values if not np.isnan(value)]
            means[name] = _number(np.mean(known)) if known else None
    return means


def _nanmean(values: np.ndarray) -> float:
    """The mean of what is known of values (n,); NaN where nothing is."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def choose_pairs(data: Interactions, split: Split, seed: int) -> Pairs:
    """Draw people and tags; the same seed draws the same."""
    rng = np.random.default_rng(seed)
    inputs, targets = (sp.vstack([getattr(part, name) for part in (split.test, split.val)], format="csr")
                       for name in ("inputs", "targets"))  # fmt: skip
    inputs, targets = inputs[:MAX_PEOPLE], targets[:MAX_PEOPLE]
    _, tag_items = data.tag_matrix()
    tag_items = tag_items.tocsr()
    labelled, scored = halves(tag_items, seed)
    carried = (tag_items > 0).astype(np.float32)
    shown, asked = ((part @ carried.T).toarray() for part in (inputs, targets))
    large = np.asarray(carried.sum(1)).ravel() >= MIN_ITEMS
    gain = np.where(large, asked - shown, -np.inf)
    found = []
    for person in range(inputs.shape[0]):
        best = gain[person].max(initial=-np.inf)
        if best > 0:
            found.append((0, person, rng.choice(np.flatnonzero(gain[person] == best))))
        for kind, among in ((1, np.flatnonzero(large)), (2, np.flatnonzero(large & (shown[person] == 0)))):
            n = min(N_RANDOM if kind == 1 else 1, len(among))
            found += [(kind, person, tag) for tag in rng.choice(among, n, replace=False)]
    kinds, people, tags = np.array(found, np.int64).reshape(-1, 3).T
    return Pairs(kinds, people, tags, inputs, targets, labelled, scored)


def methods(nested: Nested, likes: sp.csr_matrix, pairs: Pairs) -> dict[str, Steer]:
    """Everything that is measured, by name, each made from the labelled half alone; likes: of training users."""
    evidence = ConceptVectors(nested, pairs.labelled)
    found = {name: _with_recipes(nested, evidence, name) for name in METHODS}
    plain = evidence.centroids
    found["direction"] = lambda batch, amount: nested.cfae.decode(
        baselines.towards(batch.encoded.y, plain[batch.tag], amount)
    )
    pseudo = nested.embeddings(baselines.typical(evidence.embeddings, plain, evidence.members.tocsr())).numpy()
    found["pseudo-items"] = lambda batch, amount: nested.cfae.decode(
        baselines.towards(batch.encoded.y, pseudo[batch.tag], amount)
    )
    members = evidence.members.tocsr()
    found["label boost"] = lambda batch, amount: baselines.boosted(
        nested.scores(batch.encoded), members[batch.tag].toarray(), amount
    )
    if pairs.inputs.shape[1] <= baselines.MAX_ITEMS:
        rows = members.toarray().astype(np.float32)
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
        encoder = baselines.teaser(likes, rows)
        found["teaser"] = lambda batch, amount: torch.as_tensor(
            baselines.turn_tags(batch.inputs @ encoder, batch.tag, amount) @ rows
        )
    return found


def _with_recipes(nested: Nested, evidence: ConceptVectors, name: str) -> Steer:
    method = METHODS[name]
    recipes = method.recipes(evidence)
    if method.mixing == SPREAD:
        return _spread(nested, recipes)
    weights = weights_of([made.recipe for made in recipes], nested.sae.d_sae)

    def steer(batch: Batch, amount: float) -> torch.Tensor:
        if not amount:
            return nested.scores(batch.encoded)
        recipes = torch.as_tensor(weights[batch.tag], device=nested.device)
        found = recipes.sum(1, keepdim=True) > 0  # a tag without a recipe leaves people as they are
        mixture = Mixture(amount, amount * recipes)
        turned = mixed_embedding(nested, batch.encoded, mixture, method.mixing)
        return nested.cfae.decode(torch.where(found, turned, batch.encoded.y))

    return steer


def _spread(nested: Nested, recipes: Sequence[ConceptRecipe]) -> Steer:
    """The default dial, of a tag for each person; a tag without a recipe leaves people as they are."""
    found = torch.tensor([bool(made.recipe) for made in recipes], device=nested.device)
    nothing = ConceptRecipe({0: 1.0})
    towards = directions(nested, [(made if made.recipe else nothing).dial(1.0) for made in recipes])
    units = towards / sigmas(effects_of(nested.cfae, towards))

    def steer(batch: Batch, amount: float) -> torch.Tensor:
        rest = nested.scores(batch.encoded)
        turned = raised(batch.encoded.y, reach_of(rest, batch.inputs).up, units[batch.tag], amount)
        return torch.where(found[batch.tag][:, None], nested.cfae.decode(turned), rest) if amount else rest

    return steer


@torch.inference_mode()
def _curves(nested: Nested, pairs: Pairs, steer: Steer, popularity: np.ndarray) -> dict[str, np.ndarray]:
    """Values (P, len(AMOUNTS)) of each measure for every pair."""
    names = ("personal", "segment", "heldout", "exposure", "popularity", "off_target")
    found = {name: np.full((len(pairs.tag), len(AMOUNTS)), np.nan) for name in names}
    carried = sp.csr_matrix((pairs.labelled + pairs.scored) > 0, dtype=np.float32)
    strangers = _strangers(carried)
    for start in range(0, len(pairs.tag), BATCH):
        rows = slice(start, start + BATCH)
        tag, person = pairs.tag[rows], pairs.person[rows]
        inputs = pairs.inputs[person]
        batch = Batch(tag, inputs, nested.encode(inputs))
        hidden = sp.csr_matrix(inputs + pairs.labelled[tag])
        segment, scored = (_without(part[tag], inputs) for part in (carried, pairs.scored))
        at_rest = None
        for column, amount in enumerate(AMOUNTS):
            scores = steer(batch, amount)
            listed, unlabelled = top_k(scores, inputs, K), top_k(scores, hidden, K)
            found["personal"][rows, column] = ndcg_at_k(listed, pairs.targets[person])
            found["segment"][rows, column] = ndcg_at_k(listed, segment)
            found["heldout"][rows, column] = ndcg_at_k(unlabelled, scored)
            found["exposure"][rows, column] = hits(unlabelled, scored).sum(1)
            found["popularity"][rows, column] = popularity[listed].mean(1)
            shares = _tag_shares(carried, listed)
            at_rest = shares if at_rest is None else at_rest
            found["off_target"][rows, column] = (np.abs(shares - at_rest) * strangers[tag]).sum(1)
    return found


def _without(members: sp.csr_matrix, seen: sp.csr_matrix) -> sp.csr_matrix:
    """Members (B, n_items) that are not seen."""
    members = sp.csr_matrix(members)
    rows = np.repeat(np.arange(members.shape[0]), np.diff(members.indptr))
    known = np.asarray(seen[rows, members.indices]).ravel() > 0 if members.nnz else np.zeros(0, bool)
    return keep_entries(members, ~known)


def _tag_shares(carried: sp.csr_matrix, listed: np.ndarray) -> np.ndarray:
    """What share of all tags in each list (B, k) is each tag: (B, n_tags)."""
    rows, places = np.nonzero(listed >= 0)
    lists = sp.csr_matrix((np.ones(len(rows)), (rows, listed[rows, places])), (len(listed), carried.shape[1]))
    counts = (lists @ carried.T).toarray()
    return counts / np.maximum(counts.sum(1, keepdims=True), 1)


def _strangers(carried: sp.csr_matrix) -> np.ndarray:
    """Which tags (n_tags, n_tags) do not go with a tag, itself not among them."""
    return ~go_together(carried, carried) & ~np.eye(carried.shape[0], dtype=bool)


def exposure_at(personal: np.ndarray, segment: np.ndarray, least: np.ndarray) -> np.ndarray:
    """Largest segment value (N,) where the personal value is at least ``least`` (N,), on the curves (N, columns) drawn
    with straight lines between their columns; NaN where the curve is nowhere that high."""
    enough = personal >= least[:, None]
    best = np.where(enough, segment, -np.inf).max(1)
    for left in range(personal.shape[1] - 1):
        p, q = personal[:, left], personal[:, left + 1]
        crosses = enough[:, left] != enough[:, left + 1]
        share = np.divide(least - p, q - p, out=np.zeros_like(p), where=crosses & (p != q))
        there = segment[:, left] + share * (segment[:, left + 1] - segment[:, left])
        best = np.where(crosses, np.maximum(best, there), best)
    return np.where(np.isfinite(best), best, np.nan)


def hypervolume(personal: np.ndarray, segment: np.ndarray, floor: float) -> float:
    """Area between the best segment value at each personal value and ``floor``, for one curve (columns,)."""
    levels = np.linspace(0, personal.max(), 201)
    personals, segments = (np.repeat(curve[None], len(levels), 0) for curve in (personal, segment))
    return float(np.trapezoid(np.maximum(exposure_at(personals, segments, levels) - floor, 0), levels))


def _at(
    curve: dict[str, np.ndarray], part: float, rows: np.ndarray, rest: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Held-out segment nDCG (N,) where ``part`` of the unsteered personal nDCG is kept, under weights (N, P)."""
    personal, segment = (weighted_means(curve[key][rows], weights) for key in ("personal", "heldout"))
    return exposure_at(personal, segment, part * weighted_means(rest[rows, None], weights)[:, 0])


def _summary(
    curve: dict[str, np.ndarray], rows: np.ndarray, rest: np.ndarray, unturned: dict[str, np.ndarray]
) -> dict[str, float]:
    """The trade-off of one method over some of the pairs."""
    everyone = np.ones((1, len(rows)))
    found = {f"segment_at_{round(100 * part)}": float(_at(curve, part, rows, rest, everyone)[0]) for part in KEPT}
    personal, segment = (weighted_means(curve[key][rows], everyone)[0] for key in ("personal", "heldout"))
    unsteered = weighted_means(unturned["heldout"][rows], everyone)[0, 0]
    moderate = [column for column, amount in enumerate(AMOUNTS) if amount <= 0.5]
    third = AMOUNTS.index(0.3)
    rises = np.diff(curve["exposure"][rows][:, moderate], axis=1) >= 0
    return found | {
        "unsteered": float(unsteered),
        "hypervolume": hypervolume(personal, segment, unsteered),
        "monotone": float(rises.all(1).mean()),
        "off_target": _nanmean(curve["off_target"][rows, third]),
        "popularity": _nanmean(curve["popularity"][rows, third] - curve["popularity"][rows, 0]),
        "n_pairs": len(rows),
    }


def _accuracy(nested: Nested, likes: sp.csr_matrix, validation: HeldOut, pairs: Pairs) -> dict[str, float]:
    """nDCG@20 without steering; likes: (n_train, n_items) of training users; EASE is chosen on validation users."""
    popular = torch.as_tensor(np.asarray(likes.sum(0)).ravel()).expand(pairs.inputs.shape[0], -1)
    scores = {"popularity": popular, "cfae": nested.scores(nested.encode(pairs.inputs))}
    if likes.shape[1] <= baselines.MAX_ITEMS:
        scores["ease"] = torch.as_tensor(pairs.inputs @ baselines.chosen_ease(likes, validation)[0])
    return {
        name: float(np.nanmean(ndcg_at_k(top_k(values, pairs.inputs, K), pairs.targets)))
        for name, values in scores.items()
    }
