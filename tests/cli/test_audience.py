"""The commands ``audience`` and ``solve``."""

import csv
import dataclasses
import json

import pytest

from knobs_core import bundles
from knobs_core.cli import main
from knobs_core.lists import read_recipe
from tests.cli.commands import output, refused


@pytest.fixture
def recipe_path(tmp_path):
    path = tmp_path / "noir.json"
    path.write_text(json.dumps({"slug": "noir", "length": 8, "dials": [{"knob": "concept 3", "amount": 0.4}]}))
    return path


def test_an_audience_is_shown_before_and_after(capsys, planted_path, recipe_path, tmp_path):
    out = tmp_path / "preview.csv"
    asked = ("audience", planted_path, "--recipe", recipe_path, "--size", 40, "--seed", 3)
    document = output(capsys, *asked, "--threshold", "concept 3", "--share", 0.2, "--out", out)
    assert document["everybody"]["readers"] == 40
    assert document["readers"].startswith("40 of 600 users")
    assert document["thresholds"]["exact"]
    assert document["thresholds"]["titles"][0]["item_id"].startswith("i")
    assert {"Few likes", "Many likes", "Newcomers"} <= set(document["segments"])
    assert len(document["everybody"]["best"]) == len(document["everybody"]["worst"]) == 10
    rows = list(csv.DictReader(out.read_text(encoding="utf-8-sig").splitlines()))
    assert [(row["item_id"], float(row["after"])) for row in rows] == [
        (one["item_id"], pytest.approx(one["after"])) for one in document["titles"]
    ]
    assert sum(one["after"] for one in document["titles"]) == pytest.approx(8)
    main([str(one) for one in (*asked, "--against", recipe_path)])
    said = capsys.readouterr().out
    assert "40 of 600 users" in said
    assert "100% -> 100%" not in said
    assert "Titles and their readers" in said


def test_titles_that_look_like_formulas_are_written_as_text(planted_bundle, tmp_path, capsys, recipe_path):
    data = planted_bundle.interactions
    items = data.items.assign(title="=1+1").astype(data.items.dtypes.to_dict())
    odd = dataclasses.replace(planted_bundle, interactions=dataclasses.replace(data, items=items))
    bundles.save(odd, tmp_path / "odd")
    out = tmp_path / "preview.csv"
    output(capsys, "audience", tmp_path / "odd", "--recipe", recipe_path, "--size", 10, "--out", out)
    assert {row["title"] for row in csv.DictReader(out.read_text(encoding="utf-8-sig").splitlines())} == {"'=1+1"}


def test_dials_are_found_and_written(capsys, planted_path, recipe_path, tmp_path):
    out = tmp_path / "solved.json"
    asked = ("solve", planted_path, "--recipe", recipe_path, "--size", 30)
    goals = ("--theme", "concept 3=0.3", "--keep", 0.25, "--of", 0.5)
    document = output(capsys, *asked, *goals, "--out", out)
    assert document["found"]
    assert document["exact"]
    assert [one["met"] for one in document["goals"]] == [True, True]
    [dial] = document["dials"]
    assert read_recipe(out).dials[0].amount == dial["amount"] < 0.4
    main([str(one) for one in (*asked, *goals, "--cap", 1, "--knob", "concept 3")])
    assert f"concept 3={dial['amount']:g}" in capsys.readouterr().out


def test_where_no_dials_do_it_the_nearest_miss_is_shown(capsys, planted_path, recipe_path):
    asked = ("solve", planted_path, "--recipe", recipe_path, "--size", 30, "--reach", "i7=1", "--knob", "concept 3")
    with pytest.raises(SystemExit) as left:
        main([str(one) for one in asked])
    assert left.value.code == 1
    out, err = capsys.readouterr()
    assert "No amount of this dial does it." in out
    assert "no dials were found" in err


def test_goals_that_are_none_are_refused(capsys, planted_path, recipe_path):
    asked = ("solve", planted_path, "--recipe", recipe_path, "--size", 10)
    assert "at least one goal" in refused(capsys, *asked)
    assert "NAME=SHARE" in refused(capsys, *asked, "--reach", "i7")
    assert "a share from 0 to 1" in refused(capsys, *asked, "--theme", "concept 3=1.5")
    assert "'gone'" in refused(capsys, *asked, "--theme", "gone=0.5")
    assert "'gone'" in refused(capsys, *asked, "--reach", "gone=0.5")
