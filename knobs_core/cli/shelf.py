"""``knobs shelf``: a recipe worked out from titles that an editor wants more of, and some to have less of."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from knobs_core.cli.output import bundle_argument, device_option, json_option, open_bundle, present, say, show_table

if TYPE_CHECKING:  # torch takes seconds to import, and --help should not
    from knobs_core.lists import Shelf

SHOWN = 10  # titles beside the shelf


@click.command()
@bundle_argument
@click.option("--want", "wanted", multiple=True, metavar="ID|TITLE", help="A title to lift; may be repeated.")
@click.option("--not", "unwanted", multiple=True, metavar="ID|TITLE", help="A title to sink; may be repeated.")
@click.option("--size", type=click.IntRange(1, 10), default=10, show_default=True, help="Dials, at most.")
@click.option("--slug", default="shelf", show_default=True, help="What the recipe is called in addresses.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the recipe to this file, as JSON.")
@device_option
@json_option
def shelf(
    bundle_path: Path,
    wanted: tuple[str, ...],
    unwanted: tuple[str, ...],
    size: int,
    slug: str,
    out: Path | None,
    device: str,
    as_json: bool,
) -> None:
    """Find the few dials that lift some titles and sink others, and say how well each title is covered.

    \b
    Example:
      knobs shelf my-bundle --want "Alien" --want "Blade Runner" --not 2628 --out space.json
      knobs recipes save space.json
    """
    from knobs_core import lists
    from knobs_core.data import find_item

    bundle = open_bundle(bundle_path, device)
    lifted, sunk = ([find_item(bundle.interactions, one) for one in side] for side in (wanted, unwanted))
    made = lists.shelf(bundle, lifted, sunk, size)
    recipe = lists.recipe_of({"slug": slug, **made.recipe("shelf").model_dump(mode="json", exclude={"slug"})})
    if out:
        lists.write_recipe(recipe, out)
    document: dict[str, Any] = {
        "recipe": recipe.model_dump(mode="json", exclude_defaults=True),
        **{
            side: [{**one._asdict(), "said": one.said} for one in getattr(made, side)]
            for side in ("wanted", "unwanted")
        },
        "beyond": [one._asdict() for one in made.beyond],
        "readers": made.readers,
    }
    present(document, as_json, lambda: _show(made, out))


def _show(made: "Shelf", out: Path | None) -> None:
    show_table(
        {"dial": "left", "amount": "right"}, [(one.name or one.knob, f"{one.amount:+.2f}") for one in made.turns]
    )
    titles = [("want", one) for one in made.wanted] + [("not", one) for one in made.unwanted]
    show_table({"": "left", "title": "left", " ": "left"}, [(side, one.title, one.said) for side, one in titles])
    if made.beyond:
        say(f"Beside the shelf it brings, of {made.readers} readers' lists:")
        rows = [(one.title, f"{one.before:.0%}", f"{one.after:.0%}") for one in made.beyond[:SHOWN]]
        show_table({"title": "left", "were in": "right", "are in": "right"}, rows)
    if out:
        say(f"the recipe is in {out}")
