"""What the files of a bundle hold, as bytes: written from what a bundle is made of, and read into it again.

Equal contents give equal bytes, so that the hashes in the manifest can stand for the bundle. No pickle anywhere.
"""

import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pandas as pd
import scipy.sparse as sp
import torch
from safetensors.numpy import save as save_arrays
from safetensors.torch import save as save_weights
from torch.overrides import TorchFunctionMode

from knobs_core.base import LIMIT, BundleError, ConfigError, DataError, override
from knobs_core.base.places import MANIFEST
from knobs_core.bundles import checks
from knobs_core.bundles.formats import (
    Room,
    column_names,
    most_bytes,
    read_arrays,
    read_records,
    read_sparse,
    read_table,
    record_bytes,
    sparse_bytes,
    table_bytes,
)
from knobs_core.bundles.manifest import Manifest, ModelRecord, PeopleRecord
from knobs_core.concepts import ConceptMap, ConceptRecipe, Label
from knobs_core.data import ITEM_COLUMNS, Interactions, is_prepared, open_prepared, prepared_at
from knobs_core.evaluation import Effect
from knobs_core.models import CFAES, SAES, Module, Nested
from knobs_core.steering import Recipe

ITEM_EFFECTS = "item_effects.parquet"
MAKING = (torch.empty, torch.zeros, torch.ones, torch.rand, torch.randn, torch.eye)
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


def encoded(parts: Contents, linked: bool = False) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of the files of a bundle, one after the other, so that only one is held at a time.

    Args:
        linked: whether likes and users' ids stay where they are.
    """
    data, tags = parts.interactions, parts.concepts.tags
    yield "cfae.safetensors", save_weights(_weights(parts.nested.cfae))
    yield "sae.safetensors", save_weights(_weights(parts.nested.sae))
    if not linked:
        yield "interactions.npz", sparse_bytes(data.matrix)
        yield "users.parquet", table_bytes(pd.DataFrame({"user_id": data.user_ids}))
    yield "concept_map.npz", sparse_bytes(sp.csr_matrix(parts.concepts.activity))
    yield "items.parquet", table_bytes(data.items.assign(item_id=data.item_ids))
    yield "tags.parquet", table_bytes(data.tags)
    yield "knobs.parquet", record_bytes(parts.labels)
    yield "effects.parquet", record_bytes(parts.effects)
    rows = [(t, j, w) for t, made in zip(tags, parts.recipes, strict=True) for j, w in made.recipe.items()]
    yield "recipes.parquet", table_bytes(pd.DataFrame(rows, columns=["tag", "neuron", "weight"]))
    explained = [made.explained for made in parts.recipes]
    yield "concepts.parquet", table_bytes(pd.DataFrame({"tag": pd.Series(tags, dtype=object), "explained": explained}))
    rests = np.zeros((len(tags), parts.nested.cfae.d_embed), np.float32)
    for row, made in zip(rests, parts.recipes, strict=True):
        row[:] = 0 if made.rest is None else made.rest
    yield "rests.safetensors", save_arrays({"rests": rests})
    assert parts.item_effects is not None, "they are worked out before a bundle is written"
    yield ITEM_EFFECTS, table_bytes(parts.item_effects)


FILES = (
    "cfae.safetensors", "sae.safetensors", "interactions.npz", "concept_map.npz", "users.parquet", "items.parquet",
    "tags.parquet", "knobs.parquet", "effects.parquet", "recipes.parquet", "concepts.parquet", "rests.safetensors",
    ITEM_EFFECTS,
)  # fmt: skip
PEOPLE = ("interactions.npz", "users.parquet")  # which a bundle does not have that points to a prepared folder


def files_of(manifest: Manifest) -> set[str]:
    """Names of the files that the bundle of a manifest has."""
    return set(FILES) - set(PEOPLE if manifest.people else ())


def check_claims(manifest: Manifest, place: str, remedy: str, added: int = 0) -> None:
    """Make sure that a manifest proves all files and no others, and that they are not too large.

    Args:
        place: where its bundle lies; remedy: what to do where it does not; added: bytes of other files.

    Raises:
        BundleError: it does not, or they are.
    """
    if manifest.files.keys() != files_of(manifest):
        odd = sorted(manifest.files.keys() ^ files_of(manifest))[0]
        raise BundleError(f"a {MANIFEST} in {place} that proves every file", f"one that does not fit at {odd}", remedy)
    claimed, most = sum(record.bytes for record in manifest.files.values()) + added, most_bytes()
    if claimed > most:
        raise BundleError(
            f"a bundle of at most {most:,} bytes at {place}", f"{claimed:,}", f"if you trust it, raise {LIMIT}"
        )


def decoded(files: Mapping[str, bytes], manifest: Manifest, device: str | torch.device) -> Contents:
    """What a bundle is made of, from the bytes of its files and, where it points to one, a prepared folder.

    Raises:
        KnobsError: a model or a setting that is not known here.
        ValueError: files that do not fit each other, or would fill the memory; whatever libraries say of bytes they
            cannot read is raised, too.
    """
    room = Room(sum(map(len, files.values())))
    checks.metrics(manifest.metrics)
    more = checks.further_columns(column_names(files, "items"))
    items = read_table(files, "items", room, "item_id", *ITEM_COLUMNS, *more)
    item_ids = items["item_id"].to_numpy(dtype=object)
    checks.ids(item_ids, "items.parquet")
    people = _people(manifest.people, item_ids) if manifest.people else None
    if people:
        matrix, user_ids = people.matrix, people.user_ids
    else:
        user_ids = read_table(files, "users", room, "user_id")["user_id"].to_numpy(dtype=object)
        checks.ids(user_ids, "users.parquet")
        matrix = read_sparse(files, "interactions.npz", room)
        checks.sparse(matrix, (len(user_ids), len(item_ids)), "interactions.npz")
        checks.likes(matrix)
    tag_table = read_table(files, "tags", room, "item", "tag", "weight")
    details = items.astype(ITEM_COLUMNS)[[*ITEM_COLUMNS, *more]]
    prepared = people.prepared if people else None
    data = Interactions(matrix, user_ids, item_ids, details, tag_table, manifest.origin, manifest.read, prepared)
    checks.items(details, more)
    checks.tags(data)
    room.take(4 * len(tag_table) * max(map(len, tag_table["tag"]), default=0), "tags.parquet")  # while they are sorted

    cfae_class, cfae_config = _known("cfae", manifest.cfae, CFAES)
    sae_class, sae_config = _known("sae", manifest.sae, SAES)
    cfae = _with_weights(lambda: cfae_class(data.n_items, cfae_config), files, "cfae.safetensors")
    sae = _with_weights(lambda: sae_class(cfae.d_embed, sae_config), files, "sae.safetensors")

    facts = read_table(files, "concepts", room, "tag", "explained")
    tags, shape = facts["tag"].tolist(), (len(facts), cfae.d_embed)
    checks.tags_of(tags, data)
    activity = read_sparse(files, "concept_map.npz", room)
    checks.sparse(activity, (len(tags), sae.d_sae), "concept_map.npz")
    room.take(activity.dtype.itemsize * len(tags) * sae.d_sae, "concept_map.npz")
    concepts = ConceptMap(tags, activity.toarray())
    checks.concepts(concepts)
    rests = read_arrays(files, "rests.safetensors")["rests"].numpy()
    rests.flags.writeable = False
    checks.rests(rests, shape)
    table: dict[str, Recipe] = {tag: {} for tag in tags}
    for tag, neuron, weight in read_table(files, "recipes", room, "tag", "neuron", "weight").itertuples(index=False):
        table[tag][int(neuron)] = float(weight)
    rows = zip(table.values(), rests, facts["explained"].tolist(), strict=True)
    recipes = [ConceptRecipe(recipe, rest if rest.any() else None, explained) for recipe, rest, explained in rows]
    checks.recipes(recipes, sae.d_sae)

    labels, effects = read_records(Label, files, "knobs", room), read_records(Effect, files, "effects", room)
    checks.labels(labels, sae.d_sae, data.n_items)
    checks.effects(effects, tags, sae.d_sae)
    nested = Nested(cfae, sae, device)
    checks.together(nested, data, concepts, labels)
    return Contents(data, nested, concepts, recipes, labels, effects)


def _people(record: PeopleRecord, item_ids: np.ndarray) -> Interactions:
    """The interactions of the prepared folder that a bundle points to, or that KNOBS_PREPARED names in its place.

    Raises:
        DataError: there is none, or it is another one by now.
    """
    path = Path(os.environ.get("KNOBS_PREPARED") or record.path)
    expected = f"the prepared data {record.id} at {path}"
    remedy = "put them there, or set KNOBS_PREPARED to their folder"
    if not is_prepared(path):
        raise DataError(expected, "none", remedy)
    if prepared_at(path).id != record.id:  # before any of it is read, and arrays are written beside it
        raise DataError(expected, "others", remedy)
    found = open_prepared(path)
    if not np.array_equal(found.item_ids, item_ids):
        raise DataError(expected, "others", remedy)
    return found


def read_item_effects(data: bytes) -> dict[str, dict[str, float]]:
    """{knob key: {item id: effect}} from the bytes of ITEM_EFFECTS."""
    rows = read_table({ITEM_EFFECTS: data}, "item_effects", Room(len(data)), "key", "item_id", "effect")
    checks.item_effects(rows)
    return {str(key): dict(zip(part["item_id"], part["effect"], strict=True)) for key, part in rows.groupby("key")}


def _known(
    section: str, record: ModelRecord, table: Mapping[str, tuple[Model, Callable[[], Any]]]
) -> tuple[Model, Any]:
    """A model's class and its checked settings."""
    if record.name not in table:
        raise ConfigError(f"a {section} that is known here ({', '.join(table)})", f"'{record.name}'", "choose another")
    model, config = table[record.name]
    return model, override(config(), record.config, section)


def _with_weights(build: Callable[[], Trained], files: Mapping[str, bytes], file: str) -> Trained:
    """A model with its weights."""
    weights = read_arrays(files, file)
    with _NoLarger(sum(array.numel() for array in weights.values()), file):
        model = build()
    checks.weights(model, weights, file)
    model.load_state_dict(weights)
    return model


class _NoLarger(TorchFunctionMode):
    """While this is entered, no array is made that has more entries than the file it is to be filled from."""

    def __init__(self, most: int, file: str):
        super().__init__()
        self._most, self._file = most, file

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in MAKING:
            sizes = [size for one in args for size in (one if isinstance(one, Sequence) else (one,))]
            if math.prod(sizes) ** (2 if func is torch.eye else 1) > self._most:
                raise ValueError(f"{self._file} has fewer weights than the settings of its model ask for")
        return func(*args, **(kwargs or {}))


def _weights(model: Module) -> dict[str, torch.Tensor]:
    return {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
