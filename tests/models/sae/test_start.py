"""Starting an SAE from items: what is set, what stays, and that trainings which start alike end alike."""

import numpy as np
import pytest
import torch

from knobs_core.base import Stage, silent
from knobs_core.evaluation.interpretability import stability
from knobs_core.models.sae.start import start_from_items
from knobs_core.models.sae.topk import TopKConfig, TopKSAE
from knobs_core.models.training import InputsConfig, train_sae


def test_the_first_neurons_are_the_items_and_the_others_stay():
    sae, untouched = (TopKSAE(6, TopKConfig(width_ratio=2), torch.Generator().manual_seed(1)) for _ in range(2))
    y = 7 + 3 * torch.randn(5, 6, generator=torch.Generator().manual_seed(2))
    start_from_items(sae, np.arange(5), y)
    x = y.numpy() - y.numpy().mean(1, keepdims=True)
    rows = x / np.linalg.norm(x, axis=1, keepdims=True)
    np.testing.assert_allclose(sae.w_dec.detach()[:5], rows, atol=1e-6)
    np.testing.assert_allclose(sae.w_enc.detach()[:, :5], np.sqrt(2) * rows.T, atol=1e-6)
    assert torch.equal(sae.w_dec[5:], untouched.w_dec[5:])
    assert torch.equal(sae.w_enc[:, 5:], untouched.w_enc[:, 5:])


def test_neurons_without_an_item_and_items_without_a_direction_leave_what_chance_gave():
    sae, untouched = (TopKSAE(6, TopKConfig(width_ratio=2), torch.Generator().manual_seed(1)) for _ in range(2))
    y = torch.randn(3, 6, generator=torch.Generator().manual_seed(2))
    y[1] = 0  # somebody who likes an item that the recommender knows nothing about
    start_from_items(sae, np.array([4, 0, 7]), y)
    moved = (sae.w_dec != untouched.w_dec).any(1)
    assert torch.nonzero(moved).flatten().tolist() == [4, 7]
    assert torch.equal((sae.w_enc != untouched.w_enc).any(0), moved)
    np.testing.assert_allclose(np.corrcoef(sae.w_dec[7].detach(), y[2])[0, 1], 1, atol=1e-6)


def test_the_length_of_an_encoder_column_is_that_of_a_random_one():
    sae = TopKSAE(64, TopKConfig(width_ratio=8), torch.Generator().manual_seed(1))
    assert sae.w_enc.norm(dim=0).mean().item() == pytest.approx(np.sqrt(2), rel=0.02)


def test_from_items_neurons_come_back_under_another_seed(planted_bundle):
    split = planted_bundle.split()
    likes, cfae = planted_bundle.interactions.matrix[split.train], planted_bundle.nested.cfae

    def rows(start, seed):
        config = TopKConfig(width_ratio=4, k=8, epochs=20, start=start)
        random = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
        sae, _ = train_sae(
            TopKSAE, config, InputsConfig(), cfae, likes, split.val.inputs, *random, torch.device("cpu"),
            Stage("trial", silent),
        )  # fmt: skip
        return sae.w_dec.detach()

    same = {start: stability(rows(start, 1), rows(start, 2), np.ones(128))["matched"] for start in ("random", "items")}
    assert same["items"] > 0.5 > same["random"]
