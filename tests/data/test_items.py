"""What is known of items: one row an item, whatever the table holds."""

import numpy as np
import pandas as pd
import pytest

from knobs_core.data.items import describe

IDS = np.array(["1", "2", "3"], object)


def described(**columns):
    return describe(pd.DataFrame(columns), IDS, IDS)


def test_items_are_in_the_order_of_the_matrix_and_others_are_counted():
    made = described(item_id=["3", "9", "1", "8"], title=["Three", "Nine", "One", "Eight"])
    assert made.frame["title"].tolist() == ["One", "2", "Three"]
    assert (made.titled, made.others) == (2, 2)


def test_the_first_row_of_an_item_counts_and_that_is_told():
    made = described(item_id=["1", "1 ", "2", "1"], title=["First", "Second", "Two", "Third"])
    assert made.frame["title"].tolist() == ["First", "Two", "3"]
    assert (
        "2 row(s) of items name an item again, e.g. '1', and are left out: the first row of an item counts"
        in made.warnings
    )


def test_rows_without_an_id_are_no_item():
    made = described(item_id=["1", None, None], title=["One", "x", "y"])
    assert made.frame["title"].tolist() == ["One", "2", "3"]
    assert not any("again" in warning for warning in made.warnings)


def test_titles_lose_what_nobody_sees():
    made = described(item_id=IDS, title=["a\x1b[2J\nb", " \u202e x ", "\u200b"])
    assert made.frame["title"].tolist() == ["a[2J b", "x", "3"]
    assert made.titled == 2


@pytest.mark.parametrize(
    ("years", "read", "example"),
    [
        (["1994", "1995.0", "-480"], [1994, 1995, -480], ""),
        (["", None, "n/a"], [None] * 3, ""),
        (["\\N", "?", "unknown"], [None] * 3, ""),
        (["c. 1890", "1999?", "2000"], [None, None, 2000], "2 different years cannot be read, e.g. 'c. 1890'"),
        (["inf", "1e20", "2000"], [None, None, 2000], "2 different years cannot be read, e.g. 'inf'"),
    ],
)
def test_years_are_numbers_or_missing_and_odd_ones_are_told(years, read, example):
    made = described(item_id=IDS, title=["", "", ""], year=years)
    assert [None if pd.isna(year) else year for year in made.frame["year"]] == read
    assert any(warning.startswith(example) for warning in made.warnings if warning) == bool(example)
