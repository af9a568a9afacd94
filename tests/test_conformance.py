"""The conformance suite: the project's own models pass through it, and models that are wrong on purpose do not."""

import dataclasses
import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from knobs_core.models import CFAES, SAES
from knobs_core.models.cfae.elsa import ELSA, ELSAConfig
from knobs_core.models.cfae.embeddings import Embeddings, EmbeddingsConfig
from knobs_core.models.sae.basic import BasicConfig, BasicSAE
from knobs_core.models.sae.standardise import Code
from knobs_core.testing import ConformanceError, cfae_checks, planted_data, sae_checks

FEW = {"epochs": 15, "patience": 15}


def config_of(config_class, **fields):
    known = {field.name for field in dataclasses.fields(config_class)}
    return config_class(**{name: value for name, value in fields.items() if name in known})


def own_cfaes():
    for name, (model, config) in CFAES.items():
        if name != "embeddings":  # it needs files: below
            yield from ((name, check) for check in cfae_checks(model, config_of(config, dim=16, **FEW)))


def own_saes():
    for name, (model, config) in SAES.items():
        yield from ((name, check) for check in sae_checks(model, config_of(config, width_ratio=3, k=6)))


@pytest.mark.parametrize(("name", "check"), [*own_cfaes()], ids=str)
def test_every_cfae_passes(name, check):
    if name == "ials":
        pytest.importorskip("implicit")
    check()


@pytest.mark.parametrize(("name", "check"), [*own_saes()], ids=str)
def test_every_sae_passes(name, check):
    check()


def test_a_recommender_made_of_files_passes(tmp_path):
    data = planted_data()
    vectors = np.linalg.svd(data.matrix.toarray(), full_matrices=False)[2][:16].T
    np.save(tmp_path / "items.npy", vectors)
    (tmp_path / "items.ids.txt").write_text("\n".join(data.item_ids))
    for check in cfae_checks(Embeddings, EmbeddingsConfig(items=str(tmp_path / "items.npy")), data):
        check()


def the_example():
    """The sparse autoencoder that the documentation shows, as its file has it."""
    return SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "examples" / "own_sae.py")))


@pytest.fixture
def saes():
    """The table of models, put back afterwards."""
    before = dict(SAES)
    yield SAES
    SAES.clear()
    SAES.update(before)


def test_the_example_of_the_documentation_passes(saes):
    own = the_example()
    assert saes["jump"] == (own.JumpSAE, own.JumpConfig)
    for check in sae_checks(own.JumpSAE, own.JumpConfig(width_ratio=3)):
        check()


def test_the_example_is_silent_below_its_bar(saes):
    own, y = the_example(), torch.randn(9, 12, generator=torch.Generator().manual_seed(1))
    made = [own.JumpSAE(12, own.JumpConfig(bar=bar, refine=0), torch.Generator().manual_seed(2)) for bar in (1e-9, 0.5)]
    with torch.no_grad():
        every, loud = (model.eval().encode(y).z for model in made)
    assert ((every > 0) & (every <= 0.5)).any()
    assert torch.equal(loud, torch.where(every > 0.5, every, 0))


class Bent(ELSA):
    """It says that it is linear, and is not."""

    def decode(self, y):
        return super().decode(y).square()


class Nosy(ELSA):
    """What it says of one person depends on the others."""

    def encode(self, x):
        y = super().encode(x)
        return y - y.mean(0) if len(y) > 1 else y


class Forgetful(ELSA):
    """Each time it is built it is another."""

    def __init__(self, n_items, config, generator=None):
        super().__init__(n_items, config)


class Lazy(ELSA):
    """It learns nothing."""

    def loss(self, x):
        return 0 * self.item_vectors.sum()


class Negative(BasicSAE):
    """Its codes fall below zero."""

    def encode(self, y):
        code = super().encode(y)
        return Code(code.z - 0.1, code.mean, code.std)


class Loud(BasicSAE):
    """Longer embeddings get larger codes."""

    def encode(self, y):
        code = super().encode(y)
        return Code(code.z * code.std, code.mean, code.std)


class Twisted(BasicSAE):
    """Its decoder has something of its own, which the engine cannot know."""

    def decode(self, code):
        return super().decode(code) + 1


class Growing(BasicSAE):
    """Its decoder rows do not stay at length 1."""

    def after_step(self):
        with torch.no_grad():
            self.w_dec *= 1.5


class Greedy(BasicSAE):
    """It changes what it is given."""

    def encode(self, y):
        y *= 2
        return super().encode(y)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (Bent, "decode(a + 2 b)"),
        (Nosy, "alone and in a batch"),
        (Forgetful, "equal seeds"),
        (Lazy, "above popularity's"),
    ],
)
def test_a_recommender_that_is_wrong_is_told_so(model, expected):
    assert expected in failures(cfae_checks(model, ELSAConfig(dim=16, epochs=2)))


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (Negative, "codes of at least 0"),
        (Loud, "the same code at another length"),
        (Twisted, "W_dec z"),
        (Growing, "length 1"),
        (Greedy, "leaves as they are"),
    ],
)
def test_a_sparse_autoencoder_that_is_wrong_is_told_so(model, expected):
    assert expected in failures(sae_checks(model, BasicConfig(width_ratio=3, epochs=2)))


def failures(checks):
    said = []
    for check in checks:
        try:
            check()
        except ConformanceError as error:
            said.append(str(error))
    return " / ".join(said)
