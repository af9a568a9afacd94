"""The plain path to a list, an independent reference for the engine: steer the code, decode it, sort all scores."""

from knobs_core.steering import steered_scores
from knobs_core.steering.recommend import ReferenceRanking, compare


def recommend(nested, history, dials=(), operator="blend", n=20):
    """The list of somebody with a history (1, n_items), by the models alone."""
    encoded = nested.encode(history)
    turned = [dial for dial in dials if dial.amount]
    plain = nested.scores(encoded)
    steered = steered_scores(nested, encoded, turned, operator) if turned else plain
    return compare(ReferenceRanking(plain[0], history.indices), steered[0], n)
