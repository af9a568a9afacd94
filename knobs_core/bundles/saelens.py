"""The sparse autoencoder of a bundle in the layout that SAELens writes and Neuronpedia reads, and back.

    cfg.json                   architecture, sizes, how inputs are normalised, and where the bundle came from
    sae_weights.safetensors    W_enc (d_in, d_sae), b_enc, W_dec (d_sae, d_in), b_dec; threshold (d_sae,)
    explanations.jsonl         a line for each neuron that has a name: modelId, layer, index, description

Both standardise an embedding y before they read it. Ours divides by the deviation with n in it, SAELens's "layer_norm"
by the one with n - 1, so x = c x' for c = sqrt(n / (n - 1)), and

    W_enc' = c W_enc      W_dec' = W_dec / c      b_dec' = b_dec / c

give the same code and the same embedding, but for the 1e-5 that SAELens adds to the deviation. What BatchTopK and
Matryoshka do once they are trained is SAELens's JumpReLU. Steps of ``refine``, which SAELens does not know, are written
down and left out there: its activations are the encoder's own, of the same neurons.

Bloom et al. 2024, "SAELens".
"""

import json
import math
from pathlib import Path
from typing import Any

from safetensors.torch import load as load_weights
from safetensors.torch import save as save_weights

from knobs_core.base import BundleError, override, read_once, replacing, storing, write_whole
from knobs_core.bundles.bundle import Bundle
from knobs_core.bundles.formats import most_bytes
from knobs_core.bundles.manifest import LARGEST, reading
from knobs_core.models import SAE, SAES

CONFIG, WEIGHTS, EXPLANATIONS = "cfg.json", "sae_weights.safetensors", "explanations.jsonl"
ARCHITECTURES = {"basic": "standard", "topk": "topk", "batchtopk": "jumprelu", "matryoshka": "jumprelu"}
LAYER = "embedding"


def export_sae(bundle: Bundle, folder: Path) -> None:
    """Write the layout; files of another bundle there are replaced.

    Raises:
        StorageError: the folder cannot be written.
    """
    record, sae = bundle.manifest.sae, bundle.nested.sae
    scale = _scale(sae.b_dec.shape[0])
    state = {name: value.detach().cpu() for name, value in sae.state_dict().items()}
    weights = {
        "W_enc": scale * state["w_enc"],
        "b_enc": state["b_enc"],
        "W_dec": state["w_dec"] / scale,
        "b_dec": state["b_dec"] / scale,
    }
    if ARCHITECTURES[record.name] == "jumprelu":
        weights["threshold"] = state["threshold"].clamp_min(0).expand(sae.d_sae)
    model = f"knobs-{bundle.manifest.cfae.name}"
    config = {
        "architecture": ARCHITECTURES[record.name],
        "d_in": sae.b_dec.shape[0],
        "d_sae": sae.d_sae,
        "dtype": "float32",
        "device": "cpu",
        "apply_b_dec_to_input": True,
        "normalize_activations": "layer_norm",
        "reshape_activations": "none",
        **({"k": min(record.config["k"], sae.d_sae)} if record.name == "topk" else {}),
        "metadata": {
            "model_name": model,
            "hook_name": LAYER,
            "dataset_path": bundle.manifest.source.name,
            "neuronpedia_id": f"{model}/{LAYER}",
            "knobs": {"bundle": bundle.id, "sae": record.name, "config": record.config},
        },
    }
    named = [label for label in bundle.labels if label.holds]
    lines = [
        json.dumps(
            {"modelId": model, "layer": LAYER, "index": str(label.neuron), "description": label.label},
            ensure_ascii=False,
        )
        for label in named
    ]
    with storing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(folder / WEIGHTS) as partial:
            partial.write_bytes(save_weights({name: one.contiguous() for name, one in weights.items()}))
    write_whole(folder / EXPLANATIONS, "".join(f"{line}\n" for line in lines))
    write_whole(folder / CONFIG, json.dumps(config, indent=2, ensure_ascii=False) + "\n")


def read_sae(folder: Path) -> SAE:
    """The sparse autoencoder of such a folder, as the bundle had it.

    Raises:
        BundleError: nothing there, or not what ``export_sae`` wrote.
    """
    remedy = "write it again with: knobs export BUNDLE --sae FOLDER"
    expected = f"a sparse autoencoder of Knobs in {folder}"
    try:
        with reading(folder, expected, "none that can be used ({})", remedy):
            config: dict[str, Any] = json.loads(read_once(folder / CONFIG, LARGEST))
            weights = load_weights(read_once(folder / WEIGHTS, most_bytes()))
            made = config["metadata"]["knobs"]
            model, defaults = SAES[made["sae"]]
            sae = model(config["d_in"], override(defaults(), made["config"], "sae"))
            scale = _scale(config["d_in"])
            state = {
                "w_enc": weights["W_enc"] / scale,
                "b_enc": weights["b_enc"],
                "w_dec": weights["W_dec"] * scale,
                "b_dec": weights["b_dec"] * scale,
            }
            if "threshold" in weights:
                state["threshold"] = weights["threshold"][0]
            sae.load_state_dict(state)
            return sae
    except FileNotFoundError:
        raise BundleError(expected, "none", remedy) from None


def _scale(n: int) -> float:
    """How much larger the deviation with n - 1 in it is than the one with n; 1 for a single dimension."""
    return math.sqrt(n / (n - 1)) if n > 1 else 1.0
