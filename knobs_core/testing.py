"""A conformance suite: does somebody else's collaborative autoencoder or sparse autoencoder do what the rest relies on?

    import pytest
    from knobs_core.testing import cfae_checks

    @pytest.mark.parametrize("check", cfae_checks(MyCFAE, MyConfig()), ids=str)
    def test_my_model(check):
        check()

Every check is a callable without arguments that raises ConformanceError with one sentence: what was expected, what was
found. The project's own models pass through the same checks. They train on small planted data and take seconds.
"""

import dataclasses
import functools
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
import torch
from safetensors.torch import load_file, save_file

from knobs_core.base import Stage, silent, top_k
from knobs_core.data import Interactions, Source, build, planted, split_users
from knobs_core.evaluation import ndcg_at_k
from knobs_core.models import Bags, InputsConfig, Nested, known_of, to_bags, train_cfae, train_sae
from knobs_core.steering import Dial, Engine, reach_of, steered_scores

D_EMBED, N_PEOPLE = 12, 7
CLOSE = 1e-4  # relative difference that single precision explains


class ConformanceError(AssertionError):
    """A model that does not do what is expected of it."""


class Check:
    """One expectation of a model. name: what is expected, in words; calling it raises ConformanceError if it fails."""

    def __init__(self, name: str, run: Callable[[], None]):
        self.name, self._run = name, run

    def __call__(self) -> None:
        with torch.no_grad():
            self._run()

    def __str__(self) -> str:
        return self.name


def _expect(true: bool | torch.Tensor | np.bool_, expected: str, found: object) -> None:
    if not true:
        raise ConformanceError(f"expected {expected}, found {found}")


@functools.cache
def planted_data() -> Interactions:
    """The data that models are tried on: 600 users who like items of a few concepts."""
    return build(planted(), Source("planted"))


def cfae_checks(model_class: Any, config: Any, data: Interactions | None = None) -> list[Check]:
    """Checks of a collaborative autoencoder; see ``knobs_core.models.cfae`` for what it has to offer.

    Args:
        model_class: built as ``model_class(n_items, config, generator)``, trained by its ``loss`` or made by ``make``.
        config: its hyperparameters, a frozen dataclass with lr, epochs, patience and batch_size where it is trained.
        data: interactions that ``make`` needs, where it reads files about certain items; planted ones by default.
    """
    trial = _CFAETrial(model_class, config, data or planted_data())
    return [
        Check("attributes: n_items, d_embed, linear", trial.attributes),
        Check("encode and decode give the shapes they should", trial.shapes),
        Check("an empty history has a finite embedding", trial.empty),
        Check("everybody is encoded alone: others in the batch make no difference", trial.batches),
        Check("the order of likes makes no difference", trial.order),
        Check("a decoder that is called linear is linear", trial.linear),
        Check("equal seeds give equal models", trial.seeds),
        Check("weights survive a file", trial.saved),
        Check("it ranks hidden likes better than popularity alone", trial.learns),
    ]


def sae_checks(model_class: Any, config: Any) -> list[Check]:
    """Checks of a sparse autoencoder; see ``knobs_core.models.sae`` for what it has to offer.

    Args:
        model_class: built as ``model_class(d_embed, config, generator)``.
        config: its hyperparameters, a frozen dataclass with lr, epochs, patience, batch_size, decay, resample_every.
    """
    trial = _SAETrial(model_class, config)
    return [
        Check("attributes: d_sae, w_dec, b_dec", trial.attributes),
        Check("codes are non-negative, have the shape they should, and leave the embeddings alone", trial.codes),
        Check("codes do not depend on the length of an embedding", trial.scale),
        Check("decode is W_dec z + b_dec in standardised space", trial.decode),
        Check("everybody is encoded alone: others in the batch make no difference", trial.batches),
        Check("the loss has a gradient, and steps keep decoder rows at length 1", trial.steps),
        Check("equal seeds give equal models", trial.seeds),
        Check("weights survive a file", trial.saved),
        Check("training explains more of an embedding than its mean does", trial.learns),
        Check("dials at rest leave every score as it is, bit for bit", trial.rest),
    ]


class _CFAETrial:
    """One recommender on trial. It is trained once, when a check first asks for it."""

    def __init__(self, model_class: Any, config: Any, data: Interactions):
        self.model_class, self.config, self.data = model_class, config, data
        self.split = split_users(data.matrix, seed=1)
        self.likes = data.matrix[self.split.test.users[:N_PEOPLE]]

    @torch.enable_grad()
    def train(self) -> Any:
        known = known_of(self.data, self.split)
        rng, generator = np.random.default_rng(3), torch.Generator().manual_seed(3)
        stage = Stage("trial", silent)
        model, *_ = train_cfae(self.model_class, self.config, known, rng, generator, torch.device("cpu"), stage)
        return model.eval()

    @functools.cached_property
    def model(self) -> Any:
        return self.train()

    def encode(self, likes: sp.csr_matrix) -> torch.Tensor:
        return self.model.encode(to_bags(likes))

    def attributes(self) -> None:
        _expect(isinstance(self.model.linear, bool), "linear to be True or False", repr(self.model.linear))
        _expect(self.model.n_items == self.data.n_items, f"n_items = {self.data.n_items}", self.model.n_items)
        _expect(isinstance(self.model.d_embed, int) and self.model.d_embed > 0, "a size d_embed", self.model.d_embed)

    def shapes(self) -> None:
        y = self.encode(self.likes)
        _expect(y.shape == (N_PEOPLE, self.model.d_embed), "embeddings (B, d_embed)", tuple(y.shape))
        scores = self.model.decode(y)
        _expect(scores.shape == (N_PEOPLE, self.data.n_items), "scores (B, n_items)", tuple(scores.shape))
        _expect(torch.isfinite(y).all() and torch.isfinite(scores).all(), "finite numbers", "others")

    def empty(self) -> None:
        nobody = sp.csr_matrix(np.zeros((1, self.data.n_items), np.float32))
        _expect(torch.isfinite(self.encode(nobody)).all(), "a finite embedding of nobody", "one that is not")

    def batches(self) -> None:
        together, alone = self.encode(self.likes), torch.cat([self.encode(row) for row in self.likes])
        _close(together, alone, "the same embedding alone and in a batch")

    def order(self) -> None:
        bags = to_bags(self.likes[:1])
        turned = Bags(bags.items.flip(0), bags.offsets, bags.counts)
        _close(self.model.encode(bags), self.model.encode(turned), "the same embedding in another order")

    def linear(self) -> None:
        if not self.model.linear:
            return
        y = self.encode(self.likes)
        decode = self.model.decode
        _close(
            decode(y[:1] + 2 * y[1:2]), decode(y[:1]) + 2 * decode(y[1:2]), "decode(a + 2 b) = decode(a) + 2 decode(b)"
        )

    def seeds(self) -> None:
        first, second = self.model.state_dict(), self.train().state_dict()
        for name, values in first.items():
            _expect(torch.equal(values, second[name]), f"equal '{name}' with equal seeds", "others")

    def saved(self) -> None:
        config = self.config
        if hasattr(self.model_class, "make"):  # what is made may fill in its own size
            config = dataclasses.replace(config, dim=self.model.d_embed)
        _reloaded(self.model, self.model_class(self.data.n_items, config))

    def learns(self) -> None:
        test, train = self.split.test, self.data.matrix[self.split.train]
        popular = torch.as_tensor(np.asarray(train.sum(0)).ravel()).expand(len(test.users), -1)
        scores = self.model.decode(self.model.encode(to_bags(test.inputs)))
        ours, theirs = (
            float(np.nanmean(ndcg_at_k(top_k(values, test.inputs, 20), test.targets))) for values in (scores, popular)
        )
        _expect(ours > theirs, f"nDCG@20 above popularity's {theirs:.3f}", f"{ours:.3f}")


class _SAETrial:
    """One sparse autoencoder on trial, on the embeddings that a fixed linear recommender gives."""

    def __init__(self, model_class: Any, config: Any):
        self.model_class, self.config, self.data = model_class, config, planted_data()
        self.y = 3 * torch.randn(N_PEOPLE, D_EMBED, generator=torch.Generator().manual_seed(5))

    def fresh(self, seed: int = 2) -> Any:
        return self.model_class(D_EMBED, self.config, torch.Generator().manual_seed(seed))

    @torch.enable_grad()
    def train(self) -> Any:
        split = split_users(self.data.matrix, seed=1)
        rng, generator = np.random.default_rng(3), torch.Generator().manual_seed(3)
        likes, inputs = self.data.matrix[split.train], InputsConfig()
        model, _ = train_sae(
            self.model_class, self.config, inputs, self.recommender, likes, split.val.inputs, rng, generator,
            torch.device("cpu"), Stage("trial", silent),
        )  # fmt: skip
        return model.eval()

    @functools.cached_property
    def recommender(self) -> "_Fixed":
        return _Fixed(self.data.n_items)

    @functools.cached_property
    def model(self) -> Any:
        return self.train()

    def attributes(self) -> None:
        model = self.model
        _expect(isinstance(model.d_sae, int) and model.d_sae > 0, "a number of neurons d_sae", model.d_sae)
        _expect(model.w_dec.shape == (model.d_sae, D_EMBED), "w_dec (d_sae, d_embed)", tuple(model.w_dec.shape))
        _expect(model.b_dec.shape == (D_EMBED,), "b_dec (d_embed,)", tuple(model.b_dec.shape))

    def codes(self) -> None:
        untouched = self.y.clone()
        code = self.model.encode(self.y)
        _expect(torch.equal(self.y, untouched), "embeddings that encode leaves as they are", "changed ones")
        _expect(code.z.shape == (N_PEOPLE, self.model.d_sae), "codes (B, d_sae)", tuple(code.z.shape))
        _expect((code.z >= 0).all(), "codes of at least 0", f"{code.z.min():.3g}")
        _expect(code.mean.shape == code.std.shape == (N_PEOPLE, 1), "mean and std (B, 1)", tuple(code.std.shape))
        _close(self.model.activate((self.y - code.mean) / code.std), code.z, "the same code from standardised ones")

    def scale(self) -> None:
        _close(self.model.encode(self.y).z, self.model.encode(50 * self.y).z, "the same code at another length")

    def decode(self) -> None:
        code, model = self.model.encode(self.y), self.model
        _close(model.decode(code), (code.z @ model.w_dec + model.b_dec) * code.std + code.mean, "W_dec z + b_dec")

    def batches(self) -> None:
        alone = torch.cat([self.model.encode(row[None]).z for row in self.y])
        _close(self.model.encode(self.y).z, alone, "the same code alone and in a batch")

    @torch.enable_grad()
    def steps(self) -> None:
        model = self.fresh().train()
        loss = model.loss(self.y)
        _expect(loss.shape == () and bool(torch.isfinite(loss)), "a finite loss, one number", loss.detach())
        loss.backward()
        model.before_step()
        torch.optim.SGD(model.parameters(), 0.1).step()
        model.after_step()
        _close(model.w_dec.norm(dim=1), torch.ones(model.d_sae), "decoder rows of length 1")

    def seeds(self) -> None:
        first, second = self.model.state_dict(), self.train().state_dict()
        for name, values in first.items():
            _expect(torch.equal(values, second[name]), f"equal '{name}' with equal seeds", "others")

    def saved(self) -> None:
        _reloaded(self.model, self.fresh())

    def learns(self) -> None:
        y = self.recommender.encode(to_bags(self.data.matrix))
        rebuilt = self.model.decode(self.model.encode(y))
        error = (rebuilt - y).square().sum() / (y - y.mean(1, keepdim=True)).square().sum()
        _expect(error < 1, "an error smaller than that of the mean alone", f"{error:.2f} times as much")

    def rest(self) -> None:
        nested = Nested(self.recommender, self.model)
        engine, history = Engine(nested), self.data.matrix[3]
        taste, resting = engine.taste(history), [Dial({0: 1.0}, 0.0)]
        _expect(torch.equal(engine.hand_scores(taste, resting)[1][0], taste.base), "untouched scores at rest", "others")
        turned, reach = [Dial({int(np.argmax(taste.z)): 1.0}, 0.4)], reach_of(taste.base[None], history)
        _, (plain,) = steered_scores(nested, taste.encoded.y, reach, turned)
        _close(engine.hand_scores(taste, turned)[1][0], plain[0], "one steering on both paths")


class _Fixed(torch.nn.Module):
    """A recommender that is not trained: random item vectors, y = A^T x, scores = A y."""

    linear = True

    def __init__(self, n_items: int):
        super().__init__()
        self.n_items, self.d_embed = n_items, D_EMBED
        vectors = torch.randn(n_items, D_EMBED, generator=torch.Generator().manual_seed(9))
        self.register_buffer("item_vectors", torch.nn.functional.normalize(vectors, dim=1))

    def encode(self, x: Bags) -> torch.Tensor:
        return torch.nn.functional.embedding_bag(x.items, self.get_buffer("item_vectors"), x.offsets, mode="sum")

    def decode(self, y: torch.Tensor) -> torch.Tensor:
        return y @ self.get_buffer("item_vectors").T


def _close(first: torch.Tensor, second: torch.Tensor, expected: str) -> None:
    error = float((first - second).detach().abs().max())
    _expect(error <= CLOSE * max(float(first.detach().abs().max()), 1e-6), expected, f"a difference of {error:.3g}")


def _reloaded(model: torch.nn.Module, fresh: torch.nn.Module) -> None:
    """The weights of a model, through a file, in a fresh one."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "weights.safetensors"
        save_file({name: values.contiguous() for name, values in model.state_dict().items()}, file)
        fresh.load_state_dict(load_file(file))
    for name, values in model.state_dict().items():
        _expect(torch.equal(values, fresh.state_dict()[name]), f"'{name}' to come back from a file", "another")
