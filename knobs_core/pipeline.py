"""From a source to a bundle: read, split, train the CFAE, train the SAE inside it, map, label, evaluate."""

import dataclasses
from collections.abc import Callable, Mapping
from functools import partial
from importlib.metadata import version

import numpy as np
import pydantic
import scipy.sparse as sp
import torch
from pydantic import ConfigDict, Field

from knobs_core import data, effects, projection, settings
from knobs_core.bundle import FORMAT, Bundle
from knobs_core.cfae import CFAES, Known, to_bags
from knobs_core.errors import ConfigError, nearest
from knobs_core.evaluation import evaluate
from knobs_core.explain import label_neurons
from knobs_core.mapping import concept_map
from knobs_core.nested import Nested
from knobs_core.recipes import concept_recipes
from knobs_core.sae import SAES
from knobs_core.sae.wake import wake
from knobs_core.sparse import single_items
from knobs_core.training import Adam, Progress, ProgressCallback, fit, shuffled, sub_histories

SECTIONS = ("data", "cfae", "sae", "inputs")


@pydantic.dataclasses.dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class InputsConfig:
    """What the SAE is trained on besides, or instead of, full histories."""

    sub_histories: bool = True
    """Random parts of each history, new ones every epoch, in place of the full histories."""
    single_items: bool = True
    """Every item alone as well."""
    draws: int = Field(1, ge=1)
    """Parts drawn of each history an epoch; more of them weigh people more against single items."""


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

    interactions, origin = data.load(source, overrides.get("data"), lambda *step: report(Progress(*step)))
    split = data.split_users(interactions.matrix, seed)

    rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    known = known_of(interactions, split)
    outer, cfae_config, cfae_log = train_cfae(
        cfae_class, cfae_config, known, rng, generator, where, _stage(report, "Training the recommender")
    )
    inner, sae_log = train_sae(
        sae_class, sae_config, inputs, outer, known.likes, split.val.inputs, rng, generator, where,
        _stage(report, "Splitting taste into knobs"),
    )  # fmt: skip
    nested = Nested(outer, inner, where)

    report(Progress("Naming the knobs", 0, 1))
    tags, tag_items = interactions.tag_matrix()
    item_codes = nested.codes(single_items(interactions.n_items))
    concepts = concept_map(tags, tag_items, item_codes)
    labels = label_neurons(
        tags,
        tag_items,
        item_codes,
        nested.codes(interactions.matrix),
        interactions.matrix.getnnz(axis=0),
        interactions.items["title"].tolist(),
    )
    recipe_method = partial(concept_recipes, nested)
    recipes = recipe_method(tag_items)
    report(Progress("Naming the knobs", 1, 1))
    report(Progress("Trying out every knob", 0, 1))
    study = effects.study(tags, tag_items, recipes, recipe_method, labels, item_codes, seed)
    measured = effects.measure(nested, split.val, study, tags, tag_items, interactions.matrix.getnnz(axis=0), seed)
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
    report(Progress("Trying out every knob", 1, 1, f"{len(measured):,} knobs"))
    return Bundle(manifest, interactions, nested, concepts, recipes, labels, measured)


def train_cfae(
    cfae_class: type,
    config,
    known: Known,
    rng: np.random.Generator,
    generator: torch.Generator,
    where: torch.device,
    report: Callable[[int, int, str], None],
) -> tuple[torch.nn.Module, object, dict]:
    """A CFAE from what is known: trained by gradients, its weights chosen on validation users, or made in its own way.

    Returns:
        the model, its settings (a CFAE that is made may fill some in), and a log.
    """
    if hasattr(cfae_class, "make"):
        report(0, 1, "")
        model, config, log = cfae_class.make(config, known, generator)
        report(1, 1, "")
        return model.to(where), config, log
    model = cfae_class(known.likes.shape[1], config, generator).to(where)
    model.start(known.likes, generator)
    val_bags = to_bags(known.val_inputs, where)
    log = fit(
        model,
        config,
        lambda: (to_bags(known.likes[rows], where) for rows in shuffled(known.likes.shape[0], config.batch_size, rng)),
        lambda: float(model.loss(val_bags)),
        report,
    )
    return model, config, log


def known_of(interactions: data.Interactions, split: data.Split) -> Known:
    """What a recommender may be made from: training users, and validation users' inputs."""
    return Known(
        interactions.matrix[split.train],
        split.val.inputs,
        interactions.item_ids,
        interactions.user_ids[split.train],
        interactions.user_ids[split.val.users],
    )


def train_sae(
    sae_class: type,
    config,
    inputs: InputsConfig,
    outer: torch.nn.Module,
    likes: sp.csr_matrix,
    val_inputs: sp.csr_matrix,
    rng: np.random.Generator,
    generator: torch.Generator,
    where: torch.device,
    report: Callable[[int, int, str], None],
) -> tuple[torch.nn.Module, dict]:
    """An SAE trained on the embeddings that a trained CFAE gives to likes (n_train, n_items), and its log."""
    inner = sae_class(outer.d_embed, config, generator).to(where)
    nested = Nested(outer, inner, where)
    inner.requires_grad_(True)
    val_embeddings = nested.embeddings(val_inputs).to(where)
    histories = nested.embeddings(likes)

    def between(epoch: int, optimizer: Adam) -> bool:
        # None in the last tenth: what is woken needs time to learn.
        due = config.wake_every and epoch % config.wake_every == 0 and epoch <= 0.9 * config.epochs
        return bool(due and wake(inner, histories, optimizer, rng))

    log = fit(
        inner,
        config,
        _sae_batches(nested, likes, inputs, config.batch_size, rng),
        lambda: float(inner.loss(val_embeddings)),
        report,
        config.decay,
        between,
    )
    return inner, log


def second_sae(bundle: Bundle, seed: int, report: ProgressCallback = lambda progress: None) -> Nested:
    """The bundle's recommender with another SAE of the same kind, trained from other random weights and batches."""
    sae_class, sae_config = SAES[bundle.manifest["sae"]["name"]]
    outer, split = bundle.nested.cfae, bundle.split()
    inner, _ = train_sae(
        sae_class,
        sae_config(**bundle.manifest["sae"]["config"]),
        InputsConfig(**bundle.manifest["inputs"]),
        outer,
        bundle.interactions.matrix[split.train],
        split.val.inputs,
        np.random.default_rng(seed),
        torch.Generator().manual_seed(seed),
        bundle.nested.device,
        _stage(report, "Training a second autoencoder"),
    )
    return Nested(outer, inner, bundle.nested.device)


def _stage(report: ProgressCallback, name: str) -> Callable[[int, int, str], None]:
    return lambda done, total, text: report(Progress(name, done, total, text))


def draw_map(bundle: Bundle, report: ProgressCallback = lambda progress: None) -> Bundle:
    """The bundle with its map; see ``projection.draw``."""
    alive = np.array([label.alive for label in bundle.labels])
    drawn = projection.draw(bundle.nested, bundle.interactions.matrix, alive, bundle.manifest["seed"], report)
    return dataclasses.replace(bundle, projection=drawn)


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

    draws = inputs.draws if inputs.sub_histories else 0

    def epoch():
        embeddings = torch.cat(fixed + [nested.embeddings(sub_histories(likes, rng)) for _ in range(draws)])
        return (embeddings[rows].to(nested.device) for rows in shuffled(len(embeddings), batch_size, rng))

    return epoch
