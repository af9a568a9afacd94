"""Vectors that somebody brings: matched by id, folded in by ridge regression, and carried by the bundle."""

import numpy as np
import pytest
import torch

from knobs_core import bundles
from knobs_core.base.errors import ConfigError, DataError
from knobs_core.models.cfae.bags import to_bags
from knobs_core.models.cfae.embeddings import Embeddings, EmbeddingsConfig, read_vectors
from knobs_core.steering.engine import Engine
from tests.models.cfae.vector_files import write
from tests.models.made_up import generator
from tests.plain import plain_scores, recommend

N_ITEMS, N_USERS, SIZE = 40, 200, 5


@pytest.mark.parametrize("name", ["items.npy", "items.csv", "items.parquet"])
@pytest.mark.parametrize("unit", [False, True])
def test_rows_are_matched_by_id_whatever_their_order(known, tmp_path, name, unit):
    made, items, _, likes = known
    order = np.random.default_rng(1).permutation(N_ITEMS + 1)  # one item more than the data has
    ids, vectors = np.append(made.item_ids, "unknown")[order], np.vstack([items, np.full(SIZE, 9)])[order]
    path = write(tmp_path, name, ids, vectors, "item_id")
    model, config, log = Embeddings.make(EmbeddingsConfig(items=path, unit=unit), made, generator())
    expected = items / np.linalg.norm(items, axis=1, keepdims=True) if unit else items
    y = model.encode(to_bags(likes[:7]))
    assert torch.allclose(y, torch.tensor(likes[:7] @ expected / 8, dtype=torch.float32), atol=1e-5)
    assert torch.allclose(model.decode(y), y @ torch.tensor(expected, dtype=torch.float32).T, atol=1e-5)
    assert (model.n_items, model.d_embed, config.dim, log) == (N_ITEMS, SIZE, SIZE, {})


def test_fold_in_lands_near_the_users_own_vectors(known, tmp_path):
    """Ridge regression against scikit-learn, and test users closer to their own vectors than a plain mean is."""
    from sklearn.linear_model import Ridge

    made, items, users, likes = known
    warped = items @ np.diag([5, 1, 1, 0.2, 1.0])  # an item space that is not the users'
    own = users @ np.diag([0.2, 1, 1, 5, 1.0])
    paths = (
        write(tmp_path, "items.npy", made.item_ids, warped, "item_id"),
        write(tmp_path, "users.npy", [f"u{n}" for n in range(N_USERS)], own, "user_id"),
    )
    model, _, log = Embeddings.make(EmbeddingsConfig(items=paths[0], users=paths[1]), made, generator())
    assert log["users_with_vectors"] == 160
    means = made.likes @ warped / 8
    ridge = Ridge(alpha=log["ridge"] * np.trace(means.T @ means) / SIZE, fit_intercept=False).fit(means, own[:160])
    assert np.allclose(model.fold_in, ridge.coef_.T, rtol=1e-4, atol=1e-4)

    def angle(y):
        return torch.nn.functional.cosine_similarity(y, torch.tensor(own[180:], dtype=torch.float32)).mean()

    plain = Embeddings.make(EmbeddingsConfig(items=paths[0]), made, generator())[0]
    test = to_bags(likes[180:])
    assert angle(model.encode(test)) > 0.8
    assert angle(model.encode(test)) > angle(plain.encode(test)) + 0.2


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda ids, v: (ids, v[:-1]), "an id for each of the 39 rows"),
        (lambda ids, v: (ids[:-1], v[:-1]), "none for 1 of them, e.g. 'i39'"),
        (lambda ids, v: ([*ids[:-1], "i0"], v), "'i0' more than once"),
        (lambda ids, v: (ids, np.where(np.arange(N_ITEMS)[:, None] == 3, np.nan, v)), "for item_id 'i3'"),
        (lambda ids, v: (ids, v.astype(str)), "found no numbers"),
        (lambda ids, v: (ids, v.astype(object)), "readable vectors"),
        (lambda ids, v: (ids, v[:, 0]), "shape"),
    ],
)
def test_bad_vectors_get_one_clear_line(known, tmp_path, spoil, says):
    made, items, _, _ = known
    ids, vectors = spoil(made.item_ids.tolist(), items)
    path = write(tmp_path, "items.npy", ids, vectors, "item_id")
    with pytest.raises(DataError, match=says):
        Embeddings.make(EmbeddingsConfig(items=path), made, generator())


def test_misuse_gets_one_clear_line(known, tmp_path):
    made, items, users, _ = known
    path = write(tmp_path, "items.npy", made.item_ids, items, "item_id")
    for config, error, says in (
        (EmbeddingsConfig(), ConfigError, "cfae.items=items.npy"),
        (EmbeddingsConfig(items=path, dim=7), ConfigError, "size 5"),
        (EmbeddingsConfig(items=str(tmp_path / "no.npy")), DataError, r"no\.ids\.txt beside"),
        (EmbeddingsConfig(items=str(tmp_path / "items.txt")), DataError, "save them as one of these"),
        (
            EmbeddingsConfig(items=path, users=write(tmp_path, "u.csv", ["u1"], users[:1], "user_id")),
            DataError,
            "at least 10",
        ),
        (
            EmbeddingsConfig(items=path, users=write(tmp_path, "w.csv", ["u1"], users[:1, :4], "user_id")),
            DataError,
            "size 4",
        ),
    ):
        with pytest.raises(error, match=says):
            Embeddings.make(config, made, generator())
    (tmp_path / "c.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match="column item_id in"):
        read_vectors(str(tmp_path / "c.csv"), "item_id")
    (tmp_path / "cut.npy").write_bytes((tmp_path / "items.npy").read_bytes()[:200])
    (tmp_path / "cut.ids.txt").write_text("a\n")
    with pytest.raises(DataError, match="readable vectors"):
        read_vectors(str(tmp_path / "cut.npy"), "item_id")


@pytest.fixture(scope="module")
def brought(planted_folder, planted_bundle, tmp_path_factory):
    """A bundle around vectors that another program made: here those of iALS on the same data."""
    pytest.importorskip("implicit")
    folder = tmp_path_factory.mktemp("vectors")
    theirs = bundles.train(
        str(planted_folder), "ials", overrides={"cfae": {"dim": 24}, "sae": {"k": 16}}, seed=3, device="cpu"
    )
    data, cfae = theirs.interactions, theirs.nested.cfae
    paths = (
        write(folder, "items.npy", data.item_ids, cfae.item_vectors.numpy(), "item_id"),
        write(folder, "users.parquet", data.user_ids, cfae.encode(to_bags(data.matrix)).numpy(), "user_id"),
    )
    settings = {"cfae": {"items": paths[0], "users": paths[1]}, "sae": {"k": 16}}
    return theirs, bundles.train(str(planted_folder), "embeddings", overrides=settings, seed=3, device="cpu"), folder


def test_both_beat_popularity_and_keep_it_through_the_code(brought):
    for made in brought[:2]:
        metrics = made.manifest.metrics
        assert metrics["cfae"]["ndcg@20"] > 1.4 * metrics["popularity"]["ndcg@20"]
        assert metrics["retained"]["ndcg@20"] > 0.8
    assert brought[1].manifest.cfae.training["cosine_to_user_vectors"] > 0.9


def test_a_bundle_carries_the_vectors_and_the_board_works(brought, tmp_path):
    """The files may go once the bundle is there; scores are blended as for ELSA."""
    _, made, folder = brought
    bundles.save(made, tmp_path / "b")
    for file in folder.iterdir():
        file.rename(tmp_path / file.name)
    back = bundles.load(tmp_path / "b")
    history = made.interactions.matrix[0]
    dials = [next(one for one in made.recipes if one.recipe).dial(0.4)]
    for operated in ([], dials):
        first, second = (recommend(one.nested, history, operated) for one in (made, back))
        assert np.array_equal(first.items, second.items)
    engine = Engine(back.nested)
    assert engine.linear
    _, (steered,) = plain_scores(back.nested, history, dials)
    assert torch.allclose(engine.hand_scores(engine.taste(history), dials)[1][0], steered, atol=1e-4)
    assert back.manifest.cfae.config["dim"] == 24


def test_user_vectors_of_another_model_bring_a_warning(known, tmp_path):
    made, items, users, _ = known
    path = write(tmp_path, "items.npy", made.item_ids, items, "item_id")
    names = [f"u{n}" for n in range(N_USERS)]
    for own, odd in ((users, False), (np.random.default_rng(5).normal(size=users.shape), True)):
        config = EmbeddingsConfig(items=path, users=write(tmp_path, "users.npy", names, own, "user_id"))
        log = Embeddings.make(config, made, generator())[2]
        assert ("warnings" in log) == odd
    assert "are both of one model?" in log["warnings"][0]


def test_scaled_vectors_rank_alike(known, tmp_path):
    made, items, _, likes = known
    ranked = []
    for name, scale in (("a.npy", 1), ("b.npy", 1e20), ("c.npy", 1e-30)):
        path = write(tmp_path, name, made.item_ids, items * scale, "item_id")
        model = Embeddings.make(EmbeddingsConfig(items=path), made, generator())[0]
        ranked.append(model.decode(model.encode(to_bags(likes[:9]))).argsort(dim=1))
    assert torch.equal(ranked[0], ranked[1])
    assert torch.equal(ranked[0], ranked[2])
