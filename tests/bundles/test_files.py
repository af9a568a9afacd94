"""Bundles on disk: they come back as they were, whole or not at all, and damage says how to rebuild."""

import dataclasses

import numpy as np
import pytest

from knobs_core import bundles
from knobs_core.base.errors import BundleError, StorageError
from knobs_core.evaluation.effects import Effect
from knobs_core.steering.dials import Dial
from tests.plain import recommend


def test_a_bundle_comes_back_as_it_was(planted_bundle, planted_path):
    back = bundles.load(planted_path)
    assert back.manifest == planted_bundle.manifest
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
    assert not [file for file in planted_path.parent.iterdir() if file.name.startswith(".")]


def test_saving_replaces_bundles_and_nothing_else(planted_bundle, tmp_path):
    target = tmp_path / "b"
    bundles.save(planted_bundle, target)
    bundles.save(planted_bundle, target)
    assert [p.name for p in tmp_path.iterdir()] == ["b"]
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

    monkeypatch.setattr("knobs_core.bundles.files.sp.save_npz", full)
    with pytest.raises(StorageError, match="no space left on device"):
        bundles.save(planted_bundle, target)
    assert [p.name for p in tmp_path.iterdir()] == ["b"]
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
        (lambda path: (path / "sae.safetensors").write_bytes(b"cut"), "rebuild it with: knobs train --data"),
        (lambda path: (path / "interactions.npz").write_bytes(b"PK"), "a whole bundle"),
        (lambda path: (path / "knobs.parquet").unlink(), "a whole bundle"),
        (lambda path: (path / "effects.parquet").unlink(), "a whole bundle"),
    ],
)
def test_damaged_bundles_say_how_to_rebuild(planted_bundle, tmp_path, damage, says):
    bundles.save(planted_bundle, tmp_path / "b")
    damage(tmp_path / "b")
    with pytest.raises(BundleError, match=says) as error:
        bundles.load(tmp_path / "b")
    assert "\n" not in str(error.value)


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
    (path / bundles.MAP).write_bytes(b"half a ma")
    with pytest.raises(BundleError, match="rebuild it with"):
        bundles.load(path)


def test_a_map_is_never_put_into_another_bundle(mapped_bundle, tmp_path):
    manifest = mapped_bundle.manifest.model_copy(update={"seed": 99})
    other = dataclasses.replace(mapped_bundle, manifest=manifest, projection=None)
    bundles.save(other, tmp_path / "b")
    with pytest.raises(BundleError, match="another one"):
        bundles.save_map(mapped_bundle, tmp_path / "b")
    assert not [file for file in (tmp_path / "b").iterdir() if "map" in file.name and "concept" not in file.name]
