"""What the files of a bundle hold, as bytes: written from what a bundle is made of, and read into it again.

Equal contents give equal bytes, so that the hashes in the manifest can stand for the bundle. No pickle anywhere.
"""

import dataclasses
import io
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pandas as pd
import scipy.sparse as sp
import torch
from pydantic import TypeAdapter, ValidationError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays
from safetensors.torch import load as load_weights
from safetensors.torch import save as save_weights

from knobs_core.base import ConfigError, override
from knobs_core.bundles import checks
from knobs_core.bundles.manifest import Manifest, ModelRecord
from knobs_core.concepts import ConceptMap, ConceptRecipe, Label
from knobs_core.data import ITEM_COLUMNS, Interactions
from knobs_core.evaluation import Effect
from knobs_core.models import CFAES, SAES, Module, Nested
from knobs_core.steering import Recipe

ITEM_EFFECTS = "item_effects.parquet"
Record = TypeVar("Record", Label, Effect)
Model = TypeVar("Model")
Trained = TypeVar("Trained", bound=Module)


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
    """What a bundle is made of, from the bytes of its FILES.

    Raises:
        KnobsError: a model or a setting that is not known here.
        ValueError: files that do not fit each other; whatever libraries say of bytes they cannot read is raised, too.
    """
    users, items = _read_table(files, "users", "user_id"), _read_table(files, "items", "item_id", *ITEM_COLUMNS)
    user_ids, item_ids = users["user_id"].to_numpy(dtype=object), items["item_id"].to_numpy(dtype=object)
    checks.ids(user_ids, "users.parquet")
    checks.ids(item_ids, "items.parquet")
    matrix = _read_sparse(files, "interactions.npz", (len(user_ids), len(item_ids)))
    checks.likes(matrix)
    tag_table = _read_table(files, "tags", "item", "tag", "weight")
    details = items.astype(ITEM_COLUMNS)[list(ITEM_COLUMNS)]
    data = Interactions(matrix, user_ids, item_ids, details, tag_table, manifest.origin, manifest.read)
    checks.tags(data)

    cfae_class, cfae_config = _known("cfae", manifest.cfae, CFAES)
    sae_class, sae_config = _known("sae", manifest.sae, SAES)
    cfae = _with_weights(cfae_class(data.n_items, cfae_config), files, "cfae.safetensors")
    sae = _with_weights(sae_class(cfae.d_embed, sae_config), files, "sae.safetensors")

    facts = _read_table(files, "concepts", "tag", "explained")
    tags, shape = facts["tag"].tolist(), (len(facts), cfae.d_embed)
    concepts = ConceptMap(tags, _read_sparse(files, "concept_map.npz", (len(tags), sae.d_sae)).toarray())
    checks.concepts(concepts, data, sae.d_sae)
    rests = load_arrays(files["rests.safetensors"])["rests"]
    rests.flags.writeable = False
    table: dict[str, Recipe] = {tag: {} for tag in tags}
    for tag, neuron, weight in _read_table(files, "recipes", "tag", "neuron", "weight").itertuples(index=False):
        table[tag][int(neuron)] = float(weight)
    rows = zip(table.values(), rests, facts["explained"].tolist(), strict=True)
    recipes = [ConceptRecipe(recipe, rest if rest.any() else None, explained) for recipe, rest, explained in rows]
    checks.recipes(recipes, rests, shape, sae.d_sae)

    labels, effects = _read_records(Label, files, "knobs"), _read_records(Effect, files, "effects")
    checks.labels(labels, sae.d_sae, data.n_items)
    checks.effects(effects, tags, sae.d_sae)
    return Contents(data, Nested(cfae, sae, device), concepts, recipes, labels, effects)


def read_item_effects(data: bytes) -> dict[str, dict[str, float]]:
    """{knob key: {item id: effect}} from the bytes of ITEM_EFFECTS."""
    rows = _read_table({ITEM_EFFECTS: data}, "item_effects", "key", "item_id", "effect")
    return {str(key): dict(zip(part["item_id"], part["effect"], strict=True)) for key, part in rows.groupby("key")}


def _known(
    section: str, record: ModelRecord, table: Mapping[str, tuple[Model, Callable[[], Any]]]
) -> tuple[Model, Any]:
    """A model's class and its checked settings."""
    if record.name not in table:
        raise ConfigError(f"a {section} that is known here ({', '.join(table)})", f"'{record.name}'", "choose another")
    model, config = table[record.name]
    return model, override(config(), record.config, section)


def _with_weights(model: Trained, files: Mapping[str, bytes], file: str) -> Trained:
    weights = load_weights(files[file])
    checks.weights(model, weights, file)
    model.load_state_dict(weights)
    return model


def _records(records: list[Record]) -> bytes:
    """Dataclass instances of one kind as a table; tuples become JSON, as some hold words and numbers side by side."""
    rows = [dataclasses.asdict(record) for record in records]
    rows = [{k: json.dumps(v) if isinstance(v, tuple) else v for k, v in row.items()} for row in rows]
    return _table(pd.DataFrame(rows))


def _read_records(kind: type[Record], files: Mapping[str, bytes], name: str) -> list[Record]:
    tuples = {field.name for field in dataclasses.fields(kind) if str(field.type).startswith("tuple")}
    rows = _read_table(files, name).to_dict("records")
    rows = [{k: json.loads(v) if k in tuples else v for k, v in row.items()} for row in rows]
    try:
        return TypeAdapter(list[kind]).validate_python(rows)  # type: ignore[valid-type]
    except ValidationError as error:
        where = error.errors()[0]["loc"]
        raise ValueError(f"{name}.parquet does not fit in row {where[0]} at {where[-1]}") from None


def _table(frame: pd.DataFrame) -> bytes:
    """A table as Parquet. Text goes by one type of column, whatever pandas kept it in, so that equal text is equal."""
    text = [name for name in frame if not pd.api.types.is_numeric_dtype(frame[name])]
    buffer = io.BytesIO()
    frame.astype(dict.fromkeys(text, object)).to_parquet(buffer, index=False)
    return buffer.getvalue()


def _read_table(files: Mapping[str, bytes], name: str, *columns: str) -> pd.DataFrame:
    """The table of a name, with these columns if any are given; others are left out."""
    frame = pd.read_parquet(io.BytesIO(files[f"{name}.parquet"]))
    for column in columns:
        if column not in frame:
            raise ValueError(f"{name}.parquet has no column {column}")
    return frame[list(columns)] if columns else frame


def _sparse(matrix: sp.csr_matrix) -> bytes:
    buffer = io.BytesIO()
    sp.save_npz(buffer, matrix)
    return buffer.getvalue()


def _read_sparse(files: Mapping[str, bytes], file: str, shape: tuple[int, int]) -> sp.csr_matrix:
    matrix = sp.load_npz(io.BytesIO(files[file]))  # never unpickles
    if matrix.format != "csr":
        raise ValueError(f"{file} is {matrix.format}, not csr")
    checks.sparse(matrix := sp.csr_matrix(matrix), shape, file)
    return matrix


def _weights(model: Module) -> dict[str, torch.Tensor]:
    return {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
