"""``knobs rename``: names that the owner of a bundle gives to its knobs, and what becomes of them in a new training."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from knobs_core.base import BundleError
from knobs_core.cli.output import json_option, open_bundle, own_bundle_argument, present, say

if TYPE_CHECKING:  # torch takes seconds to import, and --help should not
    from knobs_core.bundles import Bundle


@click.command()
@own_bundle_argument
@click.argument("knob_name", metavar="KEY_OR_NAME")
@click.argument("new_name", metavar="NEW_NAME", required=False)
@click.option("--reset", is_flag=True, help="Give the knob its own name back.")
@json_option
def rename(bundle_path: Path, knob_name: str, new_name: str | None, reset: bool, as_json: bool) -> None:
    """Give a knob another name, which is shown wherever the knob is; its own name and its key still find it.

    Names stay with the bundle when it is trained again, as long as their knobs do the same.

    \b
    Example:
      knobs rename my-bundle film-noir "Rain and cigarettes"
    """
    from knobs_core import bundles

    if (new_name is None) != reset:
        raise click.UsageError("Give either NEW_NAME or --reset.")
    loaded = open_bundle(bundle_path)
    knob = loaded.knobs.find(knob_name)
    names = {key: name for key, name in loaded.names.items() if key != knob.key}
    if new_name is not None:
        names[knob.key] = new_name
    renamed = loaded.with_names(names)
    bundles.save_names(renamed, bundle_path)
    now = renamed.knobs[knob.key]
    document = {"key": now.key, "name": now.name, "former": now.former}
    words = f"'{now.former or knob.name}' ({now.key}) is called '{now.name}' now"
    present(document, as_json, lambda: say(words if now.former else f"{now.key} is called '{now.name}' again"))


def keep_names(trained: "Bundle", path: Path) -> "Bundle":
    """The bundle with the names that knobs have in the one it is going to replace; one line says which are lost."""
    from knobs_core import bundles

    lost = ["all"]
    try:
        lost = list(bundles.read_names(path).values())
        if lost:
            trained, lost = trained.with_names_of(bundles.load(path))
        reason = "their knobs are gone or do something else, or a name is taken"
    except BundleError as error:  # what is replaced need not be whole
        reason = f"what was there cannot be used ({error})"
    if lost:
        say(f"knobs: names that were not kept: {', '.join(lost)}; {reason}", aside=True)
    return trained
