"""The account of a reading: every row is in it once, and what looks odd is said with what to do about it."""

import numpy as np
import pandas as pd
import pytest

from knobs_core.base import DataError
from knobs_core.data.account import Account
from knobs_core.data.interactions import Interactions, Tables, build
from knobs_core.data.source import TITLES, DataConfig, Source, Words

LOOSE = {"min_user_interactions": 2, "min_tag_items": 1}
LIKES = pd.DataFrame({"user_id": np.repeat(list("uvw"), 3), "item_id": ["1", "2", "3"] * 3})
ITEMS = pd.DataFrame({"item_id": ["1", "2", "3"], "title": ["One", "Two", "Three"]})
TAGS = pd.DataFrame({"item_id": ["1", "2", "3"], "tag": ["calm", "calm", "odd"]})


def read(likes=LIKES, items=None, tags=None, **settings):
    return Interactions.from_frames(likes, items, tags, **LOOSE | settings)


def warned(made, text):
    return any(text in warning for warning in made.account.warnings)


@pytest.mark.parametrize("seed", range(8))
def test_every_row_is_counted_once(seed):
    rng = np.random.default_rng(seed)
    likes = pd.DataFrame({"user_id": rng.integers(0, 30, 400), "item_id": rng.integers(0, 40, 400)})
    likes["value"] = rng.integers(1, 6, 400)
    account = read(likes, duplicates="merge", min_user_interactions=4, min_item_interactions=3).account
    left_out = (
        account.duplicates, account.below_threshold, account.of_rare_items, account.of_users_with_few
    )  # fmt: skip
    assert account.rows == 400 == account.likes + sum(left_out)
    assert account.duplicates == likes.duplicated(["user_id", "item_id"]).sum()
    assert min(left_out) > 0


def test_the_account_in_words():
    likes = pd.concat([LIKES.assign(value=5), pd.DataFrame({"user_id": ["u"], "item_id": ["4"], "value": [1]})])
    items = ITEMS.assign(year=[1990, None, None], genres=["A|B", "", None])
    items = pd.concat([items, pd.DataFrame({"item_id": ["5"], "title": ["Nobody's"]})])
    tags = pd.concat([TAGS, pd.DataFrame({"item_id": ["9"], "tag": ["far"]})])
    made = read(likes, items, tags)
    assert made.account.sentences(Words.of("book")) == [
        "10 rows became 9 likes of 3 people and 3 books, as a value of at least 4 is a like.",
        "Rows left out: 1 as no likes.",
        "Of 3 books 3 have a name, 1 a year, 1 genres; 1 more in the table of items without a like that counts.",
        "3 of 4 rows of tags are about these books; 2 tags are left.",
    ]
    assert made.account.warnings == ()


def test_what_a_source_left_unread_is_named_up_to_a_dozen():
    unused = tuple(f"items.csv: extra {i}\x1b[31m" for i in range(40))
    account = build(Tables(LIKES, unused=unused), Source(config=DataConfig(**LOOSE))).account
    assert account.unused_columns[0] == "items.csv: extra 0[31m"
    line = next(line for line in account.sentences(TITLES) if "not used" in line)
    assert line.startswith("Columns not used: items.csv: extra 0")
    assert line.endswith("28 more.")


def test_tables_that_do_not_meet_are_told_with_an_id_of_each():
    strange = ITEMS.assign(item_id=["a7", "b7", "c7"])
    made = read(items=strange, tags=TAGS.assign(item_id=["a7", "b7", "c7"]))
    assert warned(made, "0 of 3 items have a row in the table of items, e.g. '1' in the interactions and 'a7' there")
    assert warned(made, "0 of 3 rows of tags are about items of the interactions, e.g. '1'")
    assert warned(read(items=ITEMS.iloc[:1]), "1 of 3 items have a row in the table of items, which has none for '2'")
    assert read(items=ITEMS, tags=TAGS).account.warnings == ()
    rare = pd.concat([LIKES, pd.DataFrame({"user_id": ["u"], "item_id": ["4"]})])
    only = pd.DataFrame({"item_id": ["4", "1"], "title": ["Four", "One"]})  # the ids agree, rows are missing
    said = "1 of 3 items have a row in the table of items, which has none for '2'"
    assert warned(read(rare, only, min_item_interactions=2), said)


def test_lost_zeros_are_known():
    likes = LIKES.assign(item_id=LIKES["item_id"].map("00{}".format))
    assert warned(read(likes, ITEMS), "leading zeros were lost in one of them: export the ids as text")


def test_tags_of_items_that_the_minimums_leave_out_are_no_reason_to_warn():
    likes = pd.concat([LIKES, pd.DataFrame({"user_id": ["u"] * 9, "item_id": [f"rare{i}" for i in range(9)]})])
    tags = pd.DataFrame({"item_id": ["1", *(f"rare{i}" for i in range(9))], "tag": "calm"})
    made = read(likes, ITEMS, tags, min_item_interactions=2)
    assert (made.account.tag_rows, made.account.tag_rows_used, made.account.warnings) == (10, 1, ())


def test_an_empty_table_of_tags_and_tags_on_few_items_are_told():
    assert warned(read(items=ITEMS, tags=TAGS.iloc[:0]), "the table of tags is empty")
    assert warned(read(items=ITEMS, tags=TAGS, min_tag_items=3), "no tag is on 3 items, so there are no themes")


def test_hardly_any_likes_are_told():
    likes = pd.DataFrame({"user_id": np.repeat(np.arange(50), 2), "item_id": np.arange(100)})
    few = read(pd.concat([LIKES, likes]), min_user_interactions=3)
    assert warned(few, "only 9 of 109 rows became likes that are used")


def test_an_error_says_what_the_values_had_to_do_with_it():
    likes = LIKES.assign(value=[1, 2, 3, 4, 1, 2, 1, 5, 1])
    with pytest.raises(DataError, match=r"2 likes of 2 users \(a value of at least 4 is a like; 7 other rows are none"):
        read(likes)
    with pytest.raises(DataError, match="found 3 likes of 1 item; bring more data"):
        read(LIKES.assign(item_id="1", user_id=list("abcdefghi")).iloc[:3])


def test_an_account_refuses_what_it_does_not_know():
    with pytest.raises(ValueError, match="extra"):
        Account(rows=1, likes=1, users=1, items=1, other=3)
