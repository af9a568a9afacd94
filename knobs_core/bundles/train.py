"""From data to a bundle: split, train the CFAE, train the SAE inside it, map, label, measure every knob, evaluate."""

import dataclasses
import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import scipy.sparse as sp
import torch

from knobs_core.base import (
    Config,
    ConfigError,
    DataError,
    ProgressCallback,
    Stage,
    fit_threads,
    nearest,
    override,
    silent,
    threads_for,
    torch_device,
)
from knobs_core.base.places import MANIFEST, put_back
from knobs_core.bundles.bundle import Bundle
from knobs_core.bundles.files import default_path, load, save
from knobs_core.bundles.manifest import SEEDS, Manifest, ModelRecord, SourceRecord
from knobs_core.concepts import Usage, concept_map, concept_recipes, label_neurons, usage, usage_of
from knobs_core.data import Interactions, column_counts, load_data, most_liked, single_items, split_users, taken
from knobs_core.evaluation import accuracy, measure, subjects
from knobs_core.maps import draw_layout
from knobs_core.models import (
    CFAES,
    CHECKPOINT_EVERY,
    SAES,
    InputsConfig,
    Nested,
    Work,
    joined,
    kept_in,
    known_of,
    refuse_sae,
    train_cfae,
    train_sae,
)

Model = TypeVar("Model")
SECTIONS = ("data", "cfae", "sae", "inputs")
AUTO, BY_SIZE = "auto", ("dlae", "elsa")
DLAE_ITEMS = 12_000  # up to which ``auto`` is DLAE; its time grows with the cube of this, its memory with the square
HELD, ROWS = 2**18, 2**16  # users whose codes are held at once, and blocks of users where there are more
BYTES = 16  # that training takes for a weight: itself, its gradient and two moments
SHORT = {"dim": "cfae", "width_ratio": "sae", "k": "sae", "loss": "sae"}  # settings that go by their own name


def train(
    data: Interactions | str | Path = "demo",
    cfae: str = AUTO,
    sae: str = "topk",
    overrides: Mapping[str, Mapping[str, object]] | None = None,
    seed: int = 42,
    device: str = "auto",
    progress: ProgressCallback = silent,
    starts: Sequence[str] = (),
    told: Callable[[Interactions], None] = lambda data: None,
    checkpoint: str | Path | None = None,
    checkpoint_every: float = CHECKPOINT_EVERY,
    shard_neurons: bool = False,
    **short: object,
) -> Bundle:
    """Train everything on some data. The same arguments give the same weights on one machine.

    Processes that torchrun has started train together; docs/distributed.md says how. The first of them gets the bundle.
    The others get nothing: they end, by a SystemExit, when the models are trained.

    Args:
        data: interactions, or a source as for ``load_data``.
        cfae, sae: names from CFAES and SAES; ``auto`` is DLAE for up to 12,000 items, and ELSA for more.
        overrides: {section: {field: value}} for the sections data, cfae, sae and inputs.
        device: ``auto``, ``cpu`` or ``cuda``.
        progress: told as the work goes on.
        starts: ids of the items that neurons 0, 1, ... start from, such as the ``manifest.starts`` of another bundle,
            so that a neuron keeps its number when data have grown; neurons whose items are not there start from
            chance. By default the most liked items.
        told: called with the data before anything is trained, so that somebody may read their account.
        checkpoint: a folder where the training is kept, so that the same call goes on after it was broken off.
        checkpoint_every: seconds from one checkpoint to the next, at least.
        shard_neurons: give each of several processes a part of the SAE's neurons instead of a copy.
        short: ``dim`` (of the embedding), ``k`` (active neurons, at most), ``width_ratio`` (neurons a dimension) and
            ``loss`` (``l2`` or ``cosine``): the same as in overrides, which win.

    Raises:
        KnobsError: anything about the source, the names, the settings or the checkpoint that does not fit.
    """
    fit_threads()
    ranks = joined(device)
    if not ranks.first:
        progress, told = silent, lambda data: None
    if not 0 <= seed < SEEDS:
        raise ConfigError(f"a seed from 0 to {SEEDS - 1}", f"{seed}", "choose another")
    settings = with_short(overrides or {}, short)
    if cfae == AUTO and (others := sorted(settings["cfae"].keys() - {"dim"})):
        raise ConfigError("dim alone for a recommender chosen by size", f"cfae.{others[0]}", "name one: --cfae elsa")
    recommenders = {
        name: _choose("CFAE", name, CFAES, settings["cfae"], "cfae") for name in (BY_SIZE if cfae == AUTO else [cfae])
    }
    sae_class, sae_config = _choose("SAE", sae, SAES, settings["sae"], "sae")
    refuse_sae(sae_class, sae_config, ranks, shard_neurons)
    inputs = override(InputsConfig(), settings["inputs"], "inputs")
    if starts and sae_config.start != "items":
        raise ConfigError("sae.start=items for neurons that start from given items", sae_config.start, "leave one out")
    where = torch_device(device)
    if not isinstance(data, Interactions):
        source = data
        data = ranks.alike(lambda: load_data(source, settings["data"], progress))
    elif settings["data"]:
        raise ConfigError("no settings of data that are read already", f"{settings['data']}", "give them to load_data")
    told(data)
    split = split_users(data.matrix, seed)
    if cfae == AUTO:
        cfae = _by_size(data.n_items, recommenders["dlae"][1].dim)
    cfae_class, cfae_config = recommenders[cfae]
    _refuse_too_large(data.n_items, cfae_config.dim, sae_config.width_ratio)

    sections = {
        "cfae": {"name": cfae, **dataclasses.asdict(cfae_config)},
        "sae": {"name": sae, **dataclasses.asdict(sae_config)},
        "inputs": dataclasses.asdict(inputs),
    }
    identity = partial(_identity, data, seed, starts, sections)
    rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    folder = None if checkpoint is None else Path(checkpoint)
    with (
        threads_for(data.n_items * cfae_config.dim),
        kept_in(folder, identity, ranks, rng, generator, checkpoint_every) as checkpoints,
    ):
        work = Work(ranks, checkpoints, shard_neurons)
        known = known_of(data, split)
        recommender, cfae_config, cfae_log = train_cfae(
            cfae_class, cfae_config, known, rng, generator, where, Stage("Training the recommender", progress), work
        )
        _refuse_too_large(data.n_items, recommender.d_embed, sae_config.width_ratio)
        autoencoder, sae_log = train_sae(
            sae_class, sae_config, inputs, recommender, known.likes, split.val.inputs, rng, generator, where,
            Stage("Splitting taste into knobs", progress), _columns(data, starts), work,
        )  # fmt: skip
        ranks.leave()
        if sae_config.start == "items" and not starts:
            starts = data.item_ids[most_liked(known.likes, autoencoder.d_sae)].tolist()
        nested = Nested(recommender, autoencoder, where)

        stage, likes = Stage("Naming the knobs", progress), column_counts(data.matrix)
        stage(0, 1)
        tags, tag_items = data.tag_matrix()
        item_codes = nested.codes(single_items(data.n_items))
        concepts = concept_map(tags, tag_items, item_codes)
        labels = label_neurons(tags, tag_items, item_codes, used(nested, data.matrix), likes)
        if not any(label.alive for label in labels):
            raise DataError(
                "a sparse autoencoder that somebody or something activates",
                f"{len(labels):,} dead neurons",
                "lower sae.lr or cfae.lr, or check the vectors of the items",
            )
        recipe_method = partial(concept_recipes, nested)
        recipes = recipe_method(tag_items)
        stage(1, 1)
        stage = Stage("Trying out every knob", progress)
        stage(0, 1)
        tried = subjects(tags, tag_items, recipes, labels, item_codes, likes)
        measured = measure(nested, split.val, tried, recipe_method, tags, tag_items, likes, seed)
        manifest = Manifest(
            source=SourceRecord(name=data.source.name, checksum=data.source.checksum),
            seed=seed,
            data=data.source.config,
            cfae=ModelRecord(name=cfae, config=dataclasses.asdict(cfae_config), training=cfae_log),
            sae=ModelRecord(name=sae, config=dataclasses.asdict(sae_config), training=sae_log),
            inputs=inputs,
            versions={name: _version(name) for name in ("knobs-recsys", "torch", "numpy", "scipy", "pandas")},
            metrics=accuracy(nested, data, split),
            starts=tuple(starts),
            read=data.account,
        )
        stage(1, 1, f"{len(measured):,} knobs")
        return Bundle(manifest, data, nested, concepts, recipes, labels, measured)


def _identity(
    data: Interactions, seed: int, starts: Sequence[str], sections: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """What a checkpoint has in common with the training that may go on from it. sections: settings by section."""
    proof, (n_users, n_items) = hashlib.sha256("\n".join(data.item_ids).encode()), data.matrix.shape
    for part in (data.matrix.indptr, data.matrix.indices):
        proof.update(part.data)
    return {
        "data": f"{n_users} users, {n_items} items, SHA-256 {proof.hexdigest()[:12]}",
        "seed": seed,
        "starts": list(starts),
        **{f"{section}.{name}": value for section, fields in sections.items() for name, value in fields.items()},
    }


def load_demo(device: str = "auto", progress: ProgressCallback = silent) -> Bundle:
    """The demo's bundle: from its usual place, or trained and kept there, which takes seconds.

    Raises:
        MissingExtraError: the package that carries the demo's data is not installed.
        BundleError: what lies in the bundle's place cannot be used.
    """
    path = default_path("demo")
    put_back(path)
    if not (path / MANIFEST).is_file():
        save(train("demo", device=device, progress=progress), path)
    return load(path, torch_device(device))


def second_sae(bundle: Bundle, seed: int, progress: ProgressCallback = silent) -> Nested:
    """The bundle's recommender with another SAE of the same kind, trained in other batches.

    Neurons that started from items start from the same ones, all others from other random weights.
    """
    sae_class, sae_config = SAES[bundle.manifest.sae.name]
    cfae, split = bundle.nested.cfae, bundle.split()
    with threads_for(bundle.interactions.n_items * cfae.d_embed):
        sae, _ = train_sae(
            sae_class,
            sae_config(**bundle.manifest.sae.config),
            bundle.manifest.inputs,
            cfae,
            taken(bundle.interactions.matrix, split.train),
            split.val.inputs,
            np.random.default_rng(seed),
            torch.Generator().manual_seed(seed),
            bundle.nested.device,
            Stage("Training a second autoencoder", progress),
            _columns(bundle.interactions, bundle.manifest.starts),
        )
    return Nested(cfae, sae, bundle.nested.device)


def draw_map(bundle: Bundle, progress: ProgressCallback = silent) -> Bundle:
    """The bundle with its map; see ``maps.draw_layout``.

    Raises:
        MissingExtraError: umap-learn is not installed.
    """
    alive = np.array([label.alive for label in bundle.labels])
    dials = [knob.dial(1.0) for knob in bundle.knobs.values()]
    drawn = draw_layout(bundle.nested, bundle.interactions.matrix, alive, dials, bundle.manifest.seed, progress)
    return dataclasses.replace(bundle, projection=drawn)


def with_short(
    overrides: Mapping[str, Mapping[str, object]], short: Mapping[str, object]
) -> dict[str, dict[str, object]]:
    """Overrides by section with the settings that go by their own name put where they belong; None leaves one out.

    Raises:
        ConfigError: a section or a short name that does not exist.
    """
    for section in overrides:
        if section not in SECTIONS:
            raise ConfigError(f"a section ({', '.join(SECTIONS)})", f"'{section}'", nearest(section, SECTIONS))
    settings = {section: dict(overrides.get(section, {})) for section in SECTIONS}
    for name, value in short.items():
        if name not in SHORT:
            raise ConfigError(f"a setting ({', '.join(SHORT)})", f"'{name}'", "give others by overrides")
        if value is not None:
            settings[SHORT[name]].setdefault(name, value)
    return settings


def used(nested: Nested, likes: sp.csr_matrix) -> Usage:
    """What the full histories of likes (n_users, n_items) do to the neurons, without all codes where they are many."""
    if likes.shape[0] <= HELD:
        return usage_of(nested.codes(likes))
    return usage(lambda: (nested.codes(likes[start : start + ROWS]) for start in range(0, likes.shape[0], ROWS)))


def _refuse_too_large(n_items: int, dim: int, width_ratio: float) -> None:
    """Refuse models that the memory of this machine cannot hold, before any of it is taken."""
    weights = n_items * dim + 2 * dim * dim * width_ratio
    needed, there = weights * BYTES, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if needed > there:
        raise ConfigError(
            f"models that fit into the {there / 2**30:,.0f} GiB of this machine",
            f"{needed / 2**30:,.0f} GiB for cfae.dim={dim} and sae.width_ratio={width_ratio:g}",
            "lower one of them",
        )


def _by_size(n_items: int, dim: int) -> str:
    """The recommender for a catalogue of a size; DLAE has no more dimensions than items."""
    return "dlae" if dim <= n_items <= DLAE_ITEMS else "elsa"


def _columns(data: Interactions, ids: Sequence[str]) -> list[int] | None:
    """Columns of items, -1 for those that are not there; None for no ids at all."""
    return [data.column_of.get(item, -1) for item in ids] or None


def _choose(
    kind: str,
    name: str,
    table: Mapping[str, tuple[Model, Callable[[], Config]]],
    changes: Mapping[str, object],
    section: str,
) -> tuple[Model, Config]:
    """Model class and checked hyperparameters of a name."""
    if name not in table:
        raise ConfigError(f"a {kind}: {', '.join(table)}", f"'{name}'", nearest(name, table))
    model, config = table[name]
    return model, override(config(), changes, section)


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "unknown"
