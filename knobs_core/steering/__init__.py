"""Turning dials: how they change codes and scores, the list that follows, and why it is as it is."""

from knobs_core.steering.attribution import Activation, Attribution, attribute, explain_activation
from knobs_core.steering.batch import steer_all
from knobs_core.steering.breakpoints import Breakpoint, breakpoints, candidates
from knobs_core.steering.counterfactual import Counterfactual, counterfactual
from knobs_core.steering.dials import Dial, Recipe, boost_scale, weights_of
from knobs_core.steering.engine import Engine, Taste
from knobs_core.steering.groups import served
from knobs_core.steering.operators import (
    OPERATORS,
    Mixture,
    mix,
    mixed_embedding,
    steered_embedding,
    steered_embeddings,
    steered_scores,
)
from knobs_core.steering.recommend import Recommendation, ReferenceRanking

__all__ = [
    "OPERATORS",
    "Activation",
    "Attribution",
    "Breakpoint",
    "Counterfactual",
    "Dial",
    "Engine",
    "Mixture",
    "Recipe",
    "Recommendation",
    "ReferenceRanking",
    "Taste",
    "attribute",
    "boost_scale",
    "breakpoints",
    "candidates",
    "counterfactual",
    "explain_activation",
    "mix",
    "mixed_embedding",
    "served",
    "steer_all",
    "steered_embedding",
    "steered_embeddings",
    "steered_scores",
    "weights_of",
]
