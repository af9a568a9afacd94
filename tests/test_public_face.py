"""The public face: every name is there, typed and documented, and every example in README, docs and examples runs."""

import ast
import inspect
import re
import shlex
from pathlib import Path

import click
import pytest

import knobs_core
from knobs_core.cli import cli
from tests.notebooks import executed, outputs
from tests.running import printed

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
# The others download, train or serve: their options are checked.
QUICK = ("labels", "profile", "recommend", "ask", "evaluate")


def code_blocks(kind):
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        found += [
            pytest.param(block, id=f"{page.relative_to(ROOT)}-{number}")
            for number, block in enumerate(re.findall(rf"^```{kind}\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
        ]
    return found


def command_lines():
    texts = [page.read_text(encoding="utf-8").replace("\\\n", " ") for page in PAGES]  # a line may go on
    lines = {line for text in texts for line in re.findall(r"^(knobs .*)$", text, re.M)}
    return sorted(shlex.join(shlex.split(line, comments=True)) for line in lines)


@pytest.fixture(scope="module")
def home(demo_path, tmp_path_factory):
    """A KNOBS_HOME with the demo, and a bundle beside it that the examples call their own."""
    home = tmp_path_factory.mktemp("examples")
    (home / "bundles").mkdir()
    for name in (home / "bundles" / "demo", home / "my-bundle"):
        name.symlink_to(demo_path)
    return home


@pytest.mark.parametrize("name", knobs_core.__all__)
def test_every_name_is_there_and_says_what_it_is(name):
    thing = getattr(knobs_core, name)
    if isinstance(thing, dict):  # a table of models: each has its own words
        assert all(one.__doc__ for pair in thing.values() for one in pair)
        return
    assert inspect.getdoc(thing)
    if inspect.isclass(thing):
        for method, value in vars(thing).items():
            if not method.startswith("_") and (callable(value) or isinstance(value, property)):
                assert inspect.getdoc(value), f"{name}.{method}"
    if inspect.ismodule(thing):
        own = [value for value in vars(thing).values() if getattr(value, "__module__", "") == thing.__name__]
        assert own
        assert all(inspect.getdoc(value) for value in own)


@pytest.mark.parametrize("name", knobs_core.__all__)
def test_every_signature_is_typed(name):
    thing = getattr(knobs_core, name)
    functions = [thing] if inspect.isfunction(thing) else []
    if inspect.isclass(thing):
        functions += [value for key, value in vars(thing).items() if inspect.isfunction(value) and key[0] != "_"]
    for function in functions:
        parameters = inspect.signature(function).parameters.values()
        assert all(one.annotation is not one.empty for one in parameters if one.name != "self"), function
        assert inspect.signature(function).return_annotation is not inspect.Signature.empty, function


def test_the_stub_says_what_the_face_offers():
    tree = ast.parse((ROOT / "knobs_core" / "__init__.pyi").read_text(encoding="utf-8"))
    imported = {alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    [listed] = [ast.literal_eval(node.value) for node in tree.body if isinstance(node, ast.Assign)]
    assert imported == set(listed) == set(knobs_core.__all__)


def test_the_page_about_the_face_names_everything():
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    assert not [name for name in knobs_core.__all__ if f"`{name}" not in text]


@pytest.mark.slow
@pytest.mark.parametrize("code", code_blocks("python"))
def test_python_in_the_documents_runs(code, home):
    printed(code, home)


@pytest.mark.slow
def test_the_script_runs(ten_lines):
    """It ran to its end when it made the demo's bundle for all tests."""
    said = (ten_lines / "said.txt").read_text(encoding="utf-8")
    assert "Touch of Evil" in said


@pytest.mark.slow
def test_the_notebook_runs_and_shows_tables(home):
    told = outputs(executed(ROOT / "examples" / "ten_lines.ipynb", home))
    assert not [one for one in told if one["output_type"] in ("error", "stream")]
    tables = [one["data"]["text/html"] for one in told if "text/html" in one["data"]]
    assert len(tables) == 7  # all but the bundle itself


@pytest.mark.parametrize("line", command_lines())
def test_command_lines_in_the_documents_are_understood(line, tmp_path, monkeypatch):
    words = [word for word in shlex.split(line)[1:] if word not in ("&&",)]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("knobs_core.bundles.fetch", lambda *_: tmp_path)  # no store is asked
    for word in words:
        if word.endswith((".toml", ".json")):  # of somebody's own, which has to be there
            (tmp_path / word).touch()
    group = click.Context(cli, info_name="knobs")
    name, command, arguments = cli.resolve_command(group, words)
    if "--help" not in arguments:
        command.make_context(name, list(arguments), parent=group)


@pytest.mark.slow
@pytest.mark.parametrize("line", [line for line in command_lines() if line.split()[1] in QUICK])
def test_quick_command_lines_in_the_documents_run(line, home):
    words = shlex.split(line)[1:]
    assert printed("import sys; from knobs_core.cli import main; main(sys.argv[1:])", home, *words)
