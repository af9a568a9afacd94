"""``knobs recipes`` on a database of its own, from the first draft to a new training."""

import json

import pytest

from knobs_core import bundles
from knobs_core.cli import main
from knobs_core.lists import ListRecipe, recipe_of, turns_of
from tests.cli.commands import knobs, output, refused


@pytest.fixture(autouse=True)
def database(tmp_path, monkeypatch):
    monkeypatch.setenv("KNOBS_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)


@pytest.fixture
def file(tmp_path):
    """Writes a recipe to a file."""

    def written(**fields):
        path = tmp_path / "recipe.json"
        path.write_text(json.dumps({"slug": "noir", **fields}))
        return path

    return written


@pytest.fixture(scope="module")
def retrained_path(retrained_bundle, tmp_path_factory):
    path = tmp_path_factory.mktemp("bundles") / "retrained"
    bundles.save(retrained_bundle, path)
    return path


def said(capsys, *arguments):
    main([*map(str, arguments)])
    return capsys.readouterr().out


def test_from_a_draft_to_the_archive(capsys, file):
    assert said(capsys, "recipes", "list") == "no recipe was saved yet\n"
    first = output(capsys, "recipes", "save", file(headline="Noir"), "--by", "ada")
    assert (first["slug"], first["version"], first["by"], first["merged"]) == ("noir", 1, "ada", [])
    assert said(capsys, "recipes", "save", file(headline="Dark"), "--by", "bob", "--base", 1).startswith(
        "saved noir as version 2, its draft"
    )
    line = said(capsys, "recipes", "publish", "noir", 1, "--by", "chief", "--note", "For tonight.")
    assert line == "noir was published by chief; version 1 is on air\n"
    [entry] = output(capsys, "recipes", "list")
    assert (entry["live"], entry["draft"], entry["state"], entry["headline"]) == (1, 2, "on air", "Dark")
    document = json.loads(said(capsys, "recipes", "show", "noir", "--version", 1))
    assert recipe_of(document) == ListRecipe(slug="noir", headline="Noir")
    assert output(capsys, "recipes", "diff", "noir", 1, 2) == ['headline: "Noir" -> "Dark"']
    assert said(capsys, "recipes", "diff", "noir", 2, 2) == "versions 2 and 2 of noir are the same\n"
    act = output(capsys, "recipes", "withdraw", "noir", "--by", "chief", "--was", 1)
    assert (act["was"], act["now"]) == (1, None)
    found = output(capsys, "recipes", "history", "noir")
    assert [(one["version"], one["live"]) for one in found["versions"]] == [(2, False), (1, False)]
    assert [act["what"] for act in found["acts"]] == ["withdrawn", "published"]
    assert "For tonight." in said(capsys, "recipes", "history", "noir")
    said(capsys, "recipes", "archive", "noir", "--by", "ada")
    assert output(capsys, "recipes", "list") == []
    assert [one["state"] for one in output(capsys, "recipes", "list", "--archived")] == ["archived"]
    assert "taken out of the archive" in said(capsys, "recipes", "archive", "noir", "--out")


def test_two_editors_meet(capsys, file):
    said(capsys, "recipes", "save", file(headline="Noir"))
    said(capsys, "recipes", "save", file(headline="Dark"), "--by", "ada", "--base", 1)
    line = refused(capsys, "recipes", "save", file(headline="Black"), "--base", 1)
    assert "saved by ada" in line
    assert "both of you changed headline" in line
    assert "came in: headline" in said(capsys, "recipes", "save", file(headline="Noir", length=9), "--base", 1)
    said(capsys, "recipes", "publish", "noir", 3, "--note", "out")
    assert "nothing of noir on air" in refused(capsys, "recipes", "publish", "noir", 1, "--note", "x", "--was", 0)


def test_whoever_is_logged_in_does_it(capsys, file, monkeypatch):
    monkeypatch.setattr("getpass.getuser", lambda: "grace")
    assert output(capsys, "recipes", "save", file())["by"] == "grace"

    def nobody():
        raise OSError("no name")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert "the name of who does it" in refused(capsys, "recipes", "archive", "noir")
    assert "the name of who does it" in refused(capsys, "recipes", "archive", "noir", "--by", " \x1b ")


def test_house_rules(capsys, tmp_path):
    assert "house rules, version 0" in said(capsys, "recipes", "house")
    path = tmp_path / "house.json"
    path.write_text(json.dumps({"bans": ["i1"], "without": ["Horror"]}))
    document = output(capsys, "recipes", "house", path, "--by", "chief")
    assert document == {"version": 1, "by": "chief", "bans": ["i1"], "without": ["Horror"]}
    assert "found version 1" in refused(capsys, "recipes", "house", path, "--base", 0)
    assert "bans: i1\nwithout: Horror\n" in said(capsys, "recipes", "house")


def test_after_a_new_training(capsys, tmp_path, planted_bundle, planted_path, retrained_bundle, retrained_path):
    assert "no recipe" in said(capsys, "recipes", "health", planted_path)
    dials = turns_of(planted_bundle, planted_bundle.knobs.dials({"concept 3": 0.4}))
    path = tmp_path / "recipe.json"
    path.write_text(ListRecipe(slug="noir", bundle=planted_bundle.id, dials=dials).model_dump_json())
    said(capsys, "recipes", "save", path)
    publish = ("recipes", "publish", "noir", 1, "--note", "x", "--bundle")
    assert f"found version 1, made for {planted_bundle.id}" in refused(capsys, *publish, retrained_path)
    said(capsys, *publish, planted_path)
    [row] = output(capsys, "recipes", "health", retrained_path)
    assert (row["slug"], row["live"], row["state"]) == ("noir", True, "needs carrying over")
    assert "needs carrying" in said(capsys, "recipes", "health", retrained_path)
    assert "nothing was to do" in said(capsys, "recipes", "health", planted_path, "--accept", "noir")
    document = output(capsys, "recipes", "health", retrained_path, "--accept", "noir", "--by", "ada")
    assert (document["version"], document["by"], document["needs_person"]) == (2, "ada", False)
    assert [dial["how"] for dial in document["dials"]] == ["kept"]
    [entry] = output(capsys, "recipes", "list")
    assert (entry["live"], entry["draft"]) == (1, 2)
    assert output(capsys, "recipes", "health", retrained_path)[1]["state"] == "fits"


def test_the_schema_is_that_of_a_recipe(capsys):
    assert json.loads(said(capsys, "recipes", "schema")) == ListRecipe.model_json_schema()


def test_what_there_is_not_is_said_in_a_line(capsys, file):
    for arguments in (("show", "none"), ("history", "none"), ("withdraw", "none")):
        assert "'none', which there is none of" in refused(capsys, "recipes", *arguments)
    assert "a recipe in" in refused(capsys, "recipes", "save", file(colour="red"))
    said(capsys, "recipes", "save", file())
    assert "a version of noir" in refused(capsys, "recipes", "show", "noir", "--version", 7)
    assert "a note" in refused(capsys, "recipes", "publish", "noir", 1, "--note", " ")
    assert "See: knobs recipes" in refused(capsys, "recipes", "nothing")


def test_its_help_imports_no_database_and_no_models():
    done = knobs("recipes", "publish", "--help", PYTHONPROFILEIMPORTTIME="1")
    assert done.returncode == 0
    assert not [line for line in done.stderr.splitlines() if line.endswith(("| torch", "| sqlalchemy", "| pydantic"))]
