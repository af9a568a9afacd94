"""The manifest: it proves every file and itself, and what is wrong gets one line."""

import hashlib
import json

import pytest

from knobs_core import bundles
from knobs_core.base.errors import BundleError
from knobs_core.bundles.manifest import MANIFEST, Manifest, read_manifest
from knobs_core.data.source import DataConfig, Source
from tests.bundles.sealing import seal, written


@pytest.fixture
def path(planted_bundle, tmp_path):
    """A bundle whose manifest may be changed."""
    bundles.save(planted_bundle, tmp_path / "b")
    return tmp_path / "b"


def rewrite(path, document):
    (path / MANIFEST).write_text(json.dumps(document), encoding="utf-8")


def test_what_is_written_is_read_with_the_same_id(planted_bundle, path):
    document, read = written(path), read_manifest(path)
    assert read.model_copy(update={"files": {}}) == planted_bundle.manifest
    for name, record in document["files"].items():
        data = (path / name).read_bytes()
        assert record == {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    own = {MANIFEST, *document["files"], *bundles.CARDS}
    assert own == {file.name for file in path.iterdir()}
    said = document.pop("id")
    assert said == hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:12]
    assert said == read.id == planted_bundle.id == bundles.load(path).id
    assert planted_bundle.manifest.origin == Source(
        planted_bundle.interactions.source.name, planted_bundle.interactions.source.checksum, DataConfig(threshold=4.0)
    )


def test_another_seed_is_another_bundle(planted_bundle):
    other = planted_bundle.manifest.model_copy(update={"seed": 99})
    assert other.id != planted_bundle.id


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document.update(seed=4),
        lambda document: document["sae"]["config"].update(k=1),
        lambda document: document["metrics"]["cfae"].update({"ndcg@20": 0.99}),
        lambda document: document["files"]["sae.safetensors"].update(bytes=1),
        lambda document: document.update(id="0123456789ab"),
        lambda document: document.pop("id"),
    ],
)
def test_a_changed_manifest_does_not_add_up_to_its_id(path, change):
    document = written(path)
    change(document)
    rewrite(path, document)
    with pytest.raises(BundleError, match=r"as it was written, found a changed one .*; rebuild it with: knobs train"):
        read_manifest(path)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda document: document.update(colour="blue"), "colour"),
        (lambda document: document["source"].update(mirror="x"), "source.mirror"),
        (lambda document: document["sae"].update(note="x"), "sae.note"),
        (lambda document: document["data"].update(treshold=3), "data.treshold"),
        (lambda document: document["inputs"].update(draws=0), "inputs.draws"),
        (lambda document: document.pop("seed"), "seed"),
        (lambda document: document.update(seed="many"), "seed"),
        (lambda document: document.update(seed=-1), "seed"),
        (lambda document: document.update(seed=2**32), "seed"),
        (lambda document: document["files"]["sae.safetensors"].update(bytes=-1), "files.sae.safetensors.bytes"),
        (lambda document: document.pop("sae"), "sae"),
        (lambda document: document.update(sae=None), "sae"),
        (lambda document: document.update(metrics={"cfae": {"ndcg@20": "good"}}), "metrics.cfae.ndcg@20"),
    ],
)
def test_a_manifest_that_does_not_fit_gets_one_line(path, change, where):
    document = written(path)
    change(document)
    rewrite(path, document)
    with pytest.raises(BundleError) as error:
        read_manifest(path)
    said = str(error.value)
    assert "\n" not in said
    assert f"expected a whole {MANIFEST} in {path}, found a damaged one (at " in said
    assert where in said
    assert f"rebuild it with: knobs train --data {written(path)['source']['name']} --out {path}" in said


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda document: document["sae"]["config"].update(colour="blue"), r"a setting of 'sae' \(.*found 'colour'"),
        (lambda document: document["sae"]["config"].update(k=-1), r"sae\.k to be greater than .*found '-1'"),
        (lambda document: document["cfae"]["config"].update(dim="wide"), r"cfae\.dim to be .*found 'wide'"),
        (lambda document: document["sae"].update(name="relu"), r"a sae that is known here \(basic, .*found 'relu'"),
        (lambda document: document["cfae"].update(name="elza"), r"a cfae that is known here \(elsa, .*found 'elza'"),
    ],
)
def test_a_model_or_setting_that_nobody_knows_gets_a_plain_sentence(path, change, says):
    document = written(path)
    change(document)
    seal(path, document)
    with pytest.raises(BundleError, match=rf"one that cannot \(expected {says}.*\); rebuild it with") as error:
        bundles.load(path)
    assert "\n" not in str(error.value)
    assert "Config" not in str(error.value)


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '"format"', "{", "\x00", "[" * 200_000])
def test_what_is_no_manifest_gets_one_line(path, text):
    (path / MANIFEST).write_text(text, encoding="utf-8")
    with pytest.raises(BundleError, match="a damaged one; rebuild it with: knobs train --out"):
        read_manifest(path)


def test_an_older_format_names_the_data_to_train_on_again(path):
    rewrite(path, {"format": 1, "source": {"name": "ml-1m"}})
    with pytest.raises(BundleError, match=r"format 3, found format 1 at .*knobs train --data ml-1m --out"):
        read_manifest(path)
    rewrite(path, {"format": 3, "source": "odd"})
    with pytest.raises(BundleError, match="knobs train --data demo --out"):
        read_manifest(path)


def test_equal_manifests_are_equal_and_none_can_be_changed(planted_bundle):
    manifest = planted_bundle.manifest
    document = manifest.document()
    assert document.pop("id") == manifest.id
    assert Manifest.model_validate(document) == manifest
    with pytest.raises(ValueError, match="frozen"):
        manifest.seed = 4
