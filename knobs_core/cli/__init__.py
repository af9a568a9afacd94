"""The command line: ``knobs`` or ``python -m knobs_core``.

stdout carries the result (one JSON document with --json), stderr everything else. Exit code 0 done, 2 something the
person can put right (one line says what), 1 a failure of ours, 130 stopped by Ctrl-C, 143 by SIGTERM.
"""

import os
import signal
import threading
from typing import NoReturn

import click

from knobs_core.base import KnobsError, fit_threads
from knobs_core.cli.audience import audience, solve
from knobs_core.cli.docs import docs
from knobs_core.cli.export import export
from knobs_core.cli.lists import render, replay
from knobs_core.cli.look import evaluate, labels, steer_eval
from knobs_core.cli.name import name
from knobs_core.cli.output import fail
from knobs_core.cli.prepare import prepare
from knobs_core.cli.recipes import recipes
from knobs_core.cli.rename import rename
from knobs_core.cli.run import app, paper
from knobs_core.cli.serve import keys, serve
from knobs_core.cli.shelf import shelf
from knobs_core.cli.steer import ask, profile, recommend
from knobs_core.cli.study import study
from knobs_core.cli.train import draw_map, rollback, train
from knobs_core.cli.words import words

__all__ = ["COMMANDS", "cli", "main"]

COMMANDS = (
    *(train, prepare, rollback, evaluate, labels, rename, name, profile, recommend, ask, words),
    *(render, replay, export, audience, solve, recipes, shelf, study, serve, keys, steer_eval),
    *(draw_map, paper, app, docs),
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="knobs-recsys", prog_name="knobs")
def cli() -> None:
    """Steerable recommendations: train, look at, and turn the knobs of a recommender.

    \b
    Example:
      knobs train && knobs app
    """


for command in COMMANDS:
    cli.add_command(command)


class Terminated(KeyboardInterrupt):
    """SIGTERM, which service managers and ``kill`` send: what has been begun is put in order, as after Ctrl-C."""


def _terminated(*_: object) -> NoReturn:
    raise Terminated


def main(args: list[str] | None = None) -> None:
    """Run a command and leave with its exit code; expected errors print one line, never a traceback."""
    fit_threads()
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _terminated)
    try:
        cli.main(args, prog_name="knobs", standalone_mode=False)
    except click.exceptions.Abort as error:
        fail("stopped; nothing was changed", 143 if isinstance(error.__cause__, Terminated) else 130)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "knobs"
        fail(f"{' '.join(error.format_message().split())} See: {command} --help", 2)
    except (KnobsError, click.ClickException) as error:
        fail(str(error), 2)
    except Exception as error:
        if os.environ.get("KNOBS_DEBUG"):
            raise
        fail(f"internal error: {type(error).__name__}: {error} (KNOBS_DEBUG=1 shows where)", 1)
