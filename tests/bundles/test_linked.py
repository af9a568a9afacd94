"""A bundle that leaves likes and users in a prepared folder: the same lists, and refused where that folder is not."""

import json
import shutil

import numpy as np
import pytest

from knobs_core import bundles
from knobs_core.base import BundleError, ConfigError
from knobs_core.bundles.contents import FILES, PEOPLE
from knobs_core.cli import main
from knobs_core.data import load_data
from knobs_core.data.sparse import is_mapped
from tests.given import SMALL

pytest.importorskip("duckdb")


@pytest.fixture(scope="module")
def prepared(planted_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("prepared") / "p"
    main(["prepare", str(planted_folder), "--out", str(folder)])
    return folder


@pytest.fixture(scope="module")
def linked(prepared, tmp_path_factory):
    """Trained on the prepared folder, and left there."""
    few = {"cfae": {**SMALL["cfae"], "epochs": 2}, "sae": {**SMALL["sae"], "epochs": 2}}
    trained = bundles.train(load_data(prepared), "elsa", overrides=few, device="cpu")
    place = tmp_path_factory.mktemp("linked")
    bundles.save(trained, place / "whole")
    bundles.save(trained, place / "linked", link=True)
    return place


def test_a_bundle_that_points_to_people_has_all_but_them(linked, prepared):
    whole, pointing = (bundles.load(linked / name) for name in ("whole", "linked"))
    assert {file.name for file in (linked / "linked").iterdir()} == {*FILES, *bundles.CARDS, "manifest.json"} - set(
        PEOPLE
    )
    assert pointing.manifest.people.path == str(prepared)
    assert pointing.id != whole.id
    assert (pointing.interactions.matrix != whole.interactions.matrix).nnz == 0
    assert np.array_equal(pointing.interactions.user_ids, whole.interactions.user_ids)
    assert is_mapped(pointing.interactions.matrix.indices)
    assert not is_mapped(whole.interactions.matrix.indices)
    for user in whole.interactions.user_ids[:5]:
        lists = [one.person(str(user)).recommend({"concept 3": 0.4}, 10) for one in (whole, pointing)]
        assert lists[0].table.equals(lists[1].table)


def test_what_points_goes_on_pointing(linked, tmp_path):
    bundles.save(bundles.load(linked / "linked"), tmp_path / "again")
    assert bundles.load(tmp_path / "again").id == bundles.load(linked / "linked").id
    with pytest.raises(ConfigError, match="a prepared folder, to point to it, found others"):
        bundles.save(bundles.load(linked / "whole"), tmp_path / "not", link=True)
    assert not (tmp_path / "not").exists()


def test_a_folder_that_moved_is_named(linked, prepared, tmp_path, monkeypatch):
    moved, there = tmp_path / "moved", str(prepared)
    shutil.copytree(prepared, moved)
    document = json.loads((linked / "linked" / "manifest.json").read_text(encoding="utf-8"))
    assert document["people"]["path"] == there
    monkeypatch.setenv("KNOBS_PREPARED", str(tmp_path / "nowhere"))
    with pytest.raises(BundleError, match=r"the prepared data \w{12} at .*nowhere, found none; .* KNOBS_PREPARED"):
        bundles.load(linked / "linked")
    monkeypatch.setenv("KNOBS_PREPARED", str(moved))
    assert bundles.load(linked / "linked").interactions.prepared.path == str(moved)


def test_other_people_are_refused(linked, planted_folder, tmp_path, monkeypatch):
    main(["prepare", str(planted_folder), "--out", str(tmp_path / "other"), "--set", "data.min_user_interactions=9"])
    monkeypatch.setenv("KNOBS_PREPARED", str(tmp_path / "other"))
    with pytest.raises(BundleError, match="found others"):
        bundles.load(linked / "linked")
    assert not (tmp_path / "other" / "matrix").exists()  # nothing of theirs was opened


def test_the_command_links_and_says_early_where_there_is_nothing_to_link_to(prepared, planted_folder, tmp_path, capsys):
    few = ["--cfae", "elsa", "--set", "cfae.epochs=1", "--set", "sae.epochs=1", "--set", "cfae.dim=16", "--no-map"]
    with pytest.raises(SystemExit) as ended:
        main(["train", "--data", str(planted_folder), "--out", str(tmp_path / "b"), "--link", *few])
    assert ended.value.code == 2
    assert "a prepared folder, to point to it" in capsys.readouterr().err
    assert not (tmp_path / "b").exists()
    main(["train", "--data", str(prepared), "--out", str(tmp_path / "b"), "--link", *few])
    assert not (tmp_path / "b" / "interactions.npz").exists()
