"""Where to compute."""

import pytest
import torch

from knobs_core.base.device import has_bfloat16, torch_device
from knobs_core.base.errors import ConfigError


@pytest.mark.parametrize("there", [True, False])
def test_the_gpu_is_taken_where_there_is_one(monkeypatch, there):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: there)
    assert torch_device("cpu").type == "cpu"
    assert torch_device("auto").type == ("cuda" if there else "cpu")
    if there:
        assert torch_device("cuda").type == "cuda"
    else:
        with pytest.raises(ConfigError, match="a CUDA device"):
            torch_device("cuda")


def test_other_devices_are_refused():
    with pytest.raises(ConfigError, match="a device: auto, cpu or cuda, found 'tpu'"):
        torch_device("tpu")


@pytest.mark.parametrize(
    ("able", "expected"), [({}, False), ({"avx512_bf16": True}, True), ({"amx_bf16": True}, True), ({"avx2": 1}, False)]
)
def test_half_precision_is_used_where_the_processor_has_it(monkeypatch, able, expected):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able, raising=False)
    assert has_bfloat16.__wrapped__() == expected
