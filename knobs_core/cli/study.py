"""``knobs study``: a blind comparison or a questionnaire for invited people, from its file to what was found."""

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import click

from knobs_core.base import ConfigError, write_whole
from knobs_core.cli.output import BundlePath, json_option, open_bundle, present, say, show_table

if TYPE_CHECKING:  # torch takes seconds to import, and --help should not
    from knobs_core.publishing import Participants
    from knobs_core.studies import Difference, Findings, Study

Command = TypeVar("Command", bound=Callable[..., Any])
file_argument = click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
MOST = 10_000  # codes that are made at once


@click.group()
def study() -> None:
    """Studies with people: blind comparisons of two settings, questions, and what is found by a plan made before.

    Answers stay in the database of this machine: studio.sqlite under KNOBS_HOME, or the one that DATABASE_URL names.

    \b
    Example:
      knobs study new study.toml
      knobs study check study.toml --bundle my-bundle
      knobs study invite study.toml --n 20 --out links.txt
      knobs app my-bundle --study study.toml
      knobs study export study.toml --out results
      knobs study delete study.toml
    """


def command(name: str) -> Callable[[Command], click.Command]:
    """A command of the group, which also speaks JSON."""

    def made(work: Command) -> click.Command:
        return study.command(name)(json_option(work))

    return made


@command("new")
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
def new(file: Path, as_json: bool) -> None:
    """Write a whole study to begin with. A file that is there stays as it is."""
    from knobs_core import studies

    if file.exists():
        raise ConfigError("a new file", f"{file}, which is there already", "choose another name")
    write_whole(file, studies.example())
    present({"file": str(file)}, as_json, lambda: say(f"a study to begin with is in {file}"))


@command("check")
@file_argument
@click.option("--bundle", "place", type=BundlePath(), help="Try the settings on users of this bundle.")
def check(file: Path, place: Path | None, as_json: bool) -> None:
    """Whether a file is a study, its plan in words, and how far its two settings differ."""
    from knobs_core import studies

    found = studies.read_study(file)
    plan, comparison = studies.plan_of(found), found.comparison
    tried = studies.difference(open_bundle(place), comparison) if place and comparison else None
    document = {"study": found.id, "steps": len(studies.steps_of(found, "")), "plan": plan}
    document |= {"needed": studies.needed(found.plan) if comparison else None}
    document |= {"difference": dataclasses.asdict(tried) if tried else None}
    lines = [f"{found.id}: {found.title}, {document['steps']} steps", *(f"- {one}" for one in plan)]
    present(document, as_json, lambda: say(*lines, *_differ(tried)))


@command("invite")
@file_argument
@click.option("--n", type=click.IntRange(1, MOST), default=1, show_default=True, help="How many people.")
@click.option(
    "--url", default="http://localhost:8501", show_default=True, metavar="URL", help="Where people find the app."
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the links to this new file.")
def invite(file: Path, n: int, url: str, out: Path | None, as_json: bool) -> None:
    """Make links by which people take part, one each. They are shown now and never again.

    From the first consent on, the file has to stay as it is.
    """
    from knobs_core import studies

    address = urlsplit(url)
    if address.scheme not in ("http", "https") or not address.netloc or address.query or address.fragment:
        raise ConfigError("the address of the app", f"'{url[:60]}'", "give one such as https://knobs.example.org")
    if out and out.exists():
        raise ConfigError("a new file", f"{out}, which is there already", "choose another name")
    found = studies.read_study(file)
    with _store() as store:
        studies.register(store, found)
        codes = store.invite(found.id, n)
    links = [f"{url.rstrip('/')}/study?code={code}" for code in codes]
    if out:
        write_whole(out, "\n".join(links) + "\n")
    document = {"study": found.id, "links": [] if out else links, "file": str(out) if out else None}
    present(document, as_json, lambda: say(*([f"{n:,} links are in {out}"] if out else links)))
    if not as_json:
        say("Nobody can read them again. Each lets one person in, once.", aside=True)


@command("status")
@file_argument
def status(file: Path, as_json: bool) -> None:
    """How many people were invited, have begun, finished and withdrawn. It says nothing of their answers."""
    from knobs_core import studies

    found = studies.read_study(file)
    with _store() as store:
        counts = studies.counts_of(store, found)
    rows = [(name, f"{count:,}") for name, count in counts.items()]
    present({"study": found.id, **counts}, as_json, lambda: show_table({found.id: "left", "people": "right"}, rows))


@command("export")
@file_argument
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="The folder.")
def export(file: Path, out: Path, as_json: bool) -> None:
    """Write all answers as CSV and Parquet, and what was found by the plan as Markdown and JSON."""
    from knobs_core import studies

    read = studies.read_study(file)
    with _store() as store:
        found = studies.export(store, read, out)
        counts = studies.registered(store, read)
    document = {**studies.document_of(read, counts, found), "files": [str(out / name) for name in studies.FILES]}
    present(document, as_json, lambda: say(*_found(read, found), f"everything is in {out}"))


@command("delete")
@file_argument
@click.option("--yes", is_flag=True, help="Do not ask whether it is meant.")
def delete(file: Path, yes: bool, as_json: bool) -> None:
    """Delete all people of a study, their links and their answers. Nothing brings them back; export first."""
    from knobs_core import studies

    read = studies.read_study(file)
    with _store() as store:
        counts = studies.counts_of(store, read)
        if not yes:
            people = ", ".join(f"{n:,} {name}" for name, n in counts.items())
            click.confirm(f"Delete {read.id} with all of its people ({people})?", abort=True, err=True)
        store.delete(read.id)
    present({"study": read.id, **counts}, as_json, lambda: say(f"{read.id} and all of its people are deleted"))


@contextmanager
def _store() -> "Iterator[Participants]":
    """Who takes part, and their answers."""
    from knobs_core.publishing import Database, Participants

    with Database() as database:
        yield Participants(database)


def _differ(tried: "Difference | None") -> list[str]:
    if tried is None:
        return []
    told = f"Tried on {tried.users:,} users: the first two lists share {tried.shared:.0%} of their rows"
    return [f"{told}, and are the same for {tried.same:.0%} of the users."]


def _found(study: "Study", found: "Findings") -> list[str]:
    lines = [", ".join(f"{n:,} {name}" for name, n in found.people.items())]
    if (one := found.preference) and one.a + one.b:
        lines.append(f"a {one.a:,}, b {one.b:,}, no preference {one.ties:,}; exact sign test p = {one.p:.4f}")
    if (one := found.preference) and found.needed and one.a + one.b < found.needed:
        lines.append(f"the plan of {study.id} asks for {found.needed:,} people with a preference: this is a first look")
    return lines
