"""Sparse autoencoders at the cost of their active neurons: products that touch only those, forward and backward.

    z_bj = ReLU(x_b . w_j + b_j)  for (b, j) in S, else 0         xhat_b = sum over j in S(b) of z_bj v_j

    dz_bj = g_b . v_j        dv_j = sum over b in S(j) of z_bj g_b
    dw_j  = sum over b in S(j) of p_bj x_b      dx_b = sum over j in S(b) of p_bj w_j      p_bj = dz_bj [z_bj > 0]

S is whatever an SAE selects: the same number in each row or not, rows may be empty. Only the product that it selects
from is dense. Every other one is a sum of a few rows, which ``embedding_bag`` does without copying them; with S sorted
by neuron that holds for the gradients of the weights too. Gradients are those of the dense form, in another order of
summation. Nothing here depends on the device.
"""

from typing import Any, NamedTuple

import torch
from torch.nn import functional as F

from knobs_core.base import has_bfloat16

SCREENED = 3  # candidates of a screening, in multiples of k


class Active(NamedTuple):
    """Which neurons are active in which row, n entries in all, ordered by row. All are int64.

    rows, neurons: (n,) the entries; row_starts: (B,) where each row begins among them
    order: (n,) the entries neuron by neuron; neuron_starts: (d_sae,) where each neuron begins in that order
    """

    rows: torch.Tensor
    neurons: torch.Tensor
    row_starts: torch.Tensor
    order: torch.Tensor
    neuron_starts: torch.Tensor

    @classmethod
    def of(cls, rows: torch.Tensor, neurons: torch.Tensor, n_rows: int, d_sae: int) -> "Active":
        """From entries (n,) whose rows ascend."""
        order = neurons.argsort(stable=True)
        return cls(rows, neurons, _starts(rows, n_rows), order, _starts(neurons, d_sae))

    @classmethod
    def of_index(cls, index: torch.Tensor, d_sae: int) -> "Active":
        """From an index (B, k) of neurons, as ``topk`` gives it."""
        rows = torch.arange(len(index), device=index.device).repeat_interleave(index.shape[1])
        return cls.of(rows, index.flatten(), len(index), d_sae)

    def part(self, keep: torch.Tensor) -> "Active":
        """Those entries alone where ``keep`` (n,) is true, such as the first neurons of a nested dictionary."""
        return Active.of(self.rows[keep], self.neurons[keep], len(self.row_starts), len(self.neuron_starts))

    def dense(self, values: torch.Tensor) -> torch.Tensor:
        """The code (B, d_sae) of values (n,)."""
        z = values.new_zeros(len(self.row_starts), len(self.neuron_starts))
        return z.index_put((self.rows, self.neurons), values)


@torch.no_grad()
def largest(
    x: torch.Tensor, w_enc: torch.Tensor, b_enc: torch.Tensor, k: int, screen: bool | None = None
) -> tuple[Active, torch.Tensor]:
    """Places, and values (B k,), of the k largest of x w_enc + b_enc in each row.

    x: (B, d); w_enc: (d, d_sae); b_enc: (d_sae,).

    Screening finds three times as many in half precision and takes the k largest of these in full. Its rounding is some
    thousandths of the spread of a row, so that a neuron can only be missed where more than 2k others are as close to it
    as that.

    Args:
        screen: whether to; by default where that is faster: large products on a processor that has bfloat16.
    """
    if screen is None:
        screen = x.device.type == "cpu" and w_enc.numel() >= 2**20 and len(x) >= 64 and has_bfloat16()
    d_sae, n_near = w_enc.shape[1], SCREENED * k
    if not screen or n_near >= d_sae:
        values, index = torch.addmm(b_enc, x, w_enc).topk(k, dim=1, sorted=False)
        return Active.of_index(index, d_sae), values.flatten()
    rough = torch.addmm(*(t.bfloat16() for t in (b_enc, x, w_enc)))
    near = rough.topk(n_near, dim=1, sorted=False).indices
    starts = torch.arange(0, near.numel(), n_near, device=near.device)
    exact = _dots(x, near.flatten(), starts, w_enc.T).view(near.shape) + b_enc[near]
    values, place = exact.topk(k, dim=1, sorted=False)
    return Active.of_index(near.gather(1, place), d_sae), values.flatten()


def activations(
    x: torch.Tensor, w_enc: torch.Tensor, b_enc: torch.Tensor, active: Active, pre: torch.Tensor
) -> torch.Tensor:
    """Values (n,) of the active neurons, with their gradient to x (B, d), w_enc (d, d_sae) and b_enc (d_sae,).

    Fastest where w_enc lies in memory neuron by neuron (``neuron_major``).

    Args:
        pre: (n,) the active entries of x w_enc + b_enc, known from selecting them.
    """
    return _Activations.apply(x, w_enc, b_enc, pre, active)


def decode(values: torch.Tensor, active: Active, w_dec: torch.Tensor) -> torch.Tensor:
    """Sum (B, d) of the active neurons' rows of w_dec (d_sae, d), weighted by values (n,), with gradients to both."""
    return _Decode.apply(values, w_dec, active)


def neuron_major(weights: torch.Tensor) -> torch.Tensor:
    """The same (d, d_sae) weights, stored so that what belongs to one neuron lies together."""
    return weights.T.contiguous().T


class _Activations(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: torch.Tensor, w_enc: torch.Tensor, b_enc: torch.Tensor, pre: torch.Tensor, active: Active
    ) -> torch.Tensor:
        values = F.relu(pre)
        ctx.save_for_backward(x, w_enc, values)
        ctx.active = active
        return values

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor | None, torch.Tensor, torch.Tensor, None, None]:
        (x, w_enc, values), active = ctx.saved_tensors, ctx.active
        grad = grad * (values > 0)
        to_x = _by_row(grad, active, w_enc.T) if ctx.needs_input_grad[0] else None
        to_b = torch.zeros_like(w_enc[0]).index_add_(0, active.neurons, grad)
        return to_x, _by_neuron(grad, active, x).T, to_b, None, None


class _Decode(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, values: torch.Tensor, w_dec: torch.Tensor, active: Active) -> torch.Tensor:
        ctx.save_for_backward(values, w_dec)
        ctx.active = active
        return _by_row(values, active, w_dec)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, None]:
        (values, w_dec), active = ctx.saved_tensors, ctx.active
        grad = grad.contiguous()
        to_values = _dots(grad, active.neurons, active.row_starts, w_dec)
        return to_values, _by_neuron(values, active, grad), None


def _dots(x: torch.Tensor, neurons: torch.Tensor, row_starts: torch.Tensor, table: torch.Tensor) -> torch.Tensor:
    """Dot products (n,) of each row of x (B, d) with the rows of table (d_sae, d) that belong to it.

    This is the gradient of ``embedding_bag`` to its weights, which copies no rows.
    """
    with torch.enable_grad():
        weights = torch.ones_like(neurons, dtype=x.dtype).requires_grad_(True)
        out = F.embedding_bag(neurons, table.detach(), row_starts, mode="sum", per_sample_weights=weights)
        return torch.autograd.grad(out, weights, x)[0]


def _by_row(values: torch.Tensor, active: Active, table: torch.Tensor) -> torch.Tensor:
    return F.embedding_bag(active.neurons, table, active.row_starts, mode="sum", per_sample_weights=values)


def _by_neuron(values: torch.Tensor, active: Active, table: torch.Tensor) -> torch.Tensor:
    rows, values = active.rows[active.order], values[active.order]
    return F.embedding_bag(rows, table, active.neuron_starts, mode="sum", per_sample_weights=values)


def _starts(index: torch.Tensor, n: int) -> torch.Tensor:
    counts = torch.bincount(index, minlength=n)
    return counts.cumsum(0) - counts
