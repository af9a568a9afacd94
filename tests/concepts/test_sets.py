"""Sets that fire a neuron together and not alone, against a hand-made autoencoder and against brute force."""

import itertools

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from knobs_core.concepts import find_sets, sets
from knobs_core.data import single_items
from knobs_core.models import Nested
from knobs_core.models.sae import TopKConfig, TopKSAE

A, B, C, D, N_ITEMS = 0, 1, 2, 3, 8
PLANTED = 3  # the neuron that only titles a and b together fire


class OneHot(torch.nn.Module):
    """A recommender whose embedding of likes is the likes: y_i = 1 for each title i."""

    linear, n_items, d_embed = True, N_ITEMS, N_ITEMS

    def encode(self, x):
        return torch.nn.functional.embedding_bag(x.items, torch.eye(N_ITEMS), x.offsets, mode="sum")


def by_hand(neurons, k=N_ITEMS):
    """A model whose neuron j has the weights and the bias of ``neurons[j]`` = ({title: weight}, bias)."""
    sae = TopKSAE(N_ITEMS, TopKConfig(width_ratio=1, k=k, refine=0))
    with torch.no_grad():
        sae.w_enc.zero_()
        sae.b_enc.fill_(-100)
        for j, (weights, bias) in neurons.items():
            sae.b_enc[j] = bias
            for title, weight in weights.items():
                sae.w_enc[title, j] = weight
    return Nested(OneHot(), sae)


def histories(*likes, times=5):
    """People (n, 8) who like some titles, five of each kind."""
    dense = np.zeros((len(likes) * times, N_ITEMS), np.float32)
    for row, titles in enumerate(likes * times):
        dense[row, list(titles)] = 1
    return sp.csr_matrix(dense)


def told(found):
    """{(titles, neuron): (people, strength)} of what was found."""
    return {
        (tuple(found.items[row].indices.tolist()), int(j)): (int(found.people[row]), float(value))
        for row, j, value in zip(*sp.find(found.new), strict=True)
    }


# x of a title alone is sqrt(7) there; of two titles sqrt(3) at both; of three sqrt(5/3), and -1/x elsewhere.
ALONE, TWO, THREE = np.sqrt(7), np.sqrt(3), np.sqrt(5 / 3)


def test_a_neuron_planted_for_one_pair_is_found_for_this_pair_alone():
    bias = -(2 * TWO - 0.1)  # above what a or b brings alone, ALONE - 1/ALONE, or beside another title
    found = find_sets(by_hand({PLANTED: ({A: 1, B: 1}, bias), 0: ({A: 1}, 0), 5: ({C: 1}, -1)}), everybody())
    assert list(told(found)) == [((A, B), PLANTED)]
    people, strength = told(found)[(A, B), PLANTED]
    assert people == 10  # those who like a and b, and those who like c too
    assert strength == pytest.approx(0.1, abs=1e-5)
    assert found.needs.each.tolist() == [0, 0, 0, 1, 0, 0, 0, 0]
    assert found.sizes == {2: 5, 3: 0, 4: 0, 0: 0}
    assert found.frequent.found.tolist() == [0, 0, 0, 1, 0, 0, 0, 0]


def everybody():
    return histories((A, B), (A, C), (B, C, D), (A, B, C), (D,))


def test_a_neuron_that_fires_as_others_fall_behind_is_found():
    """With k = 1, the neuron of a and the one of b take all alone; together what both do a little of is the largest."""
    model = by_hand({0: ({A: 1}, 0), 1: ({B: 1}, 0), PLANTED: ({A: 0.8, B: 0.8}, 0)}, k=1)
    assert ((A, B), PLANTED) in told(find_sets(model, everybody()))


def test_a_set_of_three_is_the_smallest_and_only_real_histories_have_it():
    bias = -(3 * THREE - 0.1)  # a pair of the three brings 2 TWO - 1/TWO
    model = by_hand({PLANTED: ({A: 1, B: 1, C: 1}, bias)})
    found = find_sets(model, histories((A, B, C), (A, B), (B, C, D), (C, D)))
    assert list(told(found)) == [((A, B, C), PLANTED)]
    assert found.sizes == {2: 0, 3: 5, 4: 0, 0: 0}
    assert told(find_sets(model, histories((A, B), (B, C, D), (C, D)))) == {}


def test_an_activation_that_five_titles_share_has_no_set():
    model = by_hand({PLANTED: (dict.fromkeys(range(5), 1), -(5 * np.sqrt(3 / 5) - 0.01))})
    found = find_sets(model, histories((0, 1, 2, 3, 4)))
    assert found.sizes == {2: 0, 3: 0, 4: 0, 0: 5}
    assert told(found) == {}


def test_all_pairs_of_thirty_titles_equal_brute_force(planted_bundle):
    nested, likes = planted_bundle.nested, planted_bundle.interactions.matrix
    thirty = np.argsort(-np.asarray(likes.sum(0)).ravel(), kind="stable")[:30]
    mask = np.zeros(likes.shape[1], np.float32)
    mask[thirty] = 1
    likes = sp.csr_matrix(likes.multiply(mask))
    likes.eliminate_zeros()
    likes = likes[np.diff(likes.indptr) > 0]
    found = told(find_sets(nested, likes))
    pairs = {what: of for what, of in found.items() if len(what[0]) == 2}
    together = (likes.T @ likes).toarray()

    def code(*titles):
        row = np.zeros((1, likes.shape[1]), np.float32)
        row[0, list(titles)] = 1
        return nested.codes(sp.csr_matrix(row)).toarray()[0]

    alone = {title: code(title) for title in thirty.tolist()}
    expected = {}
    for a, b in itertools.combinations(sorted(alone), 2):
        z = code(a, b)
        for j in np.flatnonzero((z > 0) & (alone[a] == 0) & (alone[b] == 0)).tolist():
            expected[(a, b), j] = (int(together[a, b]), z[j])
    assert together[np.ix_(thirty, thirty)].min() > 0  # so that all pairs are tried
    assert pairs.keys() == expected.keys()
    assert len(pairs) > 100
    for what, (people, strength) in pairs.items():
        assert people == expected[what][0]
        assert strength == pytest.approx(expected[what][1], abs=1e-4)


def test_no_part_of_a_set_fires_its_neuron(planted_bundle):
    n_items, rng = planted_bundle.interactions.n_items, np.random.default_rng(1)
    at_random = np.stack([rng.permutation(np.arange(n_items) < 6) for _ in range(300)])  # of no taste at all
    found = told(find_sets(planted_bundle.nested, sp.csr_matrix(at_random, dtype=np.float32)))
    larger = [what for what in found if len(what[0]) > 2]
    assert larger
    for titles, j in larger:
        parts = [part for size in range(1, len(titles)) for part in itertools.combinations(titles, size)]
        each = np.stack([np.isin(np.arange(n_items), part) for part in (titles, *parts)])
        codes = planted_bundle.nested.codes(sp.csr_matrix(each, dtype=np.float32))
        assert codes[0, j] == pytest.approx(found[titles, j][1], abs=1e-4)
        assert codes[1:, j].nnz == 0


def test_needing_two_is_counted_person_by_person(planted_bundle):
    nested, likes = planted_bundle.nested, planted_bundle.interactions.matrix[:40]
    needs = find_sets(nested, likes).needs
    fires = nested.codes(single_items(likes.shape[1])).toarray() > 0
    active, lone = np.zeros(fires.shape[1], int), np.zeros(fires.shape[1], int)
    for person in likes:
        on = nested.codes(person).toarray()[0] > 0
        active += on
        lone += on & ~fires[person.indices].any(0)
    assert needs.found.tolist() == lone.tolist()
    assert needs.of.tolist() == active.tolist()
    assert needs.overall == pytest.approx(lone.sum() / active.sum())


def test_blind_pairs_have_the_same_titles(monkeypatch):
    asked, new = [], sets._new
    monkeypatch.setattr(sets, "_new", lambda titles, pairs, tell: asked.append(pairs) or new(titles, pairs, tell))
    planted = by_hand({PLANTED: ({A: 1, B: 1}, -(2 * TWO - 0.1))})
    found = find_sets(planted, histories((A, B), (C, D), (A, C), (B, D), (B, C)))
    n = int(found.frequent.of[0])
    frequent, blind = asked[0][:n], asked[0][-int(found.blind.of[0]) :]
    for rates, pairs in ((found.frequent, frequent), (found.blind, blind)):
        assert rates.found[PLANTED] == (np.sort(pairs) == (A, B)).all(1).sum()
        assert rates.of[PLANTED] == len(pairs)
    assert found.frequent.found[PLANTED] != found.blind.found[PLANTED]
    assert (blind[:, 0] != blind[:, 1]).all()
    assert set(blind[:, 0]) <= set(frequent[:, 0])
    assert set(blind[:, 1]) <= set(frequent[:, 1])


def test_the_pairs_that_most_people_like_are_tried_first(monkeypatch):
    monkeypatch.setattr(sets, "PAIRS", 2)
    likes = histories((A, B), (C, D), (A, B, D), (C, D), (B, D), (C, D))
    assert sets._frequent(likes, np.array([D, B, A, C])).tolist() == [[C, D], [A, B]]


def test_the_titles_closest_to_a_neuron_bring_most_of_it():
    titles = sets._Titles(by_hand({PLANTED: ({A: 0.3, B: 0.9, C: 0.6, D: -1}, -50)}), N_ITEMS)
    assert titles.closest(np.arange(N_ITEMS), PLANTED, 2).tolist() == [B, C]
    assert titles.closest(np.array([A, C, D]), PLANTED, 2).tolist() == [A, C]
    near = sets._near(titles, np.array([A, B, C]))
    assert {(A, B), (A, C), (B, C)} == set(map(tuple, near.tolist()))


def test_nobody_and_nothing(planted_bundle):
    nothing = sp.csr_matrix((3, planted_bundle.interactions.n_items), dtype=np.float32)
    found = find_sets(planted_bundle.nested, nothing)
    assert found.items.shape[0] == 0
    assert found.frequent.overall == 0
