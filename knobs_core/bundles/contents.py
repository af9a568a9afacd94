"""What the files of a bundle hold, as bytes: written from what a bundle is made of, and read into it again.

Equal contents give equal bytes, so that the hashes in the manifest can stand for the bundle. No pickle anywhere.
"""

import dataclasses
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pandas as pd
import scipy.sparse as sp
import torch
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays
from safetensors.torch import load as load_weights
from safetensors.torch import save as save_weights

from knobs_core.base import override
from knobs_core.bundles.manifest import Manifest
from knobs_core.concepts import ConceptMap, ConceptRecipe, Label
from knobs_core.data import ITEM_COLUMNS, Interactions
from knobs_core.evaluation import Effect
from knobs_core.models import CFAES, SAES, Module, Nested
from knobs_core.steering import Recipe

ITEM_EFFECTS = "item_effects.parquet"
Record = TypeVar("Record", Label, Effect)


class Contents(NamedTuple):
    """What a bundle is made of beside its manifest. labels: with their own names.

    item_effects: key, item_id, effect: what every knob does to items; None where that was not read
    """

    interactions: Interactions
    nested: Nested
    concepts: ConceptMap
    recipes: list[ConceptRecipe]
    labels: list[Label]
    effects: list[Effect]
    item_effects: pd.DataFrame | None = None


def encoded(parts: Contents) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of the files of a bundle, one after the other, so that only one is held at a time."""
    data, tags = parts.interactions, parts.concepts.tags
    yield "cfae.safetensors", save_weights(_weights(parts.nested.cfae))
    yield "sae.safetensors", save_weights(_weights(parts.nested.sae))
    yield "interactions.npz", _sparse(data.matrix)
    yield "concept_map.npz", _sparse(sp.csr_matrix(parts.concepts.activity))
    yield "users.parquet", _table(pd.DataFrame({"user_id": data.user_ids}))
    yield "items.parquet", _table(data.items.assign(item_id=data.item_ids))
    yield "tags.parquet", _table(data.tags)
    yield "knobs.parquet", _records(parts.labels)
    yield "effects.parquet", _records(parts.effects)
    rows = [(t, j, w) for t, made in zip(tags, parts.recipes, strict=True) for j, w in made.recipe.items()]
    yield "recipes.parquet", _table(pd.DataFrame(rows, columns=["tag", "neuron", "weight"]))
    explained = [made.explained for made in parts.recipes]
    yield "concepts.parquet", _table(pd.DataFrame({"tag": pd.Series(tags, dtype=object), "explained": explained}))
    rests = np.zeros((len(tags), parts.nested.cfae.d_embed), np.float32)
    for row, made in zip(rests, parts.recipes, strict=True):
        row[:] = 0 if made.rest is None else made.rest
    yield "rests.safetensors", save_arrays({"rests": rests})
    assert parts.item_effects is not None, "they are worked out before a bundle is written"
    yield ITEM_EFFECTS, _table(parts.item_effects)


FILES = (
    "cfae.safetensors", "sae.safetensors", "interactions.npz", "concept_map.npz", "users.parquet", "items.parquet",
    "tags.parquet", "knobs.parquet", "effects.parquet", "recipes.parquet", "concepts.parquet", "rests.safetensors",
    ITEM_EFFECTS,
)  # fmt: skip


def decoded(files: Mapping[str, bytes], manifest: Manifest, device: str | torch.device) -> Contents:
    """What a bundle is made of, from the bytes of its FILES. Raises whatever libraries say of bytes that do not fit."""
    matrix = _read_sparse(files["interactions.npz"])
    items = _read_table(files["items.parquet"])
    data = Interactions(
        matrix,
        _read_table(files["users.parquet"])["user_id"].to_numpy(dtype=object),
        items["item_id"].to_numpy(dtype=object),
        items.astype(ITEM_COLUMNS)[list(ITEM_COLUMNS)],
        _read_table(files["tags.parquet"]),
        manifest.origin,
    )
    if matrix.shape != (len(data.user_ids), len(data.item_ids)):
        raise ValueError(f"{matrix.shape} interactions, {len(data.item_ids)} items")
    cfae_class, cfae_config = CFAES[manifest.cfae.name]
    sae_class, sae_config = SAES[manifest.sae.name]
    cfae = cfae_class(matrix.shape[1], override(cfae_config(), manifest.cfae.config, "cfae"))
    cfae.load_state_dict(load_weights(files["cfae.safetensors"]))
    sae = sae_class(cfae.d_embed, override(sae_config(), manifest.sae.config, "sae"))
    sae.load_state_dict(load_weights(files["sae.safetensors"]))
    tags, recipes = _read_recipes(files, cfae.d_embed)
    return Contents(
        data,
        Nested(cfae, sae, device),
        ConceptMap(tags, _read_sparse(files["concept_map.npz"]).toarray()),
        recipes,
        _read_records(Label, files["knobs.parquet"]),
        _read_records(Effect, files["effects.parquet"]),
    )


def read_item_effects(data: bytes) -> dict[str, dict[str, float]]:
    """{knob key: {item id: effect}} from the bytes of ITEM_EFFECTS."""
    rows = _read_table(data)[["key", "item_id", "effect"]]
    return {str(key): dict(zip(part["item_id"], part["effect"], strict=True)) for key, part in rows.groupby("key")}


def _read_recipes(files: Mapping[str, bytes], d_embed: int) -> tuple[list[str], list[ConceptRecipe]]:
    facts = _read_table(files["concepts.parquet"])
    tags = facts["tag"].tolist()
    rests = load_arrays(files["rests.safetensors"])["rests"]
    if rests.shape != (len(tags), d_embed):
        raise ValueError(f"{rests.shape} rests of {len(tags)} concepts")
    rests.flags.writeable = False
    recipes: dict[str, Recipe] = {tag: {} for tag in tags}
    for tag, neuron, weight in _read_table(files["recipes.parquet"]).itertuples(index=False):
        recipes[tag][int(neuron)] = float(weight)
    made = zip(recipes.values(), rests, facts["explained"].tolist(), strict=True)
    return tags, [ConceptRecipe(recipe, rest if rest.any() else None, explained) for recipe, rest, explained in made]


def _records(records: list[Record]) -> bytes:
    """Dataclass instances of one kind as a table; tuples become JSON, as some hold words and numbers side by side."""
    rows = [dataclasses.asdict(record) for record in records]
    rows = [{k: json.dumps(v) if isinstance(v, tuple) else v for k, v in row.items()} for row in rows]
    return _table(pd.DataFrame(rows))


def _read_records(kind: type[Record], data: bytes) -> list[Record]:
    tuples = {field.name for field in dataclasses.fields(kind) if str(field.type).startswith("tuple")}
    rows = _read_table(data).to_dict("records")
    return [kind(**{str(k): _tuples(json.loads(v)) if k in tuples else v for k, v in row.items()}) for row in rows]


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _table(frame: pd.DataFrame) -> bytes:
    """A table as Parquet. Text goes by one type of column, whatever pandas kept it in, so that equal text is equal."""
    text = [name for name in frame if not pd.api.types.is_numeric_dtype(frame[name])]
    buffer = io.BytesIO()
    frame.astype(dict.fromkeys(text, object)).to_parquet(buffer, index=False)
    return buffer.getvalue()


def _read_table(data: bytes) -> pd.DataFrame:
    return pd.read_parquet(io.BytesIO(data))


def _sparse(matrix: sp.csr_matrix) -> bytes:
    buffer = io.BytesIO()
    sp.save_npz(buffer, matrix)
    return buffer.getvalue()


def _read_sparse(data: bytes) -> sp.csr_matrix:
    return sp.csr_matrix(sp.load_npz(io.BytesIO(data)))  # never unpickles


def _weights(model: Module) -> dict[str, torch.Tensor]:
    return {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
