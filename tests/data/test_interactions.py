"""Reading, checking, filtering and splitting interactions."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from knobs_core import data
from knobs_core.base.errors import ConfigError, DataError
from knobs_core.data.interactions import Tables, build
from knobs_core.data.metadata_tags import metadata_tags
from knobs_core.data.planted import planted, planted_likes
from knobs_core.data.source import DataConfig, Source
from knobs_core.data.sources.movielens import natural_title, tidy_items
from knobs_core.data.split import split_users

LOOSE = DataConfig(min_user_interactions=2, min_tag_items=1)


def rows(*pairs, **columns):
    return pd.DataFrame(pairs, columns=["user_id", "item_id"]).assign(**columns)


def test_threshold_user_minimum_and_ids_by_hand():
    frame = rows(
        ("u1", "a"), ("u1", "b"), ("u1", "c"), ("u2", "a"), ("u2", "b"), ("u3", "c"), value=[4, 5, 3.5, 4, 4, 5]
    )
    built = build(Tables(frame), Source(config=LOOSE))
    assert built.user_ids.tolist() == ["u1", "u2"]
    assert built.item_ids.tolist() == ["a", "b"]
    assert built.matrix.toarray().tolist() == [[1, 1], [1, 1]]
    assert built.matrix.dtype == np.float32


def test_items_are_counted_before_users():
    frame = rows(("u1", "a"), ("u1", "b"), ("u1", "rare"), ("u2", "a"), ("u2", "b"), ("u3", "a"), ("u3", "rare2"))
    built = build(Tables(frame), Source(config=DataConfig(min_user_interactions=2, min_item_interactions=2)))
    assert built.user_ids.tolist() == ["u1", "u2"]
    assert built.item_ids.tolist() == ["a", "b"]


def test_without_values_every_row_counts_and_strange_ids_stay_as_they_are():
    ids = ["007", " lead", "two words", "žluť", "NA", "null"]
    frame = rows(*[(user, item) for user in ("ü 1", "2") for item in ids])
    built = build(Tables(frame), Source(config=LOOSE))
    assert sorted(built.item_ids) == sorted(ids)
    assert sorted(built.user_ids) == ["2", "ü 1"]
    assert built.matrix.nnz == 12


def test_items_get_titles_years_genres_and_fall_back_to_the_id():
    items = pd.DataFrame(
        {"item_id": [2, 1], "title": ["<b>Two</b>", None], "year": ["1999", "x"], "genres": ["A|B", None]}
    )
    built = build(Tables(rows((1, 1), (1, 2), (2, 1), (2, 2)), items), Source(config=LOOSE))
    assert built.items["title"].tolist() == ["1", "<b>Two</b>"]
    assert built.items["year"].isna().tolist() == [True, False]
    assert built.items["genres"].tolist() == ["", "A|B"]


def test_tags_are_lowered_summed_and_weighted_by_users_or_by_likes():
    frame = rows(("u1", "a"), ("u1", "b"), ("u2", "a"), ("u2", "b"), ("u3", "a"), ("u3", "c"))
    tags = pd.DataFrame({"item_id": ["a", "a", "b", "zzz"], "tag": [" Noir", "noir", "NOIR", "noir"]})
    voted = build(Tables(frame, tags=tags.assign(user_id=["x", "y", "x", "x"])), Source(config=LOOSE))
    names, counts = voted.tag_matrix()
    assert names == ["noir"]
    assert counts.toarray().tolist() == [[2, 1, 0]]
    edited = build(Tables(frame, tags=tags.drop_duplicates("item_id")), Source(config=LOOSE))
    assert edited.tag_matrix()[1].toarray().tolist() == [[3, 2, 0]]  # likes of a and b
    weighted = build(Tables(frame, tags=tags.assign(weight=[0.5, 1, 2, 9])), Source(config=LOOSE))
    assert weighted.tag_matrix()[1].toarray().tolist() == [[1.5, 2, 0]]


@pytest.mark.parametrize(
    ("frame", "config", "says"),
    [
        (pd.DataFrame({"user": [1], "movie": [2]}), LOOSE, "columns user, movie"),
        (rows(), LOOSE, "an empty table"),
        (rows(("u", "a"), ("u", None)), LOOSE, "a item_id in every row"),
        (rows(("u", "a"), ("", "b")), LOOSE, "a user_id in every row"),
        (rows(("u", "a"), ("u", "b"), value=[5, float("nan")]), LOOSE, "a finite number as value"),
        (rows(("u", "a"), ("u", "b"), value=["5", "five"]), LOOSE, "the first is row 2"),
        (rows(("u", "a"), ("u", "a")), LOOSE, "1 duplicate row(s), the first for user 'u' and item 'a'"),
        (rows(("u", "a"), ("u", "b"), value=[1, 3]), LOOSE, "values from 1 to 3"),
        (rows(("u", "a"), ("u", "b")), DataConfig(), "users with at least 5 likes"),
    ],
)
def test_bad_tables_are_refused_in_one_clear_line(frame, config, says):
    with pytest.raises(DataError) as error:
        build(Tables(frame), Source(config=config))
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_duplicates_can_be_merged_and_the_last_value_holds():
    frame = rows(("u", "a"), ("u", "a"), ("u", "b"), ("u", "c"), value=[5, 1, 5, 5])
    built = build(Tables(frame), Source(config=DataConfig(min_user_interactions=2, duplicates="merge")))
    assert built.item_ids.tolist() == ["b", "c"]


@pytest.mark.parametrize("n", [5, 6, 10, 11, 24, 25])
def test_targets_are_a_fifth_rounded_up(n):
    matrix = sp.csr_matrix(np.ones((20, n), np.float32))
    split = split_users(matrix, seed=0)
    assert np.diff(split.test.targets.indptr).tolist() == [-(-n // 5)] * 2


@given(st.integers(10, 60), st.integers(0, 2**31))
def test_split_keeps_every_user_and_every_like_once(n_users, seed):
    matrix = sp.random(n_users, 30, 0.4, "csr", np.float32, seed)
    matrix.data[:] = 1
    split = split_users(matrix, seed)
    everyone = np.concatenate([split.train, split.val.users, split.test.users])
    assert sorted(everyone) == list(range(n_users))
    assert len(split.train) == round(0.8 * n_users)
    assert len(split.val.users) == round(0.1 * n_users)
    for part in (split.val, split.test):
        assert (part.inputs + part.targets != matrix[part.users]).nnz == 0
        assert part.inputs.multiply(part.targets).nnz == 0
    again = split_users(matrix, seed)
    assert (again.test.inputs != split.test.inputs).nnz == 0


def test_split_counts_of_the_paper():
    """160,776 users give 128,621 training users (facts of ML-25M)."""
    assert round(0.8 * 160_776) == 128_621
    with pytest.raises(DataError, match="at least 10 users"):
        split_users(sp.identity(9, format="csr"), 0)


@pytest.mark.parametrize(
    ("published", "natural"),
    [
        ("Godfather, The", "The Godfather"),
        ("American in Paris, An", "An American in Paris"),
        ("Avventura, L' (Adventure, The)", "L'Avventura (Adventure, The)"),
        ("City of God (Cidade de Deus)", "City of God (Cidade de Deus)"),
        ("O Brother, Where Art Thou?", "O Brother, Where Art Thou?"),
    ],
)
def test_titles_read_naturally(published, natural):
    assert natural_title(published) == natural


def test_movielens_titles_lose_their_year():
    movies = pd.DataFrame(
        {"item_id": [1, 2, 3], "title": ["Heat (1995)", "Babylon 5", "2001: A Space Odyssey (1968)"]}
    ).assign(genres=["Crime", "(no genres listed)", "Sci-Fi"])
    items = tidy_items(movies)
    assert items["title"].tolist() == ["Heat", "Babylon 5", "2001: A Space Odyssey"]
    assert items["year"].tolist()[0] == 1995
    assert items["year"].isna().tolist() == [False, True, False]
    assert items["genres"].tolist() == ["Crime", "", "Sci-Fi"]


def test_metadata_gives_genres_and_decades():
    tags = metadata_tags(pd.DataFrame({"item_id": ["a", "b"], "genres": ["Drama|War", None], "year": [1999, None]}))
    assert set(map(tuple, tags.to_numpy())) == {("a", "Drama"), ("a", "War"), ("a", "1990s")}


def test_plain_layout_reads_csv_and_parquet_alike(tmp_path):
    tables = planted(n_users=40, n_items=30, n_concepts=3, mean_likes=8)
    for kind, folder in (("csv", tmp_path / "c"), ("parquet", tmp_path / "wrapped" / "p")):
        folder.mkdir(parents=True)
        for name, frame in (("interactions", tables.interactions), ("items", tables.items), ("tags", tables.tags)):
            path = folder / f"{name}.{kind}"
            frame.to_csv(path, index=False) if kind == "csv" else frame.to_parquet(path, index=False)
    first = data.load_data(str(tmp_path / "c"))
    second = data.load_data(str(tmp_path / "wrapped"))
    assert (first.matrix != second.matrix).nnz == 0
    assert first.item_ids.tolist() == second.item_ids.tolist()
    assert first.tags.equals(second.tags)


def test_csv_ids_keep_their_leading_zeros(tmp_path):
    lines = [f"00{user},0{item}" for user in range(1, 4) for item in range(6)]
    (tmp_path / "interactions.csv").write_text("user_id,item_id\n" + "\n".join(lines))
    built = data.load_data(str(tmp_path))
    assert built.user_ids.tolist() == ["001", "002", "003"]
    assert built.item_ids.tolist()[0] == "00"


def test_settings_are_checked(planted_folder):
    with pytest.raises(ConfigError, match="did you mean 'threshold'"):
        data.load_data(str(planted_folder), {"treshold": 3})
    with pytest.raises(ConfigError, match=r"data.min_user_interactions to be greater than or equal to 2"):
        data.load_data(str(planted_folder), {"min_user_interactions": "1"})


def test_demo_is_the_data_set_of_the_contract(demo_bundle):
    demo = demo_bundle.interactions
    assert demo.n_items == 2080  # films with at least 5 likes
    assert np.diff(demo.matrix.tocsr().indptr).min() >= 5
    star_wars = demo.item_ids.tolist().index("260")
    assert demo.items["title"][star_wars] == "Star Wars: Episode IV - A New Hope"
    assert demo.items["year"][star_wars] == 1977
    assert {"1990s", "film-noir", "horror"} <= set(demo.tags["tag"])


def test_planted_likes_have_their_size_their_tails_and_their_concepts():
    matrix, concept = planted_likes(3000, 1200, 60_000, n_concepts=30, max_favourites=3, noise=0.01, seed=4)
    again, _ = planted_likes(3000, 1200, 60_000, n_concepts=30, max_favourites=3, noise=0.01, seed=4)
    other, _ = planted_likes(3000, 1200, 60_000, n_concepts=30, max_favourites=3, noise=0.01, seed=5)
    assert matrix.shape == (3000, 1200)
    assert abs(matrix.nnz - 60_000) < 600
    assert (matrix != again).nnz == 0
    assert (matrix != other).nnz > 0
    sums = matrix.copy()
    sums.sum_duplicates()
    assert sums.nnz == matrix.nnz  # nobody likes an item twice
    assert set(matrix.data) == {1.0}
    activity, popularity = np.diff(matrix.indptr), matrix.getnnz(axis=0)
    assert activity.min() == 5
    for counts in (activity, popularity):  # the most active tenth, and the most popular, hold far more than a tenth
        assert np.sort(counts)[-len(counts) // 10 :].sum() > 0.25 * matrix.nnz
    by_concept = np.stack([np.bincount(concept[matrix[user].indices], minlength=30) for user in range(200)])
    assert np.sort(by_concept, axis=1)[:, -3:].sum() > 0.6 * by_concept.sum()


def test_planted_likes_follow_the_weights():
    """One favourite and no bounds in reach: the share of draws goes with popularity times (affinity + noise)."""
    matrix, concept = planted_likes(60_000, 100, 300_000, n_concepts=2, max_favourites=1, noise=0.5, seed=1)
    favourite = np.array([concept[row].mean() > 0.5 for row in np.split(matrix.indices, matrix.indptr[1:-1])])
    popularity = matrix.getnnz(axis=0)
    assert np.corrcoef(np.log(np.sort(popularity)[::-1]), np.log(np.arange(1, 101)))[0, 1] < -0.95
    inside = (concept[matrix.indices] == np.repeat(favourite, np.diff(matrix.indptr))).mean()
    assert 0.6 < inside < 0.85  # (1 + 0.5) against 0.5, that is 0.75, less what cannot be drawn twice
