"""``knobs recipes``: recipes of lists in the database, from the first draft to what is on air."""

import dataclasses
import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from rich.console import JustifyMethod

from knobs_core.base import ConfigError, shown
from knobs_core.cli.output import bundle_argument, json_option, open_bundle, present, say, show_table

if TYPE_CHECKING:  # torch takes seconds to import, and --help should not
    from knobs_core.publishing import Act, Health, Store, Version

Command = TypeVar("Command", bound=Callable[..., Any])
file_type = click.Path(exists=True, dir_okay=False, path_type=Path)
slug_argument = click.argument("slug")


def _login() -> str:
    """The name that somebody is logged in by; "" where the system knows none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


was_option = click.option(
    "--was", type=click.IntRange(0), help="The version that you take to be on air, 0 for none; by default what is."
)
by_option = click.option("--by", default=_login, show_default="your login name", metavar="NAME", help="Who does it.")


@click.group()
def recipes() -> None:
    """Recipes of lists in the database: drafts, versions, what is on air, and who did what.

    The database is studio.sqlite under KNOBS_HOME, or the one that DATABASE_URL names.

    \b
    Example:
      knobs recipes save christmas-noir.json
      knobs recipes publish christmas-noir 1 --note "For the holidays."
    """


def command(name: str) -> Callable[[Command], click.Command]:
    """A command of the group, which also speaks JSON."""

    def made(work: Command) -> click.Command:
        return recipes.command(name)(json_option(work))

    return made


@command("list")
@click.option("--archived", is_flag=True, help="Those in the archive too.")
def list_all(archived: bool, as_json: bool) -> None:
    """All recipes, what is on air of each, and whose draft it is."""
    with _store() as store:
        entries = store.entries(archived)
    rows = [
        (one.slug, one.state, str(one.live or ""), str(one.draft), one.by, f"{one.at:%Y-%m-%d %H:%M}", one.headline)
        for one in entries
    ]
    sides: dict[str, JustifyMethod] = dict.fromkeys(
        ("recipe", "state", "live", "draft", "by", "at (UTC)", "headline"), "left"
    )
    document = [{**dataclasses.asdict(one), "at": one.at.isoformat()} for one in entries]
    present(document, as_json, lambda: show_table(sides, rows) if rows else say("no recipe was saved yet"))


@recipes.command("show")
@slug_argument
@click.option("--version", "number", type=int, help="By default the newest one, which is the draft.")
def show(slug: str, number: int | None) -> None:
    """A version of a recipe, as the JSON document that save reads."""
    with _store() as store:
        recipe = store.version(slug, number).recipe
    present(recipe.model_dump(mode="json", exclude_defaults=True), True, lambda: None)


@command("save")
@click.argument("path", metavar="FILE", type=file_type)
@by_option
@click.option("--base", type=click.IntRange(0), default=0, show_default=True, help="The version that was changed.")
def save(path: Path, by: str, base: int, as_json: bool) -> None:
    """Save a recipe from a JSON file as its new draft; what readers get stays as it is."""
    from knobs_core import lists

    recipe = lists.read_recipe(path)
    with _store() as store:
        done = store.save(recipe, _name(by), base)
    lines = [f"saved {recipe.slug} as version {done.version.number}, its draft"]
    if done.merged:
        lines.append(f"what others changed since version {base} came in: {', '.join(done.merged)}")
    present({**_about(done.version), "merged": done.merged}, as_json, lambda: say(*lines))


@command("publish")
@slug_argument
@click.argument("number", metavar="VERSION", type=int)
@by_option
@click.option("--note", required=True, help="Why.")
@was_option
@click.option("--bundle", "place", type=click.Path(path_type=Path), help="Refuse a version made for another bundle.")
def publish(slug: str, number: int, by: str, note: str, was: int | None, place: Path | None, as_json: bool) -> None:
    """Put a version on air, a new one or an earlier one."""
    from knobs_core import bundles

    bundle = bundles.read_manifest(place).id if place else None
    with _store() as store:
        act = store.publish(slug, number, _name(by), note, _seen(store, slug, was), bundle)
    _did(act, as_json)


@command("withdraw")
@slug_argument
@by_option
@click.option("--note", default="", help="Why.")
@was_option
def withdraw(slug: str, by: str, note: str, was: int | None, as_json: bool) -> None:
    """Take a recipe off the air."""
    with _store() as store:
        act = store.withdraw(slug, _name(by), note, _seen(store, slug, was))
    _did(act, as_json)


@command("archive")
@slug_argument
@by_option
@click.option("--out", "back", is_flag=True, help="Take it out of the archive.")
def archive(slug: str, by: str, back: bool, as_json: bool) -> None:
    """Put a recipe into the archive, which takes it off the air; or back out of it."""
    with _store() as store:
        act = store.archive(slug, _name(by), archived=not back)
    _did(act, as_json)


@command("history")
@slug_argument
def history(slug: str, as_json: bool) -> None:
    """All versions of a recipe, and what was done with it, the newest first."""
    with _store() as store:
        found, acts, live = store.history(slug), store.acts(slug), _seen(store, slug, None)
    document = {
        "versions": [{**_about(one), "live": one.number == live} for one in found],
        "acts": [{**dataclasses.asdict(act), "at": act.at.isoformat()} for act in acts],
    }
    moments = [(one.at, f"version {one.number}", "saved", one.by, "") for one in found]
    moments += [(act.at, f"version {act.now or act.was or ''}", act.what, act.by, act.note) for act in acts]
    moments.sort(key=lambda row: row[0], reverse=True)
    rows = [(f"{at:%Y-%m-%d %H:%M}", *rest) for at, *rest in moments]
    sides: dict[str, JustifyMethod] = dict.fromkeys(("at (UTC)", "which", "what", "by", "note"), "left")
    present(document, as_json, lambda: show_table(sides, rows))


@command("diff")
@slug_argument
@click.argument("old", metavar="A", type=int)
@click.argument("new", metavar="B", type=int)
def diff(slug: str, old: int, new: int, as_json: bool) -> None:
    """What two versions of a recipe differ in, in words."""
    from knobs_core.publishing import changes

    with _store() as store:
        found = changes(store.version(slug, old).recipe, store.version(slug, new).recipe)
    present(found, as_json, lambda: say(*(found or [f"versions {old} and {new} of {slug} are the same"])))


@command("house")
@click.argument("path", metavar="[FILE]", required=False, type=file_type)
@by_option
@click.option("--base", type=click.IntRange(0), help="The version that was changed; by default the newest.")
def house(path: Path | None, by: str, base: int | None, as_json: bool) -> None:
    """Show the rules that hold over every recipe, or change them to those in a JSON file."""
    from knobs_core import lists

    rules = lists.read_house_rules(path) if path else None
    with _store() as store:
        found = store.house()
        if rules is not None:
            found = store.save_house(rules, _name(by), found.number if base is None else base)
    document = {"version": found.number, "by": found.by, **found.rules.model_dump(mode="json")}
    lines = [f"house rules, version {found.number}" + (f", by {found.by}" if found.by else "")]
    lines += [f"{field}: {', '.join(values) or 'none'}" for field, values in found.rules]
    present(document, as_json, lambda: say(*lines))


@command("health")
@bundle_argument
@click.option("--accept", "accepted", metavar="SLUG", help="Carry this one over, and save that as its draft.")
@by_option
def health(bundle_path: Path, accepted: str | None, by: str, as_json: bool) -> None:
    """Which recipes fit a bundle, after a new training, and which have to be carried over or need a person.

    What --accept saves is a draft; readers get it when it is published.
    """
    from knobs_core import publishing

    bundle = open_bundle(bundle_path)
    with _store() as store:
        if accepted is None:
            found = publishing.health(store, bundle)
            present([dataclasses.asdict(one) for one in found], as_json, lambda: _show_health(found))
            return
        saved, new = publishing.accept(store, bundle, accepted, _name(by))
    document = {**_about(saved.version), "dials": [dataclasses.asdict(one) for one in new.dials]}
    document |= {"gone": [one._asdict() for one in new.gone], "confidence": new.confidence}
    done = f"{accepted} is carried over to bundle {bundle.id} as version {saved.version.number}, its draft"
    lines = [f"{accepted} was made with bundle {bundle.id}; nothing was to do" if new.old == new.new else done]
    present(document | {"needs_person": new.needs_person}, as_json, lambda: say(*lines, *new.reasons))


@recipes.command("schema")
def schema() -> None:
    """The JSON Schema of a recipe, for editors and other programs."""
    from knobs_core import lists

    present(lists.ListRecipe.model_json_schema(), True, lambda: None)


@contextmanager
def _store() -> "Iterator[Store]":
    """The recipes of the database."""
    from knobs_core.publishing import Database, Store

    with Database() as database:
        yield Store(database)


def _name(by: str) -> str:
    """Who does it, as the database keeps it."""
    name = shown(by)
    if not name:
        raise ConfigError("the name of who does it", "none", "give one by --by")
    return name


def _seen(store: "Store", slug: str, was: int | None) -> int | None:
    """The version that somebody takes to be on air: what --was says, 0 for none; by default what is."""
    if was is not None:
        return was or None
    live = store.live(slug)
    return live.number if live else None


def _about(version: "Version") -> dict[str, Any]:
    return {"slug": version.slug, "version": version.number, "by": version.by, "at": version.at.isoformat()}


def _did(act: "Act", as_json: bool) -> None:
    """Show what was done."""
    on_air = f"version {act.now} is on air" if act.now else "nothing is on air"
    document = {**dataclasses.asdict(act), "at": act.at.isoformat()}
    present(document, as_json, lambda: say(f"{act.slug} was {act.what} by {act.by}; {on_air}"))


def _show_health(found: "list[Health]") -> None:
    if not found:
        say("no recipe was saved yet")
        return
    sides: dict[str, JustifyMethod] = dict.fromkeys(("recipe", "version", "made for", "state", "why"), "left")
    sides["sure"] = "right"
    rows = []
    for one in found:
        which = f"{one.number}, {'live' if one.live else 'draft'}"
        sure = "" if one.confidence is None else f"{one.confidence:.2f}"
        rows.append((one.slug, which, one.made_for or "?", one.state, " ".join(one.reasons), sure))
    show_table(sides, rows)
