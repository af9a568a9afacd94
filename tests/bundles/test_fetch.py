"""Bundles by address: fetched once, proved, whole or not at all, and kept while somebody reads them."""

import dataclasses
import os
import re
import shutil
import subprocess
import sys
import threading
from collections import Counter

import fsspec
import pytest
from filelock import FileLock
from fsspec.implementations.memory import MemoryFileSystem
from fsspec.registry import known_implementations

from knobs_core import bundles
from knobs_core.base import BundleError, ConfigError, MissingExtraError, StorageError
from knobs_core.bundles import remote
from knobs_core.bundles.contents import FILES
from tests.given import ROOT
from tests.waiting import at_once

ADDRESS = "memory://store/bundle"


class Remote:
    """A store in memory. reads: how often each file of it was read."""

    def __init__(self):
        self.system, self.reads = fsspec.filesystem("memory"), Counter()

    def put(self, path, at=ADDRESS):
        """What lies there now is this folder."""
        if self.system.exists(at):
            self.system.rm(at, recursive=True)
        for file in path.iterdir():
            self.system.pipe_file(f"{at}/{file.name}", file.read_bytes())

    def spoil(self, name, change):
        data = change(bytearray(self.system.cat_file(f"{ADDRESS}/{name}")))
        self.system.pipe_file(f"{ADDRESS}/{name}", bytes(data))
        self.reads.clear()


@pytest.fixture
def store(planted_path, tmp_path, monkeypatch):
    """The planted bundle at ADDRESS, and an empty cache in tmp_path."""
    monkeypatch.setenv("KNOBS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(remote, "_reading", {})
    far = Remote()

    def counting(read):
        def counted(self, path, *args, **more):
            far.reads[path.rpartition("/")[2]] += 1
            return read(self, path, *args, **more)

        return counted

    for name in ("cat_file", "_open"):
        monkeypatch.setattr(MemoryFileSystem, name, counting(getattr(MemoryFileSystem, name)))
    far.put(planted_path)
    far.reads.clear()
    yield far
    far.system.store.clear()
    far.system.pseudo_dirs[:] = [""]


@pytest.fixture
def here(tmp_path):
    """``here()``: what lies in the cache beside the lock and the marks of those who read, by its name."""

    def names():
        folders = list((tmp_path / "cache" / "bundles").glob("*"))
        found = [one.name for folder in folders for one in folder.iterdir() if one.name != ".lock"]
        return sorted(name for name in found if not re.fullmatch(r"\..*\.read-[0-9a-f]{8}", name))

    return names


def changed(bundle, reach):
    """Another bundle, with another id."""
    labels = [dataclasses.replace(bundle.labels[0], reach=reach), *bundle.labels[1:]]
    return dataclasses.replace(bundle, labels=labels, manifest=bundle.manifest.model_copy(update={"files": {}}))


def let_go():
    """As if this process had ended."""
    for mark in remote._reading.values():
        mark.release()
    remote._reading.clear()


def test_a_bundle_is_fetched_once_and_read_like_any_other(store, planted_bundle):
    told = []
    path = bundles.fetch(ADDRESS, told.append)
    assert store.reads == dict.fromkeys((*FILES, "manifest.json"), 1)
    assert (told[-1].stage, told[-1].share) == ("Fetching the bundle", 1.0)
    assert bundles.load(path).id == planted_bundle.id
    store.reads.clear()
    assert bundles.fetch(ADDRESS + "/") == path
    assert store.reads == {"manifest.json": 1}
    assert bundles.load(ADDRESS).labels == planted_bundle.labels


def test_names_that_belong_to_it_come_along_and_so_do_those_that_are_given_later(store, planted_bundle, tmp_path, here):
    key = next(iter(planted_bundle.knobs))
    for name in ("Rainy days", "Dry days"):
        named = planted_bundle.with_names({key: name})
        bundles.save(named, tmp_path / "b")
        store.put(tmp_path / "b")
        found = bundles.load(ADDRESS)
        assert (found.id, found.names) == (planted_bundle.id, {key: name})
    assert len(here()) == 2


def test_what_is_damaged_here_is_fetched_again(store, planted_bundle, here):
    path = bundles.fetch(ADDRESS)
    file = path / "sae.safetensors"
    file.write_bytes(file.read_bytes()[:-1] + b"\0")
    (path / "tags.parquet").unlink()
    assert bundles.load(bundles.fetch(ADDRESS)).id == planted_bundle.id
    assert store.reads["sae.safetensors"] == 2
    assert here() == [path.name]


@pytest.mark.parametrize("name", ["sae.safetensors", "items.parquet", "interactions.npz"])
@pytest.mark.parametrize("change", ["flipped", "cut", "gone"])
def test_damage_is_refused_as_on_a_disk_and_leaves_nothing(store, planted_path, tmp_path, here, name, change):
    shutil.copytree(planted_path, tmp_path / "b")
    file = tmp_path / "b" / name
    data = bytearray(file.read_bytes())
    if change == "gone":
        file.unlink()
    else:
        data[len(data) // 2] ^= 1
        file.write_bytes(data if change == "flipped" else data[:-7])
    with pytest.raises(BundleError) as on_disk:
        bundles.load(tmp_path / "b")
    store.put(tmp_path / "b")
    with pytest.raises(BundleError) as fetched:
        bundles.fetch(ADDRESS)
    said, expected = (str(one.value).partition(";")[0] for one in (fetched, on_disk))
    assert expected.replace(str(tmp_path / "b"), ADDRESS).startswith(said)  # a store says how large a file is
    assert str(fetched.value).endswith("; copy the whole bundle there again")
    assert here() == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda _: b"{", "expected a readable manifest.json in memory://store/bundle, found a damaged one; copy the"),
        (lambda _: b"[]", "found a damaged one"),
        (lambda _: b'{"format": 99}', "expected bundle format 3, found format 99 at memory://store/bundle; copy the"),
        (lambda data: data.replace(b'"seed": 3', b'"seed": 4'), "found a changed one"),
        (lambda data: data.replace(b'"format": 3', b'"format": 3, "more": 1'), r"found a damaged one \(at more\)"),
        (lambda data: data + b" " * 2**24, r"expected a readable manifest.json in .*, found one of 16,\d{3},\d{3} byt"),
    ],
)
def test_a_manifest_that_cannot_be_used_is_refused_before_anything_is_fetched(store, here, change, says):
    store.spoil("manifest.json", change)
    with pytest.raises(BundleError, match=says):
        bundles.fetch(ADDRESS)
    assert set(store.reads) <= {"manifest.json"}
    assert here() == []


def test_a_bundle_that_is_too_large_is_refused_before_it_is_fetched(store, monkeypatch, here):
    monkeypatch.setenv("KNOBS_MAX_BYTES", "1000")
    with pytest.raises(BundleError, match=r"at most 1,000 bytes at memory://store/bundle, .* raise KNOBS_MAX_BYTES"):
        bundles.fetch(ADDRESS)
    assert (dict(store.reads), here()) == ({"manifest.json": 1}, [])


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (KeyboardInterrupt(), None),
        (
            ConnectionError("the line is dead"),
            "expected a bundle that can be read at memory://store/bundle, found none",
        ),
        (PermissionError(13, "Access Denied"), r"Access Denied.*; check the address, and what you are allowed there"),
    ],
)
def test_a_fetch_that_is_interrupted_leaves_nothing_and_the_next_one_is_whole(
    store, planted_bundle, monkeypatch, here, fault, says
):
    opened, read = [], MemoryFileSystem._open

    def cut(self, path, *args, **more):
        opened.append(path)
        if len(opened) == 5:
            raise fault
        return read(self, path, *args, **more)

    with monkeypatch.context() as broken:
        broken.setattr(MemoryFileSystem, "_open", cut)
        with pytest.raises(BundleError if says else KeyboardInterrupt, match=says):
            bundles.fetch(ADDRESS)
    assert len(opened) == 5
    assert here() == []
    assert bundles.load(ADDRESS).id == planted_bundle.id


def test_what_a_killed_fetch_has_left_is_removed(store, here):
    path = bundles.fetch(ADDRESS)
    left = path.with_name(f".{path.name}.partial-0123abcd")
    shutil.copytree(path, left)
    (left / "manifest.json").unlink()
    bundles.fetch(ADDRESS)
    assert here() == [path.name]


def test_threads_that_start_together_fetch_once(store):
    found = set()
    at_once(lambda _: found.add(bundles.fetch(ADDRESS)), 4)
    assert len(found) == 1
    assert {store.reads[name] for name in FILES} == {1}


def test_whoever_waits_for_another_process_says_so(store, monkeypatch):
    monkeypatch.setattr(remote, "LOOK", 0.01)
    folder, told, waiting = bundles.fetch(ADDRESS).parent, [], threading.Event()

    def listen(step):
        told.append(step)
        waiting.set()

    with FileLock(folder / ".lock", thread_local=False):
        thread = threading.Thread(target=bundles.fetch, args=(ADDRESS, listen))
        thread.start()
        assert waiting.wait(10)
    thread.join(10)
    assert told[0].detail == "another process fetches it"


@pytest.mark.slow
def test_processes_that_start_together_fetch_once(planted_path, tmp_path):
    code = (
        "import sys; from knobs_core import bundles; print(bundles.fetch(sys.argv[1], lambda step: print(step.line())))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "KNOBS_CACHE": str(tmp_path)}
    command = [sys.executable, "-c", code, f"file://{planted_path}"]
    both = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=120)[0].splitlines() for process in both]
    assert said[0][-1] == said[1][-1]
    assert sum(any("MB" in line for line in lines) for lines in said) == 1


def test_the_newest_stay_and_none_that_is_being_read_goes(store, planted_bundle, tmp_path, here):
    paths = []
    for reach in range(5):
        bundles.save(changed(planted_bundle, float(reach)), tmp_path / "b")
        store.put(tmp_path / "b")
        paths.append(bundles.fetch(ADDRESS))
        os.utime(paths[-1], (reach, reach))
    assert here() == sorted(path.name for path in paths)  # this process may read all of them
    let_go()
    bundles.fetch(ADDRESS)
    assert here() == sorted(path.name for path in paths[2:])
    marks = [file.name for file in paths[0].parent.iterdir() if ".read-" in file.name]
    assert len(marks) == 1  # of those that ended none is left


@pytest.mark.parametrize(
    ("address", "kind", "says"),
    [
        ("nosuch://x/y", ConfigError, "found nosuch://, which fsspec does not know; check the address"),
        ("https://example.org/b", ConfigError, "such as s3://bucket/folder, found one of https, which lists no files"),
        ("memory://nothing/here", BundleError, "a bundle folder with a manifest.json, found none at memory://nothing"),
        ("file:///no/such/folder", BundleError, "found none at file:///no/such/folder; check the address"),
        (
            "lacking://ann:secret@x/y",
            MissingExtraError,
            "the package 'lacking_package' for bundles at lacking://, found",
        ),
    ],
)
def test_addresses_that_lead_nowhere_are_refused_in_one_line(store, monkeypatch, here, address, kind, says):
    lacking = {"class": "lacking_package.Store", "err": "Install it"}
    monkeypatch.setitem(known_implementations, "lacking", lacking)
    with pytest.raises(kind, match=says) as error:
        bundles.fetch(address)
    assert "\n" not in str(error.value)
    assert "secret" not in str(error.value)
    assert here() == []


def test_nothing_is_written_to_an_address(planted_bundle):
    for path in ("s3://bucket/b", "memory://b"):
        with pytest.raises(StorageError, match=f"found the address {path}; write to a folder"):
            bundles.save(planted_bundle, path)


def test_a_cache_that_cannot_be_written_says_so(store, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("KNOBS_CACHE", str(tmp_path / "file"))
    with pytest.raises(StorageError, match="room to write at"):
        bundles.fetch(ADDRESS)
