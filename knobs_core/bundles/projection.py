"""The map's file in a bundle: it may be drawn anew, so it carries its own proof, and the id of its bundle.

proof = SHA-256 of the id of the bundle, the map's figures, and type, shape and bytes of every array

A map of an earlier form counts as not drawn: nothing of it is read, and drawing it anew replaces it.
"""

import hashlib
import json

import numpy as np
from safetensors.numpy import save

from knobs_core.bundles.formats import LONGEST_HEADER, finite, read_arrays
from knobs_core.maps import Network, Projection

MAP = "map.safetensors"
FORM = "2"  # of the file; the first had landmarks in place of a network
PLACES = ("items", "neurons")
FIGURES = ("trustworthiness", "n_users")
WIDEST = 1024  # units of a layer of the network, at most


def encoded_map(projection: Projection, bundle_id: str) -> bytes:
    """A map as bytes, with its proof."""
    arrays = {name: getattr(projection, name) for name in PLACES} | projection.network.arrays()
    arrays = {name: np.ascontiguousarray(array, np.float32) for name, array in arrays.items()}
    figures = {name: repr(getattr(projection, name)) for name in FIGURES}
    facts = {"bundle": bundle_id, "form": FORM, **figures}
    return save(arrays, metadata={**facts, "proof": _proof(arrays, facts)})


def largest_map(n_items: int, d_embed: int, d_sae: int) -> int:
    """Bytes that the map of a bundle of some sizes has at most, in any form."""
    return 8 * (n_items + d_sae) * (1 + d_embed) + 4 * WIDEST * (d_embed + WIDEST + 8) + LONGEST_HEADER


def decoded_map(data: bytes, bundle_id: str, n_items: int, d_embed: int, alive: np.ndarray) -> Projection | None:
    """The map that belongs to a bundle, from its bytes; None for a map of an earlier form.

    Args:
        alive: (d_sae,) bool, neurons that lie somewhere.

    Raises:
        ValueError: another bundle's, damaged, or of other shapes; so do KeyError and SafetensorError.
    """
    arrays = {name: array.numpy() for name, array in read_arrays({MAP: data}, MAP).items()}
    facts = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])["__metadata__"]
    proof = facts.pop("proof")
    if facts["bundle"] != bundle_id:
        raise ValueError(f"the map of bundle {facts['bundle']}, not of {bundle_id}")
    if facts.get("form") != FORM:
        return None
    if proof != _proof(arrays, facts):
        raise ValueError("other content than its proof says")
    items, neurons = (arrays.pop(name) for name in PLACES)
    hidden = len(arrays["b1"])
    wanted = {"w1": (hidden, d_embed), "b1": (hidden,), "w2": (hidden, hidden), "b2": (hidden,), "w3": (2, hidden)}
    shapes = {name: array.shape for name, array in arrays.items()}
    if shapes != wanted | {"b3": (2,)} or (items.shape, neurons.shape) != ((n_items, 2), (len(alive), 2)):
        raise ValueError(f"a map of shapes {items.shape}, {neurons.shape}, {shapes}")
    if not all(map(finite, (items, neurons[alive], *arrays.values()))) or not np.isnan(neurons[~alive]).all():
        raise ValueError("places or weights that are no finite numbers")
    trust, n_users = float(facts["trustworthiness"]), int(facts["n_users"])
    if not (abs(trust) <= 1 and 0 <= n_users < 2**63):
        raise ValueError("figures that cannot be")
    return Projection(items, neurons, Network(**arrays), trust, n_users)


def _proof(arrays: dict[str, np.ndarray], facts: dict[str, str]) -> str:
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.dtype} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
