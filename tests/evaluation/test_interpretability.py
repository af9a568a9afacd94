"""Interpretability on planted concepts, where neurons are known to stand for something, and by hand."""

import numpy as np
import pytest
import torch
from sklearn.metrics import average_precision_score, roc_auc_score

from knobs_core.bundles.evaluate import interpretability
from knobs_core.concepts.heldout import halves
from knobs_core.data.sparse import single_items
from knobs_core.evaluation.interpretability import _corrected, _held_out_lift, neuron_tags, stability


@pytest.fixture(scope="module")
def found(planted_bundle):
    return interpretability(planted_bundle)


def test_planted_concepts_are_better_than_luck(planted_bundle, found):
    summary = found.summary
    assert summary["tags"]["looked_at"] == len(found.tags) == 12
    assert summary["ap"]["mean"] > 3 * summary["ap"]["null"]
    assert summary["auroc"]["mean"] > 0.6 > summary["auroc"]["null"]
    widest = str(planted_bundle.nested.sae.d_sae)
    assert list(summary["coverage"])[-1] == widest
    assert summary["coverage"][widest]["share"] > 0.8
    tenfold = summary["tenfold"]
    assert tenfold["all_pairs"]["own_recipe"] > 0.8 > 0.1 > tenfold["null"]["either"]
    assert tenfold["held_out"]["either"] > tenfold["held_out_null"]["either"]


def test_a_tags_neuron_is_chosen_by_one_half_and_judged_by_the_other(planted_bundle, found):
    data, seed = planted_bundle.interactions, planted_bundle.manifest.seed
    tags, tag_items = data.tag_matrix()
    codes = planted_bundle.nested.codes(single_items(data.n_items)).toarray()
    labelling, scored = (half.toarray() > 0 for half in halves(tag_items, seed))
    for row in (0, 7):
        line = found.tags.iloc[row]
        assert line["tag"] == tags[row]
        left = ~scored[row]
        alive = [j for j in range(codes.shape[1]) if codes[:, j].any()]
        best = max(average_precision_score(labelling[row][left], codes[left, j]) for j in alive)
        left, j = ~labelling[row], int(line["neuron"])
        assert average_precision_score(labelling[row][~scored[row]], codes[~scored[row], j]) == pytest.approx(best)
        assert line["ap"] == pytest.approx(average_precision_score(scored[row][left], codes[left, j]), abs=1e-6)
        assert line["auroc"] == pytest.approx(roc_auc_score(scored[row][left], codes[left, j]), abs=1e-6)


def test_alive_shares_are_those_that_fire(planted_bundle, found):
    metrics = planted_bundle.manifest.metrics["neurons"]
    alive = found.summary["alive"]
    assert alive["users"] == 1 - metrics["dead_on_users"] / metrics["total"]
    assert alive["single_items"] == 1 - metrics["dead_on_items"] / metrics["total"]
    assert 0 < alive["fold_ins"] <= 1


def test_no_tags_give_no_figures(planted_bundle):
    tag_items = planted_bundle.interactions.tag_matrix()[1][:0]
    codes = planted_bundle.nested.codes(single_items(tag_items.shape[1]))
    table, summary = neuron_tags([], tag_items, codes, np.ones(tag_items.shape[1]), seed=0)
    assert len(table) == 0
    assert summary["ap"]["mean"] == 0


def test_held_out_lift_by_hand():
    scores = np.zeros(100)
    scores[:25] = np.arange(25, 0, -1)
    hidden, wanted = np.array([0, 1]), np.array([2, 21, 22, 99])  # the top 20 without the hidden are 2..21
    assert _held_out_lift(scores, hidden, wanted) == pytest.approx((2 / 20) / (4 / 98))
    assert scores[0] == 25


def test_stability_finds_shuffled_neurons_again():
    rows = torch.randn(20, 8, generator=torch.Generator().manual_seed(1))
    order = torch.randperm(20, generator=torch.Generator().manual_seed(2))
    same = stability(rows, 3 * rows[order], np.ones(20))
    assert same["cosine"] == pytest.approx(1)
    assert same["matched"] == same["matched_by_use"] == 1
    assert same["same_number"] < 0.5
    assert 0 < same["null"] < 0.9


def test_neurons_that_turn_away_are_not_matched_and_count_by_their_use():
    """Of four orthogonal rows two stay, the most used one turns by 45 degrees and one by 46, into new dimensions."""
    rows, use = torch.eye(4, 8), np.array([1.0, 2.0, 5.0, 2.0])
    turned = rows.clone()
    for row, degrees in ((2, 45), (3, 46)):
        angle = np.radians(degrees)
        turned[row, row], turned[row, row + 4] = np.cos(angle), np.sin(angle)
    found = stability(rows, turned, use)
    assert found["matched"] == found["same_number"] == 3 / 4
    assert found["matched_by_use"] == pytest.approx(0.8)
    assert found["cosine"] == pytest.approx((2 + np.cos(np.pi / 4) + np.cos(np.radians(46))) / 4)
    again = stability(rows, turned[[1, 0, 2, 3]], use)
    assert (again["matched"], again["same_number"]) == (3 / 4, 1 / 4)


def test_precision_is_brought_from_chance_to_0_and_from_perfect_to_1():
    chance = np.array([0.02, 0.5, 0.0, 1.0])
    assert _corrected(chance, chance).tolist() == [0, 0, 0, 0]
    assert _corrected(np.ones(3), chance[:3]).tolist() == [1, 1, 1]
    assert _corrected(np.array([0.51, 0.75, 0.25]), chance[:3]) == pytest.approx([0.5, 0.5, 0.25])
    assert _corrected(np.array([0.0]), np.array([0.5])).tolist() == [-1]


def test_coverage_counts_tags_above_19_in_20_made_up_ones(planted_bundle, found):
    """Recomputed from the table: chance is what is scored among all that is ranked."""
    tag_items = planted_bundle.interactions.tag_matrix()[1]
    labelling, scored = halves(tag_items, planted_bundle.manifest.seed)
    chance = scored.getnnz(axis=1) / (tag_items.shape[1] - labelling.getnnz(axis=1))
    real, null = ((found.tags[name] - chance) / (1 - chance) for name in ("ap", "null"))
    widest = found.summary["coverage"][str(planted_bundle.nested.sae.d_sae)]
    assert widest["needed"] == pytest.approx(np.quantile(null, 0.95), abs=1e-6)
    assert widest["share"] == (real > np.quantile(null, 0.95)).mean()
    assert found.summary["ap"]["chance"] == pytest.approx(chance.mean())
