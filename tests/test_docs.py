"""The documentation as it is built: complete against the code, whole in itself, and without anything from elsewhere."""

import ast
import re
import subprocess
import sys
import tomllib
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import click
import pytest
import yaml

import knobs_core
from knobs_core.cli import cli
from tests.cli.commands import output

ROOT = Path(__file__).parents[1]
PRIVATE = {"Answer", "Kept"}  # what answers share; what a browser keeps of an editor's draft


class Page(HTMLParser):
    """What a page has: ids to link to, links, what it loads by itself, and its words."""

    def __init__(self, file: Path):
        super().__init__()
        self.ids, self.links, self.loaded, self.words, self._mute = set(), [], [], [], 0
        self.feed(file.read_text(encoding="utf-8"))
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        known = dict(attrs)
        self.ids |= {known[name] for name in ("id", "name") if known.get(name)}
        if tag == "a" and known.get("href"):
            self.links.append(known["href"])
        elif tag == "link" and known.get("rel") not in ("canonical", "next", "prev", "index", "search"):
            self.loaded.append(known.get("href", ""))
        self.loaded += [known[name] for name in ("src", "srcset", "data", "poster") if known.get(name)]
        self._mute += tag in ("script", "style")

    def handle_endtag(self, tag):
        self._mute -= tag in ("script", "style")

    def handle_data(self, data):
        if not self._mute:
            self.words.append(data)


@pytest.fixture(scope="module")
def site():
    """The pages, built as ``knobs docs`` builds them where something they are made of is newer."""
    pytest.importorskip("sphinx")
    from knobs_core.cli.docs import first_page

    return first_page()[0].parent


@pytest.fixture(scope="module")
def pages(site):
    return {file: Page(file) for file in site.rglob("*.html")}


def outside(address):
    return bool(urlsplit(address).scheme or address.startswith("//"))


def test_every_link_inside_leads_somewhere(pages):
    lost = []
    for file, page in pages.items():
        for link in filter(lambda link: not outside(link), page.links):
            place, _, mark = unquote(unescape(link)).partition("#")
            target = (file.parent / place).resolve() if place else file
            there = target in pages or target.is_file()
            if not there or (mark and target in pages and mark not in pages[target].ids):
                lost.append(f"{file.name}: {link}")
    assert not lost


def test_nothing_is_loaded_from_elsewhere(site, pages):
    loaded = {address for page in pages.values() for address in page.loaded if not address.startswith("data:")}
    assert loaded
    assert not [address for address in loaded if outside(address)]
    for style in site.rglob("*.css"):
        text = style.read_text(encoding="utf-8")
        assert not re.search(r"(@import|url\()\s*[\"']?(https?:)?//", text), style


def test_the_search_works_from_a_file(site):
    """A browser that opens a file may load scripts and fetch nothing: the index is a script."""
    assert (site / "searchindex.js").read_text(encoding="utf-8").startswith("Search.setIndex(")
    assert "searchindex.js" in (site / "search.html").read_text(encoding="utf-8")


def test_every_public_name_is_in_the_reference(pages, site):
    ids = pages[site / "reference" / "python.html"].ids
    models = pages[site / "reference" / "python.html"].text
    for name in knobs_core.__all__:
        thing = getattr(knobs_core, name)
        assert {f"knobs_core.{name}", f"module-knobs_core.{name}"} & ids, name
        if isinstance(thing, dict):
            assert all(model.__name__ in models for model, _ in thing.values())


def test_every_command_and_option_is_in_the_reference(pages, site):
    text = pages[site / "reference" / "command-line.html"].text

    def look(command, path):
        assert path in text
        for parameter in command.params:
            for name in parameter.opts if isinstance(parameter, click.Option) else ():
                assert name in text, f"{path} {name}"
        for name, below in getattr(command, "commands", {}).items():
            look(below, f"{path} {name}")

    look(cli, "knobs")


def checked_classes():
    """Names and fields of all classes that pydantic checks, as they stand in the code."""
    found = {}
    for file in [*(ROOT / "knobs_core").rglob("*.py"), *(ROOT / "knobs_ui").rglob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                made = " ".join(map(ast.unparse, [*node.bases, *node.decorator_list]))
                known = {name for name, _ in found.values()}
                if re.search(r"BaseModel|checked_dataclass|pydantic\.dataclasses|_Part|_Asked|Answer", made) or (
                    known & {ast.unparse(base) for base in node.bases}
                ):
                    fields = [
                        one.target.id for one in node.body
                        if isinstance(one, ast.AnnAssign) and not one.target.id.startswith("_")
                        and "ClassVar" not in ast.unparse(one.annotation)
                    ]  # fmt: skip
                    found[f"{file}:{node.name}"] = node.name, fields
    return sorted(dict(found.values()).items())


def test_every_setting_is_in_the_reference(pages, site):
    tables = " ".join((site / "reference" / f"{name}.html").read_text(encoding="utf-8") for name in
                      ("settings", "json", "bundle", "packages"))  # fmt: skip
    classes = [(name, fields) for name, fields in checked_classes() if name[0] != "_" and name not in PRIVATE]
    assert {"DataConfig", "TopKConfig", "ELSAConfig", "InputsConfig", "ListRecipe", "Manifest"} <= {
        name for name, _ in classes
    }
    for name, fields in classes:
        assert name in tables, name
        for field in fields:
            assert re.search(rf">{field}<|\b{field}\b", tables), f"{name}.{field}"


def test_every_variable_is_in_the_reference():
    named = set(re.findall(r"KNOBS_[A-Z_]*[A-Z]", (ROOT / "docs/reference/environment.md").read_text(encoding="utf-8")))
    files = [file for room in ("knobs_core", "knobs_ui", "pages", "tests", ".ci") for file in (ROOT / room).rglob("*")]
    read = set()
    for file in [ROOT / "app.py", *files]:
        if file.is_file() and (file.suffix == ".py" or file.parent.name == ".ci"):
            read |= set(re.findall(r"\bKNOBS_[A-Z_]*[A-Z]\b", file.read_text(encoding="utf-8")))
    assert named == read


def test_a_dark_page_and_a_light_one(site):
    """The theme follows the system and can be switched; drawings take their colours from it."""
    page = (site / "explanation" / "how-it-works.html").read_text(encoding="utf-8")
    assert page.count('<svg class="picture"') == 2
    assert "prefers-color-scheme" in "".join(file.read_text() for file in (site / "_static").rglob("*.css"))


def test_the_citation_is_of_this_version():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert cited["cff-version"] == "1.2.0"
    assert cited["version"] == project["version"]
    assert cited["license"] == project["license"]
    assert {"message", "title", "authors"} <= cited.keys()
    paper = cited["preferred-citation"]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [author["family-names"] for author in paper["authors"]] == ["Spišák", "Peška", "Škoda", "Vančura", "Alves"]
    assert all(f"{one['given-names']} {one['family-names']}" in readme for one in paper["authors"])
    assert " ".join(paper["title"].split()) in " ".join(readme.split())


@pytest.mark.parametrize(
    "file", sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")), ids=lambda file: file.name
)
def test_forms_for_issues_are_whole(file):
    form = yaml.safe_load(file.read_text(encoding="utf-8"))
    if file.name == "config.yml":
        assert set(form) <= {"blank_issues_enabled", "contact_links"}
        return
    assert {"name", "description", "body"} <= form.keys()
    ids = [part["id"] for part in form["body"] if part["type"] != "markdown"]
    assert len(set(ids)) == len(ids) > 0
    assert {part["type"] for part in form["body"]} <= {"markdown", "textarea", "input", "dropdown", "checkboxes"}
    assert all(part["attributes"].get("label") or part["type"] == "markdown" for part in form["body"])


@pytest.mark.parametrize("name", ["README", "CONTRIBUTING", "CODE_OF_CONDUCT", "SECURITY", "CHANGELOG"])
def test_links_at_the_top_lead_somewhere(name):
    text = (ROOT / f"{name}.md").read_text(encoding="utf-8")
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text)]
    assert not [link for link in links if link and not outside(link) and not (ROOT / link).exists()]


def test_without_the_documentation_the_command_says_what_to_do(tmp_path):
    """As in a wheel that was built without it."""
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "import knobs_core.base as base\n"
        "base.resource = lambda *parts: Path(sys.argv[1]).joinpath(*parts)\n"
        "from knobs_core.cli import main\n"
        "main(['docs', '--no-open'])"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 2
    assert "built without it" in done.stderr
    assert "pip install -e '.[docs]'" in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_command_says_where_the_first_page_lies(site, capsys):
    from knobs_core.cli import main

    main(["docs", "--no-open"])
    assert capsys.readouterr().out.strip() == str(site / "index.html")


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("recommend", ("--user", "u1", "--dial", "concept 1=0.3", "--explain", "--notes")),
        ("profile", ("--user", "u1")),
        ("ask", ("--user", "u1", "--item", "i3")),
        ("labels", ()),
        ("words", ("concept 1",)),
        ("evaluate", ()),
    ],
)
def test_the_page_of_json_names_every_field(command, arguments, planted_path, capsys):
    page = (ROOT / "docs" / "reference" / "json.md").read_text(encoding="utf-8")
    named = set(re.findall(r"[a-z@0-9_]+", " ".join(re.findall(r"`([^`]+)`", page))))
    document = output(capsys, command, planted_path, *arguments)
    rows = document if isinstance(document, list) else [document]
    fields = {name for row in rows for name in row}
    for name in ("items", "dials", "themes", "chips"):
        inside = document.get(name) if isinstance(document, dict) else None
        fields |= {field for one in inside or () if isinstance(one, dict) for field in one}
    assert fields <= named
