"""Commands about what a recipe does to many readers: ``audience`` shows it, ``solve`` looks for dials that do more."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from knobs_core.base import ConfigError, write_whole
from knobs_core.cli.output import (
    ShowProgress,
    bundle_argument,
    device_option,
    fail,
    json_option,
    open_bundle,
    present,
    say,
    show_table,
)

if TYPE_CHECKING:  # torch takes seconds to import, and --help should not
    from knobs_core.audience import Audience, Effect, Figures, Goal, Solution, Threshold
    from knobs_core.lists import HouseRules, ListRecipe

LISTED = 20  # titles and thresholds that people read; JSON and the table hold all
_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_recipe = click.option("--recipe", "recipe_path", required=True, type=_file, help="A recipe, as JSON.")
_house = click.option("--house", "house_path", type=_file, help="Rules that hold over every recipe, as JSON.")
_size = click.option("--size", type=click.IntRange(1, 100_000), default=500, show_default=True, help="Readers drawn.")
_seed = click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help="Of the draw.")


@click.command()
@bundle_argument
@_recipe
@click.option("--against", "against_path", type=_file, help="The recipe before; without it, the same without dials.")
@_house
@_size
@_seed
@click.option("--threshold", "knob", metavar="KNOB", help="Say where this dial makes titles reach --share of readers.")
@click.option("--share", type=click.FloatRange(0, 1), default=0.5, show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write every title's exposure as CSV.")
@device_option
@json_option
def audience(
    bundle_path: Path,
    recipe_path: Path,
    against_path: Path | None,
    house_path: Path | None,
    size: int,
    seed: int,
    knob: str | None,
    share: float,
    out: Path | None,
    device: str,
    as_json: bool,
) -> None:
    """Show what a recipe does to a sample of readers, beside what they get without its dials.

    \b
    Example:
      knobs audience my-bundle --recipe christmas-noir.json --size 200 --threshold "film-noir"
    """
    from knobs_core import audience as crowds
    from knobs_core import lists

    recipe, house = _read(recipe_path, house_path)
    before = lists.read_recipe(against_path) if against_path else recipe.model_copy(update={"dials": (), "arms": ()})
    people = _drawn(bundle_path, device, size, seed)
    effect = crowds.compare(people, people.lists(before, house), people.lists(recipe, house))
    moving, marks = None, []
    if knob is not None:
        with ShowProgress() as progress:
            moving = crowds.sweep(people, recipe, knob, house, progress)
            marks = moving.thresholds(share)
    document = _document(people, effect)
    if moving is not None:
        document["thresholds"] = {
            "knob": moving.knob,
            "share": share,
            "exact": moving.exact,
            "titles": [{"amount": mark.amount, **_item(people, mark.item), "begins": mark.begins} for mark in marks],
        }
    if out is not None:
        write_whole(out, effect.csv)
    present(document, as_json, lambda: _show(people, effect, marks, share))


@click.command()
@bundle_argument
@_recipe
@_house
@_size
@_seed
@click.option("--reach", "reached", multiple=True, metavar="ITEM=SHARE", help="An item reaches so many readers.")
@click.option("--keep", type=click.FloatRange(0, 1), help="So much of each list as it was stays.")
@click.option("--of", "lists_kept", type=click.FloatRange(0, 1), default=1.0, help="... of so many of the lists.")
@click.option("--cap", type=click.FloatRange(0, 1), help="No title reaches more readers than that.")
@click.option("--theme", "themes", multiple=True, metavar="TAG=SHARE", help="So many rows carry a tag or genre.")
@click.option("--knob", "knobs", multiple=True, help="A knob that may move; repeatable. By default the recipe's.")
@click.option("--most", type=click.FloatRange(0, 1, min_open=True), default=1.0, show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the recipe with these dials.")
@device_option
@json_option
def solve(
    bundle_path: Path,
    recipe_path: Path,
    house_path: Path | None,
    size: int,
    seed: int,
    reached: tuple[str, ...],
    keep: float | None,
    lists_kept: float,
    cap: float | None,
    themes: tuple[str, ...],
    knobs: tuple[str, ...],
    most: float,
    out: Path | None,
    device: str,
    as_json: bool,
) -> None:
    """Find the smallest turns of a recipe's dials that do what is wanted of a sample of readers.

    Exit code 1 where none were found; then the nearest miss is shown.

    \b
    Example:
      knobs solve my-bundle --recipe christmas-noir.json --theme "film-noir=0.3" --keep 0.4 --of 0.9
    """
    from knobs_core import audience as crowds
    from knobs_core import lists
    from knobs_core.data import find_item

    recipe, house = _read(recipe_path, house_path)
    people = _drawn(bundle_path, device, size, seed)
    goals: list[Goal] = [
        crowds.Reaches(find_item(people.bundle.interactions, item), share) for item, share in map(_pair, reached)
    ]
    goals += [crowds.Theme(tag, share) for tag, share in map(_pair, themes)]
    goals += [] if keep is None else [crowds.Keep(keep, lists_kept)]
    goals += [] if cap is None else [crowds.Cap(cap)]
    with ShowProgress() as progress:
        found = crowds.solve(people, recipe, goals, house, most, knobs or None, progress=progress)
    if out is not None and found.found:
        lists.write_recipe(found.recipe, out)
    document = {
        "found": found.found,
        "exact": found.exact,
        "dials": [{"knob": turn.knob, "name": turn.name, "amount": turn.amount} for turn in found.dials],
        "goals": [{"goal": str(one.goal), "value": one.value, "met": one.met} for one in found.outcomes],
        "says": found.sentence,
        "readers": people.readers.sentence,
    }
    present(document, as_json, lambda: _show_solution(found))
    if not found.found:
        fail("no dials were found that do all of this", 1)


def _read(recipe_path: Path, house_path: Path | None) -> "tuple[ListRecipe, HouseRules]":
    from knobs_core import lists

    house = lists.read_house_rules(house_path) if house_path else lists.HouseRules()
    return lists.read_recipe(recipe_path), house


def _drawn(bundle_path: Path, device: str, size: int, seed: int) -> "Audience":
    from knobs_core.audience import Audience, draw

    bundle = open_bundle(bundle_path, device)
    return Audience(bundle, draw(bundle, size, seed))


def _pair(text: str) -> tuple[str, float]:
    """A goal as NAME=SHARE."""
    name, _, share = text.rpartition("=")
    try:
        return name.strip(), float(share)
    except ValueError:
        raise ConfigError("a goal as NAME=SHARE, e.g. 'horror=0.3'", f"'{text}'", "write it like that") from None


def _item(people: "Audience", column: int) -> dict[str, str]:
    data = people.bundle.interactions
    return {"item_id": str(data.item_ids[column]), "title": str(data.items["title"].iat[column])}


def _figures(people: "Audience", figures: "Figures") -> dict[str, Any]:
    rows, ids = people.readers.rows, people.bundle.interactions.user_ids
    pairs = {name: list(getattr(figures, name)) for name in ("own", "ndcg", "popularity", "percentile")}
    ends = {name: ids[rows[getattr(figures, name)]].tolist() for name in ("best", "worst")}
    counts = {"readers": len(figures.places), "untouched": figures.untouched, "same_order": figures.same_order}
    return {**counts, "kept": figures.kept, **pairs, **ends}


def _document(people: "Audience", effect: "Effect") -> dict[str, Any]:
    readers = people.readers
    return {
        "readers": readers.sentence,
        "seed": readers.seed,
        "small": list(readers.small),
        "everybody": _figures(people, effect.everybody),
        "tested": _figures(people, effect.tested),
        "segments": {name: _figures(people, figures) for name, figures in effect.segments.items()},
        "titles": effect.titles.to_dict("records"),
    }


def _show(people: "Audience", effect: "Effect", marks: "list[Threshold]", share: float) -> None:
    say(people.readers.sentence)
    groups = {"Everybody": effect.everybody, "Test users": effect.tested, **effect.segments}
    rows = [
        [
            f"{name} (few)" if len(one.places) < 20 else name,
            f"{len(one.places):,}",
            f"{one.untouched:,}",
            f"{one.kept:.0%}",
            *(f"{before:.0%} -> {after:.0%}" for before, after in (one.own, one.popularity)),
            f"{one.ndcg[0]:.3f} -> {one.ndcg[1]:.3f}",
        ]
        for name, one in groups.items()
    ]
    columns = ("readers", "same list", "kept", "own taste", "liked by", "nDCG")
    show_table({"": "left", **dict.fromkeys(columns, "right")}, rows)
    top = effect.titles.head(LISTED)
    shown = [
        [str(t), f"{b:.0%}", f"{a:.0%}"] for t, b, a in zip(top["title"], top["before"], top["after"], strict=True)
    ]
    show_table({"title": "left", "before": "right", "after": "right"}, shown, "Titles and their readers")
    for mark in sorted(marks, key=lambda mark: abs(mark.amount))[:LISTED]:
        does = "begins" if mark.begins else "ceases"
        say(f"{mark.amount:+.3f}  {_item(people, mark.item)['title']} {does} to reach {share:.0%} of the readers")


def _show_solution(found: "Solution") -> None:
    for turn in found.dials:
        say(f"{turn.name}={turn.amount:g}")
    if not found.dials:
        say("No dial has to be turned." if found.found else "All dials at rest.")
    for outcome in found.outcomes:
        say(str(outcome))
    say(found.sentence)
