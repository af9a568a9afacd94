"""The command ``export``: vectors for an index of somebody's own, and the SAE in the layout of others."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import click

from knobs_core.base import ConfigError, nearest
from knobs_core.cli.output import (
    ShowProgress,
    bundle_argument,
    device_option,
    item_ids,
    json_option,
    open_bundle,
    present,
    reader_ids,
    say,
    show_table,
)

if TYPE_CHECKING:  # torch takes seconds to import, and --help should not
    from knobs_core.retrieval import Checked, Exported


@click.command()
@bundle_argument
@click.option("--vectors", "folder", type=click.Path(file_okay=False, path_type=Path), help="A folder for vectors.")
@click.option(
    "--sae",
    "sae_folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder for the sparse autoencoder, in the layout of SAELens and Neuronpedia.",
)
@click.option("--users", default="all", show_default=True, metavar="all|FILE", help="Users: all, or ids, one a line.")
@click.option(
    "--items", "newcomers", multiple=True, metavar="ID,ID,...", help="Also somebody new who likes these; repeatable."
)
@click.option("--dial", "dials", multiple=True, metavar="NAME=AMOUNT", help="Turn a knob; may be repeated.")
@click.option(
    "--operator", default="spread", show_default=True, help="How dials are mixed: spread, blend, paper, paper-code."
)
@click.option(
    "--check", "specification", metavar="INDEX", help="Measure an index first, as faiss writes it: HNSW32:efSearch=512."
)
@click.option(
    "--accept-recall",
    type=click.FloatRange(0, 1),
    metavar="SHARE",
    help="The recall below which the index of --check is refused, .98 by default.",
)
@device_option
@json_option
def export(
    bundle_path: Path,
    folder: Path | None,
    sae_folder: Path | None,
    users: str,
    newcomers: tuple[str, ...],
    dials: tuple[str, ...],
    operator: str,
    specification: str | None,
    accept_recall: float | None,
    device: str,
    as_json: bool,
) -> None:
    """Write what other programs read.

    With --vectors those of items, knobs and users as Parquet: the items of the largest inner products are the list.
    With --check an index of them is measured first, on plain, boosted and suppressed lists of users that were held out;
    where it finds too little, nothing is written. With --sae the sparse autoencoder, as SAELens writes one.

    \b
    Example:
      knobs export my-bundle --vectors vectors
      knobs export my-bundle --vectors vectors --dial "film-noir=0.3" --check "HNSW32:efSearch=512"
      knobs export my-bundle --sae sae
    """
    from knobs_core import bundles, retrieval
    from knobs_core.steering import OPERATORS, SPREAD

    if folder is None and (sae_folder is None or users != "all" or newcomers or dials or specification):
        raise click.UsageError("Give --vectors FOLDER; --sae FOLDER alone takes no users, items, dials or index.")
    if accept_recall is not None and specification is None:
        raise click.UsageError("--accept-recall goes with --check INDEX.")
    operators = [SPREAD, *OPERATORS]
    if operator not in operators:
        raise ConfigError(f"an operator: {', '.join(operators)}", f"'{operator}'", nearest(operator, operators))
    readers = None if users == "all" else reader_ids(Path(users))
    strangers = [item_ids((one,)) for one in newcomers]
    bundle = open_bundle(bundle_path, device)
    if sae_folder is not None:
        bundles.export_sae(bundle, sae_folder)
    if folder is None:
        said = {"sae": str(sae_folder), "neurons": len(bundle.labels), "bundle": bundle.id}
        present(said, as_json, lambda: say(f"{bundle.models}, as SAELens reads it, in {sae_folder}"))
        return
    turned, checked = bundle.knobs.parse(dials), None
    with ShowProgress() as progress:
        if specification is not None:
            checked = retrieval.check(bundle, specification, progress)
    if checked:
        least = retrieval.LEAST if accept_recall is None else accept_recall
        kind, recall = checked.worst
        if recall < least:
            present({"check": dataclasses.asdict(checked)}, as_json, lambda: _show_check(checked))
            raise ConfigError(
                f"an index that finds {least:.3g} of every kind of list",
                f"{recall:.3f} of {kind} ones by {specification}",
                "let it look further, take another one, or accept it with --accept-recall",
            )
    with ShowProgress() as progress:
        done = retrieval.export(bundle, folder, readers, turned, operator, checked, progress, strangers)
    document = {**dataclasses.asdict(done), "folder": str(folder), "bundle": bundle.id}
    document["check"] = dataclasses.asdict(checked) if checked else None
    present(document, as_json, lambda: _show(done, folder, checked))


def _show_check(checked: "Checked") -> None:
    show_table(
        {"lists": "left", "recall@20": "right", "lowest of a person": "right"},
        ((kind, f"{recall:.3f}", f"{checked.lowest[kind]:.2f}") for kind, recall in checked.recall.items()),
        f"{checked.specification}, {checked.people:,} users held out",
    )


def _show(done: "Exported", folder: Path, checked: "Checked | None") -> None:
    if checked:
        _show_check(checked)
    say(
        f"{done.items:,} items, {done.knobs:,} knobs, {done.queries:,} queries of {done.users:,} users "
        f"in {done.dimensions:,} dimensions in {folder}"
    )
