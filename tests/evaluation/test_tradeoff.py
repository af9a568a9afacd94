"""The steering trade-off against slow rewrites, hand arithmetic and planted concepts whose right items are known."""

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from knobs_core.base.ranking import top_k
from knobs_core.concepts.recipes import METHODS, concept_recipes
from knobs_core.evaluation.metrics import ndcg_at_k
from knobs_core.evaluation.tradeoff import (
    AMOUNTS,
    Batch,
    _curves,
    choose_pairs,
    exposure_at,
    hypervolume,
    methods,
    tradeoff_over_seeds,
)
from tests.plain import plain_scores


def likes_of(bundle):
    return bundle.interactions.matrix[bundle.split().train]


@pytest.fixture(scope="module")
def pairs(planted_bundle):
    return choose_pairs(planted_bundle.interactions, planted_bundle.split(), seed=1)


@pytest.fixture(scope="module")
def result(planted_bundle):
    return tradeoff_over_seeds(planted_bundle.nested, planted_bundle.interactions, planted_bundle.split(), [1])


def row(result, method, segments="oracle"):
    return next(row for row in result["summary"] if (row["method"], row["segments"]) == (method, segments))


def test_exposure_is_read_off_the_curve_with_straight_lines():
    personal, segment = np.array([[1.0, 0.8, 0.9, 0.2]]), np.array([[0.1, 0.5, 0.3, 0.9]])
    at = lambda least: exposure_at(personal, segment, np.array([least]))[0]  # noqa: E731
    assert at(1.0) == pytest.approx(0.1)
    assert at(0.9) == pytest.approx(0.3)  # half way down the first line, and the third point
    assert at(0.8) == pytest.approx(0.5)
    assert at(0.55) == pytest.approx(0.6)  # half way from the third point to the last
    assert np.isnan(at(1.1))


def test_hypervolume_of_a_rectangle_and_a_triangle():
    one = np.array([0.5, 0.5]), np.array([0.3, 0.3])
    assert hypervolume(*one, floor=0.1) == pytest.approx(0.5 * 0.2)
    slope = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    assert hypervolume(*slope, floor=0.0) == pytest.approx(0.5, abs=1e-4)


def test_pairs_are_what_they_are_called(planted_bundle, pairs):
    _, tag_items = planted_bundle.interactions.tag_matrix()
    carried = (tag_items > 0).toarray()
    shown, asked = pairs.inputs.toarray() > 0, pairs.targets.toarray() > 0
    assert not (shown & asked).any()
    for kind, person, tag in zip(pairs.kind, pairs.person, pairs.tag, strict=True):
        gain = (asked[person] & carried).sum(1) - (shown[person] & carried).sum(1)
        if kind == 0:
            assert gain[tag] == gain.max() > 0
        if kind == 2:
            assert not (shown[person] & carried[tag]).any()
    assert not pairs.labelled.multiply(pairs.scored).nnz
    assert (pairs.labelled + pairs.scored != tag_items).nnz == 0


@pytest.mark.parametrize("method", ["recipe", "ten", "centroid-code", "representative"])
def test_the_curves_equal_one_pair_at_a_time(planted_bundle, pairs, method):
    nested, few = planted_bundle.nested, np.arange(0, len(pairs.tag), 17)
    part = pairs._replace(kind=pairs.kind[few], person=pairs.person[few], tag=pairs.tag[few])
    steer = methods(planted_bundle.nested, likes_of(planted_bundle), part)[method]
    curves = _curves(nested, part, steer, np.zeros(pairs.inputs.shape[1]))
    recipes = concept_recipes(nested, pairs.labelled, method)
    for place, (person, tag) in enumerate(zip(part.person, part.tag, strict=True)):
        inputs = pairs.inputs[person]
        seen, labelled, scored = (set(matrix.indices) for matrix in (inputs, pairs.labelled[tag], pairs.scored[tag]))
        for column in (0, 2, 6):
            dials = [recipes[tag].dial(AMOUNTS[column])]
            _, (scores,) = plain_scores(nested, inputs, dials, METHODS[method].mixing)
            order = [item for item in np.argsort(-scores.numpy(), kind="stable") if item not in seen]
            for name, wanted, hidden in (
                ("personal", set(pairs.targets[person].indices), set()),
                ("segment", (labelled | scored) - seen, set()),
                ("heldout", scored - seen, labelled),
            ):
                listed = [item for item in order if item not in hidden][:20]
                gain = sum(1 / np.log2(rank + 2) for rank, item in enumerate(listed) if item in wanted)
                ideal = sum(1 / np.log2(rank + 2) for rank in range(min(20, len(wanted))))
                expected = gain / ideal if wanted else np.nan
                assert curves[name][place, column] == pytest.approx(expected, abs=1e-6, nan_ok=True)


def test_every_method_starts_from_the_unmodified_list_but_the_tag_model(planted_bundle, pairs):
    nested = planted_bundle.nested
    inputs = pairs.inputs[pairs.person[:30]]
    batch = Batch(pairs.tag[:30], inputs, nested.encode(inputs))
    plain = top_k(nested.scores(batch.encoded), inputs, 20)
    for name, steer in methods(planted_bundle.nested, likes_of(planted_bundle), pairs).items():
        assert (top_k(steer(batch, 0.0), inputs, 20) == plain).all() == (name != "teaser"), name


def test_planted_concepts_are_brought_on_items_nobody_was_told_about(result):
    """A recipe finds the other half of a concept; a boost of the labelled half brings none of it."""
    recipe, boost = row(result, "recipe", "absent"), row(result, "label boost", "absent")
    assert recipe["segment_at_80"] > 2 * max(recipe["unsteered"], 0.01)
    assert boost["segment_at_80"] < 1.2 * max(boost["unsteered"], 0.01)
    assert recipe["monotone"] > 0.9
    assert recipe["segment_at_95"] <= recipe["segment_at_90"] <= recipe["segment_at_80"]
    low, high = recipe["segment_at_95_interval"]
    assert low <= recipe["segment_at_95"] <= high
    assert row(result, "representative")["over_representative"] == pytest.approx(1)
    assert result["accuracy"]["cfae"] > result["accuracy"]["popularity"]


def test_the_same_seed_gives_the_same_numbers(planted_bundle, result):
    assert (
        tradeoff_over_seeds(planted_bundle.nested, planted_bundle.interactions, planted_bundle.split(), [1]) == result
    )


def test_ndcg_of_a_list_that_leaves_the_labelled_half_out(pairs):
    """The labelled half never appears in the ranking that is scored."""
    tag = pairs.tag[:1]
    hidden = sp.csr_matrix(pairs.inputs[pairs.person[:1]] + pairs.labelled[tag])
    scores = torch.as_tensor(pairs.labelled[tag].toarray(), dtype=torch.float32)
    listed = top_k(scores, hidden, 20)
    assert not np.isin(listed, pairs.labelled[tag].indices).any()
    assert ndcg_at_k(listed, sp.csr_matrix(pairs.labelled[tag]))[0] == 0
