"""The paper's hyperparameters: checked against appendix A as written out here, and accepted by the models."""

import pytest

from knobs_core import bundles
from knobs_core.base.config import override
from knobs_core.base.errors import UnknownNameError
from knobs_core.models.cfae import CFAES
from knobs_core.models.sae import SAES
from knobs_core.models.training import InputsConfig


@pytest.mark.parametrize("name", bundles.PRESETS)
@pytest.mark.parametrize("cfae", ["elsa", "multvae"])
@pytest.mark.parametrize("sae", ["topk", "basic"])
def test_every_preset_fits_the_models(name, cfae, sae):
    changes = bundles.apply_presets([name], cfae, sae, {})
    for section, config in (("cfae", CFAES[cfae][1]()), ("sae", SAES[sae][1]()), ("inputs", InputsConfig())):
        override(config, changes[section], section)


def test_appendix_a():
    grid = bundles.apply_presets(["paper-grid"], "elsa", "topk", {})
    assert grid["cfae"] == {"dim": 1024, "lr": 0.0003, "batch_size": 1024, "epochs": 25, "patience": 10}
    assert {name: grid["sae"][name] for name in ("lr", "batch_size", "epochs", "patience", "l1")} == {
        "lr": 0.0003, "batch_size": 1024, "epochs": 250, "patience": 50, "l1": 0.0003,
    }  # fmt: skip
    fine = bundles.apply_presets(["paper-fine"], "multvae", "topk", {})
    assert (fine["cfae"]["lr"], fine["cfae"]["batch_size"], fine["cfae"]["hidden_ratio"]) == (0.001, 1024, 3)
    assert {name: fine["sae"][name] for name in ("lr", "epochs", "patience", "k", "width_ratio")} == {
        "lr": 0.0001, "epochs": 1000, "patience": 250, "k": 16, "width_ratio": 8,
    }  # fmt: skip
    assert fine["inputs"] == {"sub_histories": False, "single_items": False, "draws": 1}
    for settings in (grid["sae"], fine["sae"]):  # the paper's SAEs start from chance and are left alone
        assert {name: settings[name] for name in ("start", "refine", "decay", "resample_every")} == {
            "start": "random", "refine": 0, "decay": 0, "resample_every": 0,
        }  # fmt: skip
    names = [f"paper-{size}" for size in ("small", "medium", "large")]
    sizes = {
        cfae: [bundles.apply_presets([name], cfae, "topk", {})["cfae"]["dim"] for name in names]
        for cfae in ("elsa", "multvae")
    }
    assert sizes == {"elsa": [512, 1024, 2048], "multvae": [256, 512, 1024]}


def test_later_presets_and_settings_by_hand_win():
    changes = bundles.apply_presets(
        ["paper-fine", "paper-large"], "elsa", "topk", {"sae": {"k": 8}, "data": {"threshold": 3}}
    )
    assert changes["cfae"]["dim"] == 2048
    assert changes["sae"]["k"] == 8
    assert changes["sae"]["lr"] == 0.0001
    assert changes["data"] == {"threshold": 3}
    with pytest.raises(UnknownNameError, match="paper-fine"):
        bundles.apply_presets(["paper-fin"], "elsa", "topk", {})
