"""``prepare``: data of any size as a folder that ``train`` maps into memory."""

import shlex
import time
from pathlib import Path

import click

from knobs_core.base import ConfigError
from knobs_core.cli.output import ShowProgress, json_option, parse_sets, present, say
from knobs_core.cli.train import account_of


@click.command()
@click.argument("source")
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Folder to write.")
@click.option("--memory", default="4GB", show_default=True, help="Memory for the work; what is beyond goes to disk.")
@click.option(
    "--shards",
    type=click.IntRange(1, 65536),
    metavar="K",
    help="Parts; by default as many as each fit into the memory.",
)
@click.option("--unique", is_flag=True, help="The source promises that no user and item meet twice: less work.")
@click.option("--set", "sets", multiple=True, metavar="data.FIELD=VALUE", help="As for train, e.g. data.threshold=3.5.")
@json_option
def prepare(
    source: str, out: Path, memory: str, shards: int | None, unique: bool, sets: tuple[str, ...], as_json: bool
) -> None:
    """Prepare data of any size for train, in memory that is bounded: CSV or Parquet files of likes, with items and tags
    beside them.

    \b
    Example:
      knobs prepare likes.parquet --out prepared --memory 8GB --set data.duplicates=merge
      knobs train --data prepared
    """
    from knobs_core import data

    overrides = parse_sets(sets)
    if others := sorted(overrides.keys() - {"data"}):
        raise ConfigError("settings of data", f"'{others[0]}'", "give the others to train")
    started = time.perf_counter()
    with ShowProgress() as progress:
        made = data.prepare(source, out, overrides.get("data"), memory, shards, unique, progress)
    seconds = round(time.perf_counter() - started, 1)
    document = {"folder": str(out), "seconds": seconds, "id": made.id, **made.model_dump(mode="json")}
    words = [
        *account_of(made.account, made.origin),
        f"{out} in {seconds} s; next: knobs train --data {shlex.quote(str(out))}",
    ]
    present(document, as_json, lambda: say(*words))
