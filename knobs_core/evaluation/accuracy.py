"""Accuracy and health of a bundle on its test users: what the sparse code costs, and which neurons are alive."""

import numpy as np
import scipy.sparse as sp
import torch
from torch.nn import functional as F

from knobs_core.base import top_k
from knobs_core.data import HeldOut, Interactions, Split, single_items
from knobs_core.evaluation.metrics import ndcg_at_k, recall_at_k
from knobs_core.models import Nested

K = 20


def accuracy(nested: Nested, interactions: Interactions, split: Split) -> dict[str, dict[str, float]]:
    """Metrics on test users: popularity, the CFAE alone, nested with the SAE, and counts of neurons and users.

    ``retained`` is nested over CFAE, 1 where the CFAE finds nothing. ``dead_on_users`` counts neurons that no user's
    full history activates, ``dead_on_items`` those that no single item does.
    """
    test = split.test
    encoded = nested.encode(test.inputs)
    cfae = _accuracy(nested.scores(encoded), test)
    sparse = _accuracy(nested.reconstructed_scores(encoded), test)
    likes = torch.as_tensor(np.asarray(interactions.matrix[split.train].sum(0)).ravel())
    rebuilt = nested.sae.decode(encoded.code)
    return {
        "popularity": _accuracy(likes.expand(len(test.users), -1), test),
        "cfae": cfae,
        "nested": {
            **sparse,
            "cosine": float(F.cosine_similarity(rebuilt, encoded.y, dim=1).mean()),
            "l0": float((encoded.code.z > 0).sum(1).double().mean()),
        },
        "retained": {name: sparse[name] / cfae[name] if cfae[name] else 1.0 for name in cfae},
        "neurons": {
            "total": nested.sae.d_sae,
            "dead_on_users": _dead(nested.codes(interactions.matrix)),
            "dead_on_items": _dead(nested.codes(single_items(interactions.n_items))),
        },
        "split": {"n_train": len(split.train), "n_val": len(split.val.users), "n_test": len(test.users)},
    }


def _dead(codes: sp.csr_matrix) -> int:
    return int((codes.getnnz(axis=0) == 0).sum())


def _accuracy(scores: torch.Tensor, held_out: HeldOut) -> dict[str, float]:
    ranked = top_k(scores, held_out.inputs, K)
    return {
        f"recall@{K}": float(np.nanmean(recall_at_k(ranked, held_out.targets))),
        f"ndcg@{K}": float(np.nanmean(ndcg_at_k(ranked, held_out.targets))),
    }
