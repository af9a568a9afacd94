"""Labels of neurons: names that are distinct, backed by evidence, and rare by luck."""

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.stats import hypergeom

from knobs_core.concepts.heldout import permuted
from knobs_core.concepts.labels import _one_way, _surprise, label_neurons


@pytest.fixture(scope="module")
def made_up():
    """300 items, 16 of them noir, half of these old and half new, 100 drama. Neuron 0 finds the old noir films and some
    new ones, 1 the other way round, 2 what nobody named, 3 is dead, and a hundred more light up at random."""
    tags = ["drama", "new", "noir", "old"]
    members = [range(100, 200), [*range(8, 16), *range(200, 204)], range(16), range(8)]
    tag_items = np.zeros((4, 300))
    for row, columns in enumerate(members):
        tag_items[row, list(columns)] = 1
    rng = np.random.default_rng(0)
    codes = np.zeros((300, 104))
    codes[range(8), 0] = range(20, 12, -1)
    codes[range(8, 12), 0] = range(8, 4, -1)
    codes[range(8, 16), 1] = range(20, 12, -1)
    codes[range(4), 1] = range(8, 4, -1)
    codes[range(299, 259, -1), 2] = range(40, 0, -1)
    for j in range(4, 104):
        codes[rng.permutation(300)[:60], j] = rng.random(60)
    users = sp.csr_matrix(np.vstack([np.eye(1, 104), 3 * np.eye(1, 104)]))
    titles = [f"Film {i}" for i in range(300)]
    return tags, sp.csr_matrix(tag_items), sp.csr_matrix(codes), users, np.full(300, 5), titles


def test_labels_are_distinct_and_backed_by_evidence(made_up):
    labels = label_neurons(*made_up)
    assert [label.label for label in labels[:4]] == [
        "noir, old",
        "noir, new",
        "like Film 299 and Film 298",
        "dead neuron 3",
    ]
    first = labels[0]
    assert first.confidence == 1
    assert 0.6 < first.held_out < 0.9  # 12 of 16 films, and nothing else before them
    assert first.support == 12
    assert first.tags[0] == ("noir", 0.6)
    assert first.top_items == (*range(8), 8, 9)
    assert first.n_users == 2
    assert first.reach == np.quantile([1, 3], 0.95)
    assert labels[2].tags == ()
    assert not labels[3].alive
    assert len({label.label for label in labels} | set(made_up[0])) == 104 + 4


def test_rarely_liked_items_say_nothing(made_up):
    tags, tag_items, codes, users, likes, titles = made_up
    likes = likes.copy()
    likes[0] = 4
    assert label_neurons(tags, tag_items, codes, users, likes, titles)[0].top_items[:2] == (1, 2)


def test_names_by_luck_are_rare(made_up):
    """Neurons that light up at random, and tags whose items were exchanged, get names about as often as promised."""
    labels = label_neurons(*made_up)
    assert sum(bool(label.tags) for label in labels[4:]) <= 5  # 2 of 100 expected
    tags, tag_items, *rest = made_up
    exchanged_tags = permuted(tag_items, np.arange(300) % 7, seed=9)
    assert sum(bool(label.tags) for label in label_neurons(tags, exchanged_tags, *rest)) <= 5


def test_surprise_is_the_tail_of_the_hypergeometric_distribution():
    for n_items, df in ((300, 16), (2080, 740), (30, 3), (21, 21)):
        table = _surprise(n_items, df)
        for row, depth in enumerate((5, 10, 20)):
            for hits in range(2, min(depth, df) + 1):
                expected = -hypergeom.logsf(hits - 1, n_items, df, depth) / np.log(10)
                assert table[row, hits] == pytest.approx(expected, abs=1e-6)
            assert not table[row, :2].any()


def test_held_out_figures_by_hand():
    """Six items of a tag, 1 marks the labelling and 2 the scored half; of 40 items, 37 are left to be ranked."""
    marks = np.array([1, 2, 1, 0, 2, 1, 0, 2])
    luck = 3 / 37
    precision = (1 / 1 + 2 / 3 + 3 / 5) / 3  # ranked without the labelling half: 2 0 2 0 2
    assert _one_way(marks, 1, (3, 3), 40) == pytest.approx((precision - luck) / (1 - luck))
    assert _one_way(np.array([2, 2, 2] + 17 * [0] + [1, 1, 1]), 1, (3, 3), 40) == 0  # nothing suggests the tag
