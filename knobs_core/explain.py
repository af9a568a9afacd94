"""Labels: a name for every neuron, how far to trust it, and the evidence.

The label of a neuron is the tag with the highest product of both TF-IDF orientations: a tag that both accounts for much
of what the neuron responds to and is much of this neuron's own. Its confidence is the share of the neuron's activation,
over all items shown alone, that falls on items carrying the tag; its support is how many items those are.
"""

import dataclasses
from collections import Counter

import numpy as np
import scipy.sparse as sp

from knobs_core.mapping import ConceptMap

N_TOP_ITEMS, N_TAGS = 10, 8


@dataclasses.dataclass(frozen=True)
class Label:
    """What is known about a neuron.

    neuron: its index; label: its name, different from all others; confidence: in [0, 1]; support: items behind it
    top_items: item columns by activation, strongest first; tags: (tag, share of activation) by fit, best first
    n_users: users whose full history activates it; reach: their 95th percentile of activation, its usual full range
    """

    neuron: int
    label: str
    confidence: float
    support: int
    top_items: tuple[int, ...]
    tags: tuple[tuple[str, float], ...]
    n_users: int
    reach: float

    @property
    def alive(self) -> bool:
        return bool(self.top_items)


def label_neurons(
    concepts: ConceptMap,
    tag_items: sp.csr_matrix,
    item_codes: sp.csr_matrix,
    user_codes: sp.csr_matrix,
    titles: list[str],
) -> list[Label]:
    """Labels of all neurons.

    Args:
        concepts: the concept map.
        tag_items: (n_tags, n_items) assignment counts.
        item_codes: (n_items, d_sae) codes of single items.
        user_codes: (n_users, d_sae) codes of full histories.
        titles: n_items titles, for neurons that no tag describes and to tell equal names apart.
    """
    fit = concepts.by_neuron * concepts.by_tag
    carried = (tag_items > 0).astype(np.float64)
    by_item, by_user = item_codes.tocsc(), user_codes.tocsc()
    mass = np.asarray(by_item.sum(0)).ravel()
    share = (carried @ item_codes).toarray() / np.maximum(mass, 1e-12)
    support = (carried @ (item_codes > 0).astype(np.float64)).toarray()

    drafts = []
    for j in range(item_codes.shape[1]):
        start, stop = by_item.indptr[j : j + 2]
        order = np.lexsort((by_item.indices[start:stop], -by_item.data[start:stop]))[:N_TOP_ITEMS]
        top_items = tuple(int(i) for i in by_item.indices[start:stop][order])
        best = [int(t) for t in np.argsort(-fit[:, j], kind="stable")[:N_TAGS] if fit[t, j] > 0]
        active = by_user.data[by_user.indptr[j] : by_user.indptr[j + 1]]
        drafts.append(
            Label(
                neuron=j,
                label="",
                confidence=float(min(share[best[0], j], 1)) if best else 0.0,
                support=int(support[best[0], j]) if best else 0,
                top_items=top_items,
                tags=tuple((concepts.tags[t], round(float(share[t, j]), 4)) for t in best),
                n_users=len(active),
                reach=float(np.quantile(active, 0.95)) if len(active) else 0.0,
            )
        )
    names = _distinct_names(drafts, titles)
    return [dataclasses.replace(draft, label=name) for draft, name in zip(drafts, names, strict=True)]


def _distinct_names(drafts: list[Label], titles: list[str]) -> list[str]:
    """The best tag; where several neurons share it, the next tag too; where that is not enough, a typical title."""

    def name(draft: Label, detail: int) -> str:
        if not draft.alive:
            return f"neuron {draft.neuron} (silent)"
        like = "like " + " and ".join(titles[i] for i in draft.top_items[: 2 if not draft.tags else 1])
        if not draft.tags:
            return like if detail < 2 else f"{like} (neuron {draft.neuron})"
        tags = [tag for tag, _ in draft.tags[: 1 + min(detail, 1)]]
        extra = ([], [], [like], [like, f"neuron {draft.neuron}"])[detail]
        return ", ".join(tags + extra)

    names = [name(draft, 0) for draft in drafts]
    for detail in (1, 2, 3):
        count = Counter(names)
        names = [name(draft, detail) if count[old] > 1 else old for draft, old in zip(drafts, names, strict=True)]
    return names
