"""Files of vectors: every usual form is read alike; columns that are no dimension are refused, and empty vectors."""

import numpy as np
import pandas as pd
import pytest

from knobs_core.base.errors import DataError
from knobs_core.models.vectors import lengths, moderate, read_vectors, rows_of

IDS = [f"i{n}" for n in range(8)]
NUMBERS = np.random.default_rng(0).normal(size=(8, 3))
TABLE = pd.DataFrame(NUMBERS, columns=list("012"))
TABLE.insert(0, "item_id", IDS)


def write(folder, table, **settings):
    table.to_csv(folder / "x.csv", index=False, **settings)
    return str(folder / "x.csv")


def npy(folder, values, ids=IDS):
    np.save(folder / "x.npy", values)
    (folder / "x.ids.txt").write_text("\n".join(ids))
    return str(folder / "x.npy")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("name", ["item_id", "Item ID", "itemId"])
def test_separators_and_names_may_differ(name, separator, tmp_path):
    read = read_vectors(write(tmp_path, TABLE.rename(columns={"item_id": name}), sep=separator), "item_id")
    assert read.ids.tolist() == IDS
    assert np.allclose(read.values, NUMBERS)
    assert read.warnings == ()


@pytest.mark.parametrize("how", ["csv", "unnamed", "parquet"])
def test_a_column_that_numbers_the_rows_is_left_out_with_a_warning(how, tmp_path):
    if how == "csv":
        TABLE.to_csv(tmp_path / "x.csv")
    elif how == "unnamed":
        TABLE.reset_index().rename(columns={"index": "Unnamed: 0"}).to_csv(tmp_path / "x.csv", index=False)
    else:
        TABLE.reset_index().to_parquet(tmp_path / "x.parquet")
    read = read_vectors(str(next(tmp_path.iterdir())), "item_id")
    assert read.values.shape == (8, 3)
    assert "numbers the rows and is left out" in read.warnings[0]


@pytest.mark.parametrize("column", ["year", "Popularity", "n_ratings", "title", "user_id"])
def test_columns_that_are_no_dimension_are_refused_by_name(column, tmp_path):
    with pytest.raises(DataError, match=f"a dimension in every column of x.csv but item_id, found {column}"):
        read_vectors(write(tmp_path, TABLE.assign(**{column: "a" if column == "title" else 1999})), "item_id")


def test_a_bias_is_one_more_dimension(tmp_path):
    assert read_vectors(write(tmp_path, TABLE.assign(bias=1.0)), "item_id").values.shape == (8, 4)


@pytest.mark.parametrize("kind", [list, np.array])
def test_a_column_of_lists_holds_the_vectors(kind, tmp_path):
    table = pd.DataFrame({"item_id": IDS, "title": "a", "embedding": [kind(row) for row in NUMBERS]})
    table.to_parquet(tmp_path / "x.parquet")
    read = read_vectors(str(tmp_path / "x.parquet"), "item_id")
    assert np.allclose(read.values, NUMBERS)
    assert read.warnings == ("x.parquet: title not read, as embedding holds the vectors",)
    table["embedding"] = [list(row[: 2 + (at == 3)]) for at, row in enumerate(NUMBERS)]
    table.to_parquet(tmp_path / "x.parquet")
    with pytest.raises(DataError, match="3 numbers for 'i3', 2 for others"):
        read_vectors(str(tmp_path / "x.parquet"), "item_id")


def test_ids_that_became_floats_are_the_same_ids(tmp_path):
    for ids in (np.arange(8.0), [f"{n}.0" for n in range(8)]):
        TABLE.assign(item_id=ids).to_parquet(tmp_path / "x.parquet")
        read = read_vectors(str(tmp_path / "x.parquet"), "item_id")
        assert rows_of(read.ids, np.array(["3", "0"], object), "x").tolist() == [3, 0]


def test_ids_of_another_kind_are_shown(tmp_path):
    read = read_vectors(write(tmp_path, TABLE), "item_id")
    with pytest.raises(DataError, match=r"none for 2 of them, e.g. 'movie-1', while the file has ids such as 'i0'"):
        rows_of(read.ids, np.array(["movie-1", "movie-2"], object), "x.csv")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (np.zeros((8, 3)), "nothing but zeros"),
        (np.ones((8, 3)), "all pointing the same way"),
        (np.ones((8, 3), np.int8), "all pointing the same way"),
        (np.outer(np.arange(1, 9), [1e-300, 2e-300, 0]), "all pointing the same way"),
        (np.where(np.arange(8)[:, None] == 2, 1e12, NUMBERS), "vectors of comparable lengths .*, found 'i2' with 1.7"),
        (NUMBERS.astype(complex), "no numbers"),
        (NUMBERS > 0, "no numbers"),
        (np.full((8, 3), np.inf), "NaN or infinity for item_id 'i0'"),
    ],
)
def test_vectors_that_tell_nothing_are_refused(values, says, tmp_path):
    with pytest.raises(DataError, match=says):
        read_vectors(npy(tmp_path, values), "item_id")


@pytest.mark.parametrize("scale", [1e-300, 1e-30, 1e20, 1e200])
def test_huge_and_tiny_vectors_rank_as_they_did(scale, tmp_path):
    read = read_vectors(npy(tmp_path, NUMBERS * scale), "item_id")
    moderated = moderate(read.values)
    assert np.median(lengths(moderated)) == pytest.approx(1)
    expected = NUMBERS / np.median(lengths(NUMBERS))
    assert np.allclose(moderated, expected)


def test_one_zero_vector_is_no_trouble(tmp_path):
    values = NUMBERS.copy()
    values[4] = 0
    assert read_vectors(npy(tmp_path, values), "item_id").values[4].tolist() == [0, 0, 0]


@pytest.mark.parametrize("shape", ["(1000000000, 1000)", f"({2**62}, {2**62})", "(0, 3)"])
def test_what_a_header_claims_is_checked_before_memory_is_spent(shape, tmp_path):
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}}}\n".encode()
    (tmp_path / "x.npy").write_bytes(b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header + bytes(64))
    (tmp_path / "x.ids.txt").write_text("a\n")
    with pytest.raises(DataError, match=r"readable vectors in x.npy, found \d+ bytes that claim to be of shape"):
        read_vectors(str(tmp_path / "x.npy"), "item_id")
