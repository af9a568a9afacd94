"""The manifest: bundles from before a setting was renamed open under their old id, and what is wrong gets one line."""

import hashlib
import json

import pytest

from knobs_core import bundles
from knobs_core.base.errors import BundleError
from knobs_core.bundles.manifest import MANIFEST, Manifest, read_manifest
from knobs_core.data.source import DataConfig, Source


@pytest.fixture
def path(planted_bundle, tmp_path):
    """A bundle whose manifest may be changed."""
    bundles.save(planted_bundle, tmp_path / "b")
    return tmp_path / "b"


def written(path):
    return json.loads((path / MANIFEST).read_text(encoding="utf-8"))


def rewrite(path, document):
    (path / MANIFEST).write_text(json.dumps(document), encoding="utf-8")


def old_id(document):
    """The id of a document, whoever names its settings: SHA-256 of the sorted JSON."""
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:12]


def test_what_is_written_is_read_with_the_same_id(planted_bundle, path):
    assert read_manifest(path) == planted_bundle.manifest
    assert read_manifest(path).id == planted_bundle.id == old_id(written(path))
    assert "former_id" not in written(path)
    assert planted_bundle.manifest.origin == Source(
        planted_bundle.interactions.source.name, planted_bundle.interactions.source.checksum, DataConfig()
    )


def test_another_seed_is_another_bundle(planted_bundle):
    other = planted_bundle.manifest.model_copy(update={"seed": 99})
    assert other.id != planted_bundle.id


@pytest.mark.parametrize("every", [0, 7])
def test_a_setting_by_its_old_name_opens_and_the_id_stays(path, tmp_path, every):
    document = written(path)
    del document["sae"]["config"]["resample_every"]
    document["sae"]["config"]["wake_every"] = every
    rewrite(path, document)
    read = bundles.load(path)
    assert read.id == old_id(document)
    assert read.manifest.sae.config["resample_every"] == every
    assert "wake_every" not in read.manifest.sae.config
    bundles.save(read, tmp_path / "again")  # written anew it has today's names, and is still the same bundle
    again = bundles.load(tmp_path / "again")
    assert again.id == old_id(document)
    assert again.manifest == read.manifest
    assert written(tmp_path / "again")["sae"]["config"]["resample_every"] == every


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
        (lambda document: document.pop("sae"), "sae"),
        (lambda document: document.update(sae=None), "NoneType"),
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


def test_a_model_setting_that_nobody_knows_gets_one_line(path):
    document = written(path)
    document["sae"]["config"]["colour"] = "blue"
    rewrite(path, document)
    with pytest.raises(BundleError, match=r"damage \(.*TopKConfig.*\); rebuild it with") as error:
        bundles.load(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '"format"', "{", "\x00"])
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
    assert Manifest.model_validate(manifest.document()) == manifest
    with pytest.raises(ValueError, match="frozen"):
        manifest.seed = 4
