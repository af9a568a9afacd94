"""Accuracy and health of a bundle on its test users: what the sparse code costs, and which neurons are alive."""

from collections.abc import Iterable

import numpy as np
import torch
from torch.nn import functional as F

from knobs_core.base import top_k
from knobs_core.data import HeldOut, Interactions, Split, column_counts, single_items
from knobs_core.evaluation.metrics import ndcg_at_k, recall_at_k
from knobs_core.models import Nested

K = 20
PART = 4096  # people whose scores of all items are there at once
LISTS, METRICS = ("popularity", "cfae", "nested"), (f"recall@{K}", f"ndcg@{K}")


def accuracy(nested: Nested, interactions: Interactions, split: Split) -> dict[str, dict[str, float]]:
    """Metrics on test users: popularity, the CFAE alone, nested with the SAE, and counts of neurons and users.

    ``retained`` is nested over CFAE, 0 where that finds nothing. ``dead_on_users`` counts neurons that no user's full
    history activates, ``dead_on_items`` those that no single item does.
    """
    likes = torch.as_tensor(column_counts(interactions.matrix, split.train).astype(np.float32))
    parts = [_of_some(nested, likes, split.test.part(rows)) for rows in _blocks(len(split.test.users))]
    found = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    metrics = {name: {one: float(np.nanmean(found[f"{name} {one}"])) for one in METRICS} for name in LISTS}
    sparse, cfae = metrics["nested"], metrics["cfae"]
    return {
        "popularity": metrics["popularity"],
        "cfae": cfae,
        "nested": {
            **sparse,
            "cosine": float(torch.as_tensor(found["cosine"]).mean()),
            "l0": float(torch.as_tensor(found["l0"]).double().mean()),
        },
        "retained": {name: sparse[name] / cfae[name] if cfae[name] else 0.0 for name in cfae},
        "neurons": {
            "total": nested.sae.d_sae,
            "dead_on_users": int((nested.active(interactions.matrix) == 0).sum()),
            "dead_on_items": int((nested.active(single_items(interactions.n_items)) == 0).sum()),
        },
        "split": {"n_train": len(split.train), "n_val": len(split.val.users), "n_test": len(split.test.users)},
    }


def _blocks(n: int) -> Iterable[slice]:
    return (slice(start, start + PART) for start in range(0, max(n, 1), PART))


def _of_some(nested: Nested, likes: torch.Tensor, held_out: HeldOut) -> dict[str, np.ndarray]:
    """Figures (n,) of held-out users, few enough for the scores of all items to be there at once."""
    encoded = nested.encode(held_out.inputs)
    rebuilt = nested.sae.decode(encoded.code)
    found = {
        "cosine": F.cosine_similarity(rebuilt, encoded.y, dim=1).cpu().numpy(),
        "l0": (encoded.code.z > 0).sum(1).cpu().numpy(),
    }
    for name in LISTS:  # one after the other: scores are large
        scores = likes.expand(len(held_out.users), -1)
        if name != "popularity":
            scores = nested.scores(encoded) if name == "cfae" else nested.reconstructed_scores(encoded)
        ranked = top_k(scores, held_out.inputs, K)
        found[f"{name} recall@{K}"] = recall_at_k(ranked, held_out.targets)
        found[f"{name} ndcg@{K}"] = ndcg_at_k(ranked, held_out.targets)
    return found
