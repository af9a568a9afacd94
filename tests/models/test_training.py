"""What an SAE is trained on where people come in blocks, and the loss of a batch that comes in parts."""

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from knobs_core.data.sparse import single_items
from knobs_core.models import training
from knobs_core.models.cfae.elsa import ELSA, ELSAConfig
from knobs_core.models.nested import Nested
from knobs_core.models.sae.topk import TopKConfig, TopKSAE
from knobs_core.models.training import InputsConfig, mean_loss, train_sae
from tests.models.made_up import N_ITEMS, generator, likes

CONFIG = TopKConfig(epochs=2, batch_size=16, k=4, resample_every=1)


@pytest.fixture
def nested():
    cfae = ELSA(N_ITEMS, ELSAConfig(dim=8), generator())
    return Nested(cfae, TopKSAE(8, CONFIG, generator()))


def epoch(nested, people, inputs, seed=0):
    """All embeddings of an epoch, in order of their numbers."""
    batches = list(training._sae_batches(nested, people, inputs, 16, np.random.default_rng(seed))())
    assert max(map(len, batches)) <= 16
    found = torch.cat(batches).numpy()
    return found[np.lexsort(found.T)]


@pytest.mark.parametrize("most", [5, 1000])
def test_everybody_and_every_item_come_once(nested, monkeypatch, most):
    monkeypatch.setattr(training, "MOST", most)
    monkeypatch.setattr(training, "TOGETHER", 4)
    people = likes(30)
    whole = sp.vstack([single_items(N_ITEMS), people], format="csr")
    wanted = nested.embeddings(whole).numpy()
    found = epoch(nested, people, InputsConfig(sub_histories=False))
    assert np.array_equal(found, wanted[np.lexsort(wanted.T)])
    parts = epoch(nested, people, InputsConfig(draws=3, single_items=False))
    assert len(parts) == 3 * 30
    assert len(epoch(nested, people, InputsConfig(draws=3))) == 3 * 30 + N_ITEMS


def test_an_sae_learns_from_people_in_blocks(nested, monkeypatch):
    for name in ("MOST", "TOGETHER", "VALIDATED"):
        monkeypatch.setattr(training, name, 7)
    _, log = train_sae(
        TopKSAE, CONFIG, InputsConfig(), nested.cfae, likes(60), likes(20, 1), np.random.default_rng(0), generator(),
        torch.device("cpu"), lambda *_: None,
    )  # fmt: skip
    assert np.isfinite(log["validation_loss"])


def test_the_loss_of_parts_is_that_of_the_whole(nested):
    y = nested.embeddings(likes(50))
    parts = y.split(8)
    found = mean_loss(nested.sae.loss, parts, [len(part) for part in parts])
    assert found == pytest.approx(float(nested.sae.loss(y)), rel=1e-5)
