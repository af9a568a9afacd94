"""Several dials take turns: by hand, and against dealing one title after the other."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from knobs_core.base import first_n
from knobs_core.steering.dials import Dial
from knobs_core.steering.turns import deal, deal_each, deal_first, hands
from tests.plain import dealt_by_hand


def lists_of(*rows):
    """Scores by which items come in the order of each row."""
    scores = np.zeros((len(rows), len(rows[0])))
    for score, row in zip(scores, rows, strict=True):
        score[list(row)] = -np.arange(len(row))
    return scores


def test_a_turn_by_hand():
    """At .6 and .3 the times are 1/.6, 2/.6, ... and 1/.3, 2/.3, ...: A, A (first of equals), B, A, A, B."""
    scores = lists_of([0, 1, 2, 3, 4, 5, 6, 7], [7, 6, 0, 5, 4, 3, 2, 1])
    dealt = deal(scores, [0.6, 0.3], np.array([], int))
    assert first_n(dealt.order, 6).tolist() == [0, 1, 7, 2, 3, 6]
    assert dealt.hand[[0, 1, 7, 2, 3, 6]].tolist() == [0, 0, 1, 0, 0, 1]


def test_equal_amounts_deal_title_by_title_and_shared_titles_come_once():
    scores = lists_of([0, 1, 2, 3], [1, 0, 3, 2])
    items, hand = deal_first([np.array([0, 1, 2, 3]), np.array([1, 0, 3, 2])], [0.4, 0.4], 4)
    assert items.tolist() == first_n(deal(scores, [0.4, 0.4], np.array([], int)).order, 4).tolist() == [0, 1, 2, 3]
    assert hand.tolist() == [0, 1, 0, 1]


def test_one_hand_is_ranked_by_its_scores():
    scores = np.array([[0.3, -1.0, 2.5]])
    dealt = deal(scores, [0.0], np.array([1]))
    assert dealt.order.tolist() == scores[0].tolist()
    assert dealt.hand.tolist() == [0, 0, 0]


@given(st.integers(2, 4), st.integers(1, 25), st.integers(0, 10**6))
def test_dealing_at_once_is_dealing_one_by_one(n_hands, n_items, seed):
    rng = np.random.default_rng(seed)
    scores, amounts = rng.integers(0, 9, (n_hands, n_items)).astype(float), -np.sort(-rng.integers(1, 6, n_hands)) / 5
    seen = np.flatnonzero(rng.random(n_items) < 0.2)
    expected = dealt_by_hand(amounts, [torch.as_tensor(one) for one in scores], seen)
    found = deal(scores, amounts, seen)
    order = np.delete(np.argsort(-found.order, kind="stable"), slice(n_items - len(seen), None))
    assert order.tolist() == list(expected)
    assert found.hand[order].tolist() == list(expected.values())
    n = min(7, len(expected))
    lists = [np.array([i for i in np.argsort(-one, kind="stable") if i not in seen][:n], int) for one in scores]
    items, hand = deal_first(lists, amounts, n)
    assert items.tolist() == list(expected)[:n]
    assert hand.tolist() == list(expected.values())[:n]


def test_hands_are_one_for_each_dial_above_zero_the_largest_first_then_by_key():
    a, b, c = Dial({0: 1.0}, 0.2, key="a"), Dial({1: 1.0}, 0.5, key="b"), Dial({2: 1.0}, 0.2, key="c")
    down, still = Dial({3: 1.0}, -0.4), Dial({4: 1.0}, 0.0)
    held = hands([c, down, a, still, b])
    assert [hand.more for hand in held] == [b, a, c]
    assert all(hand.less == (down,) for hand in held)
    assert held[0].dials == (b, down)
    assert [hand.amount for hand in held] == [0.5, 0.2, 0.2]
    [alone] = hands([down])
    assert alone == (None, (down,))
    assert alone.amount == 0
    assert hands([])[0].dials == ()


def test_lists_of_nothing_deal_nothing():
    items, hand = deal_first([np.array([], int)] * 2, [0.5, 0.5], 3)
    assert len(items) == len(hand) == 0


@given(st.integers(1, 4), st.integers(1, 12), st.integers(0, 10**6))
def test_dealing_for_many_is_dealing_for_each(n_hands, size, seed):
    rng = np.random.default_rng(seed)
    amounts, people = -np.sort(-rng.integers(1, 6, n_hands)) / 5, 4
    lists = np.stack([[rng.permutation(15)[:size] for _ in range(people)] for _ in range(n_hands)])
    left = rng.integers(0, size + 1, people)
    lists[:, np.arange(size) >= left[:, None]] = -1
    items, hand = deal_each(lists, amounts, size)
    for row in range(people):
        alone, dealers = deal_first([one[row, : left[row]] for one in lists], amounts, size)
        assert items[row].tolist() == [*alone.tolist(), *[-1] * (size - len(alone))]
        assert hand[row, : len(alone)].tolist() == dealers.tolist()


@pytest.mark.parametrize("n", [1, 5, 20])
def test_a_list_never_needs_more_of_a_hand_than_its_own_length(n):
    rng = np.random.default_rng(8)
    scores = rng.normal(size=(3, 60))
    whole = first_n(deal(scores, [0.9, 0.4, 0.1], np.array([], int)).order, n)
    short = [first_n(one, n) for one in scores]
    assert deal_first(short, [0.9, 0.4, 0.1], n)[0].tolist() == whole.tolist()
