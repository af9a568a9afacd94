"""Where to compute, and in which precision the processor is fast."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from knobs_core.base.errors import ConfigError

if TYPE_CHECKING:
    import torch

SMALL = 2**20  # weights below which a model's steps are done by one thread


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


@contextlib.contextmanager
def threads_for(n_weights: int) -> Iterator[None]:
    """Let a single thread work on a small model, and all of them on others.

    The steps of a small model take tens of microseconds. Threads that share them wait for each other, which gains next
    to nothing on a quiet machine, and takes ten times as long where another process wants a core.
    """
    import threadpoolctl
    import torch

    if n_weights >= SMALL:
        yield
        return
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpoolctl.threadpool_limits(1, "blas"):
            yield
    finally:
        torch.set_num_threads(before)
