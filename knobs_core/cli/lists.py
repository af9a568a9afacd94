"""Commands about lists that editors make: ``render`` a recipe for many readers, ``replay`` one list."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import click

from knobs_core.base import BundleError, ConfigError, home
from knobs_core.cli.output import (
    BundlePath,
    ShowProgress,
    device_option,
    fail,
    json_option,
    open_bundle,
    present,
    reader_ids,
    say,
)

if TYPE_CHECKING:  # torch takes seconds to import, and --help should not
    from knobs_core.bundles import Bundle
    from knobs_core.lists import ListRecipe, Rendered

file_option = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("place", metavar="BUNDLE")
@click.option("--recipe", "recipe_path", type=file_option, help="A recipe, as JSON.")
@click.option(
    "--dial", "dials", multiple=True, metavar="NAME=AMOUNT", help="Turn a knob, without a recipe; repeatable."
)
@click.option("--house", "house_path", type=file_option, help="Rules that hold over every recipe, as JSON.")
@click.option("--users", default="all", show_default=True, metavar="all|FILE", help="Readers: all, or ids, one a line.")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="A file FILE.parquet, or a folder for many of them."
)
@click.option(
    "--n", type=click.IntRange(1, 200), default=20, show_default=True, help="Rows of a list without a recipe."
)
@click.option(
    "--engine",
    type=click.Choice(["local", "ray", "spark"]),
    default="local",
    show_default=True,
    help="Who does it: this machine, Ray or Spark.",
)
@click.option(
    "--processes",
    type=click.IntRange(1),
    metavar="N",
    help="At once; by default 1, or as many as the engine has.",
)
@device_option
@json_option
def render(
    place: str,
    recipe_path: Path | None,
    dials: tuple[str, ...],
    house_path: Path | None,
    users: str,
    out: Path,
    n: int,
    engine: str,
    processes: int | None,
    device: str,
    as_json: bool,
) -> None:
    """Render a recipe, or some dials, into a list for every reader. A recipe that has expired is refused.

    \b
    Example:
      knobs render my-bundle --recipe christmas-noir.json --users all --out lists.parquet
      knobs render my-bundle --dial "film-noir=0.3" --out lists.parquet
      knobs render my-bundle --dial "film-noir=0.3" --out lists --engine ray
    """
    from knobs_core import lists

    if (recipe_path is None) == (not dials):
        raise click.UsageError("Give either --recipe FILE or --dial NAME=AMOUNT.")
    house = lists.read_house_rules(house_path) if house_path else lists.HouseRules()
    readers = None if users == "all" else reader_ids(Path(users))
    bundle = open_bundle(Path(str(BundlePath().convert(place, None, None))), device)
    recipe = lists.read_recipe(recipe_path) if recipe_path else _of_dials(bundle, dials, n)
    if recipe.state() == "expired":
        raise ConfigError("a recipe that is on air or will be", f"one that was, {recipe.times}", "change its valid_to")
    warnings = lists.Rules(bundle, recipe, house).conflicts()
    alone = engine == "local" and (processes or 1) == 1
    workers = None if alone else lists.Workers(place, engine, processes, device)
    with ShowProgress() as progress:
        done = lists.render(bundle, recipe, out, readers, house, progress, workers)
    document = {**dataclasses.asdict(done), "file": str(out), "bundle": bundle.id, "order": lists.PRECEDENCE}
    document["warnings"] = warnings
    present(document, as_json, lambda: _show(done, out, warnings))


@click.command()
@click.argument("stamp_path", metavar="STAMP", type=file_option)
@click.option("--bundle", "bundle_path", type=BundlePath(), help="By default the one of the stamp's id.")
@device_option
@json_option
def replay(stamp_path: Path, bundle_path: Path | None, device: str, as_json: bool) -> None:
    """Make the list of a stamp again and say whether it is the same. A stamp is in what recommend --json prints.

    Exit code 1 where the list is another one; the first difference is named.

    \b
    Example:
      knobs recommend my-bundle --user 15 --dial "film-noir=0.3" --json > stamp.json
      knobs replay stamp.json --bundle my-bundle
    """
    from knobs_core import lists

    stamp = lists.read_stamp(stamp_path)
    bundle = open_bundle(bundle_path or _place_of(stamp.bundle), device)
    found = lists.replay(bundle, stamp)
    document = {"same": found.same, "difference": found.difference, "bundle": bundle.id, "hash": stamp.hash}
    present(document, as_json, lambda: say("same list: yes" if found.same else f"same list: no; {found.difference}"))
    if not found.same:
        fail(f"the list is another one: {found.difference}", 1)


def _of_dials(bundle: "Bundle", dials: tuple[str, ...], n: int) -> "ListRecipe":
    from knobs_core import lists

    return lists.ListRecipe(
        slug="dials", bundle=bundle.id, length=n, dials=lists.turns_of(bundle, bundle.knobs.parse(dials))
    )


def _place_of(bundle_id: str) -> Path:
    """Where under KNOBS_HOME the bundle of an id lies."""
    from knobs_core import bundles

    for place in sorted((home() / "bundles").glob("*")):
        try:
            if bundles.read_manifest(place).id == bundle_id:
                return place
        except BundleError:  # another one may be whole
            continue
    raise BundleError(f"bundle {bundle_id} under {home() / 'bundles'}", "none of that id", "name it with --bundle PATH")


def _show(done: "Rendered", out: Path, warnings: list[str]) -> None:
    for warning in warnings:
        say(f"Note: {warning}")
    say(f"{done.readers:,} lists, {done.rows:,} rows in {out}")
    if done.short:
        say(f"{done.short:,} of them are shorter than asked: the rules leave no more titles.")
