"""The commands ``render`` and ``replay``."""

import json
from itertools import pairwise

import pandas as pd
import pytest

from knobs_core import bundles
from knobs_core.cli import main
from tests.cli.commands import output, refused
from tests.small import small


@pytest.fixture
def recipe_path(tmp_path):
    path = tmp_path / "noir.json"
    path.write_text(
        json.dumps({"slug": "noir", "length": 6, "dials": [{"knob": "concept 3", "amount": 0.4}], "bans": ["i9"]})
    )
    return path


def test_render_writes_a_list_for_every_reader(capsys, planted_path, recipe_path, tmp_path):
    out = tmp_path / "lists.parquet"
    document = output(capsys, "render", planted_path, "--recipe", recipe_path, "--out", out)
    table = pd.read_parquet(out)
    assert (document["readers"], document["rows"]) == (600, len(table))
    assert document["order"][0] == "house bans"
    assert set(table["reason"]) == {"concept 3"}


def test_render_takes_dials_and_some_readers(capsys, planted_path, tmp_path):
    users, out = tmp_path / "users.txt", tmp_path / "lists.parquet"
    users.write_text("u3\n\nu5\n")
    main(["render", str(planted_path), "--dial", "concept 3=0.4", "--users", str(users), "--n", "5", "--out", str(out)])
    assert f"2 lists, 10 rows in {out}" in capsys.readouterr().out
    listed = output(capsys, "recommend", planted_path, "--user", "u3", "--dial", "concept 3=0.4", "--n", 5)
    table = pd.read_parquet(out)
    assert table[table["user_id"] == "u3"]["item_id"].tolist() == [row["item_id"] for row in listed["items"]]


def test_render_says_what_it_cannot_do(capsys, planted_path, recipe_path, tmp_path):
    out = ("--out", tmp_path / "lists.parquet")
    assert "Give either --recipe FILE or --dial" in refused(capsys, "render", planted_path, *out)
    line = refused(capsys, "render", planted_path, "--recipe", recipe_path, "--users", tmp_path / "none.txt", *out)
    assert "a file of readers' ids" in line
    recipe_path.write_text(json.dumps({"slug": "noir", "valid_to": "2020-01-01T00:00:00Z"}))
    assert "to 2020-01-01 00:00 (UTC)" in refused(capsys, "render", planted_path, "--recipe", recipe_path, *out)
    recipe_path.write_text(json.dumps({"slug": "noir", "pins": [{"item": "gone", "place": 1}]}))
    assert "'gone'" in refused(capsys, "render", planted_path, "--recipe", recipe_path, *out)
    assert not (tmp_path / "lists.parquet").exists()


def test_render_notes_conflicts_and_short_lists(capsys, planted_path, recipe_path, tmp_path):
    house = tmp_path / "house.json"
    house.write_text(json.dumps({"bans": ["i1"]}))
    recipe_path.write_text(
        json.dumps({"slug": "few", "pool": {"items": ["i1", "i2"]}, "pins": [{"item": "i1", "place": 1}]})
    )
    out = tmp_path / "lists.parquet"
    main(["render", str(planted_path), "--recipe", str(recipe_path), "--house", str(house), "--out", str(out)])
    said = capsys.readouterr().out
    assert "Note: 'Item 1' is pinned to place 1 but banned by the house." in said
    assert "600 of them are shorter than asked" in said


def test_a_list_is_replayed(capsys, planted_path, tmp_path, monkeypatch):
    stamp = tmp_path / "stamp.json"
    for whose in (("--user", "u3"), ("--items", "i1,i4")):
        document = output(capsys, "recommend", planted_path, *whose, "--dial", "concept 3=0.4", "--n", 7)
        stamp.write_text(json.dumps(document))
        assert output(capsys, "replay", stamp, "--bundle", planted_path)["same"]
    (tmp_path / "home" / "bundles").mkdir(parents=True)
    (tmp_path / "home" / "bundles" / "broken").mkdir()
    monkeypatch.setenv("KNOBS_HOME", str(tmp_path / "home"))
    assert "none of that id" in refused(capsys, "replay", stamp)
    (tmp_path / "home" / "bundles" / "mine").symlink_to(planted_path)
    main(["replay", str(stamp)])
    assert capsys.readouterr().out == "same list: yes\n"


def test_another_list_is_named_and_fails(capsys, planted_path, tmp_path):
    stamp = tmp_path / "stamp.json"
    document = output(capsys, "recommend", planted_path, "--user", "u3", "--dial", "concept 3=0.4")
    document["stamp"]["dials"] = {"concept 3": -0.8}
    stamp.write_text(json.dumps(document))
    with pytest.raises(SystemExit) as left:
        main(["replay", str(stamp), "--bundle", str(planted_path)])
    assert left.value.code == 1
    assert capsys.readouterr().out.startswith("same list: no; row 1 was 'Item ")


def test_recipes_of_other_methods_have_no_stamp(capsys, planted_path):
    document = output(capsys, "recommend", planted_path, "--user", "u3", "--operator", "representative")
    assert "stamp" not in document


def test_a_quota_of_a_column_from_the_file_to_the_list(capsys, tmp_path):
    """A folder with a column of directors becomes a bundle, and no list has two films of one next to each other."""
    likes, folder = small(60, 40), tmp_path / "films"
    folder.mkdir()
    rows, columns = likes.matrix.nonzero()
    pd.DataFrame({"user_id": likes.user_ids[rows], "item_id": likes.item_ids[columns]}).to_csv(
        folder / "interactions.csv", index=False
    )
    directors = {item: f"=Ann {at % 4}|<b>Bob</b> {at % 5}" for at, item in enumerate(likes.item_ids)}
    items = pd.DataFrame(
        {"item_id": [*directors], "title": "T", "director": [*directors.values()], "isbn": [*directors]}
    )
    items.assign(description=[f"Of {item},\nlong. " * 300 for item in directors], genre="x")[::-1].to_csv(
        folder / "items.csv", index=False
    )
    out = tmp_path / "b"
    few = ("--set", "sae.epochs=3", "--set", "data.min_user_interactions=2")
    document = output(capsys, "train", "--data", folder, "--out", out, *few)
    assert document["read"]["kept_columns"] == ["description", "director", "isbn"]
    assert document["read"]["unused_columns"] == ["items.csv: genre (its name means something else here; rename it)"]
    data = bundles.load(out).interactions
    assert dict(zip(data.item_ids, data.items["director"], strict=True)) == directors
    assert data.items["description"].tolist() == [("Of {}, long. " * 300).format(*[i] * 300).strip() for i in directors]
    assert data.grouping == ("director",)
    quotas = [{"of": "director", "most": 1, "window": 2}]
    pool = {"lacking": [{"of": "director", "value": "<b>Bob</b> 4"}], "having": [{"of": "Director", "value": "x"}]}
    recipe = tmp_path / "r.json"
    recipe.write_text(json.dumps({"slug": "r", "length": 5, "quotas": quotas, "pool": pool}))
    asked = ("render", out, "--recipe", recipe, "--out", tmp_path / "lists.parquet")
    assert "pool: a property of the items under of, found 'Director'" in refused(capsys, *asked)
    del pool["having"]
    recipe.write_text(json.dumps({"slug": "r", "length": 5, "quotas": quotas, "pool": pool}))
    output(capsys, *asked)
    table = pd.read_parquet(tmp_path / "lists.parquet")
    assert "own taste, by a quota: at most 1 of each director in 2 rows" in set(table["reason"])
    for _, rows in table.groupby("user_id"):
        listed = [set(directors[item].split("|")) for item in rows["item_id"]]
        assert all(one.isdisjoint(other) for one, other in pairwise(listed))
        assert not any("<b>Bob</b> 4" in one for one in listed)
