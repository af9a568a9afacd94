"""Which precision the processor is fast in."""

import functools

import torch


@functools.cache
def has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 itself, which takes half as long as single precision."""
    known = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(known.get("avx512_bf16") or known.get("amx_bf16"))
