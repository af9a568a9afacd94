"""What is measured: accuracy, interpretability, what every knob does, and the steering trade-off beside baselines."""

from knobs_core.evaluation.accuracy import accuracy
from knobs_core.evaluation.bootstrap import interval, resamples, weighted_means
from knobs_core.evaluation.effects import AMOUNTS, GRADES, Effect, measure, subjects
from knobs_core.evaluation.interpretability import MIN_ITEMS, Interpretability, interpretability, stability
from knobs_core.evaluation.metrics import ndcg_at_k, popularity_percentiles, recall_at_k
from knobs_core.evaluation.open_effects import Likeness, OpenClimb, open_climbs
from knobs_core.evaluation.tradeoff import tradeoff_over_seeds

__all__ = [
    "AMOUNTS",
    "GRADES",
    "MIN_ITEMS",
    "Effect",
    "Interpretability",
    "Likeness",
    "OpenClimb",
    "accuracy",
    "interpretability",
    "interval",
    "measure",
    "ndcg_at_k",
    "open_climbs",
    "popularity_percentiles",
    "recall_at_k",
    "resamples",
    "stability",
    "subjects",
    "tradeoff_over_seeds",
    "weighted_means",
]
