"""``knobs words``: what a sentence asks for, as dials."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from knobs_core.cli.output import bundle_argument, device_option, json_option, open_bundle, present, say, show_table

if TYPE_CHECKING:  # torch takes seconds to import, and --help should not
    from knobs_core.sentences import Reading


@click.command()
@bundle_argument
@click.argument("sentence")
@click.option("--slug", default="words", show_default=True, help="What the recipe is called in addresses.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write a recipe to this file, as JSON.")
@device_option
@json_option
def words(bundle_path: Path, sentence: str, slug: str, out: Path | None, device: str, as_json: bool) -> None:
    """Read what somebody is in the mood for, and say which dials that would be. Nothing is turned.

    \b
    Example:
      knobs words my-bundle "a cosy British mystery, less violent"
    """
    from knobs_core import lists
    from knobs_core.sentences import read

    bundle = open_bundle(bundle_path, device)
    found = read(bundle, sentence)
    document: dict[str, Any] = {
        "sentence": found.sentence,
        "chips": [chip._asdict() for chip in found.chips],
        "nothing": list(found.nothing),
    }
    if out:
        turns = lists.turns_of(bundle, [bundle.knobs[chip.key].dial(chip.amount) for chip in found.chips])
        asked = {"slug": slug, "bundle": bundle.id, "dials": [turn.model_dump() for turn in turns]}
        lists.write_recipe(lists.recipe_of(asked), out)
    present(document, as_json, lambda: _show(found, bundle_path, out))


def _show(found: "Reading", bundle_path: Path, out: Path | None) -> None:
    rows = [(chip.name, f"{chip.amount:+g}", chip.said, f"{chip.by}, {chip.certainty:.2f}") for chip in found.chips]
    if rows:
        show_table({"dial": "left", "amount": "right", "from": "left", "read by": "left"}, rows)
        dials = " ".join(f"--dial {shlex.quote(f'{chip.key}={chip.amount:g}')}" for chip in found.chips)
        say(f"knobs recommend {shlex.quote(str(bundle_path))} --user ID {dials}")
    for part in found.nothing:
        say(f"I found nothing for '{part}'")
    if not rows and not found.nothing:
        say("I found no knob in that")
    if out:
        say(f"the recipe is in {out}")
