"""What a tag needs: one version and one date everywhere, and a text."""

import datetime
import json
import re
import tomllib

import yaml

from tests.given import ROOT


def test_changelog_package_and_citation_are_of_one_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    first = headings[1] if headings[0] == "Unreleased" else headings[0]  # what comes after this version stands above it
    version, date = re.fullmatch(r"(\d+\.\d+\.\d+) \((\d{4}-\d\d-\d\d)\)", first).groups()
    assert version == project["version"] == cited["version"]
    assert datetime.date.fromisoformat(date) == cited["date-released"]
    assert len(text.split(f"## {first}")[1].split("\n## ")[0].strip().splitlines()) > 3


def test_what_a_package_index_shows_is_there():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (ROOT / project["readme"]).is_file()
    assert [(ROOT / one).is_file() for one in project["license-files"]] == [True]
    kinds = project["classifiers"]
    assert len(kinds) == len(set(kinds))
    oldest = re.fullmatch(r">=(3\.\d+)", project["requires-python"])[1]
    assert f"Programming Language :: Python :: {oldest}" in kinds
    assert project["authors"]
    assert project["keywords"]


def test_the_front_end_has_no_version_of_its_own():
    front_end = json.loads((ROOT / "assets" / "package.json").read_text(encoding="utf-8"))
    assert front_end["private"]
    assert "version" not in front_end
