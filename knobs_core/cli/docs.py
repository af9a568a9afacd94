"""``docs``: the documentation in the browser, without a network. A checkout builds it, a wheel brings it."""

import subprocess
import sys
import webbrowser
from pathlib import Path

import click

from knobs_core.base import ConfigError, require, resource
from knobs_core.cli.output import json_option, present, say

BUILT = ("docs", "_build", "html")
READ = ("docs/**/*.md", "docs/**/*.py", "docs/**/*.css", "docs/**/*.svg", "examples/*.py", "knobs_core/**/*.py", "*.md")


@click.command()
@click.option("--no-open", is_flag=True, help="Say where the first page lies, and open nothing.")
@json_option
def docs(no_open: bool, as_json: bool) -> None:
    """Open the documentation in the browser. It needs no network.

    \b
    Example:
      knobs docs
    """
    page, built = first_page()
    if not (no_open or as_json):
        webbrowser.open(page.as_uri())
    present({"page": str(page), "built": built}, as_json, lambda: say(str(page)))


def first_page() -> tuple[Path, bool]:
    """The first page, and whether it was built just now: in a checkout, where something that it is made of is newer.

    Raises:
        ConfigError: it is not there, or cannot be built.
    """
    page = resource(*BUILT, "index.html")
    root = page.parents[len(BUILT)]
    if not (root / "docs" / "conf.py").exists():
        if not page.exists():
            raise ConfigError(
                "the documentation in the installed package", "none: this wheel was built without it",
                "get a checkout and run: pip install -e '.[docs]' && knobs docs",
            )  # fmt: skip
        return page, False
    from filelock import FileLock  # which imports more than --help should wait for

    work = page.parents[1]
    work.mkdir(exist_ok=True)
    with FileLock(work / "lock"):
        newest = max(file.stat().st_mtime for pattern in READ for file in root.glob(pattern))
        if page.exists() and page.stat().st_mtime >= newest:
            return page, False
        require("sphinx", "building the documentation")
        say("Building the documentation", aside=True)
        # In a process of its own, as whatever is imported to be documented stays; warnings are errors.
        command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-d", str(work / "doctrees")]
        done = subprocess.run([*command, "docs", str(page.parent)], cwd=root, capture_output=True, text=True)
        if done.returncode:
            raise ConfigError("documentation without a warning", done.stderr.strip(), "mend these places")
        page.touch()
        return page, True
