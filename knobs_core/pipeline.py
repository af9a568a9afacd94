"""From a source to a bundle: read, split, train the CFAE, train the SAE inside it, map, label, evaluate."""

import dataclasses
from collections.abc import Callable, Mapping
from importlib.metadata import version

import numpy as np
import pydantic
import scipy.sparse as sp
import torch
from pydantic import ConfigDict

from knobs_core import data, settings
from knobs_core.bundle import FORMAT, Bundle
from knobs_core.cfae import CFAES, to_bags
from knobs_core.errors import ConfigError, nearest
from knobs_core.evaluation import evaluate
from knobs_core.explain import label_neurons
from knobs_core.mapping import concept_map
from knobs_core.nested import Nested
from knobs_core.recipes import concept_recipes
from knobs_core.sae import SAES
from knobs_core.sparse import single_items
from knobs_core.training import Progress, ProgressCallback, fit, shuffled, sub_histories

SECTIONS = ("data", "cfae", "sae", "inputs")


@pydantic.dataclasses.dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class InputsConfig:
    """What the SAE is trained on besides, or instead of, full histories."""

    sub_histories: bool = True
    """Random parts of each history, new ones every epoch, in place of the full histories."""
    single_items: bool = True
    """Every item alone as well."""


def train(
    source: str = "demo",
    cfae: str = "elsa",
    sae: str = "topk",
    overrides: Mapping[str, Mapping[str, object]] | None = None,
    seed: int = 42,
    device: str = "auto",
    report: ProgressCallback = lambda progress: None,
) -> Bundle:
    """Train everything on a source. The same arguments give the same weights on one machine.

    Args:
        source: see ``knobs_core.data.load``.
        cfae, sae: names from CFAES and SAES.
        overrides: {section: {field: value}} for the sections data, cfae, sae and inputs.
        report: called as the work goes on.

    Raises:
        KnobsError: anything about the source, the names or the settings that does not fit.
    """
    overrides = overrides or {}
    for section in overrides:
        if section not in SECTIONS:
            raise ConfigError(f"a section ({', '.join(SECTIONS)})", f"'{section}'", nearest(section, SECTIONS))
    cfae_class, cfae_config = _choose("CFAE", cfae, CFAES, overrides.get("cfae", {}), "cfae")
    sae_class, sae_config = _choose("SAE", sae, SAES, overrides.get("sae", {}), "sae")
    inputs = settings.override(InputsConfig(), overrides.get("inputs", {}), "inputs")
    where = settings.device(device)

    report(Progress("Reading the data", 0, 1))
    interactions, origin = data.load(source, overrides.get("data"))
    split = data.split_users(interactions.matrix, seed)
    report(Progress("Reading the data", 1, 1, f"{interactions.n_users:,} users, {interactions.n_items:,} items"))

    rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    outer = cfae_class(interactions.n_items, cfae_config, generator).to(where)
    train_likes = interactions.matrix[split.train]
    outer.start(train_likes, generator)
    val_bags = to_bags(split.val.inputs, where)
    cfae_log = fit(
        outer,
        cfae_config,
        lambda: (
            to_bags(train_likes[rows], where) for rows in shuffled(train_likes.shape[0], cfae_config.batch_size, rng)
        ),
        lambda: float(outer.loss(val_bags)),
        lambda done, total, text: report(Progress("Training the recommender", done, total, text)),
    )
    inner = sae_class(outer.d_embed, sae_config, generator).to(where)
    nested = Nested(outer, inner, where)
    inner.requires_grad_(True)
    val_embeddings = nested.embeddings(split.val.inputs).to(where)
    sae_log = fit(
        inner,
        sae_config,
        _sae_batches(nested, train_likes, inputs, sae_config.batch_size, rng),
        lambda: float(inner.loss(val_embeddings)),
        lambda done, total, text: report(Progress("Splitting taste into knobs", done, total, text)),
    )
    nested = Nested(outer, inner, where)

    report(Progress("Naming the knobs", 0, 1))
    tags, tag_items = interactions.tag_matrix()
    item_codes = nested.codes(single_items(interactions.n_items))
    concepts = concept_map(tags, tag_items, item_codes)
    likes = np.asarray(train_likes.sum(0)).ravel()
    labels = label_neurons(
        tags,
        tag_items,
        item_codes,
        nested.codes(interactions.matrix),
        interactions.matrix.getnnz(axis=0),
        interactions.items["title"].tolist(),
    )
    recipes = concept_recipes(nested, tag_items, likes)
    metrics = evaluate(nested, interactions, split)
    manifest = {
        "format": FORMAT,
        "source": {"name": source, "checksum": origin.checksum},
        "seed": seed,
        "data": dataclasses.asdict(origin.config),
        "cfae": {"name": cfae, "config": dataclasses.asdict(cfae_config), "training": cfae_log},
        "sae": {"name": sae, "config": dataclasses.asdict(sae_config), "training": sae_log},
        "inputs": dataclasses.asdict(inputs),
        "versions": {name: version(name) for name in ("knobs", "torch", "numpy", "scipy", "pandas")},
        "metrics": metrics,
    }
    report(Progress("Naming the knobs", 1, 1))
    return Bundle(manifest, interactions, nested, concepts, recipes, labels)


def _choose(kind: str, name: str, table: Mapping, changes: Mapping[str, object], section: str):
    """Model class and checked hyperparameters of a name."""
    if name not in table:
        raise ConfigError(f"a {kind}: {', '.join(table)}", f"'{name}'", nearest(name, table))
    model, config = table[name]
    return model, settings.override(config(), changes, section)


def _sae_batches(
    nested: Nested, likes: sp.csr_matrix, inputs: InputsConfig, batch_size: int, rng: np.random.Generator
) -> Callable:
    """Epochs of embeddings (B, d_embed): histories or parts of them, and items alone."""
    fixed = [nested.embeddings(single_items(likes.shape[1]))] if inputs.single_items else []
    if not inputs.sub_histories:
        fixed.append(nested.embeddings(likes))

    def epoch():
        parts = fixed + ([nested.embeddings(sub_histories(likes, rng))] if inputs.sub_histories else [])
        embeddings = torch.cat(parts)
        return (embeddings[rows].to(nested.device) for rows in shuffled(len(embeddings), batch_size, rng))

    return epoch
