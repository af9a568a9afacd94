"""Sets by name: what lies here is taken, the rest is fetched, and every name is told."""

import json
from pathlib import Path

import pytest

from knobs_core import data
from knobs_core.cli import main
from knobs_core.data.planted import planted
from knobs_core.data.source import Words
from knobs_core.data.sources.registry import NAMED, own_config
from tests.cli.commands import knobs, refused
from tests.data.sources.layouts import CASES, OPEN, contents
from tests.data.sources.mirror import bring, zipped
from tests.given import ROOT


def test_what_lies_here_or_there_is_taken(mirror, downloads, tmp_path):
    (downloads / "ml-1m").mkdir(parents=True)
    assert bring("ml-1m") == downloads / "ml-1m"
    (tmp_path / "ml-1m.zip").write_bytes(zipped({}))
    assert bring("ml-1m") == Path("ml-1m.zip")
    (tmp_path / "ml-1m").mkdir()
    assert bring("ml-1m") == Path("ml-1m")
    assert mirror.asked == []


def test_a_set_of_several_files_fetches_those_that_are_missing(mirror, downloads, tmp_path):
    files = contents("msd", tmp_path)
    (downloads / "msd").mkdir(parents=True)
    (downloads / "msd" / "train_triplets.txt").write_bytes(files.pop("train_triplets.txt"))  # unpacked by hand
    for name, content in files.items():
        mirror.add(name, content)
    loaded = data.load_data("msd", OPEN)
    assert loaded.items["title"].tolist() == CASES["msd"][2]
    assert sorted(name for name, _ in mirror.asked) == sorted(files)


def test_train_by_name_downloads_shows_terms_and_trains(mirror, tmp_path, capsys):
    """Two layouts all the way through the command line, one of them with its map."""
    tables = planted(n_users=120, n_items=60, n_concepts=4, mean_likes=12)
    pairs = tables.interactions.apply(lambda column: column.str[1:])
    words = tables.tags.assign(item_id=tables.tags["item_id"].str[1:], tag=tables.tags["tag"].str[-1])
    mirror.add(
        "hetrec2011-lastfm-2k.zip",
        zipped(
            {
                "user_artists.dat": "userID\tartistID\tweight\n"
                + "".join(f"{u}\t{i}\t3\n" for u, i in pairs.to_numpy()),
                "artists.dat": "id\tname\turl\tpictureURL\n" + "".join(f"{i}\tArtist {i}\t\t\n" for i in range(60)),
                "user_taggedartists.dat": "userID\tartistID\ttagID\tday\tmonth\tyear\n"
                + "".join(f"1\t{i}\t{t}\t1\t1\t2009\n" for i, t in words.to_numpy()),
                "tags.dat": "tagID\ttagValue\n" + "".join(f"{t}\tconcept {t}\n" for t in range(4)),
            }
        ),
    )
    mirror.add(
        "ml-1m.zip",
        zipped(
            {
                "ml-1m/ratings.dat": "".join(f"{u}::{i}::5::978300760\n" for u, i in pairs.to_numpy()),
                "ml-1m/movies.dat": "".join(f"{i}::Film {i} (1995)::{'ABCD'[int(t)]}\n" for i, t in words.to_numpy()),
            }
        ),
        md5=True,
    )
    small = [
        "--cfae",
        "elsa",
        "--dim",
        "8",
        "--set",
        "cfae.epochs=2",
        "--set",
        "sae.epochs=2",
        "--device",
        "cpu",
        "--json",
    ]
    for name, terms, more in (
        ("hetrec2011-lastfm-2k", "Last.fm (grouplens.org", []),
        ("ml-1m", "no redistribution", ["--no-map"]),
    ):
        main(["train", "--data", name, *small, *more])
        out, err = capsys.readouterr()
        assert f"{name} is published by " in err
        assert terms in err
        assert f"Downloading {name}.zip" in err
        report = json.loads(out)
        assert report["bundle"] == str(tmp_path / "home" / "bundles" / name)
        assert report["source"]["name"] == name


def test_every_name_is_in_the_help_the_error_and_the_guide(mirror, capsys):
    help_text = " ".join(knobs("train", "--help").stdout.split()).replace("- ", "-")  # wrapped at hyphens
    line = refused(capsys, "train", "--data", "ml25m")
    guide = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    for name in NAMED:
        assert f" {name}" in help_text
        assert f" {name}" in line
        assert f"`{name}`" in guide
    assert "did you mean 'ml-25m'" in line


@pytest.mark.parametrize(
    ("name", "layout", "says"),
    [
        ("ml-1m", "movielens-dat", "ml-1m by GroupLens (grouplens.org/datasets/movielens): research use"),
        ("something", "movielens-dat", "MovieLens by GroupLens"),
        ("ml-25m", "movielens", "no redistribution"),
        ("mine", "plain", ""),
    ],
)
def test_a_set_brings_the_credit_of_its_publisher(name, layout, says, tmp_path):
    config = own_config(tmp_path / f"{name}.zip", data.LAYOUTS[layout].DEFAULTS)
    found = data.credit(data.Source(name, config=config))
    assert found.startswith(says) or (says in found and says)
    assert data.credit(data.Source(f"data/{name}.zip")) == (found if name in NAMED else "")  # of an old bundle


def test_layouts_know_what_their_items_are_called():
    called = {name: Words.of(layout.DEFAULTS.item).many for name, layout in data.LAYOUTS.items()}
    assert {name: many for name, many in called.items() if many != "titles"} == {
        "msd": "songs", "lastfm": "artists", "goodbooks": "books"
    }  # fmt: skip
    assert "Harper" in data.credit(data.Source("demo"))
