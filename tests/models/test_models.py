"""ELSA, MultVAE, the TopK SAE and the training loop against independent references."""

import dataclasses

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from knobs_core.models.batches import shuffled, sub_histories
from knobs_core.models.cfae import CFAES
from knobs_core.models.cfae.bags import to_bags
from knobs_core.models.cfae.elsa import ELSA, ELSAConfig, _Gram
from knobs_core.models.cfae.multvae import MultVAE, MultVAEConfig
from knobs_core.models.fit import fit
from knobs_core.models.sae import SAES
from knobs_core.models.sae.basic import BasicConfig, BasicSAE
from knobs_core.models.sae.standardise import standardise
from knobs_core.models.sae.topk import TopKConfig, TopKSAE, reconstruction_loss

N_ITEMS = 40


def likes(n=12, seed=0):
    dense = np.random.default_rng(seed).random((n, N_ITEMS)) < 0.2
    dense[:, seed % N_ITEMS] = True  # nobody is without likes
    return sp.csr_matrix(dense, dtype=np.float32)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("name", CFAES)
def test_every_cfae_keeps_the_contract(name):
    model_class, config_class = CFAES[name]
    model = model_class(N_ITEMS, config_class(dim=8), generator())
    y = model.encode(to_bags(likes()))
    assert y.shape == (12, model.d_embed)
    assert model.decode(y).shape == (12, N_ITEMS)
    assert model.n_items == N_ITEMS
    assert isinstance(model.linear, bool)
    if model.linear:
        assert torch.allclose(
            model.decode(y[:1] + 2 * y[1:2]), model.decode(y[:1]) + 2 * model.decode(y[1:2]), atol=1e-4
        )
    if hasattr(model_class, "make"):
        return  # made in its own way: tests/test_given_models.py
    before = {k: v.clone() for k, v in model.state_dict().items()}
    model.loss(to_bags(likes())).backward()
    model.before_step()
    torch.optim.SGD(model.parameters(), 0.1).step()
    model.after_step()
    assert any(not torch.equal(before[k], v) for k, v in model.state_dict().items())
    twin = model_class(N_ITEMS, config_class(dim=8), generator())
    assert all(torch.equal(before[k], v) for k, v in twin.state_dict().items())


@pytest.mark.parametrize("name", SAES)
@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 1000), k=st.integers(1, 40), scale=st.floats(1e-3, 1e3))
def test_every_sae_keeps_the_contract(name, seed, k, scale):
    model_class, config_class = SAES[name]
    limited = "k" in {field.name for field in dataclasses.fields(config_class)}
    model = model_class(10, config_class(width_ratio=3, **({"k": k} if limited else {})), generator(seed))
    y = scale * torch.randn(7, 10, generator=generator(seed))
    untouched = y.clone()
    code = model.encode(y)
    assert code.z.shape == (7, model.d_sae)
    assert (code.z >= 0).all()
    assert name != "topk" or ((code.z > 0).sum(1) <= k).all()
    assert model.decode(code).shape == y.shape
    assert model.w_dec.shape == (model.d_sae, 10)
    model.loss(y).backward()
    assert torch.equal(y, untouched)
    assert not limited or (model.encode(y).z > 0).sum() <= 7 * k  # over the batch, where not in every row
    model.before_step()
    assert torch.allclose((model.w_dec.grad * model.w_dec).sum(1), torch.zeros(model.d_sae), atol=1e-4)
    torch.optim.SGD(model.parameters(), 0.1).step()
    model.after_step()
    assert torch.allclose(model.w_dec.norm(dim=1), torch.ones(model.d_sae), atol=1e-5)


def test_elsa_equals_a_dense_numpy_rewrite():
    x = likes()
    model = ELSA(N_ITEMS, ELSAConfig(dim=8), generator()).double()
    a = model.item_vectors.detach().numpy()
    assert np.allclose(np.linalg.norm(a, axis=1), 1)
    dense = x.toarray().astype(float)
    assert np.allclose(model.encode(to_bags(x)).detach(), dense @ a)
    assert np.allclose(model.decode(model.encode(to_bags(x))).detach(), dense @ a @ a.T)
    xhat = dense @ a @ a.T - dense
    unit_hat = xhat / np.linalg.norm(xhat, axis=1, keepdims=True)
    unit = dense / np.linalg.norm(dense, axis=1, keepdims=True)
    expected = np.square(unit_hat - unit).sum(1).mean()
    assert model.loss(to_bags(x)).item() == pytest.approx(expected, rel=1e-6)


def test_elsa_gradient_equals_the_dense_form():
    x = likes()
    gram, dense = (ELSA(N_ITEMS, ELSAConfig(dim=8), generator()).double() for _ in range(2))
    gram.loss(to_bags(x)).backward()
    full = torch.tensor(x.toarray(), dtype=torch.float64)
    xhat = full @ dense.item_vectors @ dense.item_vectors.T - full
    (torch.nn.functional.normalize(xhat) - torch.nn.functional.normalize(full)).square().sum(1).mean().backward()
    assert torch.allclose(gram.item_vectors.grad, dense.item_vectors.grad, rtol=1e-6, atol=1e-9)
    gram.before_step()
    radial = (gram.item_vectors.grad * gram.item_vectors).sum(1)
    assert torch.allclose(radial, torch.zeros_like(radial), atol=1e-6)  # rows were made unit in single precision


def test_elsas_products_in_half_precision_err_little():
    a = torch.nn.functional.normalize(torch.randn(300, 32, generator=generator()), dim=1)
    weights = torch.randn(32, 32, generator=generator(1))
    (full, g_full), (half, g_half) = (
        (value, torch.autograd.grad((value * weights).sum(), vectors)[0])
        for flag in (False, True)
        for vectors in [a.clone().requires_grad_(True)]
        for value in [_Gram.apply(vectors, flag)]
    )
    assert full.dtype == half.dtype
    assert g_full.dtype == g_half.dtype
    assert torch.equal(full, a.T @ a)
    assert torch.allclose(g_full, a @ (weights + weights.T), atol=1e-5)
    assert 0 < (half - full).norm() < 0.005 * full.norm()
    assert 0 < (g_half - g_full).norm() < 0.005 * g_full.norm()


def test_elsas_spectral_start_is_that_of_a_full_factorisation():
    """Cosines between items do not depend on signs of singular vectors. With 24 + 16 directions of 40 all is exact."""
    x, dim = likes(60), 24
    model = ELSA(N_ITEMS, ELSAConfig(dim=dim, start="spectral"), generator())
    model.start(x, generator(1))
    dense = x.toarray().astype(float)
    scaled = dense / np.sqrt(dense.sum(1, keepdims=True)) / np.sqrt(dense.sum(0))
    _, s, vt = np.linalg.svd(scaled)
    expected = (vt[:dim] * np.sqrt(s[:dim, None])).T
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    found = model.item_vectors.detach().numpy()
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert np.allclose(found @ found.T, expected @ expected.T, atol=0.01)


@pytest.mark.parametrize(("users", "dim"), [(3, 8), (12, 64)])
def test_elsas_spectral_start_copes_with_few_users_and_items_nobody_likes(users, dim):
    dense = likes(users).toarray()
    dense[:, 7] = 0
    model = ELSA(N_ITEMS, ELSAConfig(dim=dim, start="spectral"), generator())
    model.start(sp.csr_matrix(dense), generator(1))
    assert torch.allclose(model.item_vectors.norm(dim=1), torch.ones(N_ITEMS), atol=1e-5)
    model.loss(to_bags(sp.csr_matrix(dense))).backward()
    assert torch.isfinite(model.item_vectors.grad).all()
    plain, twin = (ELSA(N_ITEMS, ELSAConfig(dim=dim), generator()) for _ in range(2))
    plain.start(sp.csr_matrix(dense), generator(1))
    assert torch.equal(plain.item_vectors, twin.item_vectors)


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


def test_standardisation_is_per_vector_and_travels_with_the_code():
    y = torch.tensor([[1.0, 2, 3, 6], [10, 20, 30, 60]])
    x, mean, std = standardise(y)
    assert np.allclose(mean, [[3], [30]])
    assert np.allclose(std, [[np.sqrt(3.5)], [10 * np.sqrt(3.5)]])
    assert torch.allclose(x[0], x[1])
    assert torch.allclose(x * std + mean, y)
    assert torch.isfinite(standardise(torch.zeros(1, 4))[0]).all()


def test_topk_equals_a_numpy_rewrite():
    model = TopKSAE(6, TopKConfig(width_ratio=4, k=3, l1=0.01), generator()).double()
    with torch.no_grad():
        model.b_enc.uniform_(-0.5, 0.5, generator=generator(1))
        model.b_dec.uniform_(-0.5, 0.5, generator=generator(2))
    y = torch.randn(5, 6, dtype=torch.float64, generator=generator(3))
    w_enc, b_enc, w_dec, b_dec = (p.detach().numpy() for p in (model.w_enc, model.b_enc, model.w_dec, model.b_dec))
    raw = y.numpy()
    mean, std = raw.mean(1, keepdims=True), raw.std(1, keepdims=True)
    x = (raw - mean) / std
    z = np.maximum((x - b_dec) @ w_enc + b_enc, 0)
    z[z < np.sort(z, axis=1)[:, [-3]]] = 0
    xhat = z @ w_dec + b_dec
    code = model.encode(y)
    assert np.allclose(code.z.detach(), z)
    assert np.allclose(model.decode(code).detach(), xhat * std + mean)
    expected = np.square(xhat - x).mean() + 0.01 * z.sum(1).mean()
    assert model.loss(y).item() == pytest.approx(expected)
    cosine = 1 - (xhat * x).sum(1) / np.linalg.norm(xhat, axis=1) / np.linalg.norm(x, axis=1)
    assert float(reconstruction_loss(torch.tensor(xhat), torch.tensor(x), "cosine")) == pytest.approx(cosine.mean())


@pytest.mark.parametrize("loss", ["l2", "cosine"])
def test_basic_is_topk_without_its_limit(loss):
    settings = {"width_ratio": 4, "loss": loss, "l1": 0.02}
    basic = BasicSAE(6, BasicConfig(**settings), generator()).double()
    widest = TopKSAE(6, TopKConfig(k=24, **settings), generator()).double()
    y = torch.randn(5, 6, dtype=torch.float64, generator=generator(3))
    assert torch.equal(basic.encode(y).z, widest.encode(y).z)
    assert (basic.encode(y).z > 0).sum() > 20
    assert basic.loss(y).item() == pytest.approx(widest.loss(y).item(), rel=1e-12)
    for model in (basic, widest):
        model.loss(y).backward()
    assert torch.allclose(basic.w_enc.grad, widest.w_enc.grad)


def test_the_penalty_makes_basic_codes_sparser():
    y = torch.randn(400, 8, generator=generator(1))

    def active(l1):
        config = BasicConfig(l1=l1, lr=0.01, epochs=60)
        model = BasicSAE(8, config, generator())
        fit(model, config, lambda: y.split(100), lambda: float(model.loss(y)), lambda *_: None)
        return float((model.encode(y).z > 0).float().sum(1).mean())

    assert active(0.1) < 0.6 * active(0.0)


def test_a_perfect_reconstruction_costs_nothing():
    """The published code standardises in place and compares against the changed input; here both losses are zero."""
    x = torch.randn(4, 6)
    assert float(reconstruction_loss(x, x, "l2")) == 0
    assert float(reconstruction_loss(x, x, "cosine")) == pytest.approx(0, abs=1e-6)


@settings(deadline=None)
@given(st.integers(0, 500))
def test_sub_histories_are_parts_that_are_never_empty(seed):
    dense = likes(seed=seed).toarray()
    dense[[5, -1]] = 0
    matrix = sp.csr_matrix(dense)
    part = sub_histories(matrix, np.random.default_rng(seed))
    assert part.shape == matrix.shape
    assert (part > matrix).nnz == 0
    assert np.array_equal(np.diff(part.indptr) > 0, np.diff(matrix.indptr) > 0)


def test_shuffled_covers_every_row_once():
    batches = list(shuffled(10, 4, np.random.default_rng(0)))
    assert [len(b) for b in batches] == [4, 4, 2]
    assert sorted(np.concatenate(batches)) == list(range(10))


def test_fit_lets_the_step_size_fall_and_counts_anew_what_was_changed_between_epochs():
    losses = iter([1.0, 3.0, 2.0, 2.5])
    config = ELSAConfig(dim=4, lr=0.1, epochs=4, patience=2)
    model, rates = ELSA(N_ITEMS, config, generator()), []

    def between(epoch, optimizer):
        rates.append(optimizer.lr)
        return epoch == 1  # what is best afterwards wins, although it is worse than the first

    log = fit(
        model, config, lambda: [to_bags(likes())], lambda: next(losses), lambda *a: None, decay=0.5, between=between
    )
    assert log == {"epochs": 4, "best_epoch": 3, "validation_loss": 2.0}
    assert rates == pytest.approx([0.1, 0.1, 0.1, 0.05])


def test_fit_stops_early_and_keeps_the_best_weights():
    losses = iter([3.0, 2.0, 2.5, 2.4, 2.3])
    model = ELSA(N_ITEMS, ELSAConfig(dim=4, epochs=50, patience=2), generator())
    seen, weights = [], []

    def validate():
        weights.append(model.item_vectors.clone())
        return next(losses)

    log = fit(
        model, ELSAConfig(dim=4, epochs=50, patience=2), lambda: [to_bags(likes())], validate, lambda *a: seen.append(a)
    )
    assert log == {"epochs": 4, "best_epoch": 2, "validation_loss": 2.0}
    assert torch.equal(model.item_vectors, weights[1])
    assert [done for done, _, _ in seen] == [1, 2, 3, 4]
