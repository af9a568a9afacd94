"""The house stays in order: who imports whom, what is light to import, and how long a page may be."""

import ast
import graphlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CORE = ROOT / "knobs_core"
STRANGERS = ("data", "cfae", "sae", "mapping", "steering")  # they exchange arrays; nested joins them


def imports(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module} | {f"{node.module}.{name.name}" for name in node.names}
    return found


def files_of(room: str) -> list[Path]:
    return [CORE / f"{room}.py"] if (CORE / f"{room}.py").exists() else list((CORE / room).glob("*.py"))


@pytest.mark.parametrize("file", sorted(CORE.rglob("*.py")), ids=lambda file: str(file.relative_to(ROOT)))
def test_the_core_knows_no_user_interface(file):
    assert not [name for name in imports(file) if name.split(".")[0] in ("streamlit", "knobs_ui", "pages", "app")]


@pytest.mark.parametrize("room", STRANGERS)
def test_rooms_of_the_core_do_not_know_each_other(room):
    others = {f"knobs_core.{other}" for other in STRANGERS if other != room}
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


def test_only_the_pages_and_their_helpers_import_streamlit():
    for file in ROOT.glob("**/*.py"):
        room = file.relative_to(ROOT).parts[0]
        if room not in ("app.py", "pages", "knobs_ui", "tests", "benchmarks") and not room.startswith("."):
            assert not [name for name in imports(file) if name.split(".")[0] == "streamlit"], file


@pytest.mark.parametrize("page", sorted((ROOT / "pages").glob("*.py")), ids=lambda page: page.name)
def test_pages_are_short_guarded_and_free_of_mathematics(page):
    text = page.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150
    assert "shell.require_router()" in text
    assert not [name for name in imports(page) if name.split(".")[0] in ("torch", "scipy")]


def test_importing_the_core_is_light():
    heavy = ("umap", "numba", "plotly", "streamlit", "matplotlib", "implicit")
    code = f"import sys, knobs_core.pipeline, knobs_core.paper; print([n for n in {heavy} if n in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_the_app_never_imports_what_only_drawing_a_map_needs():
    """Every page's modules and a bundle's reading are loaded; umap comes in only inside the function that draws."""
    code = (
        "import sys; import knobs_ui.atlas, knobs_ui.crowd, knobs_ui.drawing, knobs_ui.dialogs, knobs_ui.export;"
        "print([name for name in ('umap', 'numba', 'sklearn', 'pynndescent') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert result.stdout.strip() == "[]"
    users = {file for file in ROOT.glob("knobs_*/**/*.py") if "umap" in imports(file)}
    assert users == {CORE / "projection.py", CORE / "paper" / "cells.py"}  # both run in processes of their own


def test_no_pickle_anywhere():
    for file in [*CORE.rglob("*.py"), *(ROOT / "knobs_ui").rglob("*.py")]:
        assert "pickle" not in {name.split(".")[0] for name in imports(file)}, file


@pytest.mark.parametrize("file", sorted(CORE.rglob("*.py")), ids=lambda file: str(file.relative_to(ROOT)))
def test_every_file_says_what_it_is(file):
    assert ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))
