"""Names of sets: a tag that all titles of a neuron's sets share, which has to be found again."""

import numpy as np
import pytest
import scipy.sparse as sp

from knobs_core.concepts import Sets, name_sets
from knobs_core.concepts.set_names import disjoint, shared
from knobs_core.concepts.sets import Rates

N_ITEMS, N_NEURONS = 200, 60


def made_up(pairs, fires):
    """Sets of some pairs (n, 2) with what they fire (n, d_sae)."""
    rows = np.zeros((len(pairs), N_ITEMS), np.float32)
    rows[np.arange(len(pairs))[:, None], pairs] = 1
    none = Rates(np.zeros(1), np.zeros(1))
    return Sets(sp.csr_matrix(rows), np.ones(len(pairs)), sp.csr_matrix(fires), none, none, none, none, {}, 0)


@pytest.fixture(scope="module")
def data():
    """Tags at random, the first one on 40 titles; neuron 0 is new to pairs of these, all others to any pairs."""
    rng = np.random.default_rng(0)
    carried = rng.random((8, N_ITEMS)) < 0.2
    carried[0] = np.arange(N_ITEMS) < 40
    pairs = np.array([rng.choice(N_ITEMS, 2, replace=False) for _ in range(2000)])
    pairs = np.unique(np.sort(np.vstack([pairs, rng.permutation(40).reshape(-1, 2)]), axis=1), axis=0)
    fires = rng.random((len(pairs), N_NEURONS)) * (rng.random((len(pairs), N_NEURONS)) < 0.02)
    fires[:, 0] = carried[0][pairs].all(1) * (1 + rng.random(len(pairs)))
    return made_up(pairs, fires), sp.csr_matrix(carried, dtype=np.float32)


def test_a_planted_tag_is_the_name_and_holds(data):
    sets, carried = data
    tags = ["planted", *(f"other {n}" for n in range(7))]
    names = name_sets(sets, tags, carried, np.arange(N_ITEMS))
    assert names[0].tag == "planted"
    assert names[0].holds
    assert names[0].held_out > 0.3
    assert sum(name.holds for name in names[1:]) <= 2
    assert not any(name.holds and not name.tag for name in names)
    decade = name_sets(sets, ["1990s", *tags[1:]], carried, np.arange(N_ITEMS))
    assert "1990s" not in {name.tag for name in decade}


def test_a_set_carries_a_tag_where_each_of_its_titles_does(data):
    sets, carried = data
    expected = [[bool(carried[tag].toarray()[0][row.indices].all()) for row in sets.items[:50]] for tag in range(8)]
    assert (shared(carried, sets.items)[:, :50].toarray() > 0).tolist() == expected
    three = sp.csr_matrix([[1, 1, 1, 0]], dtype=np.float32)
    assert shared(sp.csr_matrix([[1, 2, 0, 0], [1, 3, 1, 1]]), three).toarray().tolist() == [[0], [1]]


def test_no_title_is_twice_in_a_ranking_and_the_strongest_come_first(data):
    sets, _ = data
    fires = sets.new.toarray()
    for j, rows in enumerate(disjoint(sets)):
        titles = sets.items[rows].indices
        assert len(set(titles.tolist())) == len(titles)
        assert (np.diff(fires[rows, j]) <= 0).all()
        assert fires[rows[0], j] == fires[:, j].max()


def test_without_tags_there_is_no_name(data):
    names = name_sets(data[0], [], sp.csr_matrix((0, N_ITEMS)), np.arange(N_ITEMS))
    assert [name.tag for name in names] == [""] * N_NEURONS
