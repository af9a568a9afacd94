"""``knobs shelf``."""

from knobs_core.cli import main
from knobs_core.lists import read_recipe, shelf
from tests.cli.commands import output, refused


def test_a_shelf_becomes_a_recipe_in_a_file(capsys, planted_path, planted_bundle, tmp_path):
    out = tmp_path / "recipe.json"
    titles = ("--want", "i1", "--want", "Item 13", "--not", "i2")
    document = output(capsys, "shelf", planted_path, *titles, "--slug", "mine", "--out", out)
    made = shelf(planted_bundle, ["i1", "i13"], ["i2"])
    assert read_recipe(out) == made.recipe("mine")
    assert document["recipe"]["slug"] == "mine"
    assert [(one["item"], one["said"]) for one in document["wanted"]] == [(one.item, one.said) for one in made.wanted]
    assert [one["item"] for one in document["unwanted"]] == ["i2"]
    assert [one["item"] for one in document["beyond"]] == [one.item for one in made.beyond]
    assert output(capsys, "render", planted_path, "--recipe", out, "--out", tmp_path / "lists.parquet")["short"] == 0


def test_it_is_shown(capsys, planted_path):
    main(["shelf", str(planted_path), "--want", "i1", "--not", "i2", "--size", "3"])
    shown = capsys.readouterr().out
    for part in ("dial", "amount", "want", "Item 1", "covered", "Beside the shelf it brings, of 200 readers' lists"):
        assert part in shown


def test_what_cannot_be_is_said_in_a_line(capsys, planted_path, tmp_path):
    assert "at least one title" in refused(capsys, "shelf", planted_path, "--not", "i1")
    assert "which is both" in refused(capsys, "shelf", planted_path, "--want", "i1", "--not", "Item 1")
    assert "'No such title'" in refused(capsys, "shelf", planted_path, "--want", "No such title")
    out = tmp_path / "recipe.json"
    assert "slug" in refused(capsys, "shelf", planted_path, "--want", "i1", "--slug", "Two words", "--out", out)
    assert not out.exists()
