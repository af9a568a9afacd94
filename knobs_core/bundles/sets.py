"""Sets of titles that activate a bundle's neurons together and not alone, as a document with names and titles."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from knobs_core.base import ProgressCallback, Stage, silent
from knobs_core.bundles.bundle import Bundle
from knobs_core.concepts import Naming, SetName, Sets, find_sets, name_sets

PAIRS, LARGER = 8, 2  # that are listed of each neuron


@dataclasses.dataclass(frozen=True)
class TitleSets:
    """What titles do together; see ``concepts/sets.py`` and ``concepts/set_names.py``.

    document: all of it, as ``knobs labels --pairs --json`` prints it
    """

    document: dict[str, Any]

    @property
    def summary(self) -> dict[str, Any]:
        """Shares over all neurons, each beside that of blind luck, and how many names hold."""
        return self.document["summary"]

    @property
    def table(self) -> pd.DataFrame:
        """A row a set: neuron, label, titles, people, strength; neurons that need two titles most come first."""
        rows = [
            (row["neuron"], row["label"], one["titles"], one["people"], one["strength"])
            for row in self.document["neurons"]
            for one in row["sets"]
        ]
        return pd.DataFrame(rows, columns=["neuron", "label", "titles", "people", "strength"])

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, notebook=True, float_format="{:.3f}".format)


def sets(bundle: Bundle, progress: ProgressCallback = silent) -> TitleSets:
    """The pairs and sets that activate a neuron together and not alone, and what their titles share."""
    data, seed = bundle.interactions, bundle.manifest.seed
    found = find_sets(bundle.nested, data.matrix, seed, progress)
    Stage("Names of sets", progress)(0, 1, "what they share")
    names = name_sets(found, *data.tag_matrix(), np.asarray((data.matrix > 0).sum(0)).ravel(), seed)
    rows = list(_neurons(bundle, found, names))
    summary = {
        "people": found.n_people,
        "tried": found.items.shape[0],
        "neurons": sum(row["n_sets"] > 0 for row in rows),
        "needs": found.needs.overall,
        "needs_blind": found.needs_blind.overall,
        "frequent": found.frequent.overall,
        "blind": found.blind.overall,
        "sizes": {str(size): n for size, n in found.sizes.items()},
        "named": sum(bool(name.tag) for name in names),
        "holding": sum(name.holds for name in names),
        "by_luck": Naming.of(bundle.labels).by_luck,
    }
    rows.sort(key=lambda row: (-row["needs"], -row["frequent"], row["neuron"]))
    return TitleSets({"summary": summary, "neurons": rows})


def _neurons(bundle: Bundle, found: Sets, names: list[SetName]) -> Iterator[dict[str, Any]]:
    """A row a neuron that a set fires, or that needs two titles for somebody."""
    new, sizes = found.new.tocsc(), np.diff(found.items.indptr)
    needs, frequent, blind = found.needs.each, found.frequent.each, found.blind.each
    for label, name in zip(bundle.labels, names, strict=True):
        part = slice(*new.indptr[label.neuron : label.neuron + 2])
        rows, strength = new.indices[part], new.data[part]
        order = np.lexsort((rows, -strength, -found.people[rows] * strength))
        listed = [*order[sizes[rows[order]] == 2][:PAIRS], *order[sizes[rows[order]] > 2][:LARGER]]
        yield {
            "neuron": label.neuron,
            "label": label.label,
            "label_holds": label.holds,
            "people": int(found.needs.of[label.neuron]),
            "needs": float(needs[label.neuron]),
            "frequent": float(frequent[label.neuron]),
            "blind": float(blind[label.neuron]),
            "shared": name._asdict(),
            "n_sets": len(rows),
            "sets": [_set(bundle, found, rows[place], strength[place], label.reach) for place in listed],
        }


def _set(bundle: Bundle, found: Sets, row: int, strength: float, reach: float) -> dict[str, Any]:
    """One set as fields. reach: what the neuron's activation usually reaches, of which it fires so much."""
    data = bundle.interactions
    columns = found.items.indices[slice(*found.items.indptr[row : row + 2])]
    return {
        "items": data.item_ids[columns].tolist(),
        "titles": data.items["title"].iloc[columns].tolist(),
        "people": int(found.people[row]),
        "strength": float(strength),
        "of_reach": float(strength / reach) if reach else None,
    }
