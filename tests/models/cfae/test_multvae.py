"""MultVAE against a dense NumPy rewrite."""

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from knobs_core.models.cfae.bags import to_bags
from knobs_core.models.cfae.multvae import MultVAE, MultVAEConfig
from knobs_core.models.fit import fit
from tests.models.made_up import N_ITEMS, generator, likes


def multvae_loss(weights, x, config, steps=0, keep=None, noise=None):
    """MultVAE's loss in dense NumPy. keep: (B, n_items), noise: (B, d); without them it is the loss of evaluation."""
    w = {name: value.detach().numpy() for name, value in weights.items()}
    n_users, n_items = x.shape
    liang = config.scaling == "liang"
    inputs = x / np.linalg.norm(x, axis=1, keepdims=True) if liang else x.copy()
    if keep is not None:
        inputs = inputs * keep / (1 - config.dropout)
    hidden = np.tanh(inputs @ w["w_in"] + w["b_in"])
    mean, log_var = hidden @ w["w_mean"] + w["b_mean"], hidden @ w["w_var"] + w["b_var"]
    y = mean if noise is None else mean + noise * np.exp(log_var / 2)
    scores = np.tanh(y @ w["w_dec"] + w["b_dec"]) @ w["w_out"] + w["b_out"]
    p = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    if not liang:
        p = np.maximum(p, 1e-7)
    likelihood = -(x * np.log(p)).sum() / n_users / (1 if liang else n_items)
    if noise is None:
        return likelihood
    kl = -0.5 * (1 + log_var - mean**2 - np.exp(log_var)).sum() / n_users / (1 if liang else config.dim)
    beta = min(config.beta, config.beta * steps / config.anneal_steps) if liang else 1e-6 * steps
    return likelihood + beta * kl


@pytest.mark.parametrize("scaling", ["liang", "paper"])
@pytest.mark.parametrize("spread", [1, 30])  # at 30 some probabilities are under the paper's floor
def test_multvae_equals_a_dense_numpy_rewrite(scaling, spread):
    x = likes()
    dense = x.toarray().astype(float)
    config = MultVAEConfig(dim=8, scaling=scaling, beta=0.7, anneal_steps=4, dropout=0.3)
    model = MultVAE(N_ITEMS, config, generator()).double()
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if name.startswith("b_"):
                weights.uniform_(-0.5, 0.5, generator=generator(len(name)))
        model.w_out *= spread
    weights = model.state_dict()
    model.eval()
    assert model.loss(to_bags(x)).item() == pytest.approx(multvae_loss(weights, dense, config), rel=1e-9)
    assert model.steps == 0
    model.train()
    model.noise = generator(5)
    draws = generator(5)
    for step in range(1, 7):  # past the end of annealing
        keep = np.ones_like(dense)
        keep[dense > 0] = torch.rand(x.nnz, generator=draws).numpy() >= config.dropout
        noise = torch.randn(12, 8, generator=draws).numpy()
        expected = multvae_loss(weights, dense, config, step, keep, noise)
        assert model.loss(to_bags(x)).item() == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("scaling", ["liang", "paper"])
def test_multvae_gradients_are_finite_and_reach_every_weight(scaling):
    dense = likes().toarray()
    dense[3] = 0  # nobody can be encoded from nothing, but a batch may hold an empty row
    model = MultVAE(N_ITEMS, MultVAEConfig(dim=8, scaling=scaling), generator())
    model.loss(to_bags(sp.csr_matrix(dense))).backward()
    assert all(torch.isfinite(p.grad).all() and p.grad.any() for p in model.parameters())


def test_multvae_trains_reproducibly_without_global_randomness():
    def trained(seed):
        model = MultVAE(N_ITEMS, MultVAEConfig(dim=8, epochs=3), generator(seed))
        fit(model, model.config, lambda: [to_bags(likes())] * 2, lambda: 1.0, lambda *_: None)
        return model.state_dict()

    state = torch.get_rng_state()
    first, again, other = trained(0), trained(0), trained(1)
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["w_in"], other["w_in"])
    noises = [MultVAE(N_ITEMS, MultVAEConfig(dim=8), generator(seed)).noise.initial_seed() for seed in (0, 0, 1)]
    assert noises[0] == noises[1] != noises[2]


def test_multvae_is_random_in_training_alone():
    model, x = MultVAE(N_ITEMS, MultVAEConfig(dim=8), generator()), to_bags(likes())
    assert model.loss(x) != model.loss(x)
    in_training = model.encode(x)
    model.eval()
    assert model.loss(x) == model.loss(x)
    assert torch.equal(model.encode(x), in_training)
    assert set(model.state_dict()) == {name for name, _ in model.named_parameters()}


def test_multvae_reads_each_row_by_itself():
    model, x = MultVAE(N_ITEMS, MultVAEConfig(dim=8), generator()), likes()
    alone = torch.cat([model.encode(to_bags(x[row])) for row in range(x.shape[0])])
    assert torch.allclose(model.encode(to_bags(x)), alone, atol=1e-6)


def test_multvae_never_builds_a_dense_input():
    """Encoding keeps nothing of shape (B, n_items); the loss keeps one such matrix, the scores."""
    model, x = MultVAE(N_ITEMS, MultVAEConfig(dim=8), generator()), to_bags(likes())

    def kept(forward):
        seen = []
        with torch.autograd.graph.saved_tensors_hooks(lambda t: seen.append(t) or t, lambda t: t):
            forward(x)
        return {t.data_ptr() for t in seen if t.shape == (12, N_ITEMS)}

    assert len(kept(model.encode)) == 0
    assert len(kept(model.loss)) == 1
