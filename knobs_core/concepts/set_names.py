"""Names for what titles do together: a tag that all titles of the sets share which fire a neuron.

    a set carries a tag    where each of its titles does
    a neuron's ranking     the sets for which it is new (``sets.py``), the strongest first, each title in one set only

Tags are then found, held out and judged as for single titles (``labels.py``), among all sets that were tried. The null
permutes the tags of titles, before sets are made of them, so that what sets have in common is in the null too. A title
that is in many of a neuron's sets would give its tags to all of them, to both halves of a split alike; hence once each.

On the demo 6 of 512 neurons get such a name, of permuted tags 2 to 5; 3 or 4 of the 6 hold, by the seed, of permuted
ones 0 to 2. So only a name that holds is shown as one. Tags of which one title carries one and another the other
("war" with "romance") gave 38 names there, of which 1 holds, as many as of permuted tags: they are left out.
"""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from knobs_core.concepts.heldout import permuted
from knobs_core.concepts.labels import judged
from knobs_core.concepts.sets import Sets
from knobs_core.data import is_decade


class SetName(NamedTuple):
    """What the sets of a neuron share. tag: its name, "" where no tag passes; the figures are those of the best tag.

    confidence, held_out: as for single titles; holds: whether the tag is found again without the sets that speak for it
    """

    tag: str
    confidence: float
    held_out: float
    holds: bool


def name_sets(sets: Sets, tags: list[str], tag_items: sp.csr_matrix, likes: np.ndarray, seed: int = 0) -> list[SetName]:
    """A name for the sets of every neuron, where there is one.

    Args:
        tags: n_tags names; decades name nothing.
        tag_items: (n_tags, n_items) assignment counts.
        likes: (n_items,) how often each item is liked, for the null.
        seed: of the splits into halves and of the null.
    """
    words = [row for row, tag in enumerate(tags) if not is_decade(tag)]
    carried = sp.csr_matrix(tag_items)[words]
    found = judged(
        shared(carried, sets.items),
        disjoint(sets),
        lambda draw: shared(permuted(carried, likes, draw), sets.items),
        seed,
    )
    return [
        SetName(
            tag=tags[words[candidates[0]]] if found.named[j] else "",
            confidence=float(found.confidence[j]),
            held_out=float(found.held_out[j]),
            holds=bool(found.holds[j]),
        )
        for j, (candidates, _) in enumerate(found.candidates)
    ]


def shared(tag_items: sp.csr_matrix, sets: sp.csr_matrix) -> sp.csr_matrix:
    """Which sets carry a tag, (n_tags, n_sets) of ones. tag_items: (n_tags, n_items); sets: (n_sets, n_items)."""
    carrying = sp.csr_matrix(sp.csr_matrix(tag_items > 0, dtype=np.float32) @ sets.T)
    carrying.data = (carrying.data == np.diff(sets.indptr)[carrying.indices]).astype(np.float32)
    carrying.eliminate_zeros()
    return carrying


def disjoint(sets: Sets) -> list[np.ndarray]:
    """For each neuron the sets (rows) for which it is new, the strongest first, none with a title of one before it."""
    new = sets.new.tocsc()
    rankings = []
    for j in range(new.shape[1]):
        part = slice(*new.indptr[j : j + 2])
        rows = new.indices[part][np.lexsort((new.indices[part], -new.data[part]))]
        seen: set[int] = set()
        kept = []
        for row in rows.tolist():
            items = sets.items.indices[slice(*sets.items.indptr[row : row + 2])].tolist()
            if seen.isdisjoint(items):
                seen.update(items)
                kept.append(row)
        rankings.append(np.array(kept, np.int64))
    return rankings
