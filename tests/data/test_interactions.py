"""Interactions of tables: checked, filtered, named and tagged."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from knobs_core import data
from knobs_core.base.errors import ConfigError, DataError
from knobs_core.data.interactions import Tables, build
from knobs_core.data.planted import planted
from knobs_core.data.source import DataConfig, Source

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
    ids = ["007", "two words", "žluť", "NA", "null"]
    frame = rows(*[(user, item) for user in ("ü 1", "2") for item in ids])
    built = build(Tables(frame), Source(config=LOOSE))
    assert sorted(built.item_ids) == sorted(ids)
    assert sorted(built.user_ids) == ["2", "ü 1"]
    assert built.matrix.nnz == 10


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


def tagged(tags, **columns):
    """Tags and counts (n_tags, 3) of items a, b, c, liked 3, 2 and 1 times; tags: (item, tag) pairs."""
    frame = rows(("u1", "a"), ("u1", "b"), ("u2", "a"), ("u2", "b"), ("u3", "a"), ("u3", "c"))
    table = pd.DataFrame(tags, columns=["item_id", "tag"]).assign(**columns)
    names, counts = build(Tables(frame, tags=table), Source(config=LOOSE)).tag_matrix()
    return dict(zip(names, counts.toarray().tolist(), strict=True))


def test_spellings_of_a_tag_are_one_and_the_most_used_names_it():
    spelled = [("a", "scifi"), ("a", "Sci-Fi"), ("b", "sci fi"), ("b", "sci-fi"), ("c", "noir")]
    assert tagged(spelled, user_id=list("xyxyx")) == {"noir": [0, 0, 1], "sci-fi": [2, 2, 0]}
    assert tagged(spelled, weight=[0.5, 1, 2, 4, 1]) == {"noir": [0, 0, 1], "sci-fi": [1.5, 6, 0]}


def test_of_spellings_used_alike_the_first_in_the_alphabet_names_the_tag():
    for order in ([0, 1], [1, 0]):
        spelled = [[("a", "time travel"), ("b", "time-travel")][i] for i in order]
        assert list(tagged(spelled, user_id=["x", "y"])) == ["time travel"]


def test_a_user_gives_a_tag_once_however_often_they_spell_it():
    spelled = [("a", "Noir"), ("a", "noir!"), ("a", "noir"), ("b", "noir"), ("a", "war")]
    assert tagged(spelled, user_id=list("xxyxx")) == {"noir": [2, 1, 0], "war": [1, 0, 0]}
    assert tagged(spelled, user_id=["x", None, None, "x", "x"]) == {"noir": [3, 1, 0], "war": [1, 0, 0]}


def test_metadata_give_a_tag_once_for_each_like_of_its_item():
    assert tagged([("a", "Film-Noir"), ("a", "film noir"), ("b", "film-noir")]) == {"film-noir": [3, 2, 0]}


def test_tags_without_latin_letters_or_any_stay_apart_and_rows_without_a_tag_are_left_out():
    words = ["科幻", "нуар", "♥", "??", "  ", None, ""]
    found = tagged([("a", word) for word in words], user_id=list("tuvwxyz"))
    assert found == {word: [1, 0, 0] for word in words[:4]}


def test_tags_on_items_that_nobody_likes_count_towards_the_least_that_is_asked_for_one_by_one():
    frame = rows(("u1", "a"), ("u1", "b"), ("u2", "a"), ("u2", "b"))
    table = pd.DataFrame({"item_id": ["a", "y", "z", "z"], "tag": ["noir", "noir", "Noir", "noir"], "user_id": "x"})
    for least, expected in ((3, ["noir"]), (4, [])):
        config = DataConfig(min_user_interactions=2, min_tag_items=1, min_tag_assignments=least)
        assert build(Tables(frame, tags=table), Source(config=config)).tag_matrix()[0] == expected


def test_spellings_count_together_towards_the_least_that_is_asked_for():
    frame = rows(("u1", "a"), ("u1", "b"), ("u2", "a"), ("u2", "b"))
    table = pd.DataFrame({"item_id": list("abab"), "tag": ["film noir", "film-noir", "war", "war"], "user_id": "x"})
    config = DataConfig(min_user_interactions=2, min_tag_items=2, min_tag_assignments=2)
    names, _ = build(Tables(frame, tags=table), Source(config=config)).tag_matrix()
    assert names == ["film noir", "war"]


@pytest.mark.parametrize(
    ("frame", "config", "says"),
    [
        (pd.DataFrame({"user": [1], "movie": [2]}), LOOSE, "columns user, movie"),
        (rows(), LOOSE, "an empty table"),
        (rows(("u", "a"), ("u", None)), LOOSE, "an item_id in every row"),
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


def test_settings_are_checked(planted_folder):
    with pytest.raises(ConfigError, match="did you mean 'threshold'"):
        data.load_data(str(planted_folder), {"treshold": 3})
    with pytest.raises(ConfigError, match=r"data.min_user_interactions to be greater than or equal to 2"):
        data.load_data(str(planted_folder), {"min_user_interactions": "1"})


def test_ids_that_are_numbers_are_ordered_as_numbers_and_others_as_text():
    def order(ids):
        frame = pd.DataFrame({"user_id": ["u"] * len(ids) + ["v"] * len(ids), "item_id": [*ids, *ids]})
        return data.build(
            data.Tables(frame), data.Source(config=data.DataConfig(min_user_interactions=2))
        ).item_ids.tolist()

    assert order(["10", "9", "-1"]) == ["-1", "9", "10"]
    assert order(["10", "9", "007"]) == ["007", "10", "9"]
    assert order(["10", "9", "1.5"]) == ["1.5", "10", "9"]
    assert order(["10", "9", "99999999999999999999"]) == ["10", "9", "99999999999999999999"]
    assert order([10.0, 9.0]) == ["9", "10"]


@pytest.fixture(scope="module")
def tables():
    """Planted tables with ratings from 1 to 5, half of them likes, and items with years and genres."""
    made, rng = planted(n_users=60, n_items=40, n_concepts=4, mean_likes=14), np.random.default_rng(0)
    likes = made.interactions.assign(value=rng.integers(1, 6, len(made.interactions)).astype(float))
    items = made.items.assign(year=rng.integers(1950, 2000, 40), genres=rng.choice(["A|B", "B", ""], 40))
    return likes, items, made.tags


def same(first, second):
    assert (first.matrix != second.matrix).nnz == 0
    assert first.matrix.dtype == second.matrix.dtype
    for part in ("user_ids", "item_ids"):
        assert getattr(first, part).tolist() == getattr(second, part).tolist()
    assert first.items.equals(second.items)
    assert first.tags.equals(second.tags)
    assert first.source.config == second.source.config


@pytest.mark.parametrize("with_tags", [True, False])
def test_frames_are_read_as_the_same_in_files(tables, tmp_path, with_tags):
    likes, items, tags = tables
    settings = {"threshold": 3.0, "min_user_interactions": 3}
    likes.to_csv(tmp_path / "interactions.csv", index=False)
    items.to_csv(tmp_path / "items.csv", index=False)
    if with_tags:
        tags.to_csv(tmp_path / "tags.csv", index=False)
    read = data.load_data(str(tmp_path), settings)
    made = data.Interactions.from_frames(likes, items, tags if with_tags else None, **settings)
    same(made, read)
    assert made.n_users > 40
    assert len(made.tags)  # without tags these are genres and decades


def test_frames_have_a_name_and_a_checksum_of_their_content(tables):
    likes, items, tags = tables
    made = data.Interactions.from_frames(likes, items, tags, name="mine")
    assert (made.source.name, made.source.slug, len(made.source.checksum)) == ("mine", "mine", 64)
    again = data.Interactions.from_frames(likes.copy(), items.copy(), tags.copy())
    assert again.source.checksum == made.source.checksum
    for other in (
        data.Interactions.from_frames(likes.assign(value=5.0), items, tags),
        data.Interactions.from_frames(likes, items.assign(title="T"), tags),
        data.Interactions.from_frames(likes, items),
    ):
        assert other.source.checksum != made.source.checksum


def test_frames_that_do_not_fit_are_refused(tables):
    likes, items, tags = tables
    for call, error, says in (
        (lambda: data.Interactions.from_frames(likes.rename(columns={"user_id": "user"})), DataError, "user_id"),
        (lambda: data.Interactions.from_frames(likes, items[["item_id"]], tags), DataError, "column title"),
        (lambda: data.Interactions.from_frames(likes, items[["title"]]), DataError, "column item_id"),
        (lambda: data.Interactions.from_frames(likes, items, tags[["item_id"]]), DataError, "column tag"),
        (lambda: data.Interactions.from_frames(likes, treshold=3), ConfigError, "did you mean 'threshold'"),
    ):
        with pytest.raises(error, match=says):
            call()


@pytest.mark.parametrize("kind", [sp.csr_matrix, sp.coo_matrix, sp.csc_array])
def test_a_matrix_of_ratings_is_read_as_the_same_in_frames(tables, kind):
    likes, items, tags = tables
    users, columns = (sorted(likes[name].unique()) for name in ("user_id", "item_id"))
    place = likes["user_id"].map(users.index), likes["item_id"].map(columns.index)
    matrix = kind((likes["value"], place), shape=(len(users), len(columns)))
    made = data.Interactions.from_csr(matrix, users, columns, items, tags, threshold=3.5)
    same(made, data.Interactions.from_frames(likes, items, tags, threshold=3.5))


def test_a_matrix_of_ones_is_all_likes_whatever_the_threshold():
    rng = np.random.default_rng(1)
    dense = (rng.random((30, 20)) < 0.5).astype(np.float32)
    made = data.Interactions.from_csr(sp.csr_matrix(dense), min_user_interactions=2)
    kept = dense.sum(1) >= 2
    assert (made.matrix.toarray() == dense[kept][:, dense[kept].any(0)]).all()
    assert made.user_ids.tolist() == [str(row) for row in np.flatnonzero(kept)]
    assert made.items["title"].tolist() == made.item_ids.tolist()
    zero = sp.csr_matrix(dense)
    zero.data[:5] = 0  # stored, but nothing
    assert data.Interactions.from_csr(zero, min_user_interactions=2).matrix.nnz <= int(dense.sum()) - 5


def test_a_matrix_of_ratings_counts_from_the_threshold_on():
    dense = np.array([[5, 4, 3, 0], [1, 4, 5, 4], [5, 5, 0, 0]], float)
    made = data.Interactions.from_csr(sp.csr_matrix(dense), ["a", "b", "c"], list("wxyz"), min_user_interactions=2)
    assert made.matrix.toarray().tolist() == [[1, 1, 0, 0], [0, 1, 1, 1], [1, 1, 0, 0]]


@pytest.mark.parametrize(
    ("users", "items", "says"),
    [(["a"], None, "3 user ids and 4 item ids.*found 1 and 4"), (None, list("wxyzz"), "found 3 and 5")],
)
def test_a_matrix_of_another_shape_than_its_names_is_refused(users, items, says):
    with pytest.raises(DataError, match=says):
        data.Interactions.from_csr(sp.csr_matrix(np.ones((3, 4))), users, items)


def test_what_is_said_of_an_item():
    made = build(
        Tables(rows(*[(user, item) for user in "ab" for item in ("x", "y")]), pd.DataFrame(
            {"item_id": ["x", "y"], "title": ["X", "Y"], "year": [1994, None], "genres": ["A|B|C|D", ""]})),
        Source(config=LOOSE),
    )  # fmt: skip
    assert [made.detail(0), made.detail(1)] == ["1994 · A · B · C", ""]
    assert [made.title_with_year(0), made.title_with_year(1)] == ["X (1994)", "Y"]


@pytest.mark.parametrize(
    ("year", "text"),
    [(1994, "1994"), (-480, "480 BC"), (-480.0, "480 BC"), (0, ""), (pd.NA, ""), (np.nan, ""), (None, "")],
)
def test_years_as_people_write_them(year, text):
    assert data.year_text(year) == text
    assert data.item_detail(year, "Drama|War") == (f"{text} · Drama · War" if text else "Drama · War")
    assert data.item_detail(year, "") == text


def test_an_item_without_a_year_has_no_brackets():
    likes = pd.DataFrame({"user_id": list("aabb"), "item_id": list("xyxy")})
    items = pd.DataFrame({"item_id": ["x", "y"], "title": ["Persians", "Seikilos"], "year": [-472, None]})
    made = data.Interactions.from_frames(likes, items, min_user_interactions=2, item="play", credit="Perseus, CC BY-SA")
    assert [made.title_with_year(i) for i in (0, 1)] == ["Persians (472 BC)", "Seikilos"]
    assert [made.detail(i) for i in (0, 1)] == ["472 BC", ""]
    assert (made.source.words.many, data.credit(made.source)) == ("plays", "Perseus, CC BY-SA")
