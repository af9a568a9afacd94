"""What the paper measures beside accuracy: how specific tags and neurons are, and what steering does for segments.

A row of TF-IDF scores (``concepts/tfidf.py``), brought to sum 1, is a distribution p_t over columns; a is the mean of
the rows as they are, brought to sum 1. In nats:

    H_t               entropy of p_t;  entropy_decrease = (H(a) - H_t) / H(a);  entropy_share = H_t / ln(columns alive)
    kl_paper          KL(a | q_t), q_t = row + 1e-9 brought to sum 1
    kl                KL(p_t | a)
    jsd               Jensen-Shannon divergence of p_t and a, from 0 to ln 2

kl_paper is how the authors' code computes the paper's D_KL. Where a tag has no score, q_t is 1e-9 over the row's own
sum, so the number rises with that sum and with the constant; kl and jsd have neither flaw. a is nearly even over the
columns that are alive (each document's term frequencies add up to 1), so H(a) comes to about ln(columns alive), and a
model in which more neurons are dead looks more specific; entropy_share takes that out.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import scipy.sparse as sp
import torch
from scipy.special import entr, rel_entr
from torch.nn import functional as F

from knobs_core.base import top_k
from knobs_core.data import HeldOut
from knobs_core.evaluation import ndcg_at_k, recall_at_k
from knobs_core.models import Nested
from knobs_core.steering import Dial, recoded_embedding

EPSILON = 1e-9
K = 20
MIN_LIKES = 5  # of an item with fewer the model knows too little
BATCH = 1024  # users scored at once, so that memory stays bounded
OPERATOR = "paper-code"
SPECIFICITY = ("entropy", "entropy_share", "entropy_decrease", "kl_paper", "kl", "jsd")


def specificity(scores: np.ndarray) -> tuple[pd.DataFrame, dict[str, float]]:
    """Measures of every row of TF-IDF scores (n_rows, n_columns), and those of the average row.

    Returns:
        a row each with columns SPECIFICITY, NaN where a row is empty; and {"entropy": H(a), "alive": columns alive}.
    """
    mass = scores.sum(1)
    if not mass.any():
        return pd.DataFrame(np.nan, range(len(scores)), list(SPECIFICITY)), {"entropy": 0.0, "alive": 0}
    average = scores.mean(0)
    average = average / average.sum()
    alive, whole = int((average > 0).sum()), float(entr(average).sum())
    rows = []
    for row, total in zip(scores, mass, strict=True):
        if total == 0:
            rows.append((np.nan,) * len(SPECIFICITY))
            continue
        p, q = row / total, (row + EPSILON) / (row + EPSILON).sum()
        middle, entropy = (p + average) / 2, float(entr(p).sum())
        rows.append(
            (
                entropy,
                entropy / np.log(alive) if alive > 1 else 0.0,
                (whole - entropy) / whole if whole else 0.0,
                rel_entr(average, q).sum(),
                rel_entr(p, average).sum(),
                (rel_entr(p, middle).sum() + rel_entr(average, middle).sum()) / 2,
            )
        )
    return pd.DataFrame(rows, columns=list(SPECIFICITY)), {"entropy": whole, "alive": alive}


def accuracy(scores: torch.Tensor, held_out: HeldOut) -> dict[str, np.ndarray]:
    """Recall and nDCG of each user (B,) from scores (B, n_items)."""
    ranked = top_k(scores, held_out.inputs, K)
    return {"recall": recall_at_k(ranked, held_out.targets), "ndcg": ndcg_at_k(ranked, held_out.targets)}


def parts(held_out: HeldOut) -> list[HeldOut]:
    """Held-out users in batches."""
    starts = range(0, len(held_out.users), BATCH)
    return [held_out.part(slice(start, start + BATCH)) for start in starts]


def reconstruction(nested: Nested, held_out: HeldOut) -> dict[str, np.ndarray]:
    """Recall, nDCG, cosine to the embedding and active neurons of each user (B,), through the SAE."""
    found: dict[str, list[np.ndarray]] = {}
    for part in parts(held_out):
        encoded = nested.encode(part.inputs)
        users = accuracy(nested.reconstructed_scores(encoded), part)
        users["cosine"] = F.cosine_similarity(nested.sae.decode(encoded.code), encoded.y, dim=1).cpu().numpy()
        users["l0"] = (encoded.code.z > 0).sum(1).cpu().numpy()
        for name, values in users.items():
            found.setdefault(name, []).append(values)
    return {name: np.concatenate(values) for name, values in found.items()}


def strongest_items(item_codes: sp.csr_matrix, likes: np.ndarray, n: int) -> list[np.ndarray]:
    """The items (at most n) that activate each neuron most when shown alone, strongest first; rare ones left out.

    item_codes: (n_items, d_sae); likes: (n_items,) how often each item is liked
    """
    by_neuron = sp.csc_matrix(sp.csr_matrix(item_codes).multiply((likes >= MIN_LIKES)[:, None]))
    by_neuron.eliminate_zeros()
    spans = [slice(*by_neuron.indptr[j : j + 2]) for j in range(item_codes.shape[1])]
    return [by_neuron.indices[span][np.argsort(-by_neuron.data[span], kind="stable")[:n]] for span in spans]


def precision(tag_items: sp.csr_matrix, first: Sequence[np.ndarray], neurons: np.ndarray, n: int) -> list[float]:
    """How many of the first n items of each tag's neuron (n_tags,) carry the tag, over how many could; else 0."""
    found = []
    for tag, neuron in enumerate(neurons):
        members = tag_items.indices[tag_items.indptr[tag] : tag_items.indptr[tag + 1]]
        items = first[neuron][:n] if neuron >= 0 else []
        found.append(float(np.isin(items, members).sum() / max(min(n, len(members)), 1)))
    return found


def segments(tag_items: sp.csr_matrix, held_out: HeldOut) -> np.ndarray:
    """The tag (n_users,) that stands out most in each user's targets against their inputs, or -1 where none does.

    The most of (target items - input items with the tag) above 0, the first such tag. This looks at what is asked for.
    """
    carried = (tag_items > 0).astype(np.float32)
    chosen = [
        np.where(gain.max(1, initial=0) > 0, gain.argmax(1), -1) if carried.shape[0] else np.full(len(gain), -1)
        for gain in (((part.targets - part.inputs) @ carried.T).toarray() for part in parts(held_out))
    ]
    return np.concatenate(chosen)


def steer_segments(
    nested: Nested,
    tag_items: sp.csr_matrix,
    held_out: HeldOut,
    segment: np.ndarray,
    neurons: np.ndarray,
    alphas: Sequence[float],
) -> np.ndarray:
    """Personal and segment nDCG (len(alphas), 2, n_users) when each user is steered towards their own segment.

    Args:
        segment: (n_users,) tags, all at least 0.
        neurons: (n_tags,) the neuron that is boosted for each tag.

    Relevant for the segment are its items that the user has not seen.
    """
    carried = (tag_items > 0).astype(np.float32)
    wanted = neurons[segment]
    result = np.full((len(alphas), 2, len(segment)), np.nan)
    for neuron in np.unique(wanted):
        group = np.flatnonzero(wanted == neuron)
        for rows in np.split(group, range(BATCH, len(group), BATCH)):
            inputs, members = held_out.inputs[rows], carried[segment[rows]]
            unseen = sp.csr_matrix(members - members.multiply(inputs))
            unseen.eliminate_zeros()
            encoded = nested.encode(inputs)
            for place, alpha in enumerate(alphas):
                ranked = top_k(
                    nested.cfae.decode(recoded_embedding(nested, encoded, [Dial({int(neuron): 1.0}, alpha)], OPERATOR)),
                    inputs,
                    K,
                )
                result[place, 0, rows] = ndcg_at_k(ranked, held_out.targets[rows])
                result[place, 1, rows] = ndcg_at_k(ranked, unseen)
    return result


def mean_and_error(values: np.ndarray) -> tuple[float, float]:
    """Mean and its standard error over users, those without a value left out."""
    values = values[~np.isnan(values)]
    if len(values) == 0:
        return float("nan"), float("nan")
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("nan")
