"""Turning dials: how they change embeddings and scores, the list that follows, and why it is as it is."""

from knobs_core.steering.attribution import Activation, Attribution, DialPart, attribute, explain_activation
from knobs_core.steering.batch import steer_all
from knobs_core.steering.breakpoints import Breakpoint, breakpoints, candidates, contenders
from knobs_core.steering.counterfactual import counterfactual
from knobs_core.steering.detents import Detents, detents
from knobs_core.steering.dials import Dial, Recipe, weights_of
from knobs_core.steering.engine import Engine, Taste
from knobs_core.steering.groups import served, worths
from knobs_core.steering.operators import OPERATORS, SPREAD, Mixture, mixed_embedding, recoded_embedding
from knobs_core.steering.own import Half, half_at, own
from knobs_core.steering.question import Counterfactual
from knobs_core.steering.reasons import Speaking, speaking
from knobs_core.steering.recommend import Recommendation, ReferenceRanking
from knobs_core.steering.spread import (
    Reach,
    depths,
    directions,
    effects_of,
    hand_embeddings,
    mix,
    pulled,
    raised,
    reach_of,
    sigmas,
    steered_embedding,
    steered_embeddings,
    steered_scores,
)
from knobs_core.steering.turns import Hand, deal_each, deal_first, first_met, hands, packed

__all__ = [
    "OPERATORS",
    "SPREAD",
    "Activation",
    "Attribution",
    "Breakpoint",
    "Counterfactual",
    "Detents",
    "Dial",
    "DialPart",
    "Engine",
    "Half",
    "Hand",
    "Mixture",
    "Reach",
    "Recipe",
    "Recommendation",
    "ReferenceRanking",
    "Speaking",
    "Taste",
    "attribute",
    "breakpoints",
    "candidates",
    "contenders",
    "counterfactual",
    "deal_each",
    "deal_first",
    "depths",
    "detents",
    "directions",
    "effects_of",
    "explain_activation",
    "first_met",
    "half_at",
    "hand_embeddings",
    "hands",
    "mix",
    "mixed_embedding",
    "own",
    "packed",
    "pulled",
    "raised",
    "reach_of",
    "recoded_embedding",
    "served",
    "sigmas",
    "speaking",
    "steer_all",
    "steered_embedding",
    "steered_embeddings",
    "steered_scores",
    "weights_of",
    "worths",
]
