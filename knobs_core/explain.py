"""Labels: a name for every neuron, how far to trust it, and the evidence.

Items with at least 5 likes (of others the model knows too little) are ranked by how strongly they activate a neuron
when shown alone. For each tag

    AP@20(t, j) = sum over ranks r <= 20 that carry t of precision@r  /  min(20, items carrying t)

says how well that ranking finds the tag's items: 1 when all it shows first carry the tag. The label of a neuron is the
tag with the highest AP@20 * ln((n_items + 1) / (df + 1)), df the number of items carrying the tag, so that a rare tag
found well beats a common one found by chance. Its AP@20 is the label's confidence; its support is how many of the first
20 items carry it. A tag must be found with at least two items and 0.15 better than its share of all items, which is
about what chance gives; where none is, the name is two typical titles.
"""

import dataclasses
import re

import numpy as np
import scipy.sparse as sp

SUBTITLE = re.compile(r"\s*\(.*\)$")  # "(a.k.a. ...)" and original titles make names long
N_RANKED, N_TAGS, N_TOP_ITEMS, N_BINS = 20, 8, 10, 16
MIN_LEAD, MIN_SUPPORT, MIN_LIKES = 0.15, 2, 5


@dataclasses.dataclass(frozen=True)
class Label:
    """What is known about a neuron.

    neuron: its index; label: its name, different from all others; confidence: in [0, 1]; support: items behind it
    top_items: item columns by activation, strongest first; tags: (tag, AP@20), the best fitting first
    n_users: users whose full history activates it; reach: their 95th percentile of activation, its usual full range
    histogram: how many of these users fall into each of 16 equal bins from 0 to their highest activation, ``peak``
    """

    neuron: int
    label: str
    confidence: float
    support: int
    top_items: tuple[int, ...]
    tags: tuple[tuple[str, float], ...]
    n_users: int
    reach: float
    peak: float
    histogram: tuple[int, ...]

    @property
    def alive(self) -> bool:
        return bool(self.top_items)


def label_neurons(
    tags: list[str],
    tag_items: sp.csr_matrix,
    item_codes: sp.csr_matrix,
    user_codes: sp.csr_matrix,
    likes: np.ndarray,
    titles: list[str],
) -> list[Label]:
    """Labels of all neurons.

    Args:
        tags: n_tags names.
        tag_items: (n_tags, n_items) assignment counts.
        item_codes: (n_items, d_sae) codes of single items.
        user_codes: (n_users, d_sae) codes of full histories.
        likes: (n_items,) how often each item is liked.
        titles: n_items titles, for neurons that no tag describes and to tell equal names apart.
    """
    known = sp.diags_array((likes >= MIN_LIKES).astype(np.float32))
    carried, item_codes = ((tag_items @ known) > 0).tocsc(), sp.csr_matrix(known @ item_codes)
    item_codes.eliminate_zeros()
    df = carried.getnnz(axis=1)
    share = df / carried.shape[1]
    rarity = np.log((carried.shape[1] + 1) / (df + 1))
    by_item, by_user = item_codes.tocsc(), user_codes.tocsc()
    drafts = []
    for j in range(item_codes.shape[1]):
        ranked = _strongest(by_item, j)
        precision, support = _average_precision(carried[:, ranked].toarray(), df)
        fits = (support >= MIN_SUPPORT) & (precision >= share + MIN_LEAD)
        best = [int(t) for t in np.argsort(-precision * rarity * fits, kind="stable")[:N_TAGS] if fits[t]]
        active = by_user.data[by_user.indptr[j] : by_user.indptr[j + 1]]
        drafts.append(
            Label(
                neuron=j,
                label="",
                confidence=float(precision[best[0]]) if best else 0.0,
                support=int(support[best[0]]) if best else 0,
                top_items=tuple(ranked[:N_TOP_ITEMS].tolist()),
                tags=tuple((tags[t], round(float(precision[t]), 4)) for t in best),
                n_users=len(active),
                reach=float(np.quantile(active, 0.95)) if len(active) else 0.0,
                peak=float(active.max(initial=0)),
                histogram=tuple(np.histogram(active, N_BINS, (0, active.max(initial=1e-12)))[0].tolist()),
            )
        )
    return _named(drafts, titles)


def _strongest(by_item: sp.csc_matrix, neuron: int) -> np.ndarray:
    """Items that activate a neuron most, strongest first, at most N_RANKED."""
    start, stop = by_item.indptr[neuron : neuron + 2]
    order = np.lexsort((by_item.indices[start:stop], -by_item.data[start:stop]))
    return by_item.indices[start:stop][order[:N_RANKED]]


def _average_precision(carried: np.ndarray, df: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """AP@20 and number of hits (n_tags,) of one ranking; carried: (n_tags, up to 20) bool, df: (n_tags,)."""
    precision = carried.cumsum(1) / np.arange(1, carried.shape[1] + 1)
    return (carried * precision).sum(1) / np.clip(df, 1, N_RANKED), carried.sum(1)


def _named(drafts: list[Label], titles: list[str]) -> list[Label]:
    """Give every neuron a name of its own; where several fit one tag, the surest gets it bare, the others add to it."""
    taken: set[str] = set()
    names = {}
    for draft in sorted(drafts, key=lambda draft: (-draft.confidence, -draft.n_users)):
        name = next(name for name in _candidates(draft, titles) if name not in taken)
        taken.add(name)
        names[draft.neuron] = name
    return [dataclasses.replace(draft, label=names[draft.neuron]) for draft in drafts]


def _candidates(draft: Label, titles: list[str]):
    """Names for a neuron from short to certain."""
    number = f"neuron {draft.neuron}"
    if not draft.alive:
        yield f"silent {number}"
        return
    typical = [SUBTITLE.sub("", titles[i]) for i in draft.top_items[:2]]
    tags = [tag for tag, _ in draft.tags]
    if tags:
        yield tags[0]
        yield from (f"{tags[0]}, {tag}" for tag in tags[1:3])
        yield f"{tags[0]}, like {typical[0]}"
        yield f"{tags[0]}, {number}"
    yield "like " + " and ".join(typical)
    yield "like " + " and ".join(typical) + f", {number}"
