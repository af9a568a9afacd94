"""The like behind every item, against NumPy; what adds up where the models are linear, and what decides elsewhere."""

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from knobs_core.models import CFAES, SAES, Nested
from knobs_core.steering import reasons
from knobs_core.steering.attribution import explain_activation
from knobs_core.steering.engine import Engine
from knobs_core.steering.reasons import like_parts, speaking

N_ITEMS = 60


def engine_of(name, **settings):
    """Models of random weights around a recommender."""
    model, config = CFAES[name]
    random = torch.Generator().manual_seed(7)
    cfae = model(N_ITEMS, config(dim=12, **settings), random)
    for vectors in cfae.buffers():
        vectors.copy_(torch.randn(vectors.shape, generator=random) / 4)
    sae, sae_config = SAES["topk"]
    return Engine(Nested(cfae, sae(12, sae_config(k=4), random)))


def numpy_parts(name, cfae, likes):
    """What each like brings to an embedding, straight from the weights in double precision."""
    weights = {key: value.numpy().astype(float) for key, value in cfae.state_dict().items()}
    if name == "dlae":
        return weights["encoder"][likes]
    if name == "embeddings":
        return weights["item_vectors"][likes] @ weights["fold_in"] / len(likes)
    return weights["item_vectors"][likes] @ weights.get("inverse", np.eye(12))


def rows_of(*histories):
    """A row (n_items,) for each list of likes."""
    return sp.csr_matrix(np.stack([np.isin(np.arange(N_ITEMS), likes) for likes in histories]).astype(np.float32))


LIKES = [3, 8, 20, 21, 40, 55]
LINEAR = ["elsa", "dlae", "ials", "embeddings"]


@pytest.mark.parametrize("name", LINEAR)
def test_of_linear_models_parts_add_up_and_the_largest_speaks(name):
    engine, history = engine_of(name), rows_of(LIKES)
    taste, cfae = engine.taste(history), engine.nested.cfae
    parts = numpy_parts(name, cfae, LIKES)
    vectors = cfae.item_vectors.detach().numpy().astype(float)
    by_like = parts @ vectors.T
    np.testing.assert_allclose(by_like.sum(0), taste.base.numpy(), atol=1e-5)
    likes, found, add_up = like_parts(engine, taste, history)
    assert likes.tolist() == LIKES
    assert add_up
    np.testing.assert_allclose(found.numpy(), parts, atol=1e-5)
    columns = speaking(engine, taste, history).likes
    assert (columns.dtype, columns.shape) == (np.dtype(np.int64), (N_ITEMS,))
    assert columns.tolist() == np.array(LIKES)[by_like.argmax(0)].tolist()


@pytest.mark.parametrize("name", LINEAR)
def test_a_groups_likes_have_parts_that_add_up(name):
    """By brute force: a member's parts over their own embedding's length, averaged over members, summed by like."""
    engine, members = engine_of(name), [LIKES, [8, 9, 10], [20, 55]]
    history = rows_of(*members)
    taste, expected = engine.taste(history), np.zeros((N_ITEMS, 12))
    for likes in members:
        parts = numpy_parts(name, engine.nested.cfae, likes)
        expected[likes] += parts / np.linalg.norm(parts.sum(0)) / len(members)
    likes, parts, add_up = like_parts(engine, taste, history)
    assert likes.tolist() == sorted({like for one in members for like in one})
    assert add_up
    np.testing.assert_allclose(parts.numpy(), expected[likes], atol=1e-5)
    by_like = expected @ engine.nested.cfae.item_vectors.detach().numpy().T
    np.testing.assert_allclose(by_like.sum(0), taste.base.numpy(), atol=1e-5)
    assert speaking(engine, taste, history).likes.tolist() == likes[by_like[likes].argmax(0)].tolist()


@pytest.mark.parametrize(("name", "settings"), [("multvae", {}), ("ials", {"alpha": 20.0})])
@pytest.mark.parametrize("members", [[LIKES], [LIKES, [1, 8, 59]]])
def test_where_nothing_adds_up_the_closest_embedding_speaks(name, settings, members):
    engine, history = engine_of(name, **settings), rows_of(*members)
    taste = engine.taste(history)
    assert not like_parts(engine, taste, history).add_up
    alone = np.concatenate([engine.nested.embeddings(rows_of([item])).numpy() for item in range(N_ITEMS)])
    likes = sorted({like for one in members for like in one})
    expected = []
    for vector in alone:
        cosines = [vector @ alone[like] / np.linalg.norm(vector) / np.linalg.norm(alone[like]) for like in likes]
        expected.append(likes[int(np.argmax(cosines))])
    assert speaking(engine, taste, history).likes.tolist() == expected


def test_likes_speak_for_themselves_where_vectors_are_of_unit_length(planted_bundle):
    engine, history = Engine(planted_bundle.nested), planted_bundle.interactions.matrix[8]
    columns = speaking(engine, engine.taste(history, also_seen=[0, 1]), history).likes
    assert columns[history.indices].tolist() == history.indices.tolist()
    assert set(columns.tolist()) <= set(history.indices.tolist())  # what was only seen speaks for nothing


def test_the_demos_scores_are_sums_over_likes(demo_bundle):
    engine, matrix = Engine(demo_bundle.nested), demo_bundle.interactions.matrix
    for row in (0, 30, 400):
        history = matrix[row]
        taste = engine.taste(history)
        likes, parts, add_up = like_parts(engine, taste, history)
        assert add_up
        scores = engine.nested.cfae.decode(parts).numpy()
        np.testing.assert_allclose(scores.sum(0), taste.base.numpy(), atol=1e-6 * np.abs(scores).sum(0).max())
        assert np.array_equal(speaking(engine, taste, history).likes, likes[scores.argmax(0)])


@pytest.mark.parametrize("name", LINEAR)
def test_the_likes_behind_a_neuron_have_the_same_parts(name):
    """A neuron's shares are the parts of the standardised embedding, read along the neuron; a group has them, too."""
    engine = engine_of(name)
    for history in (rows_of(LIKES), rows_of(LIKES, [8, 9, 10])):
        taste, sae = engine.taste(history), engine.nested.sae
        likes, parts, _ = like_parts(engine, taste, history)
        silent = np.flatnonzero(taste.z == 0)[:3].tolist()
        for neuron in silent:
            found = explain_activation(engine, history, neuron)
            read = sae.w_enc[:, neuron].numpy()
            shares = (parts - parts.mean(1, keepdim=True)).numpy() @ read / taste.std
            order = np.argsort(-shares, kind="stable")
            assert found.items.tolist() == likes[order].tolist()
            np.testing.assert_allclose(found.shares, shares[order], rtol=1e-4, atol=1e-5)
        for neuron in [*np.flatnonzero(taste.z).tolist(), *silent]:
            found = explain_activation(engine, history, neuron)
            x = (taste.encoded.y[0].numpy() - taste.mean) / taste.std
            before = (x - sae.b_dec.numpy()) @ sae.w_enc[:, neuron].numpy() + sae.b_enc[neuron].item()
            expected = taste.z[neuron] if taste.z[neuron] > 0 else before
            assert found.shares.sum() + found.constant == pytest.approx(expected, rel=1e-3, abs=1e-4)


def test_blocks_change_nothing_and_of_equals_the_first_speaks(monkeypatch):
    engine, history = engine_of("elsa"), rows_of(LIKES)
    taste = engine.taste(history)
    whole = speaking(engine, taste, history).likes
    monkeypatch.setattr(reasons, "SCORES", 2 * N_ITEMS)
    assert np.array_equal(speaking(engine, taste, history).likes, whole)
    with torch.no_grad():
        engine.nested.cfae.item_vectors[:] = engine.nested.cfae.item_vectors[0].clone()
    assert set(speaking(engine, engine.taste(history), history).likes.tolist()) == {LIKES[0]}
