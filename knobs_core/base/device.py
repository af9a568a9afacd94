"""Where to compute, and in which precision the processor is fast."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from knobs_core.base.errors import ConfigError

if TYPE_CHECKING:
    import torch


def torch_device(name: str = "auto") -> torch.device:
    """The device to compute on: ``auto`` is the GPU when there is one.

    Raises:
        ConfigError: an unknown name, or ``cuda`` where there is none.
    """
    import torch

    if name not in ("auto", "cpu", "cuda"):
        raise ConfigError("a device: auto, cpu or cuda", f"'{name}'", "choose one of these")
    if name == "cuda" and not torch.cuda.is_available():
        raise ConfigError("a CUDA device", "none on this machine", "use --device auto or --device cpu")
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")


@functools.cache
def has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 itself, which takes half as long as single precision."""
    import torch

    known: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(known.get("avx512_bf16") or known.get("amx_bf16"))
