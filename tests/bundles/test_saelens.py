"""The layout that SAELens and Neuronpedia read: there and back, and its arithmetic in NumPy and in SAELens itself."""

import dataclasses
import json

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from knobs_core import bundles
from knobs_core.base import BundleError, FileRecord, override
from knobs_core.bundles.manifest import ModelRecord
from knobs_core.models import SAES, Nested

D = 16


def bundle_of(planted_bundle, name):
    """The planted bundle with another sparse autoencoder, of weights from chance, in its place."""
    cfae, generator = planted_bundle.nested.cfae, torch.Generator().manual_seed(5)
    config = {"k": 4} if name != "basic" else {}
    model, defaults = SAES[name]
    sae = model(cfae.d_embed, override(defaults(), config, "sae"), generator)
    with torch.no_grad():
        for weights in (sae.b_enc, sae.b_dec):
            weights.normal_(0, 0.3, generator=generator)
        if hasattr(sae, "threshold"):
            sae.threshold.fill_(0.7)
    record = ModelRecord(name=name, config=config, training={})
    manifest = planted_bundle.manifest.model_copy(
        update={"sae": record, "files": {"one": FileRecord(bytes=1, sha256="0" * 64)}}
    )
    return dataclasses.replace(planted_bundle, nested=Nested(cfae, sae, "cpu"), manifest=manifest)


def as_sae_lens(folder, y):
    """What SAELens makes of embeddings (n, d), written down again: codes and reconstructions."""
    config, w = json.loads((folder / "cfg.json").read_text()), load_file(folder / "sae_weights.safetensors")
    assert (config["normalize_activations"], config["apply_b_dec_to_input"]) == ("layer_norm", True)
    centred = y - y.mean(1, keepdims=True)
    deviation = centred.std(1, ddof=1, keepdims=True)
    pre = (centred / (deviation + 1e-5) - w["b_dec"]) @ w["W_enc"] + w["b_enc"]
    z = np.maximum(pre, 0)
    if config["architecture"] == "topk":
        least = np.sort(pre, axis=1)[:, -config["k"], None]
        z = z * (pre >= least)
    elif config["architecture"] == "jumprelu":
        z = z * (pre > w["threshold"])
    return z, (z @ w["W_dec"] + w["b_dec"]) * deviation + y.mean(1, keepdims=True)


@pytest.mark.parametrize("name", SAES)
def test_the_layout_says_the_same_as_the_model(planted_bundle, tmp_path, name):
    bundle = bundle_of(planted_bundle, name)
    bundles.export_sae(bundle, tmp_path / "sae")
    sae = bundle.nested.sae.eval()
    y = 3 * torch.randn(20, bundle.nested.cfae.d_embed, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        code = sae.encode(y)
        sae.steps = 0  # SAELens does not refine
        plain = sae.encode(y)
        want = plain.z.numpy(), sae.decode(plain).numpy()
    z, rebuilt = as_sae_lens(tmp_path / "sae", y.numpy())
    assert (z > 0).sum() > 20
    assert np.array_equal(z > 0, want[0] > 0)
    np.testing.assert_allclose(z, want[0], atol=2e-4)
    np.testing.assert_allclose(rebuilt, want[1], atol=2e-4)

    again = bundles.read_sae(tmp_path / "sae").eval()
    with torch.no_grad():
        back = again.encode(y)
        np.testing.assert_allclose(back.z, code.z, atol=1e-5)
        np.testing.assert_allclose(again.decode(back), sae.decode(code), atol=1e-5)


@pytest.mark.parametrize("name", SAES)
def test_sae_lens_itself_reads_it(planted_bundle, tmp_path, name):
    sae_lens = pytest.importorskip("sae_lens", reason="SAELens is not installed: pip install 'knobs-recsys[bench]'")
    bundle = bundle_of(planted_bundle, name)
    bundles.export_sae(bundle, tmp_path)
    theirs = sae_lens.SAE.load_from_disk(tmp_path)
    y = 3 * torch.randn(20, bundle.nested.cfae.d_embed, generator=torch.Generator().manual_seed(1))
    z, rebuilt = as_sae_lens(tmp_path, y.numpy())
    with torch.no_grad():
        found = theirs.encode(y)
        np.testing.assert_allclose(found, z, atol=1e-4)
        np.testing.assert_allclose(theirs.decode(found), rebuilt, atol=1e-4)


def test_named_neurons_are_explained(planted_bundle, tmp_path):
    bundle = bundle_of(planted_bundle, "topk")
    bundle = dataclasses.replace(
        bundle, labels=[dataclasses.replace(planted_bundle.labels[0], label='"a"\n<b>', holds=True)]
    )
    bundles.export_sae(bundle, tmp_path)
    [line] = (tmp_path / "explanations.jsonl").read_text().splitlines()
    assert json.loads(line) == {
        "modelId": "knobs-elsa", "layer": "embedding", "index": str(planted_bundle.labels[0].neuron),
        "description": '"a"\n<b>',
    }  # fmt: skip


def test_what_is_not_such_a_folder_is_refused(planted_bundle, tmp_path):
    with pytest.raises(BundleError, match=r"a sparse autoencoder of Knobs in .*, found none; write it again with"):
        bundles.read_sae(tmp_path / "nowhere")
    bundles.export_sae(bundle_of(planted_bundle, "topk"), tmp_path)
    config = json.loads((tmp_path / "cfg.json").read_text())
    (tmp_path / "cfg.json").write_text(json.dumps({**config, "metadata": {}}))
    with pytest.raises(BundleError, match="none that can be used"):
        bundles.read_sae(tmp_path)
    (tmp_path / "cfg.json").write_text(json.dumps({**config, "d_in": 3}))
    with pytest.raises(BundleError, match="none that can be used"):
        bundles.read_sae(tmp_path)
