"""Labels of neurons: names that are distinct, backed by evidence, and rare by luck."""

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.stats import hypergeom

from knobs_core.concepts.heldout import permuted
from knobs_core.concepts.labels import NAMED, Naming, _confidence, _one_way, _surprise, _surprise_of, label_neurons
from knobs_core.concepts.usage import usage_of


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
    return tags, sp.csr_matrix(tag_items), sp.csr_matrix(codes), usage_of(users), np.full(300, 5)


def test_labels_are_distinct_and_backed_by_evidence(made_up):
    labels = label_neurons(*made_up)
    assert [label.label for label in labels[:4]] == [
        "noir, old",
        "noir, new",
        "neuron 2",
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
    assert [label.named for label in labels[:4]] == [True, True, False, False]
    assert labels[2].typical([f"Film {i} (a.k.a. X)" for i in range(300)]) == ["Film 299", "Film 298"]
    assert not labels[3].alive
    assert len({label.label for label in labels} | set(made_up[0])) == 104 + 4


def test_rarely_liked_items_say_nothing(made_up):
    tags, tag_items, codes, users, likes = made_up
    likes = likes.copy()
    likes[0] = 4
    assert label_neurons(tags, tag_items, codes, users, likes)[0].top_items[:2] == (1, 2)


def test_names_by_luck_are_rare(made_up):
    """Neurons that light up at random, and tags whose items were exchanged, get names about as often as promised."""
    labels = label_neurons(*made_up)
    assert sum(bool(label.tags) for label in labels[4:]) <= 5  # 2 of 100 expected
    tags, tag_items, *rest = made_up
    exchanged_tags = permuted(tag_items, np.arange(300) % 7, seed=9)
    assert sum(bool(label.tags) for label in label_neurons(tags, exchanged_tags, *rest)) <= 5


def test_a_decade_is_no_part_of_a_name(made_up):
    """The same tags, the one that would tell the first neuron from its namesake called a decade, then all of them."""
    _, *rest = made_up
    one = label_neurons(["drama", "new", "noir", "1940s"], *rest)
    assert [label.label for label in one[:2]] == ["noir, neuron 0", "noir, new"]
    assert [tag for tag, _ in one[0].tags] == ["noir", "new"]
    every = label_neurons(["1970s", "90's", "1950s", "1940s"], *rest)
    assert not any(label.tags or label.confidence or label.holds for label in every)
    assert every[0].label == "neuron 0"


def test_namesakes_are_told_apart_by_tags_that_pass_and_else_by_number(made_up):
    """Four of the first eight films carry "rare", as a sixth of all films do: too little to be part of a name."""
    tags, tag_items, codes, *rest = made_up
    rare = np.zeros((1, 300))
    rare[0, [0, 1, 2, 3, *range(250, 300)]] = 1
    labels = label_neurons([*tags[:3], "rare"], sp.csr_matrix(sp.vstack([tag_items[:3], rare])), codes, *rest)
    assert labels[0].label == "noir, neuron 0"
    assert "rare" in dict(labels[0].tags)


def test_a_tag_that_is_called_like_a_neuron_is_not_taken_for_one(made_up):
    _, *rest = made_up
    labels = label_neurons(["neuron 2", "neuron 4 (2)", "noir", "neuron 4"], *rest)
    assert labels[2].label == "neuron 2 (2)"
    assert len({label.label for label in labels} | {"neuron 2", "neuron 4 (2)", "noir", "neuron 4"}) == 104 + 4


def test_how_far_names_go_is_counted(made_up):
    labels = label_neurons(*made_up)
    naming = Naming.of(labels)
    assert naming.alive == 103
    assert naming.named == sum(bool(label.tags) for label in labels)
    assert naming.by_luck == 2  # a fiftieth of 103
    assert 1 <= naming.holding == sum(label.holds for label in labels) <= naming.named
    assert all(label.tags for label in labels if label.holds)
    assert str(naming).startswith(f"{naming.holding} of {naming.named} names hold on items they were not found by; ")


def test_a_name_holds_where_each_half_of_its_films_finds_it(made_up):
    """Without tags that say nearly the same; of a tag on three films a half is one film, which confirms nothing."""
    tags, tag_items, *rest = made_up
    labels = label_neurons([tags[0], tags[2]], tag_items[[0, 2]], *rest)
    assert [label.holds for label in labels[:3]] == [True, True, False]
    few = tag_items[[0, 2]].tolil()
    few[1, 3:] = 0
    label = label_neurons([tags[0], tags[2]], few.tocsr(), *rest)[0]
    assert not label.holds


def test_names_by_luck_hardly_ever_hold(made_up):
    tags, tag_items, *rest = made_up
    made = [label_neurons(tags, permuted(tag_items, np.arange(300) % 7, seed), *rest) for seed in range(9)]
    assert sum(label.holds for labels in made for label in labels) <= 2


def test_confidence_by_hand():
    found = _confidence(np.array([0.0, -0.1, 0.1, 0.2, 0.9]), np.array([0.3, 0.0, 0.2, 0.1]))
    assert found.tolist() == [0, 0, 0.25, 0.5, 1]
    assert (found >= NAMED).sum() == 1
    assert _confidence(np.ones(2), np.zeros(0)).tolist() == [0, 0]


def test_the_surprise_of_a_ranking_is_that_of_its_best_depth():
    carries = np.array([True, False, True, True, False, False, True])  # 3 of the first 5, 4 of the first 10
    chance = [hypergeom.sf(hits - 1, 60, 9, depth) for depth, hits in ((5, 3), (10, 4), (20, 4))]
    assert _surprise_of(carries, 60, 9) == pytest.approx(-np.log10(min(chance)))
    assert _surprise_of(carries[:0], 60, 9) == 0


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
