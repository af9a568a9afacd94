"""A bundle: one folder that holds everything the app and the command line need. No pickle anywhere.

    manifest.json            format version, configs, seed, source and its checksum, library versions, metrics
    cfae.safetensors         weights of the collaborative autoencoder
    sae.safetensors          weights of the sparse autoencoder
    interactions.npz         likes (n_users, n_items), CSR
    concept_map.npz          M (n_tags, n_neurons), CSR
    users, items, tags       .parquet: names, metadata and tag assignments
    knobs.parquet            a row a neuron: label, confidence, support, evidence
    effects.parquet          a row a measured knob: what turning it does to people's lists
    concepts, recipes        .parquet: tags in the order of the map, what their neurons explain; tag, neuron, weight
    rests.safetensors        (n_tags, d_embed): what belongs to each tag beside the neurons of its recipe
    item_effects.parquet     key, item_id, effect: what every knob does to 50 items, for dials that outlive the bundle
    map.safetensors          optional: where items, landmarks and neurons lie on the map
    names.json               optional: {key: name} of the knobs that their owner renamed

It is written to a hidden sibling and renamed, so that a killed run leaves either the old bundle or none.
"""

import dataclasses
import json
import secrets
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import scipy.sparse as sp
import torch
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file as load_arrays
from safetensors.numpy import save_file as save_arrays
from safetensors.torch import load_file, save_file

from knobs_core.base import BundleError, KnobsError, StorageError, home, replacing, slug, storing, to_disk
from knobs_core.bundles.bundle import Bundle
from knobs_core.bundles.manifest import MANIFEST, Manifest, read_manifest, rebuild
from knobs_core.bundles.names import NAMES, read_names, write_names
from knobs_core.concepts import ConceptMap, ConceptRecipe, Label
from knobs_core.data import ITEM_COLUMNS, Interactions
from knobs_core.evaluation import Effect
from knobs_core.maps import Projection
from knobs_core.models import CFAES, SAE, SAES, Module, Nested
from knobs_core.steering import Recipe

MAP, ITEM_EFFECTS = "map.safetensors", "item_effects.parquet"
ARRAYS = ("landmarks", "landmark_places", "items", "neurons")  # of the map
Record = TypeVar("Record", Label, Effect)


def default_path(source: str = "demo") -> Path:
    """Where the bundle of a source lies when nobody says otherwise."""
    return home() / "bundles" / slug(source)


def save(bundle: Bundle, path: str | Path) -> None:
    """Write a bundle whole or not at all; an older bundle at the same place is replaced.

    Raises:
        StorageError: the place cannot be written, or holds something that is not a bundle.
    """
    path = Path(path)
    check_place(path)
    token = secrets.token_hex(4)
    partial, old = (path.with_name(f".{path.name}.{role}-{token}") for role in ("partial", "old"))
    with storing(path):
        try:
            partial.mkdir()
            _write(bundle, partial)
            if path.exists():
                path.rename(old)
            partial.rename(path)
        except BaseException:
            if old.exists() and not path.exists():
                old.rename(path)
            raise
        finally:
            shutil.rmtree(partial, ignore_errors=True)
            shutil.rmtree(old, ignore_errors=True)


def save_map(bundle: Bundle, path: str | Path) -> None:
    """Write the map of a bundle that lies at ``path``, whole or not at all; the other files stay as they are.

    Raises:
        BundleError: the bundle at ``path`` is another one by now, or there is no map to write.
        StorageError: nothing can be written there.
    """
    path = Path(path)
    if bundle.projection is None:
        raise BundleError("a bundle with a map", "one without", "draw it first, with draw_map")
    if read_manifest(path).id != bundle.id:
        raise BundleError(f"the bundle that the map was drawn for at {path}", "another one", "draw the map again")
    with replacing(path / MAP) as partial:
        _write_map(bundle.projection, partial)


def save_names(bundle: Bundle, path: str | Path) -> None:
    """Write the names of a bundle that lies at ``path``, whole or not at all; the other files stay as they are.

    Raises:
        BundleError: the bundle at ``path`` is another one by now.
        StorageError: nothing can be written there.
    """
    path = Path(path)
    if read_manifest(path).id != bundle.id:
        raise BundleError(f"the bundle that was to be renamed at {path}", "another one", "look at it and try again")
    write_names(bundle.names, path)


def check_place(path: str | Path) -> None:
    """Make sure that a bundle can be written to ``path``, and make its parent folder.

    Raises:
        StorageError: nothing can be written there, or it holds something that is not a bundle.
    """
    path = Path(path)
    with storing(path):
        if path.exists() and not (path / MANIFEST).is_file() and (not path.is_dir() or any(path.iterdir())):
            raise StorageError(
                "a new folder or an existing bundle to write to", f"something else at {path}", "choose another --out"
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):
            pass


def load(path: str | Path, device: str | torch.device = "cpu") -> Bundle:
    """Read a bundle.

    Raises:
        BundleError: nothing there, another format version, or damaged files; says how to rebuild it.
    """
    path = Path(path)
    manifest, names = read_manifest(path), read_names(path)
    try:
        read = _read(manifest, path, device)
    except (OSError, KeyError, ValueError, TypeError, RuntimeError, SafetensorError, zipfile.BadZipFile) as error:
        # Missing or cut files, wrong shapes and unreadable headers all end here; none of them may show a traceback.
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BundleError(
            f"a whole bundle at {path}", f"damage ({reason})", rebuild(manifest.document(), path)
        ) from error
    try:
        return read.with_names(names)
    except KnobsError as error:
        raise BundleError(
            f"names that can be used in {path / NAMES}", f"one that cannot ({error})", "correct or delete the file"
        ) from None


def read_item_effects(path: str | Path) -> dict[str, dict[str, float]]:
    """{knob key: {item id: effect}} that a bundle was saved with, also where its models can no longer be read.

    Raises:
        BundleError: no such file, or a damaged one.
    """
    file = Path(path) / ITEM_EFFECTS
    try:
        rows = pd.read_parquet(file, columns=["key", "item_id", "effect"])
    except (OSError, ValueError) as error:
        raise BundleError(f"what knobs do to items, in {file}", "none that can be read", "train it anew") from error
    return {str(key): dict(zip(part["item_id"], part["effect"], strict=True)) for key, part in rows.groupby("key")}


def _write(bundle: Bundle, folder: Path) -> None:
    data = bundle.interactions
    save_file(_weights(bundle.nested.cfae), folder / "cfae.safetensors")
    save_file(_weights(bundle.nested.sae), folder / "sae.safetensors")
    sp.save_npz(folder / "interactions.npz", data.matrix)
    sp.save_npz(folder / "concept_map.npz", sp.csr_matrix(bundle.concepts.activity))
    pd.DataFrame({"user_id": data.user_ids}).to_parquet(folder / "users.parquet", index=False)
    data.items.assign(item_id=data.item_ids).to_parquet(folder / "items.parquet", index=False)
    data.tags.to_parquet(folder / "tags.parquet", index=False)
    _write_records(bundle.with_names({}).labels, folder / "knobs.parquet")
    _write_records(bundle.effects, folder / "effects.parquet")
    _write_recipes(bundle, folder)
    bundle.item_effects().to_parquet(folder / ITEM_EFFECTS, index=False)
    text = json.dumps(bundle.manifest.document(), indent=2, ensure_ascii=False, sort_keys=True)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")
    if bundle.projection:
        _write_map(bundle.projection, folder / MAP)
    if bundle.names:
        write_names(bundle.names, folder)
    for file in folder.iterdir():
        to_disk(file)


def _write_map(projection: Projection, file: Path) -> None:
    facts = {name: repr(getattr(projection, name)) for name in ("trustworthiness", "n_users")}
    save_arrays({name: np.ascontiguousarray(getattr(projection, name)) for name in ARRAYS}, file, metadata=facts)


def _read_map(file: Path, n_items: int, sae: SAE) -> Projection | None:
    if not file.exists():
        return None
    with safe_open(file, framework="numpy") as stored:
        arrays, facts = {name: stored.get_tensor(name) for name in ARRAYS}, stored.metadata()
    shapes = [arrays[name].shape for name in ARRAYS]
    m = len(arrays["landmarks"])
    if shapes != [(m, sae.w_dec.shape[1]), (m, 2), (n_items, 2), (sae.d_sae, 2)]:
        raise ValueError(f"a map of shapes {shapes}")
    return Projection(**arrays, trustworthiness=float(facts["trustworthiness"]), n_users=int(facts["n_users"]))


def _read(manifest: Manifest, path: Path, device: str | torch.device) -> Bundle:
    matrix = sp.csr_matrix(sp.load_npz(path / "interactions.npz"))
    items = pd.read_parquet(path / "items.parquet")
    interactions = Interactions(
        matrix,
        pd.read_parquet(path / "users.parquet")["user_id"].to_numpy(dtype=object),
        items["item_id"].to_numpy(dtype=object),
        items.astype(ITEM_COLUMNS)[list(ITEM_COLUMNS)],
        pd.read_parquet(path / "tags.parquet"),
        manifest.origin,
    )
    if matrix.shape != (len(interactions.user_ids), len(interactions.item_ids)):
        raise ValueError(f"{matrix.shape} interactions, {len(interactions.item_ids)} items")
    cfae_class, cfae_config = CFAES[manifest.cfae.name]
    sae_class, sae_config = SAES[manifest.sae.name]
    cfae = cfae_class(matrix.shape[1], cfae_config(**manifest.cfae.config))
    cfae.load_state_dict(load_file(path / "cfae.safetensors"))
    sae = sae_class(cfae.d_embed, sae_config(**manifest.sae.config))
    sae.load_state_dict(load_file(path / "sae.safetensors"))
    tags, recipes = _read_recipes(path, cfae.d_embed)
    return Bundle(
        manifest,
        interactions,
        Nested(cfae, sae, device),
        ConceptMap(tags, sp.load_npz(path / "concept_map.npz").toarray()),
        recipes,
        _read_records(Label, path / "knobs.parquet"),
        _read_records(Effect, path / "effects.parquet"),
        _read_map(path / MAP, matrix.shape[1], sae),
    )


def _write_recipes(bundle: Bundle, folder: Path) -> None:
    tags, recipes = bundle.concepts.tags, bundle.recipes
    rows = [(t, j, w) for t, made in zip(tags, recipes, strict=True) for j, w in made.recipe.items()]
    pd.DataFrame(rows, columns=["tag", "neuron", "weight"]).to_parquet(folder / "recipes.parquet", index=False)
    facts = pd.DataFrame({"tag": pd.Series(tags, dtype=object), "explained": [made.explained for made in recipes]})
    facts.to_parquet(folder / "concepts.parquet", index=False)
    rests = np.zeros((len(tags), bundle.nested.cfae.d_embed), np.float32)
    for row, made in zip(rests, recipes, strict=True):
        row[:] = 0 if made.rest is None else made.rest
    save_arrays({"rests": rests}, folder / "rests.safetensors")


def _read_recipes(folder: Path, d_embed: int) -> tuple[list[str], list[ConceptRecipe]]:
    facts = pd.read_parquet(folder / "concepts.parquet")
    tags = facts["tag"].tolist()
    rests = load_arrays(folder / "rests.safetensors")["rests"]
    if rests.shape != (len(tags), d_embed):
        raise ValueError(f"{rests.shape} rests of {len(tags)} concepts")
    rests.flags.writeable = False
    recipes: dict[str, Recipe] = {tag: {} for tag in tags}
    for tag, neuron, weight in pd.read_parquet(folder / "recipes.parquet").itertuples(index=False):
        recipes[tag][int(neuron)] = float(weight)
    made = zip(recipes.values(), rests, facts["explained"].tolist(), strict=True)
    return tags, [ConceptRecipe(recipe, rest if rest.any() else None, explained) for recipe, rest, explained in made]


def _write_records(records: list[Record], file: Path) -> None:
    """Dataclass instances of one kind as a table; tuples become JSON, as some hold words and numbers side by side."""
    rows = [dataclasses.asdict(record) for record in records]
    rows = [{k: json.dumps(v) if isinstance(v, tuple) else v for k, v in row.items()} for row in rows]
    pd.DataFrame(rows).to_parquet(file, index=False)


def _read_records(kind: type[Record], file: Path) -> list[Record]:
    tuples = {field.name for field in dataclasses.fields(kind) if str(field.type).startswith("tuple")}
    rows = pd.read_parquet(file).to_dict("records")
    return [kind(**{str(k): _tuples(json.loads(v)) if k in tuples else v for k, v in row.items()}) for row in rows]


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _weights(model: Module) -> dict[str, torch.Tensor]:
    return {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
