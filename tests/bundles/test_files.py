"""Bundles on disk: they come back as they were, whole or not at all, and damage says how to rebuild."""

import dataclasses
import hashlib
import json
import os
import shutil

import numpy as np
import pytest
import safetensors.numpy

from knobs_core import bundles
from knobs_core.base.errors import BundleError, StorageError
from knobs_core.bundles import files
from knobs_core.bundles.contents import FILES
from knobs_core.evaluation.effects import Effect
from knobs_core.steering.dials import Dial
from tests.bundles.sealing import seal
from tests.plain import recommend


def test_a_bundle_comes_back_as_it_was(planted_bundle, planted_path):
    back = bundles.load(planted_path)
    assert back.id == planted_bundle.id
    assert back.labels == planted_bundle.labels
    assert back.recipes == planted_bundle.recipes
    assert all(
        np.array_equal(one.rest, other.rest) for one, other in zip(back.recipes, planted_bundle.recipes, strict=True)
    )
    assert (back.interactions.matrix != planted_bundle.interactions.matrix).nnz == 0
    assert back.interactions.items.equals(planted_bundle.interactions.items)
    assert np.allclose(back.concepts.activity, planted_bundle.concepts.activity)
    history = back.interactions.matrix[5]
    dials = [Dial({2: 1.0}, 0.3)]
    ours, theirs = (recommend(b.nested, history, dials) for b in (planted_bundle, back))
    assert ours.items.tolist() == theirs.items.tolist()
    hidden = {file.name for file in planted_path.parent.iterdir() if file.name.startswith(".")}
    assert hidden <= {f".{planted_path.name}.lock"}


def test_saving_replaces_bundles_and_nothing_else(planted_bundle, tmp_path):
    target = tmp_path / "b"
    bundles.save(planted_bundle, target)
    bundles.save(planted_bundle, target)
    assert {p.name for p in tmp_path.iterdir()} == {"b", ".b.lock"}
    other = tmp_path / "holiday"
    other.mkdir()
    (other / "photo.jpg").write_text("precious")
    with pytest.raises(StorageError, match="something else at"):
        bundles.save(planted_bundle, other)
    assert (other / "photo.jpg").read_text() == "precious"


def test_a_failed_write_leaves_the_old_bundle(planted_bundle, tmp_path, monkeypatch):
    target = tmp_path / "b"
    bundles.save(planted_bundle, target)

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("knobs_core.bundles.files.to_disk", full)
    with pytest.raises(StorageError, match="no space left on device"):
        bundles.save(planted_bundle, target)
    assert {p.name for p in tmp_path.iterdir()} == {"b", ".b.lock"}
    assert bundles.load(target).labels == planted_bundle.labels


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda path: (path / "manifest.json").unlink(), "make one with: knobs train"),
        (lambda path: (path / "manifest.json").write_text("{"), "a damaged one"),
        (
            lambda path: (path / "manifest.json").write_text('{"format": 99}'),
            "expected bundle format 3, found format 99",
        ),
    ],
)
def test_damaged_bundles_say_how_to_rebuild(planted_bundle, tmp_path, damage, says):
    bundles.save(planted_bundle, tmp_path / "b")
    damage(tmp_path / "b")
    with pytest.raises(BundleError, match=says) as error:
        bundles.load(tmp_path / "b")
    assert "\n" not in str(error.value)


def flipped(data):
    return data[:-9] + bytes([data[-9] ^ 64]) + data[-8:]


DAMAGES = {  # what becomes of a file, and what is said to have been found
    "missing": (lambda file, _: file.unlink(), "no such file"),
    "cut": (lambda file, _: file.write_bytes(file.read_bytes()[:-1]), "bytes and SHA-256"),
    "empty": (lambda file, _: file.write_bytes(b""), "0 bytes and SHA-256"),
    "long": (lambda file, _: file.write_bytes(file.read_bytes() + b"\0"), "bytes"),
    "flipped": (lambda file, _: file.write_bytes(flipped(file.read_bytes())), "bytes and SHA-256"),
    "swapped": (lambda file, other: file.write_bytes((other / file.name).read_bytes()), "bytes"),
    "link": (lambda file, other: (file.unlink(), file.symlink_to(other / file.name)), "a link"),
    "pipe": (lambda file, _: (file.unlink(), os.mkfifo(file)), "something that is no file"),
    "folder": (lambda file, _: (file.unlink(), file.mkdir()), "something that is no file"),
}


@pytest.fixture(scope="module")
def other_path(planted_again):
    """A bundle of the same shapes: the same data, another seed."""
    return planted_again("elsa", 4)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_file_that_is_not_as_it_was_written_is_named_in_one_line(planted_path, other_path, tmp_path, damage):
    """Every file that both bundles have, and differ in, for each kind of damage."""
    path, (change, found) = tmp_path / "b", DAMAGES[damage]
    shutil.copytree(planted_path, path)
    for name in FILES:
        data = (path / name).read_bytes()
        if damage == "swapped" and data == (other_path / name).read_bytes():
            continue  # the people and the items are the same
        change(path / name, other_path)
        with pytest.raises(BundleError) as error:
            bundles.load(path)
        said = str(error.value)
        digest = hashlib.sha256(data).hexdigest()[:12]
        assert said.startswith(f"expected {path / name} with {len(data):,} bytes and SHA-256 {digest}..., found ")
        assert found in said
        source = json.loads((path / "manifest.json").read_text())["source"]["name"]
        assert said.endswith(f"; rebuild it with: knobs train --data {source} --out {path}")
        assert "\n" not in said
        (path / name).rmdir() if (path / name).is_dir() else (path / name).unlink(missing_ok=True)
        (path / name).write_bytes(data)
    assert bundles.load(path)


def test_a_file_larger_than_the_manifest_says_is_not_read(planted_path, tmp_path):
    shutil.copytree(planted_path, tmp_path / "b")
    with (tmp_path / "b" / "sae.safetensors").open("r+b") as file:
        file.truncate(2**42)  # four terabytes of nothing
    with pytest.raises(BundleError, match="found 4,398,046,511,104 bytes; rebuild"):
        bundles.load(tmp_path / "b")


def test_whatever_happens_to_a_file_the_bundle_is_refused_or_the_same(mapped_bundle, tmp_path):
    """One random damage at a time, in any file; the map and the names among them, which no hash in the manifest has."""
    whole, path, rng = tmp_path / "whole", tmp_path / "b", np.random.default_rng(0)
    mapped = mapped_bundle.with_names({"concept 3": "Rainy days"})
    bundles.save(mapped, whole)
    names = sorted(file.name for file in whole.iterdir() if file.name not in bundles.CARDS)  # which nothing reads
    refused = []
    for number in range(120):
        shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(whole, path)
        file = path / names[number % len(names)]
        data = bytearray(file.read_bytes())
        place, kind = int(rng.integers(len(data))), number // len(names) % 4
        if kind == 0:
            data[place] ^= 1 << int(rng.integers(8))
        elif kind == 1:
            del data[place:]
        elif kind == 2:
            data[place : place + 64] = bytes(1 + len(data[place : place + 64]))
        else:
            data[place:place] = data[max(0, place - 64) : place] or b"x"
        file.write_bytes(data)
        try:
            read = bundles.load(path)
        except BundleError as error:
            refused.append(str(error))
        else:  # 1e-05 and 1E-05 are one number
            assert file.name in (bundles.MANIFEST, bundles.NAMES)
            assert (read.id, read.names) == (mapped.id, mapped.names)
    assert len(refused) >= 118
    assert not [said for said in refused if "\n" in said]


def test_the_id_is_that_of_the_content(planted_bundle, planted_path, other_path, tmp_path):
    """Equal content has an equal id, written or not; whatever differs in a byte has another."""
    read = bundles.load(planted_path)
    assert read.id == planted_bundle.id != bundles.load(other_path).id
    bundles.save(read, tmp_path / "again")
    assert bundles.load(tmp_path / "again").id == read.id
    labels = [dataclasses.replace(planted_bundle.labels[0], reach=7.5), *planted_bundle.labels[1:]]
    assert dataclasses.replace(planted_bundle, labels=labels).id != planted_bundle.id
    seal(tmp_path / "again")
    assert bundles.load(tmp_path / "again").id == read.id
    (tmp_path / "again" / "sae.safetensors").write_bytes((other_path / "sae.safetensors").read_bytes())
    seal(tmp_path / "again")
    assert bundles.read_manifest(tmp_path / "again").id not in (read.id, bundles.load(other_path).id)
    with pytest.raises(BundleError, match="the models with their settings are not those that"):
        bundles.load(tmp_path / "again")


def test_a_bundle_that_is_replaced_while_it_is_read_is_read_again(planted_path, other_path, tmp_path, monkeypatch):
    """The other bundle arrives in the middle of the first reading: nothing of the two is mixed."""
    path = tmp_path / "b"
    shutil.copytree(planted_path, path)
    proved, left = files._proved, [5]

    def replacing(file, record, remedy):
        left[0] -= 1
        if left[0] == 0:
            shutil.rmtree(path)
            shutil.copytree(other_path, path)
        return proved(file, record, remedy)

    monkeypatch.setattr(files, "_proved", replacing)
    read, other = bundles.load(path), bundles.load(other_path)
    assert read.id == other.id
    assert read.labels == other.labels
    shutil.rmtree(path)
    shutil.copytree(planted_path, path)
    monkeypatch.setattr(files, "TRIES", 1)
    left[0] = 5
    with pytest.raises(BundleError, match="replaced all the time"):
        bundles.load(path)


def test_effects_survive_saving(planted_bundle, planted_path):
    from knobs_core import bundles

    assert planted_bundle.effects
    again = bundles.load(planted_path)
    assert again.effects == planted_bundle.effects
    assert [dataclasses.asdict(a) for a in again.labels] == [dataclasses.asdict(b) for b in planted_bundle.labels]
    assert isinstance(planted_bundle.effects[0], Effect)


def test_a_bundle_keeps_its_map(mapped_bundle, tmp_path):
    path = tmp_path / "b"
    bundles.save(mapped_bundle, path)
    read = bundles.load(path)
    assert read.id == mapped_bundle.id
    assert read.projection.id == mapped_bundle.projection.id
    y = mapped_bundle.nested.embeddings(mapped_bundle.split().test.inputs)
    assert np.array_equal(read.projection.place(y), mapped_bundle.projection.place(y))
    assert read.projection.trustworthiness == mapped_bundle.projection.trustworthiness
    whole = (path / bundles.MAP).read_bytes()
    for damaged in (b"half a ma", whole[:-1], whole + b"\0", flipped(whole), whole.replace(b"n_users", b"n_usurs", 1)):
        (path / bundles.MAP).write_bytes(damaged)
        with pytest.raises(BundleError, match=r"map\.safetensors, found none that .*draw .* with: knobs map"):
            bundles.load(path)


def test_a_map_of_the_first_form_counts_as_not_drawn(planted_bundle, tmp_path):
    bundles.save(planted_bundle, tmp_path / "b")
    facts = {"bundle": planted_bundle.id, "trustworthiness": "0.9", "n_users": "5", "proof": "of what it held then"}
    places = {name: np.zeros((3, 2), np.float32) for name in ("landmarks", "landmark_places", "items", "neurons")}
    (tmp_path / "b" / bundles.MAP).write_bytes(safetensors.numpy.save(places, metadata=facts))
    read = bundles.load(tmp_path / "b")
    assert read.projection is None
    assert read.id == planted_bundle.id


def test_the_map_of_another_bundle_is_refused(mapped_bundle, other_path, tmp_path):
    bundles.save(mapped_bundle, tmp_path / "a")
    shutil.copytree(other_path, tmp_path / "b")
    shutil.copy(tmp_path / "a" / bundles.MAP, tmp_path / "b")
    with pytest.raises(
        BundleError, match=f"the map of bundle {mapped_bundle.id}, not of {bundles.load(other_path).id}"
    ):
        bundles.load(tmp_path / "b")


def test_a_map_is_never_put_into_another_bundle(mapped_bundle, tmp_path):
    manifest = mapped_bundle.manifest.model_copy(update={"seed": 99})
    other = dataclasses.replace(mapped_bundle, manifest=manifest, projection=None)
    bundles.save(other, tmp_path / "b")
    with pytest.raises(BundleError, match="another one"):
        bundles.save_map(mapped_bundle, tmp_path / "b")
    assert not [file for file in (tmp_path / "b").iterdir() if "map" in file.name and "concept" not in file.name]
