"""Interpretability: whether neurons stand for something, how much of the tags they cover, and whether they come back.

neuron and tag   AP and AUROC (``concepts/heldout.py``) of ranking items by how strongly they activate a neuron. A
                 tag's neuron is the one with the best AP on the labelling half, the figures are those of the other.
coverage         share of tags whose neuron's AP, brought from chance to 0 and from perfect to 1, is above that of
                 19 in 20 permuted tags; for the first eighth, quarter, half of the neurons and for all
                 (prefixes are a Matryoshka SAE's own dictionaries, for others they are as good as drawn by lot)
tenfold          share of tags of which some knob's top 20 titles have at least ten times the base rate: by what
                 activates the knob, by what it brings, by either, and by the concept's own recipe alone. `null` is the
                 same for permuted tags; `held_out` chooses the knob and makes recipes by one half and counts the
                 other: a tag on 10 of 2,000 items needs just one title, so the best of a thousand knobs is easy to
                 have by chance.
alive            share of neurons that full histories, shortened histories (fold-ins) and single items activate
stability        cosine of decoder rows of two SAEs on one recommender, matched one to one for the largest sum; a
                 neuron is matched from 0.7 on. SAEs that start from the same items have their start in common, so this
                 says that numbers can be kept, and not that these neurons are the only ones possible.
"""

import dataclasses
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
import torch

from knobs_core.base import first_n, top_k
from knobs_core.concepts import ConceptRecipe, Ranks, concept_recipes, halves, permuted
from knobs_core.data import Interactions, Split, column_counts, single_items, taken
from knobs_core.models import Nested

MIN_ITEMS, MAX_TAGS = 10, 500  # tags on fewer items are left out; of more tags a sample is looked at
N_TOP, TENFOLD = 20, 10
SAME = 0.7  # cosine from which on two decoder rows are the same neuron
BLOCK = 2**25  # entries of a ranking table held at once
RecipeMethod = Callable[[sp.csr_matrix], Sequence[ConceptRecipe]]
EffectOf = Callable[[sp.csr_matrix], np.ndarray]


@dataclasses.dataclass(frozen=True)
class Interpretability:
    """summary: the figures as nested dicts of numbers; tags: a row a tag with its neuron and that neuron's figures."""

    summary: dict[str, dict[str, Any]]
    tags: pd.DataFrame


def interpretability(
    nested: Nested, data: Interactions, split: Split, recipes: Sequence[ConceptRecipe], seed: int
) -> Interpretability:
    """All figures of trained models but stability, which needs a second SAE.

    Args:
        recipes: of all tags, in the order of ``data.tag_matrix()``.
        seed: of halves, of the null, and of the sample of tags where there are many.
    """
    likes = column_counts(data.matrix, split.train).astype(np.float32)
    tags, tag_items = data.tag_matrix()
    codes = nested.codes(single_items(data.n_items))
    rows = _sample(tag_items, seed)
    table, figures = neuron_tags([tags[row] for row in rows], tag_items[rows], codes, likes, seed)
    folded = sp.vstack([split.val.inputs, split.test.inputs])
    alive = {"users": data.matrix, "fold_ins": folded, "single_items": single_items(data.n_items)}
    tenfold_figures = tenfold(
        nested,
        codes,
        tag_items,
        rows,
        recipes,
        partial(concept_recipes, nested),
        taken(data.matrix, split.train),
        seed,
    )
    summary = {
        **figures,
        "tenfold": tenfold_figures,
        "alive": {name: _alive(nested, matrix) for name, matrix in alive.items()},
    }
    return Interpretability(summary, table)


def neuron_tags(
    tags: Sequence[str], tag_items: sp.csr_matrix, codes: sp.csr_matrix, likes: np.ndarray, seed: int
) -> tuple[pd.DataFrame, dict[str, dict[str, Any]]]:
    """Neurons against tags.

    Args:
        tag_items: (n_tags, n_items); codes: (n_items, d_sae) of single items; likes: (n_items,), for the null.

    Returns:
        A row a tag: tag, items, neuron, ap, auroc, null (AP of its neuron after tags were permuted); and a summary.
    """
    parts = halves(tag_items, seed)
    real = _judge(parts, codes)
    null = _judge(halves(permuted(tag_items, likes, seed), seed), codes)
    width = codes.shape[1]
    chance = parts[1].getnnz(axis=1) / np.maximum(codes.shape[0] - parts[0].getnnz(axis=1), 1)
    chosen = {name: _chosen(figures, width) for name, figures in (("real", real), ("null", null))}
    neuron, ap, auroc = chosen["real"]
    table = pd.DataFrame(
        {"tag": list(tags), "items": tag_items.getnnz(axis=1), "neuron": neuron, "ap": ap, "auroc": auroc,
         "null": chosen["null"][1]}
    )  # fmt: skip
    coverage = {}
    for size in sorted({max(1, width // part) for part in (8, 4, 2, 1)}):
        bar = np.quantile(_corrected(_chosen(null, size)[1], chance), 0.95) if len(tags) else 0.0
        good = _corrected(_chosen(real, size)[1], chance) > bar
        coverage[str(size)] = {"share": _mean(good), "needed": float(bar)}
    summary: dict[str, dict[str, Any]] = {
        "tags": {"looked_at": len(tags), "min_items": MIN_ITEMS},
        "ap": {"mean": _mean(ap), "null": _mean(table["null"]), "chance": _mean(chance)},
        "auroc": {"mean": _mean(auroc), "null": _mean(chosen["null"][2])},
        "coverage": coverage,
    }
    return table, summary


def _judge(parts: tuple[sp.csr_matrix, sp.csr_matrix], codes: sp.csr_matrix) -> tuple[np.ndarray, ...]:
    """AP on the labelling half, AP and AUROC on the scored half, each (n_tags, d_sae), the other half always hidden."""
    n_tags, (n_items, width) = parts[0].shape[0], codes.shape
    first, ap, auroc = (np.zeros((n_tags, width), np.float32) for _ in range(3))
    columns = codes.tocsc()
    for block in np.array_split(np.arange(width), max(1, -(-n_items * width // BLOCK))):
        ranks = Ranks(columns[:, block].toarray())
        for tag in range(n_tags):
            labelling, scored = (half.indices[slice(*half.indptr[tag : tag + 2])] for half in parts)
            first[tag, block] = ranks.judge(labelling, scored)[0]
            ap[tag, block], auroc[tag, block] = ranks.judge(scored, labelling)
    dead = columns.getnnz(axis=0) == 0
    first[:, dead] = -1
    return first, ap, auroc


def _chosen(figures: tuple[np.ndarray, ...], size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of the first ``size`` neurons, each tag's own by the labelling half, with its AP and AUROC on the scored half."""
    first, ap, auroc = figures
    neuron = first[:, :size].argmax(1)
    rows = np.arange(len(neuron))
    return neuron, ap[rows, neuron], auroc[rows, neuron]


def tenfold(
    nested: Nested,
    codes: sp.csr_matrix,
    tag_items: sp.csr_matrix,
    rows: np.ndarray,
    recipes: Sequence[ConceptRecipe],
    recipe_method: RecipeMethod,
    histories: sp.csr_matrix,
    seed: int,
) -> dict[str, dict[str, float]]:
    """How many tags, ``rows`` of (n_tags, n_items), have a knob whose top 20 titles carry them ten times as often.

    Args:
        recipes: of all tags; recipe_method: makes them from assignment counts.
        histories: (n_users, n_items) of training users, around whose mean a recipe's effect is taken.
    """
    effect_of = _effect_of(nested, histories)
    made_up = permuted(tag_items, np.asarray(histories.sum(0)).ravel(), seed)
    figures = {}
    for name, matrix, made in (("all_pairs", tag_items, recipes), ("null", made_up, recipe_method(made_up))):
        weights = _stacked(made, codes.shape[1])
        lists = _lists(weights, codes, effect_of)
        figures[name] = _shares({way: _lifts(top, matrix, rows) for way, top in lists.items()}, matrix.shape[0], rows)
    for name, matrix in (("held_out", tag_items), ("held_out_null", made_up)):
        labelling, scored = halves(matrix, seed)
        weights = _stacked(recipe_method(labelling), codes.shape[1])
        best = {}
        for way, top in _lists(weights, codes, effect_of).items():
            chosen = weights[_lifts(top, labelling, rows).argmax(0)]
            scores = (chosen @ codes.T).toarray() if way == "activates" else effect_of(chosen)
            sides = ((half[[row]].indices for half in (labelling, scored)) for row in rows)
            best[way] = np.array([_held_out_lift(one, *side) for one, side in zip(scores, sides, strict=True)])
        figures[name] = {way: _mean(lift >= TENFOLD) for way, lift in best.items()}
        figures[name]["either"] = _mean(np.maximum(*best.values()) >= TENFOLD)
    return figures


def _stacked(recipes: Sequence[ConceptRecipe], width: int) -> sp.csr_matrix:
    """The neurons of recipes, then every neuron alone, as (n_recipes + d_sae, d_sae) weights."""
    triples = [(row, j, weight) for row, made in enumerate(recipes) for j, weight in made.recipe.items()]
    row, j, weight = map(np.asarray, zip(*triples, strict=True)) if triples else (np.empty(0, int),) * 3
    concepts = sp.csr_matrix((weight, (row, j)), shape=(len(recipes), width), dtype=np.float32)
    return sp.vstack([concepts, sp.identity(width, dtype=np.float32)], format="csr")


def _effect_of(nested: Nested, histories: sp.csr_matrix) -> EffectOf:
    """Scores (m, n_items) that recipes (m, d_sae) add for the average person."""
    y = nested.mean_embedding(histories)

    @torch.inference_mode()
    def effect(weights: sp.csr_matrix) -> np.ndarray:
        code = nested.encode_embedding(y).code
        one = code.std * code.z.sum()
        moved = torch.as_tensor(weights.toarray(), device=nested.device) @ nested.sae.w_dec * one
        return (nested.cfae.decode(y + moved) - nested.cfae.decode(y)).cpu().numpy()

    return effect


def _lists(weights: sp.csr_matrix, codes: sp.csr_matrix, effect_of: EffectOf) -> dict[str, sp.csr_matrix]:
    """Which items are the top 20 of each knob, (n_knobs, n_items), by what activates it and by what it brings."""
    parts: dict[str, list[sp.csr_matrix]] = {"activates": [], "brings": []}
    n_items = codes.shape[0]
    for block in np.array_split(np.arange(weights.shape[0]), max(1, -(-weights.shape[0] * n_items // BLOCK))):
        parts["activates"].append(_top((weights[block] @ codes.T).toarray(), positive=True))
        parts["brings"].append(_top(effect_of(weights[block])))
    return {way: sp.vstack(part, format="csr") for way, part in parts.items()}


def _top(scores: np.ndarray, positive: bool = False) -> sp.csr_matrix:
    """Ones for the 20 highest scores of each row, where asked for only among those above zero."""
    order = top_k(torch.as_tensor(scores), None, N_TOP)
    row = np.repeat(np.arange(len(scores)), order.shape[1])
    keep = (scores[row, order.ravel()] > 0) | (not positive)
    return sp.csr_matrix(
        (np.ones(keep.sum(), np.float32), (row[keep], order.ravel()[keep])), shape=scores.shape, dtype=np.float32
    )


def _lifts(top: sp.csr_matrix, tag_items: sp.csr_matrix, rows: np.ndarray) -> np.ndarray:
    """Share of the top 20 that carries a tag over its base rate: (n_knobs, len(rows))."""
    carries = sp.csr_matrix(tag_items[rows] > 0, dtype=np.float32)
    base = np.maximum(carries.getnnz(axis=1), 1) / tag_items.shape[1]
    return (top @ carries.T).toarray() / N_TOP / base


def _held_out_lift(scores: np.ndarray, hidden: np.ndarray, wanted: np.ndarray) -> float:
    """The same for the wanted items and one knob's scores (n_items,), without the hidden items."""
    active = scores != 0  # what does not activate a knob at all is not in its list
    top = first_n(np.where(np.isin(np.arange(len(scores)), hidden), -np.inf, scores), N_TOP)
    hits = np.isin(top[active[top]], wanted).sum()
    base = len(wanted) / max(len(scores) - len(hidden), 1)
    return hits / N_TOP / base if base else 0.0


def _shares(lifts: dict[str, np.ndarray], n_recipes: int, rows: np.ndarray) -> dict[str, float]:
    best = {way: values.max(0, initial=0) for way, values in lifts.items()}
    own = np.maximum(*(values[rows, np.arange(len(rows))] for values in lifts.values()))
    neurons = np.maximum(*(values[n_recipes:].max(0, initial=0) for values in lifts.values()))
    return {
        "activates": _mean(best["activates"] >= TENFOLD),
        "brings": _mean(best["brings"] >= TENFOLD),
        "either": _mean(np.maximum(best["activates"], best["brings"]) >= TENFOLD),
        "neurons": _mean(neurons >= TENFOLD),
        "own_recipe": _mean(own >= TENFOLD),
    }


def stability(first: torch.Tensor, second: torch.Tensor, use: np.ndarray, seed: int = 0) -> dict[str, float]:
    """How far the decoder rows (d_sae, d_embed) of an SAE come back in another.

    Args:
        use: (d_sae,) how much the neurons of the first are used, at least one of them: sums of their activations.
        seed: of the rows that point anywhere.

    Returns:
        matched: share of the neurons that come back; matched_by_use: the same, weighted by use; same_number: share
        that comes back under its own number; cosine: mean over matched pairs; null: the mean that rows pointing
        anywhere would reach.
    """
    first, second = (torch.nn.functional.normalize(rows.double().cpu(), dim=1) for rows in (first, second))
    anywhere = torch.randn(second.shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    matched = _matched(first, second)
    return {
        "matched": _mean(matched >= SAME),
        "matched_by_use": float(use[matched >= SAME].sum() / use.sum()),
        "same_number": _mean((first * second).sum(1).numpy() >= SAME),
        "cosine": _mean(matched),
        "null": float(_matched(first, torch.nn.functional.normalize(anywhere, dim=1)).mean()),
    }


def _matched(first: torch.Tensor, second: torch.Tensor) -> np.ndarray:
    from scipy.optimize import linear_sum_assignment  # takes long to import, and few ever ask

    cosine = (first @ second.T).numpy()
    return cosine[linear_sum_assignment(-cosine)]


def _sample(tag_items: sp.csr_matrix, seed: int) -> np.ndarray:
    """Rows of tags on enough items, in order, a random part of them where there are many."""
    rows = np.flatnonzero(tag_items.getnnz(axis=1) >= MIN_ITEMS)
    return np.sort(np.random.default_rng(seed).permutation(rows)[:MAX_TAGS])


def _alive(nested: Nested, matrix: sp.csr_matrix) -> float:
    return _mean(nested.active(matrix) > 0)


def _corrected(ap: np.ndarray, chance: np.ndarray) -> np.ndarray:
    return (ap - chance) / np.maximum(1 - chance, 1e-12)


def _mean(values: np.ndarray | pd.Series) -> float:
    return float(np.mean(values)) if len(values) else 0.0
