"""Open names: what words, or a language model, would call neurons, kept with a bundle in open_names.json.

They are proposals with their proof (``concepts/open_names.py``) and name nothing by themselves: ``knobs name --give``
gives those that hold to neurons, as names of the owner (``names.py``). The file holds the id of its bundle, a short
hash, and of every name by what it was proposed and what that cost. A bundle without the file has none.
"""

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field, TypeAdapter
from pydantic.dataclasses import dataclass

from knobs_core.base import BundleError, clean, read_once, write_whole
from knobs_core.bundles.names import LONGEST

OPEN_NAMES = "open_names.json"
LARGEST = 2**26  # bytes of the file
WORDS = "words"  # by what a name is that no language model proposed
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0, lt=2**53)]


@dataclass(frozen=True, config=ConfigDict(strict=True, extra="forbid"))
class OpenName:
    """A name that is proposed for a neuron.

    by: ``words``, or the language model; encoder: the text model that says what words mean
    held_out: AUROC on the scored halves; luck: share of made-up names held out as high; holds: see the head of
    ``concepts/open_names.py``; again: what the scored halves alone would call it
    bits, finds, n_titles: how other titles of the name fare when the neuron is turned; ``evaluation/open_effects.py``
    sent, received: tokens that a language model counted for it
    """

    neuron: Count
    name: str
    by: str
    encoder: str
    held_out: Share
    luck: Share
    holds: bool
    again: str
    bits: Annotated[float, Field(allow_inf_nan=False)]
    finds: bool
    n_titles: Count
    sent: Count = 0
    received: Count = 0


ROWS = TypeAdapter(list[OpenName])


def best_by_neuron(names: Iterable[OpenName]) -> dict[int, OpenName]:
    """The best name of each neuron: one that holds before one that does not, then the one that is held out higher."""
    best: dict[int, OpenName] = {}
    for one in names:
        old = best.get(one.neuron)
        if old is None or (one.holds, one.held_out) > (old.holds, old.held_out):
            best[one.neuron] = one
    return best


def read_open_names(path: Path, bundle_id: str, n_neurons: int) -> tuple[OpenName, ...]:
    """The open names of the bundle at ``path``, none where nobody asked for any.

    Raises:
        BundleError: a file that does not hold open names, not those that were written, or another bundle's.
    """
    file, found = path / OPEN_NAMES, "something else"
    try:
        document = json.loads(read_once(file, LARGEST))
        rows = ROWS.validate_json(json.dumps(document["names"], allow_nan=False))
        if not all(one.neuron < n_neurons and _seen(one.name) and _seen(one.again) and _seen(one.by) for one in rows):
            found = "one that cannot be"
        elif document["proof"] != _proof(rows):
            found = "others than were written"
        elif document["bundle"] != bundle_id:
            found = f"those of another bundle, not of {bundle_id}"
        else:
            return tuple(rows)
    except FileNotFoundError:
        return ()
    except Exception:  # whatever it is, it holds no open names
        pass
    raise BundleError(f"open names in {file}", found, "delete the file and ask for them again with: knobs name")


def write_open_names(names: Sequence[OpenName], path: Path, bundle_id: str) -> None:
    """Write the open names of the bundle at ``path``, whole or not at all.

    Raises:
        StorageError: nothing can be written there.
    """
    document = {"bundle": bundle_id, "proof": _proof(names), "names": [dataclasses.asdict(one) for one in names]}
    write_whole(path / OPEN_NAMES, json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n")


def _seen(text: str) -> bool:
    """Whether a text is one that could have been written here."""
    return clean(text) == text and len(text) <= LONGEST


def _proof(names: Sequence[OpenName]) -> str:
    rows = json.dumps([dataclasses.asdict(one) for one in names], sort_keys=True)
    return hashlib.sha256(rows.encode()).hexdigest()[:12]
