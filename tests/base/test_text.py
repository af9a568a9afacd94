"""Names as parts of paths, what spellings share, the nearest words to a wrong one, and strangers' text."""

import re
import unicodedata
from pathlib import PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knobs_core.base.text import (
    armed,
    clean,
    defused,
    folded,
    lowered,
    main_title,
    nearest,
    quoted,
    searchable,
    shown,
    slug,
    title_case,
    visible,
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("demo", "demo"),
        ("data/ml-1m.zip", "ml-1m"),
        ("/a/b/ML-20M.ZIP", "ML-20M"),
        ("set.tar.gz", "set"),
        ("my likes.csv", "my-likes"),
        ("likes.CSV.gz", "likes"),
        ("set.tar.bz2", "set"),
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


@pytest.mark.parametrize(
    "spellings",
    [
        ("Sci-Fi", "sci fi", "scifi", " SCI_FI! "),
        ("film noir", "film-noir", "Film Noir"),
        ("Amélie", "amelie", "Ame\u0301lie", "\uff21\uff4d\uff45lie"),
        ("straße", "STRASSE"),
        ("80's", "80s"),
        ("ΣΊΣΥΦΟΣ", "σισυφος"),
        ("アニメ", "ｱﾆﾒ"),
    ],
)
def test_spellings_of_a_word_share_their_letters_and_digits(spellings):
    assert len({folded(text) for text in spellings}) == 1
    assert folded(spellings[0]) == folded(folded(spellings[0]))


@pytest.mark.parametrize(
    "words",
    [
        ("科幻", "黑色电影", "アニメ", "기생충", "нуар", "רומנטי", "هزلي"),  # scripts without Latin letters
        ("दिल", "दल", "दुल"),  # marks that are vowels
        ("カス", "ガス"),  # and one that makes another consonant
        ("♥", "★★★", "???", ":)"),  # no letters at all
        ("1980s", "1990s", "space", "spaced"),
    ],
)
def test_other_words_stay_apart(words):
    assert len({folded(text) for text in words}) == len(words)
    assert all(folded(text) for text in words)


def test_the_nearest_words_are_named():
    known = ["film-noir", "comedy", "Horror"]
    assert nearest("film noir", known) == "did you mean 'film-noir'?"
    assert nearest("HORROR", known) == "did you mean 'Horror'?"
    assert nearest("noir", known) == "did you mean 'film-noir'?"  # far in letters, but a part of it
    assert nearest("zzzz", known, n=2) == "choose one such as 'film-noir', 'comedy'"
    assert nearest("zzzz", []) == "there are none"


@pytest.mark.parametrize(
    ("title", "main"),
    [
        ("Hate (Haine, La)", "Hate"),
        ("Bicycle Thieves (a.k.a. The Bicycle Thief) (Ladri di biciclette)", "Bicycle Thieves"),
        ("(500) Days of Summer", "(500) Days of Summer"),
        ("Birdman: Or (The Unexpected Virtue of Ignorance)", "Birdman: Or (The Unexpected Virtue of Ignorance)"),
        ("(Untitled)", "(Untitled)"),
        ("Se7en", "Se7en"),
        ("", ""),
    ],
)
def test_the_main_title_is_what_stands_before_the_others(title, main):
    assert main_title(title) == main


def test_names_as_headings():
    assert title_case("based on a true story") == "Based on a True Story"
    assert title_case("film-noir") == "Film-Noir"
    assert title_case("BBC drama") == "BBC Drama"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("\x1b]0;owned\x07title\x1b[2J", "]0;ownedtitle[2J"),
        ("a\x00b\x7fc\x9b31md", "abc31md"),
        ("one\r\ntwo\u2028three\tfour", "one two three four"),
        ("\u202egnp.exe\u2066\u2069\u200f", "gnp.exe"),
        ("\ud800\ufffe\uffff!", "!"),
        ("\u05e9\u05dc\u05d5\u05dd, caf\u00e9, \U0001f468\u200d\U0001f469, na\u00efve", None),
    ],
)
def test_what_cannot_be_seen_is_left_out(text, seen):
    assert visible(text) == (text if seen is None else seen)


@given(st.text(st.characters()))
def test_what_is_visible_holds_no_control_and_is_so_once_and_for_all(text):
    seen = visible(text)
    assert not {"Cc", "Cs"} & {unicodedata.category(one) for one in seen}
    assert visible(seen) == seen


def test_a_strangers_text_is_part_of_one_line():
    assert shown("a\x1b[31m\nb\u202ec" + "d" * 300) == "a[31m bc" + "d" * 191 + "\u2026"
    assert shown(12.5) == "12.5"


def test_a_strangers_text_is_repeated_shortly():
    assert quoted("horror") == "'horror'"
    assert quoted(50 * "x") == f"'{40 * 'x'}\u2026'"
    assert quoted("\x1b\u202e\n") == "''"
    assert len(quoted(20_000_000 * "\x00")) < 50


@pytest.mark.parametrize("cell", ["=1+1", "+49", "-x", "@SUM(A1)", "\t=1", "\r=1", "'=1", "\uff1d1"])
def test_no_cell_is_a_formula(cell):
    assert defused(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-480", "12 Monkeys", "Wall-E", "", "9.5", "'Allo 'Allo!", "'n Sync"])
def test_other_cells_stay(cell):
    assert defused(cell) == cell


@given(st.text(st.sampled_from("'=+-@a1. \t"), max_size=6))
def test_a_defused_cell_is_read_back_as_it_was(cell):
    assert armed(defused(cell)) == cell


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("  two   words ", "two words"),
        ("cafe\u0301", "caf\u00e9"),
        ("film\u00a0noir\u2003x", "film noir x"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("a\x1b[31mb\x07", "a[31mb"),
        ("\u202eevil\u2069", "evil"),
        ("two\nlines\r\n", "two lines"),
        ("\ud800half", "half"),
        ("\U0001f468\u200d\U0001f469", "\U0001f468\u200d\U0001f469"),  # joiners are part of what people see
        ("\u200b \x00", ""),
        ("stra\u00dfe", "stra\u00dfe"),
    ],
)
def test_a_clean_text_is_what_people_see(text, seen):
    assert clean(text) == seen


@given(st.text())
def test_cleaning_again_changes_nothing(text):
    assert clean(clean(text)) == clean(text)
    clean(text).encode()  # raises where half a character is left


def test_a_dotted_capital_leaves_no_dot_behind():
    assert lowered("\u0130STANBUL") == lowered("istanbul") == "istanbul"


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("bjork", ["Bj\u00f6rk", "Bjo\u0308rk", "BJ\u00d6RK"]),
        ("motley crue", ["M\u00f6tley Cr\u00fce", "motley  cr\u00fce"]),
        ("matrix", ["The Matrix", "matrix!"]),
        ("fast and furious", ["Fast & Furious"]),
        ("schindlers list", ["Schindler\u2019s List", "schindler's list"]),
        ("strasse", ["Stra\u00dfe"]),
        ("lodz", ["\u0141\u00f3d\u017a"]),
        ("the", ["The"]),
        ("", ["???", " "]),
    ],
)
def test_what_is_typed_is_found_in_any_spelling(typed, names):
    for name in names:
        assert searchable(name) == typed


@pytest.mark.parametrize(
    ("typed", "known"), [("bjork", "Bj\u00f6rk"), ("AMELIE", "Am\u00e9lie"), ("sigur", "Sigur R\u00f3s")]
)
def test_the_nearest_is_near_without_its_accents(typed, known):
    assert nearest(typed, ["other", known, "thing"]).startswith(f"did you mean '{known}'")
