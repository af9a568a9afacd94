"""Catalogues of any size from two items: trained, written, read, steered and measured by every model."""

import json

import numpy as np
import pytest

from knobs_core import bundles
from knobs_core.base import ConfigError, DataError
from knobs_core.bundles import evaluate
from knobs_core.models import CFAES, SAES
from tests.small import FEW_STEPS, small

OWN = "embeddings"  # needs vectors


@pytest.mark.parametrize(("n_items", "n_users"), [(2, 10), (2, 30), (5, 12), (12, 10), (19, 30), (20, 30), (21, 40)])
def test_a_small_catalogue_goes_the_whole_way(n_items, n_users, tmp_path):
    bundles.save(bundles.train(small(n_users, n_items), overrides=FEW_STEPS, device="cpu"), tmp_path / "b")
    bundle = bundles.load(tmp_path / "b")
    assert (bundle.interactions.n_items, bundle.interactions.n_users) == (n_items, n_users)
    assert "all" in bundle.concepts.tags
    person, knob = bundle.person(items=["i0"]), next(iter(bundle.knobs))
    listed = person.recommend({knob: 0.5})
    assert len(listed.rows) == min(20, n_items - 1)
    assert np.isfinite([row["score"] for row in listed.rows]).all()
    for _ in (person.profile(), person.breakpoints(knob), person.counterfactual("i1", 10)):
        pass  # each has an answer
    evaluate.interpretability(bundle)
    for document in (evaluate.accuracy(bundle), evaluate.tradeoff(bundle, 1).document):
        json.dumps(document, allow_nan=False)


@pytest.mark.parametrize("cfae", [name for name in CFAES if name != OWN])
@pytest.mark.parametrize("sae", SAES)
def test_every_model_takes_five_items(cfae, sae):
    if cfae == "ials":
        pytest.importorskip("implicit")
    dim = {"cfae": {"dim": 4}} if cfae == "dlae" else {}  # no more than items, as it says
    bundle = bundles.train(small(12, 5), cfae, sae, FEW_STEPS | dim, device="cpu")
    assert len(bundle.person(items=["i0"]).recommend({next(iter(bundle.knobs)): 0.3}).rows) == 4


@pytest.mark.parametrize(("n_items", "n_users"), [(2, 12), (19, 10)])
def test_a_small_catalogue_has_a_map(n_items, n_users, small_path):
    pytest.importorskip("umap")
    read = bundles.load(small_path(n_items, n_users))  # reading refuses places that are no finite numbers
    assert read.drawn.items.shape == (n_items, 2)


def test_more_than_there_is_trains_or_is_refused_before_anything_is_trained():
    data = small(12, 5)
    many = bundles.train(data, overrides={"sae": {"k": 10**9, "epochs": 2}}, device="cpu")
    assert many.nested.sae.d_sae < 10**9
    for overrides in ({"cfae": {"dim": 10**8}}, {"sae": {"width_ratio": 1e7}}):
        with pytest.raises(ConfigError, match="models that fit into the"):
            bundles.train(data, overrides=overrides, device="cpu")
    for overrides, says in (
        ({"sae": {"lr": 1e30}}, "sae.lr to be less than or equal to 1"),
        ({"sae": {"l1": "nan"}}, "sae.l1 to be a finite number"),
    ):
        with pytest.raises(ConfigError, match=says):
            bundles.train(data, overrides=overrides, device="cpu")


def test_too_few_people_are_refused_before_anything_is_trained():
    with pytest.raises(DataError, match="at least 10 users with enough likes, found 5"):
        bundles.train(small(5, 12), device="cpu")
