"""A run that is killed, or meets another, leaves the old bundle or the new one; earlier ones are kept and come back."""

import dataclasses
import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from knobs_core import bundles
from knobs_core.base import places
from knobs_core.base.errors import BundleError, StorageError
from knobs_core.data import Interactions
from knobs_core.data.planted import planted
from knobs_core.maps import Network, Projection
from tests.given import ROOT

TINY = {"cfae": {"dim": 8, "epochs": 2}, "sae": {"k": 4, "width_ratio": 2, "epochs": 1}}
MORE = (("renames", 0), ("exchange", 2), ("renames", 2))


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Two tiny bundles of the same data on disk."""
    folder, tables = tmp_path_factory.mktemp("pair"), planted(n_users=80, n_items=40, n_concepts=4, mean_likes=10)
    data = Interactions.from_frames(tables.interactions, tables.items, tables.tags)
    for seed in (1, 2):
        bundles.save(bundles.train(data, "elsa", overrides=TINY, seed=seed, device="cpu"), folder / str(seed))
    return folder / "1", folder / "2"


def hidden(path):
    return sorted(file.name for file in path.parent.iterdir() if file.name not in (path.name, f".{path.name}.lock"))


@pytest.fixture(scope="module")
def killed():
    """``killed(old, new, where, mode, keep)``: what killed.py tells, which has imported once what takes seconds."""
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("killed.py"))],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:

        def ask(old, new, where, mode, keep):
            print(json.dumps([str(old), str(new), str(where), mode, keep]), file=process.stdin, flush=True)
            return json.loads(process.stdout.readline())

        yield ask


@pytest.mark.parametrize(
    ("mode", "keep"),
    [("exchange", 0), *(pytest.param(*more, marks=pytest.mark.slow) for more in MORE)],
)
def test_killed_at_any_step_the_old_bundle_or_the_new_one_is_there(pair, killed, tmp_path, mode, keep):
    old, new = pair
    report = killed(old, new, tmp_path / "w", mode, keep)
    ids, before = report["ids"], bundles.load(old).id
    assert report["most"] > 2  # some were killed with a folder half written
    assert len(ids) > 30
    turned = ids.index(report["new"])
    assert ids == [before] * turned + [report["new"]] * (len(ids) - turned)
    assert 25 < turned < len(ids)
    assert not [left["rest"] for left in report["left"] if left["rest"]]
    assert report["left"][-1]["kept"] == ([before] if keep else [])


@pytest.mark.slow
def test_killed_where_nothing_was_there_is_nothing_or_the_new_bundle(pair, killed, tmp_path):
    report = killed("", pair[1], tmp_path / "w", "exchange", 0)
    turned = report["ids"].index(report["new"])
    assert all("make one with: knobs train" in said for said in report["ids"][:turned])
    assert set(report["ids"][turned:]) == {report["new"]}
    assert not [left["rest"] for left in report["left"] if left["rest"]]


@pytest.mark.parametrize("role", ["old", "partial"])
def test_what_was_left_between_two_names_is_put_back_when_it_is_read(pair, tmp_path, role):
    path = tmp_path / "b"
    shutil.copytree(pair[0], tmp_path / f".b.{role}-0123abcd")
    (tmp_path / ".b.partial-00000000").mkdir()  # half of another one
    (tmp_path / ".b.partial-00000000" / "sae.safetensors").write_bytes(b"half")
    assert bundles.load(path).id == bundles.load(pair[0]).id
    assert hidden(path) == []


def test_leftovers_of_killed_runs_are_swept_and_nothing_else(pair, tmp_path):
    path = tmp_path / "b"
    bundle = bundles.load(pair[0])
    bundles.save(bundle, path)
    for name in (".b.partial-0123abcd", ".b.old-0123abcd", ".bb.partial-0123abcd", ".b.partial-mine", "b.old-0123abcd"):
        shutil.copytree(pair[0], tmp_path / name)
    (path / ".map.safetensors.partial-0123abcd").write_bytes(b"half")
    bundles.save_names(bundle, path)
    assert hidden(path) == [".b.partial-mine", ".bb.partial-0123abcd", "b.old-0123abcd"]
    assert not list(path.glob(".*"))


def test_a_version_that_was_half_removed_and_a_place_that_was_only_tried_are_none(pair, tmp_path):
    path, bundle = tmp_path / "b", bundles.load(pair[0])
    for _ in range(2):
        bundles.save(bundle, path, keep=1)
    [version] = places.kept(path)
    (version / bundles.MANIFEST).unlink()  # goes first
    places.next_version(path).mkdir()
    assert bundles.versions(path) == []
    bundles.save_names(bundle, path)
    assert hidden(path) == []


def test_a_bundle_that_was_deleted_does_not_come_back(pair, tmp_path):
    path = tmp_path / "b"
    for _ in range(2):
        bundles.save(bundles.load(pair[0]), path, keep=1)
    shutil.rmtree(path)
    with pytest.raises(BundleError, match="make one with"):
        bundles.load(path)
    assert len(bundles.versions(path)) == 1


def test_whoever_writes_waits_for_others_and_says_so_after_a_while(pair, tmp_path, monkeypatch):
    path, bundle = tmp_path / "b", bundles.load(pair[0])
    bundles.save(bundle, path)
    monkeypatch.setattr(places, "WAIT", 0.1)
    with FileLock(tmp_path / ".b.lock"):
        for write in (bundles.save, bundles.save_names):
            with pytest.raises(StorageError, match="another process that does; wait for it"):
                write(bundle, path)
        assert bundles.load(path).id == bundle.id  # reading needs no lock
    bundles.save(bundle, path)


def test_readers_and_two_writers_never_meet_a_mixture(pair, tmp_path):
    path, made = tmp_path / "b", [bundles.load(one) for one in pair]
    bundles.save(made[0], path)
    faults = []

    def write(bundle):
        try:
            for _ in range(15):
                bundles.save(bundle, path)
        except Exception as error:
            faults.append(error)

    writers = [threading.Thread(target=write, args=(bundle,)) for bundle in made]
    for writer in writers:
        writer.start()
    read = []
    while any(writer.is_alive() for writer in writers):
        read.append(bundles.load(path))
    assert not faults
    assert read
    for one in read:
        [same] = [bundle for bundle in made if bundle.id == one.id]
        assert one.labels == same.labels
        assert one.nested.sae.w_dec.equal(same.nested.sae.w_dec)
    assert hidden(path) == []


def test_earlier_bundles_are_kept_as_many_as_wanted_and_come_back(pair, tmp_path):
    path, (one, two) = tmp_path / "b", [bundles.load(path) for path in pair]
    three = one.with_recipes("top5")
    assert bundles.versions(path) == []
    for bundle in (one, two, three):
        bundles.save(bundle, path, keep=2)
    assert [version.id for version in bundles.versions(path)] == [two.id, one.id]
    assert bundles.rollback(path).id == two.id == bundles.load(path).id
    assert [version.id for version in bundles.versions(path)] == [three.id, one.id]
    assert bundles.rollback(path).id == three.id  # going back twice changes nothing
    oldest = bundles.versions(path)[-1]
    assert oldest.id == one.id
    assert bundles.rollback(path, oldest.name).id == one.id
    assert bundles.rollback(path, two.id).id == two.id
    bundles.save(one, path)  # nothing more is kept, and what was kept stays
    assert {version.id for version in bundles.versions(path)} == {one.id, three.id}
    bundles.save(three, path, keep=1)
    assert [version.id for version in bundles.versions(path)] == [one.id]


def test_there_is_no_way_back_to_what_is_not_there_or_not_whole(pair, tmp_path):
    path, bundle = tmp_path / "b", bundles.load(pair[0])
    bundles.save(bundle, path, keep=1)
    with pytest.raises(BundleError, match=r"version of .*, found none; keep some with: knobs train --keep N"):
        bundles.rollback(path)
    bundles.save(bundles.load(pair[1]), path, keep=1)
    with pytest.raises(BundleError, match=r"an earlier version 123 of .*, found \d{8}T\d{12};"):
        bundles.rollback(path, "123")
    [folder] = places.kept(path)
    (folder / "sae.safetensors").write_bytes(b"cut")
    with pytest.raises(BundleError, match="3 bytes and SHA-256"):
        bundles.rollback(path)
    (folder / "manifest.json").write_text("{")
    assert [version.id for version in bundles.versions(path)] == [""]
    assert bundles.load(path).id == bundles.load(pair[1]).id


def test_a_bundle_replaces_an_empty_folder_and_what_a_link_points_to(pair, tmp_path, monkeypatch):
    bundle = bundles.load(pair[0])
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    bundles.save(bundle, ".", keep=1)
    monkeypatch.chdir(tmp_path)
    assert bundles.load("empty").id == bundle.id
    assert bundles.versions("empty") == []
    (tmp_path / "link").symlink_to(tmp_path / "empty")
    bundles.save(bundles.load(pair[1]), "link", keep=1)
    assert (tmp_path / "link").is_symlink()
    assert bundles.load("empty").id == bundles.load("link").id == bundles.load(pair[1]).id
    assert [version.id for version in bundles.versions("link")] == [bundle.id]


def test_a_place_where_no_bundle_can_lie_is_told_before_anything_is_written(pair, tmp_path, monkeypatch):
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    (tmp_path / "disk").mkdir()
    monkeypatch.setattr(Path, "is_mount", lambda self: self.name == "disk")
    wrong = {
        "/": "a folder for a bundle, found /",
        tmp_path / "circle": "a folder for a bundle, found links in a circle",
        "a\0b": "a folder for a bundle",
        tmp_path / ("x" * 240): "file name too long",
        tmp_path / ("x" * 300): "file name too long",
        tmp_path / "disk": "found a mount point",
    }
    for path, says in wrong.items():
        for refused in (bundles.check_place, lambda path: bundles.save(bundles.load(pair[0]), path)):
            with pytest.raises(StorageError, match=says) as error:
                refused(path)
            assert "\n" not in str(error.value)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["circle", "disk"]


def test_who_may_read_a_bundle_is_what_the_umask_says(pair, tmp_path):
    bundle = bundles.load(pair[0])
    layers = Network(*(np.ones(shape, np.float32) for shape in ((4, 8), 4, (4, 4), 4, (2, 4), 2)))
    places = (np.ones((n, 2), np.float32) for n in (bundle.interactions.n_items, 16))
    mapped = dataclasses.replace(bundle, projection=Projection(*places, layers, trustworthiness=0.9, n_users=5))
    before = os.umask(0o027)
    try:
        bundles.save(mapped, tmp_path / "b")
        bundles.save_map(mapped, tmp_path / "b")
        bundles.save_names(mapped, tmp_path / "b")
    finally:
        os.umask(before)
    assert {oct(file.stat().st_mode & 0o777) for file in (tmp_path / "b").iterdir()} == {"0o640"}
    assert oct((tmp_path / "b").stat().st_mode & 0o777) == "0o750"


def test_a_failed_exchange_leaves_the_old_bundle(pair, tmp_path, monkeypatch):
    """Also where there is none in one step, and the second rename fails."""
    path, bundle = tmp_path / "b", bundles.load(pair[0])
    bundles.save(bundle, path)
    monkeypatch.setattr(places, "exchange", lambda *_: False)
    rename = Path.rename

    def failing(self, target):
        if ".partial-" in self.name:
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(StorageError, match="input/output error"):
        bundles.save(bundles.load(pair[1]), path)
    assert bundles.load(path).id == bundle.id
    assert hidden(path) == []
