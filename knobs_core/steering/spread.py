"""The dial: its direction is mixed into an embedding, by as much as that person's own scores lie apart.

    h      = sum_j r_j w_j + rest                                what a dial stands for, w_j row j of the SAE's decoder
    y'     = (1 - a) y + KAPPA spread_u a h_0 / sigma_0 - REPEL fall_u sum_k b_k h_k / depth_k

for a dial 0 turned up by a and dials k turned down by b_k. With D(h) - D(0) what a direction does to scores,

    sigma  = its standard deviation over all items               depth  = the mean of its 20 highest, less its mean
    spread_u = sd of u's scores over what u has not liked        fall_u = the mean of the 20 best, less the 200th best

So a dial at one amount moves everybody alike, whichever knob it is: upwards by a share of their own spread; downwards,
the titles that are most of the theme fall by a share of the way from the top of the list to place 200. With a linear
decoder the same holds for scores, y and h decoded. At rest y' = y bit for bit.

(1 - a) y stands in ``mix`` and nowhere else in Python; the browser has it once more, in assets/board/blend.js.
KAPPA makes amounts mean about what they do for a direction as long as the embedding. docs/decisions/0015-dials.md has
what was measured.
"""

from collections.abc import Sequence
from typing import NamedTuple, overload

import scipy.sparse as sp
import torch

from knobs_core.models import CFAE, Nested
from knobs_core.steering.dials import Dial, weights_of
from knobs_core.steering.turns import Hand, hands

KAPPA, REPEL = 1.3, 1.35  # board/blend.js has the second, too
TOP, FAR = 20, 200  # titles at the top, and where the far end of a list is
FLAT = 1e-9  # a spread below which a direction says nothing


@overload
def mix(own: float, amount: float) -> float: ...


@overload
def mix(own: torch.Tensor, amount: float | torch.Tensor) -> torch.Tensor: ...


def mix(own: float | torch.Tensor, amount: float | torch.Tensor) -> float | torch.Tensor:
    """(1 - a) own: what a dial at a leaves of somebody's own codes, embeddings or scores."""
    return own * (1 - amount)


def directions(nested: Nested, dials: Sequence[Dial]) -> torch.Tensor:
    """What dials stand for, h (len(dials), d_embed)."""
    w_dec = nested.sae.w_dec
    found = torch.as_tensor(weights_of([dial.recipe for dial in dials], len(w_dec))).to(w_dec) @ w_dec
    for row, dial in zip(found, dials, strict=True):
        if dial.rest is not None:
            row += torch.tensor(dial.rest).to(row)
    return found


def sigmas(effects: torch.Tensor) -> torch.Tensor:
    """sigma (B, 1) of what directions do to scores (B, n_items); infinity for one that does nothing, so that dividing
    by it gives 0."""
    spread = effects.std(1, correction=0, keepdim=True)
    return spread.masked_fill(spread < FLAT, torch.inf)


def depths(effects: torch.Tensor) -> torch.Tensor:
    """depth (B, 1) of what directions do to scores (B, n_items); infinity for one that does nothing."""
    top = effects.topk(min(TOP, effects.shape[1]), dim=1).values.mean(1, keepdim=True)
    depth = top - effects.mean(1, keepdim=True)
    return depth.masked_fill(depth < FLAT, torch.inf)


@torch.inference_mode()
def effects_of(cfae: CFAE, towards: torch.Tensor) -> torch.Tensor:
    """D(h) - D(0) (B, n_items): what directions (B, d_embed) do to scores."""
    effects = cfae.decode(towards)
    return effects if cfae.linear else effects - cfae.decode(torch.zeros_like(towards[:1]))


class Reach(NamedTuple):
    """How far dials at 1 move people. up: KAPPA spread_u; down: REPEL fall_u; numbers, or (B, 1) of several people, of
    double precision where their scores are to be those of each person alone, bit for bit."""

    up: float | torch.Tensor
    down: float | torch.Tensor


@torch.inference_mode()
def reach_of(scores: torch.Tensor, likes: sp.csr_matrix) -> Reach:
    """The reach of people with scores (B, n_items) at rest and likes (B, n_items)."""
    liked = torch.zeros(scores.shape, dtype=torch.bool, device=scores.device)
    rows, columns = likes.nonzero()
    liked[rows, columns] = True
    n = (~liked).sum(1, keepdim=True).clamp_min(1)
    mean = scores.masked_fill(liked, 0).sum(1, keepdim=True) / n
    spread = ((scores - mean).masked_fill(liked, 0).square().sum(1, keepdim=True) / n).sqrt()
    best = scores.masked_fill(liked, -torch.inf).topk(min(FAR, scores.shape[1]), dim=1).values
    last = best.gather(1, (n - 1).clamp_max(best.shape[1] - 1))
    top = best[:, :TOP].clamp_min(last)  # of a list shorter than that, the last title stands for those that lack
    fall = (top.mean(1, keepdim=True) - last).nan_to_num(0.0)  # nothing can fall for somebody who has seen everything
    return Reach(KAPPA * spread, REPEL * fall)


def raised(own: torch.Tensor, up: float | torch.Tensor, unit: torch.Tensor, amount: float) -> torch.Tensor:
    """(1 - a) own + a up unit: embeddings or scores under one dial above 0. unit: its direction over its sigma."""
    return _moved(mix(own, amount), up * amount, unit)


def _moved(total: torch.Tensor, far: float | torch.Tensor, step: torch.Tensor) -> torch.Tensor:
    """total + far step in one pass. far: a number, or (B, 1), which is rounded to what the step is only now."""
    if isinstance(far, torch.Tensor):
        return torch.addcmul(total, far.to(step.dtype), step)
    return torch.add(total, step, alpha=far)


def pulled(
    own: torch.Tensor, reach: Reach, steps: Sequence[torch.Tensor], dials: Sequence[Dial]
) -> tuple[list[Hand], list[torch.Tensor]]:
    """The hands of a turn, and embeddings or scores (B, n) of people in each of them.

    Args:
        own: (B, n) at rest; reach: of each, (B, 1); steps: (n,) for each dial, its direction over its sigma where it
            is above 0, over its depth where it is below, decoded where ``own`` is scores.
    """
    step_of, held = dict(zip(map(id, dials), steps, strict=True)), hands(dials)
    found = [raised(own, reach.up, step_of[id(hand.more)], hand.amount) if hand.more else own for hand in held]
    if held[0].less:  # the same dials in every hand
        pushed = torch.zeros_like(own)
        for dial in held[0].less:
            pushed = _moved(pushed, reach.down * dial.amount, step_of[id(dial)])
        found = [one + pushed for one in found]
    return held, found


def steps_of(dials: Sequence[Dial], effects: torch.Tensor, towards: torch.Tensor) -> torch.Tensor:
    """What dials do to somebody whose reach is 1 (len(dials), n): each direction over its sigma where the dial is above
    0, over its depth where it is below.

    Args:
        effects: (len(dials), n_items) what the directions do to scores; towards: (len(dials), n) the directions
            themselves, or their effects.
    """
    up = torch.tensor([dial.amount > 0 for dial in dials], device=effects.device)[:, None]
    return towards / torch.where(up, sigmas(effects), depths(effects))


@torch.inference_mode()
def hand_embeddings(
    nested: Nested, y: torch.Tensor, reach: Reach, dials: Sequence[Dial]
) -> tuple[list[Hand], list[torch.Tensor]]:
    """The hands of a turn, and the embeddings (B, d_embed) of people, y at rest, in each of them."""
    turned = [dial for dial in dials if dial.amount]
    if not turned:
        return hands([]), [y]
    towards = directions(nested, turned)
    effects = effects_of(nested.cfae, towards)
    return pulled(y, reach, list(steps_of(turned, effects, towards)), turned)


def steered_embedding(nested: Nested, y: torch.Tensor, reach: Reach, dials: Sequence[Dial]) -> torch.Tensor:
    """Where people (B, d_embed) stand with the dials turned: the mean over hands, weighted by their pace."""
    held, found = hand_embeddings(nested, y, reach, dials)
    if len(held) == 1:
        return found[0]
    total = sum(hand.amount for hand in held)
    return torch.stack([one * (hand.amount / total) for hand, one in zip(held, found, strict=True)]).sum(0)


def steered_embeddings(
    nested: Nested, y: torch.Tensor, reach: Reach, dial_sets: Sequence[Sequence[Dial]]
) -> torch.Tensor:
    """Embeddings (len(dial_sets), B, d_embed) for several settings of the dials, on the CPU."""
    return torch.stack([steered_embedding(nested, y, reach, dials) for dials in dial_sets]).cpu()


@torch.inference_mode()
def steered_scores(
    nested: Nested, y: torch.Tensor, reach: Reach, dials: Sequence[Dial]
) -> tuple[list[Hand], torch.Tensor]:
    """The hands of a turn and their scores (n_hands, B, n_items) for people with embeddings y (B, d_embed)."""
    held, found = hand_embeddings(nested, y, reach, dials)
    return held, torch.stack([nested.cfae.decode(one) for one in found])
