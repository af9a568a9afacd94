"""The front end's own tests, by Node; skipped where there is none, unless KNOBS_REQUIRE_NODE is set."""

import os
import re
import shutil
import subprocess

import pytest

from knobs_ui import front_end
from tests.front_end.components import ENTRIES

NODE = shutil.which("node")
WHY = "no node here: install Node 20 or later"
if NODE is None:
    if os.environ.get("KNOBS_REQUIRE_NODE"):
        raise RuntimeError(WHY)
    pytest.skip(WHY, allow_module_level=True)


def node(*arguments: str, given: str = "") -> subprocess.CompletedProcess:
    return subprocess.run([NODE, *arguments], input=given, capture_output=True, text=True, cwd=front_end.ASSETS)


def test_the_front_ends_own_tests_pass():
    told = node("--test")
    assert told.returncode == 0, told.stdout[-8_000:]
    assert "# fail 0" in told.stdout
    assert "# pass 0" not in told.stdout


@pytest.mark.parametrize("entry", ENTRIES)
def test_what_is_joined_is_one_module_that_runs(entry):
    """As in the browser: loaded alone, it hands over one function."""
    text = front_end.module(entry).replace("export default", "const handed =", 1)
    told = node("--input-type=module", given=f"{text}\nconsole.log(typeof handed);\n")
    assert (told.stdout.strip(), told.stderr) == ("function", "")


MAKES_HTML = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|setHTML|document\.write|srcdoc|DOMParser|parseFromString"
    r"|createContextualFragment|\beval\(|new Function|\bimport\(|javascript:"
)


def test_no_text_becomes_html_or_script():
    """In all that a browser runs; names and titles go in as text, by ``make`` of assets/shared/dom.js."""
    files = [
        file for room in ("board", "map", "shared", "stage", "wall") for file in (front_end.ASSETS / room).glob("*")
    ]
    assert len(files) > 60
    assert [file.name for file in files if MAKES_HTML.search(file.read_text(encoding="utf-8"))] == []
