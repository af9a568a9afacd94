"""The plain path to a list, an independent reference for the engine: steer, decode, sort all, deal one by one."""

import itertools

import numpy as np

from knobs_core.base import ranking
from knobs_core.steering import (
    SPREAD,
    Recommendation,
    ReferenceRanking,
    reach_of,
    recoded_embedding,
    steered_scores,
)


def plain_scores(nested, history, dials=(), operator=SPREAD):
    """Amounts of the hands, and the scores of each (n_items,), by the models alone; history: (1, n_items)."""
    encoded = nested.encode(history)
    rest = nested.scores(encoded)
    turned = [dial for dial in dials if dial.amount]
    if not turned:
        return [1.0], [rest[0]]
    if operator != SPREAD:
        return [1.0], [nested.cfae.decode(recoded_embedding(nested, encoded, turned, operator))[0]]
    held, scores = steered_scores(nested, encoded.y, reach_of(rest, history), turned)
    return [hand.amount or 1.0 for hand in held], [one[0] for one in scores]


def dealt_by_hand(amounts, scores, seen):
    """All unseen items as they are dealt, and by which hand: always the one whose next title is due first."""
    lists, placed, dealt = [ranking(one, seen).tolist() for one in scores], [0] * len(scores), {}
    while any(place < len(one) for place, one in zip(placed, lists, strict=True)):
        due = [(place + 1) / amount for place, amount in zip(placed, amounts, strict=True)]
        hand = min((h for h in range(len(lists)) if placed[h] < len(lists[h])), key=lambda h: (due[h], h))
        dealt.setdefault(lists[hand][placed[hand]], hand)
        placed[hand] += 1
    return dealt


def recommend(nested, history, dials=(), operator=SPREAD, n=20):
    """The list of somebody with a history (1, n_items)."""
    amounts, scores = plain_scores(nested, history, dials, operator)
    dealt = dict(itertools.islice(dealt_by_hand(amounts, scores, history.indices).items(), n))
    items, hand = np.array([*dealt], int), np.array([*dealt.values()], int)
    values = np.array([scores[one][item].item() for item, one in dealt.items()])
    reference = ReferenceRanking(nested.scores(nested.encode(history))[0], history.indices)
    return Recommendation(items, values, reference.ranks[items], hand, reference.order[: len(items)])
