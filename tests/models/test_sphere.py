"""Rows that stay on the unit sphere."""

import torch

from knobs_core.models.sphere import normalise, project


def test_what_is_left_of_a_gradient_only_turns():
    generator = torch.Generator().manual_seed(0)
    rows = torch.nn.functional.normalize(torch.randn(7, 5, generator=generator, dtype=torch.float64), dim=1)
    gradient = torch.randn(7, 5, generator=generator, dtype=torch.float64)
    expected = gradient - (gradient * rows).sum(1, keepdim=True) * rows
    project(gradient, rows)
    torch.testing.assert_close(gradient, expected)
    torch.testing.assert_close((gradient * rows).sum(1), torch.zeros(7, dtype=torch.float64))


def test_rows_get_length_1_and_keep_their_direction():
    rows = torch.tensor([[3.0, 4.0], [0.0, -2.0], [0.0, 0.0]])
    normalise(rows)
    torch.testing.assert_close(rows, torch.tensor([[0.6, 0.8], [0.0, -1.0], [0.0, 0.0]]))
