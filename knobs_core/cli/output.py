"""How commands speak: the options they share, progress on stderr, and one JSON document or a table on stdout.

Names and titles come from anybody, and a control character in them would drive the terminal. Whatever people read goes
through ``say``, ``show_table`` or ``ShowProgress``, which leave such characters out; JSON holds all of them, escaped.
"""

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click
from rich.console import Console, JustifyMethod
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar
from rich.table import Table
from rich.text import Text

from knobs_core.base import (
    ConfigError,
    Progress,
    ProgressCallback,
    as_json_text,
    is_address,
    rank,
    torch_device,
    visible,
)

if TYPE_CHECKING:  # torch takes seconds to import, and --help should not
    from knobs_core.bundles import Bundle

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
device_option = click.option("--device", default="auto", show_default=True, metavar="auto|cpu|cuda")
seed_option = click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=42, show_default=True)


def fail(message: str, code: int) -> NoReturn:
    """Leave with one line on stderr. Of processes that work together only the first one says it, unless it is ours."""
    if rank() == 0 or code == 1:
        say(f"knobs: {message}", aside=True)
    sys.exit(code)


def say(*lines: str, aside: bool = False) -> None:
    """Print lines for people; aside: on stderr, where they are not the result."""
    for line in lines:
        print(visible(line), file=sys.stderr if aside else sys.stdout, flush=aside)


def show_table(columns: Mapping[str, JustifyMethod], rows: Iterable[Sequence[str]], title: str = "") -> None:
    """Print a table for people. columns: their names, and the side on which each stands."""
    table = Table(title=Text(visible(title)) if title else None, title_justify="left")
    for column, side in columns.items():
        table.add_column(Text(visible(column)), justify=side)
    for row in rows:
        table.add_row(*(Text(visible(cell)) for cell in row))
    Console().print(table)


def open_bundle(path: Path, device: str = "cpu") -> "Bundle":
    """The bundle that a command is about.

    Raises:
        BundleError: it cannot be used.
    """
    from knobs_core import bundles

    return bundles.load(path, torch_device(device))


def item_ids(groups: tuple[str, ...]) -> list[str]:
    """Ids given as ``--items ID,ID,...``, which may be repeated."""
    return [item.strip() for group in groups for item in group.split(",") if item.strip()]


def reader_ids(path: Path) -> list[str]:
    """Ids of readers, one a line; empty lines are skipped.

    Raises:
        ConfigError: the file cannot be read.
    """
    try:
        return [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        said = getattr(error, "strerror", None) or "text that is not UTF-8"
        raise ConfigError(f"'all' or a file of readers' ids, one a line, at {path}", said, "check the path") from None


def one_person(user: str | None, items: tuple[str, ...]) -> None:
    """Refuse a command that names nobody, or both a user and items."""
    if (user is None) == (not items):
        raise click.UsageError("Give either --user ID or --items ID,ID,...")


def parse_sets(sets: tuple[str, ...]) -> dict[str, dict[str, object]]:
    """Settings by section from texts such as ``"sae.k=16"``.

    Raises:
        ConfigError: a text of another form.
    """
    overrides: dict[str, dict[str, object]] = {}
    for text in sets:
        name, equals, value = text.partition("=")
        section, dot, field = name.strip().partition(".")
        if not (equals and dot and field):
            raise ConfigError("a setting as SECTION.FIELD=VALUE, e.g. sae.k=16", f"'{text}'", "write it like that")
        overrides.setdefault(section, {})[field] = value.strip()
    return overrides


def present(document: Any, as_json: bool, show: Callable[[], None]) -> None:
    """Print a result: as JSON, or the way ``show`` does. JSON knows no NaN: what nobody can know is null."""
    if as_json:
        print(as_json_text(document))
    else:
        show()


class ShowProgress:
    """Progress on stderr: bars on a terminal, else one line a message, which the app reads."""

    def __init__(self) -> None:
        self._bar = ProgressBar(
            TextColumn("{task.description:<28}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[detail]}", markup=False),
            console=Console(stderr=True),
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> ProgressCallback:
        if not self._bar.console.is_terminal:
            return lambda progress: say(progress.line(), aside=True)
        return self._listen

    def __exit__(self, *_: object) -> None:
        if self._tasks:  # else nothing was drawn, and stopping would leave an empty line
            self._bar.stop()

    def say(self, lines: Iterable[str]) -> None:
        """Print lines on stderr, above the bars where there are any."""
        for line in lines:
            self._bar.console.print(visible(line), markup=False, highlight=False, soft_wrap=True)

    def _listen(self, progress: Progress) -> None:
        self._bar.start()  # nothing happens where it runs already
        if progress.stage not in self._tasks:
            for task in self._tasks.values():  # a stage that stopped early is done all the same
                self._bar.update(task, total=self._bar.tasks[task].completed)
            self._tasks[progress.stage] = self._bar.add_task(visible(progress.stage), total=progress.total, detail="")
        detail = visible(progress.detail)
        self._bar.update(self._tasks[progress.stage], completed=progress.done, total=progress.total, detail=detail)


class BundlePath(click.Path):
    """Where a bundle lies. One that is named by its address is fetched, and lies on this machine then.

    Args:
        own: whether the command writes to it, which no address allows.
    """

    def __init__(self, own: bool = False):
        super().__init__(path_type=Path)
        self._own = own

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        """The path of its folder.

        Raises:
            KnobsError: it cannot be fetched, or is to be written to.
        """
        if not isinstance(value, str) or not is_address(value) or (ctx and ctx.resilient_parsing):
            return super().convert(value, param, ctx)
        if self._own:
            raise ConfigError(
                "a bundle of this machine, to write to", f"the address {value}", "copy it here and name its folder"
            )
        from knobs_core import bundles

        with ShowProgress() as progress:
            return bundles.fetch(value, progress)


bundle_argument = click.argument("bundle_path", metavar="BUNDLE", type=BundlePath())
own_bundle_argument = click.argument("bundle_path", metavar="BUNDLE", type=BundlePath(own=True))
