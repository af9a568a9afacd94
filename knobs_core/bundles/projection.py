"""The map's file in a bundle: it may be drawn anew, so it carries its own proof, and the id of its bundle.

proof = SHA-256 of the id of the bundle, the map's figures, and type, shape and bytes of every array
"""

import hashlib
import json

import numpy as np
from safetensors.numpy import load, save

from knobs_core.maps import Projection

MAP = "map.safetensors"
ARRAYS = ("landmarks", "landmark_places", "items", "neurons")
FIGURES = ("trustworthiness", "n_users")


def encoded_map(projection: Projection, bundle_id: str) -> bytes:
    """A map as bytes, with its proof."""
    arrays = {name: np.ascontiguousarray(getattr(projection, name)) for name in ARRAYS}
    facts = {"bundle": bundle_id, **{name: repr(getattr(projection, name)) for name in FIGURES}}
    return save(arrays, metadata={**facts, "proof": _proof(arrays, facts)})


def decoded_map(data: bytes, bundle_id: str, n_items: int, d_embed: int, d_sae: int) -> Projection:
    """The map that belongs to a bundle, from its bytes.

    Raises:
        ValueError: another bundle's, damaged, or of other shapes; so do KeyError and SafetensorError.
    """
    arrays = load(data)
    facts = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])["__metadata__"]
    proof = facts.pop("proof")
    if facts["bundle"] != bundle_id:
        raise ValueError(f"the map of bundle {facts['bundle']}, not of {bundle_id}")
    if set(arrays) != set(ARRAYS) or proof != _proof(arrays, facts):
        raise ValueError("other content than its proof says")
    m = len(arrays["landmarks"])
    shapes = [arrays[name].shape for name in ARRAYS]
    if shapes != [(m, d_embed), (m, 2), (n_items, 2), (d_sae, 2)] or not m:
        raise ValueError(f"a map of shapes {shapes}")
    if not all(np.isfinite(arrays[name]).all() for name in ARRAYS[:3]):  # dead neurons lie nowhere
        raise ValueError("places that are no finite numbers")
    return Projection(**arrays, trustworthiness=float(facts["trustworthiness"]), n_users=int(facts["n_users"]))


def _proof(arrays: dict[str, np.ndarray], facts: dict[str, str]) -> str:
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
    for name in ARRAYS:
        digest.update(f"{name} {arrays[name].dtype} {arrays[name].shape}".encode())
        digest.update(arrays[name].tobytes())
    return digest.hexdigest()
