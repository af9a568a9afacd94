"""Recommenders that are not trained by gradients: vectors somebody brings, and iALS of the library implicit."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import torch

from knobs_core import bundles
from knobs_core.base.errors import ConfigError, DataError
from knobs_core.models.cfae.bags import Known, to_bags
from knobs_core.models.cfae.embeddings import Embeddings, EmbeddingsConfig, read_vectors
from knobs_core.models.cfae.ials import BUDGET, IALS, IALSConfig
from knobs_core.steering.dials import Dial
from knobs_core.steering.engine import Engine
from knobs_core.steering.operators import steered_scores
from tests.plain import recommend

N_ITEMS, N_USERS, SIZE = 40, 200, 5


def generator():
    return torch.Generator().manual_seed(0)


@pytest.fixture(scope="module")
def known():
    """Users who like what is close to a vector of their own."""
    rng = np.random.default_rng(0)
    items, users = rng.normal(size=(N_ITEMS, SIZE)), rng.normal(size=(N_USERS, SIZE))
    scores = users @ items.T + rng.gumbel(size=(N_USERS, N_ITEMS)) * 0.5
    likes = sp.csr_matrix((scores >= np.sort(scores, axis=1)[:, [-8]]).astype(np.float32))
    names = np.array([f"u{n}" for n in range(N_USERS)], dtype=object)
    made = Known(
        likes[:160], likes[160:180], np.array([f"i{n}" for n in range(N_ITEMS)], object), names[:160], names[160:180]
    )
    return made, items, users, likes


def write(folder, name, ids, vectors, column):
    """The same vectors in every kind of file."""
    ids = np.asarray(ids)
    if name.endswith(".npy"):
        np.save(folder / name, vectors)
        (folder / name).with_suffix(".ids.txt").write_text("\n".join(ids) + "\n")
    else:
        frame = pd.DataFrame(vectors, columns=[f"d{n}" for n in range(vectors.shape[1])])
        frame.insert(2, column, ids)
        getattr(frame, {"csv": "to_csv", "parquet": "to_parquet"}[name.split(".")[1]])(folder / name, index=False)
    return str(folder / name)


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
    with pytest.raises(DataError, match="a column item_id"):
        read_vectors(str(tmp_path / "c.csv"), "item_id")
    (tmp_path / "cut.npy").write_bytes((tmp_path / "items.npy").read_bytes()[:200])
    (tmp_path / "cut.ids.txt").write_text("a\n")
    with pytest.raises(DataError, match="readable vectors"):
        read_vectors(str(tmp_path / "cut.npy"), "item_id")


@pytest.mark.parametrize("alpha", [0.5, 1.0, 20.0])
def test_ials_solves_for_a_taste_as_the_library_does(known, alpha):
    pytest.importorskip("implicit")
    from implicit.cpu.als import AlternatingLeastSquares

    made, _, _, likes = known
    config = IALSConfig(dim=8, alpha=alpha, reg=0.3)
    model, _, _ = IALS.make(config, made, generator())
    again, _, _ = IALS.make(config, made, generator())
    assert torch.equal(model.item_vectors, again.item_vectors)
    rows = sp.vstack([likes[170:], likes[0] * 0, sp.identity(N_ITEMS, format="csr")], format="csr")
    rows.eliminate_zeros()
    y = model.encode(to_bags(rows))
    v = model.item_vectors.double().numpy()
    for row in range(rows.shape[0]):  # the normal equations, written out
        weight = np.where(rows[row].toarray().ravel() > 0, alpha, 1.0)
        left = (v * weight[:, None]).T @ v + 0.3 * np.eye(8)
        assert np.allclose(y[row], np.linalg.solve(left, v.T @ (weight * (rows[row].toarray().ravel() > 0))), atol=1e-4)
    theirs = AlternatingLeastSquares(8, regularization=0.3, alpha=alpha)
    theirs.item_factors = model.item_vectors.numpy()
    if alpha >= 1:
        assert np.allclose(y[:30], theirs.recalculate_user(np.arange(30), likes[170:]), atol=1e-3)


def test_ials_encodes_in_parts_of_bounded_size(known, monkeypatch):
    likes = known[3]
    model = IALS(N_ITEMS, IALSConfig(dim=4))
    torch.nn.init.normal_(model.item_vectors, generator=generator())
    whole = model.encode(to_bags(likes))
    assert BUDGET > 200 * 8 * 12
    monkeypatch.setattr("knobs_core.models.cfae.ials.BUDGET", 500)
    assert torch.allclose(model.encode(to_bags(likes)), whole, atol=1e-5)
    assert torch.equal(model.encode(to_bags(likes[:0])), whole[:0])


def test_ials_without_its_library_says_what_to_install(known, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "implicit.cpu.als", None)
    with pytest.raises(ConfigError, match="pip install"):
        IALS.make(IALSConfig(), known[0], generator())


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
    dials = [Dial(next(recipe for recipe in made.recipes if recipe), 0.4)]
    for operated in ([], dials):
        first, second = (recommend(one.nested, history, operated) for one in (made, back))
        assert np.array_equal(first.items, second.items)
    engine = Engine(back.nested)
    assert engine.linear
    steered = steered_scores(back.nested, back.nested.encode(history), dials)[0]
    assert torch.allclose(engine.scores(engine.taste(history), dials), steered, atol=1e-4)
    assert back.manifest.cfae.config["dim"] == 24
