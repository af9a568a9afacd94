"""Commands that make something: ``train`` a bundle, draw its ``map``."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from knobs_core.base import ConfigError, ProgressCallback, silent
from knobs_core.cli.output import (
    BundlePath,
    ShowProgress,
    device_option,
    json_option,
    open_bundle,
    own_bundle_argument,
    parse_sets,
    present,
    say,
    seed_option,
    show_table,
)
from knobs_core.cli.rename import keep_names

if TYPE_CHECKING:
    from knobs_core.bundles import Bundle
    from knobs_core.data import Account, Interactions, Source

# The models are imported inside the commands: torch takes seconds, and --help should not.

SOURCES = (  # written out, so that --help need not import the data layer
    "An archive, a folder, a table of likes, or a name: demo, ml-latest-small, ml-100k, ml-1m, ml-10m, ml-20m, ml-25m, "
    "ml-32m, msd, hetrec2011-lastfm-2k, goodbooks-10k (downloaded where needed)."
)


@click.command()
@click.option("--data", "source", default="demo", show_default=True, help=SOURCES)
@click.option(
    "--cfae",
    default="auto",
    show_default=True,
    help="Collaborative autoencoder; auto: dlae, or elsa from 12,001 items.",
)
@click.option("--dim", help="Embedding size (cfae.dim).")
@click.option("--sae", default="topk", show_default=True, help="Sparse autoencoder.")
@click.option("--width-ratio", help="Neurons for every embedding dimension (sae.width_ratio).")
@click.option("--k", help="Active neurons in a code, at most (sae.k).")
@click.option("--loss", help="l2 or cosine (sae.loss).")
@seed_option
@device_option
@click.option("--out", type=click.Path(path_type=Path), help="Bundle folder to write; by default under KNOBS_HOME.")
@click.option("--preset", "preset_names", multiple=True, metavar="NAME", help="The paper's settings, e.g. paper-fine.")
@click.option("--set", "sets", multiple=True, metavar="SECTION.FIELD=VALUE", help="Any setting, e.g. sae.l1=0.001.")
@click.option(
    "--like",
    type=BundlePath(),
    metavar="BUNDLE",
    help="Start every neuron from the item it started from in this bundle, so that it keeps its number.",
)
@click.option(
    "--keep",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Keep the last N bundles that were replaced here; see rollback. By default none is kept.",
)
@click.option("--map/--no-map", "with_map", default=True, show_default=True, help="Draw the map as well.")
@click.option(
    "--checkpoint",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Keep the training in this folder, so that the same command goes on after it was broken off.",
)
@click.option(
    "--checkpoint-every",
    type=click.FloatRange(min=0),
    default=300,
    show_default=True,
    metavar="SECONDS",
    help="Time between two checkpoints, at least.",
)
@click.option(
    "--shard-neurons", is_flag=True, help="Under torchrun, give each process a part of the neurons instead of a copy."
)
@click.option(
    "--link", is_flag=True, help="Leave likes and users in the prepared folder of --data; the bundle points to it."
)
@click.option("--once", is_flag=True, help="Do nothing where a bundle is, or once another process has made one there.")
@json_option
def train(
    source: str,
    cfae: str,
    dim: str | None,
    sae: str,
    width_ratio: str | None,
    k: str | None,
    loss: str | None,
    seed: int,
    device: str,
    out: Path | None,
    preset_names: tuple[str, ...],
    sets: tuple[str, ...],
    like: Path | None,
    keep: int,
    with_map: bool,
    checkpoint: Path | None,
    checkpoint_every: float,
    shard_neurons: bool,
    link: bool,
    once: bool,
    as_json: bool,
) -> None:
    """Train a recommender and its knobs on a data set, and write them as a bundle.

    Processes that torchrun starts with this command train together: docs/distributed.md.

    \b
    Example:
      knobs train --data ml-latest-small.zip --k 16 --set data.threshold=3.5 --out my-bundle --keep 2
    """
    from knobs_core import bundles, data, models

    short = {"dim": dim, "width_ratio": width_ratio, "k": k, "loss": loss}
    overrides = bundles.with_short(parse_sets(sets), short)
    if preset_names and cfae == "auto":
        cfae = "elsa"  # the paper's
    overrides = bundles.apply_presets(preset_names, cfae, sae, overrides)
    ranks = models.joined(device)
    # The place is looked at before minutes of work, not after.
    path = ranks.by_first(lambda: bundles.check_place(out or bundles.default_path(source)))
    starts = ranks.by_first(lambda: bundles.read_manifest(like).starts if like else ())
    if like and not starts:
        raise ConfigError(
            "a bundle whose neurons started from items, for --like", f"one from chance at {like}", "leave it out"
        )

    def needed() -> bool:
        return ranks.by_first(lambda: not (once and path.exists()))

    def trained_with(progress: ProgressCallback, told: Callable[["Interactions"], None]) -> "Bundle":
        return bundles.train(
            source, cfae, sae, overrides, seed, device, progress, starts, told, checkpoint, checkpoint_every,
            shard_neurons,
        )  # fmt: skip

    def told(data: "Interactions") -> None:
        showing.say(account(data))
        if link and data.prepared is None:  # before minutes of work, not after
            raise ConfigError(*bundles.NOT_PREPARED)

    if not ranks.first:  # it works as long as the first does, and neither says nor writes anything
        if needed():
            trained_with(silent, lambda data: None)
        ranks.leave()
    if licence := data.terms(source):
        say(licence, aside=True)
    started = time.perf_counter()
    showing = ShowProgress()
    with showing as listen, bundles.training(path, listen) as progress:
        if needed():
            trained = trained_with(progress, told)
            if not any(knob.kind == "concept" for knob in trained.knobs.values()):
                why = "sets its items apart from the others" if trained.concepts.tags else "is left"
                showing.say([f"Warning: no theme can be turned, only neurons, as no tag {why}; see docs/data.md."])
            if with_map:
                trained = bundles.draw_map(trained, progress)
            bundles.save(keep_names(trained, path), path, keep, link)
    manifest = bundles.read_manifest(path)
    for said in manifest.cfae.training.get("warnings", ()):
        say(f"Warning: {said}", aside=True)
    seconds = round(time.perf_counter() - started, 1)
    document = {"bundle": str(path), "seconds": seconds, **manifest.document()}
    present(document, as_json, lambda: show_metrics(manifest.metrics, f"{path} in {seconds} s"))


@click.command("map")
@own_bundle_argument
@json_option
def draw_map(bundle_path: Path, as_json: bool) -> None:
    """Draw the map of a bundle, or draw it again, and keep it there.

    \b
    Example:
      knobs map my-bundle
    """
    from knobs_core import bundles

    started = time.perf_counter()
    loaded = open_bundle(bundle_path)
    with ShowProgress() as progress:
        drawn = bundles.draw_map(loaded, progress)
    bundles.save_map(drawn, bundle_path)
    facts = {
        "bundle": str(bundle_path),
        "seconds": round(time.perf_counter() - started, 1),
        "trustworthiness": drawn.drawn.trustworthiness,
    }
    words = f"{bundle_path} has its map: trustworthiness {facts['trustworthiness']:.3f}, {facts['seconds']} s"
    present(facts, as_json, lambda: say(words))


@click.command()
@own_bundle_argument
@click.option("--to", default="", metavar="VERSION", help="Name or id of the version; by default the last one.")
@click.option("--list", "only_list", is_flag=True, help="List the versions that were kept, the last first.")
@json_option
def rollback(bundle_path: Path, to: str, only_list: bool, as_json: bool) -> None:
    """Return to the bundle that train --keep kept before. What is there now is kept in turn, so it can be undone.

    \b
    Example:
      knobs rollback my-bundle --list
      knobs rollback my-bundle
    """
    from knobs_core import bundles

    if only_list:
        found = bundles.versions(bundle_path)
        rows = [{"version": one.name, "id": one.id} for one in found]
        lines = [f"{one.name}  {one.id or 'cannot be read'}" for one in found]
        present(rows, as_json, lambda: say(*(lines or [f"no earlier version of {bundle_path} was kept"])))
        return
    now = bundles.rollback(bundle_path, to)
    kept = bundles.versions(bundle_path)[0].name
    document = {"bundle": str(bundle_path), "id": now.id, "kept": kept}
    words = f"{bundle_path} is bundle {now.id} again; the one that was there is kept as version {kept}"
    present(document, as_json, lambda: say(words))


def account(data: "Interactions") -> list[str]:
    """What was read, in plain lines; the last ones say what looks odd."""
    return [] if data.account is None else account_of(data.account, data.source)


def account_of(read: "Account", source: "Source") -> list[str]:
    """The same of an account."""
    return [*read.sentences(source.words), *(f"Warning: {one}." for one in read.warnings)]


def show_metrics(metrics: Mapping[str, Mapping[str, float]], title: str) -> None:
    """Accuracy as a table, with a line on neurons and users under it."""
    rows = []
    for name, row in (
        ("popularity", "popularity"),
        ("recommender alone", "cfae"),
        ("through the code", "nested"),
    ):
        values = metrics[row]
        kept = f"{metrics['retained']['ndcg@20']:.1%}" if row == "nested" else ""
        rows.append((name, f"{values['recall@20']:.4f}", f"{values['ndcg@20']:.4f}", kept))
    show_table({"": "left", "recall@20": "right", "ndcg@20": "right", "kept of nDCG": "right"}, rows, title)
    neurons, nested, split = metrics["neurons"], metrics["nested"], metrics["split"]
    say(
        f"cosine {nested['cosine']:.3f}, {nested['l0']:.1f} active of {neurons['total']} neurons; dead on users "
        f"{neurons['dead_on_users']}, on single items {neurons['dead_on_items']}; users {split['n_train']} train, "
        f"{split['n_val']} validation, {split['n_test']} test"
    )
