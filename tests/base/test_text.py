"""Names as parts of paths, and the nearest words to a wrong one."""

import re
from pathlib import PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knobs_core.base.text import nearest, slug


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("demo", "demo"),
        ("data/ml-1m.zip", "ml-1m"),
        ("/a/b/ML-20M.ZIP", "ML-20M"),
        ("set.tar.gz", "set"),
        ("set.v2", "set.v2"),
        ("C:\\data\\my set.zip", "my-set"),
        ("žluťoučký kůň.tgz", "žluťoučký-kůň"),
        ("z\u030c", "ž"),  # composed, so that both spellings are one path
        ("a  b?c*d", "a-b-c-d"),
        (".hidden", "hidden"),
        ("..", "data"),
        ("", "data"),
        ("***.zip", "data"),
    ],
)
def test_slugs_by_hand(name, expected):
    assert slug(name) == expected


@given(st.text())
def test_a_slug_is_one_visible_part_of_a_path(name):
    made = slug(name)
    assert re.fullmatch(r"[\w.-]+", made)
    assert PurePath(made).name == made
    assert not made.startswith((".", "-"))


def test_the_nearest_words_are_named():
    known = ["film-noir", "comedy", "Horror"]
    assert nearest("film noir", known) == "did you mean 'film-noir'?"
    assert nearest("HORROR", known) == "did you mean 'Horror'?"
    assert nearest("noir", known) == "did you mean 'film-noir'?"  # far in letters, but a part of it
    assert nearest("zzzz", known, n=2) == "choose one such as 'film-noir', 'comedy'"
    assert nearest("zzzz", []) == "there are none"
