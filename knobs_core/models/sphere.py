"""Rows that stay on the unit sphere while they are trained. Both functions work in place and copy no matrix."""

import torch


@torch.no_grad()
def project(grad: torch.Tensor, rows: torch.Tensor) -> None:
    """Take the radial part out of a gradient (n, d) at unit rows (n, d), so that a step only turns them."""
    radial = grad[:, None] @ rows[:, :, None]
    grad.addcmul_(rows, radial[:, 0], value=-1)


@torch.no_grad()
def normalise(rows: torch.Tensor) -> None:
    """Put every row back to length 1."""
    rows /= torch.linalg.vector_norm(rows, dim=1, keepdim=True).clamp_min(1e-12)
