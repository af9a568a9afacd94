"""Titles in a sentence: by every name of theirs, and ordinary words only where they are meant as one."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as strategies

from knobs_core.data import Interactions
from knobs_core.sentences.clauses import led_to, words_of
from knobs_core.sentences.titles import Titles, names_of

ITEMS = [  # title, and how many like it
    ("Heat", 5),
    ("Up", 4),
    ("Hate (Haine, La)", 3),
    ("Postman, The (Postino, Il)", 3),
    ("The Postman", 6),
    ("Alien", 4),
    ("Aliens", 5),
    ("Seven (a.k.a. Se7en)", 4),
    ("2001: A Space Odyssey", 4),
    ("Léon: The Professional (a.k.a. The Professional) (Léon)", 4),
    ("Eraserhead", 3),
    ("Solaris", 2),
    ("Solaris", 4),
    ("Solaris (Solyaris)", 3),
    ("The Thing", 3),
    ("Trainspotting", 3),
    ("Star Wars: Episode IV - A New Hope", 6),
    ("No Country for Old Men", 5),
    ("Dangerous Liaisons", 3),
    ("The Good, the Bad and the Ugly (Buono, il brutto, il cattivo, Il)", 3),
    ("WALL·E", 3),
    ("M", 2),
    ("(500) Days of Summer", 3),
    ("It", 3),
    ("A-Team, The", 2),
    ("???", 2),
    ("Love Affair", 3),
    ("A Perfect World", 3),
    ("Simple Plan, A", 3),
    ("The Breakfast Club", 3),
    ("Wrong Man, The (Falso colpevole, Il)", 2),
]
TITLES = [title for title, _ in ITEMS]


@pytest.fixture(scope="module")
def titles():
    likes = [(f"u{user}", f"i{place}") for place, (_, liked) in enumerate(ITEMS) for user in range(7 - liked, 7)]
    frame = pd.DataFrame(likes, columns=["user_id", "item_id"])
    items = pd.DataFrame({"item_id": [f"i{place}" for place in range(len(ITEMS))], "title": TITLES})
    return Titles(Interactions.from_frames(frame, items, min_user_interactions=2, min_item_interactions=1))


@pytest.fixture(scope="module")
def found(titles):
    """[(place in ITEMS, the words)] of the titles in a sentence."""

    def named(sentence):
        words = words_of(sentence)
        some = titles.named(sentence, words, led_to(words))
        ids = titles._data.item_ids
        return [(int(ids[one.column][1:]), " ".join(word.text for word in words[one.first : one.last])) for one in some]

    return named


def at(title):
    return TITLES.index(title)


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("Heat", {"heat"}),
        ("Hate (Haine, La)", {"hate haine la", "hate", "haine la", "la haine"}),
        ("Postman, The", {"postman the", "postman"}),
        (
            "Postman, The (Postino, Il)",
            {"postman the postino il", "postman the", "postino il", "postman", "il postino"},
        ),
        ("Seven (a.k.a. Se7en)", {"seven a k a se7en", "seven", "se7en"}),
        (
            "Avventura, L' (Adventure, The)",
            {"avventura l adventure the", "avventura l", "adventure the", "lavventura", "adventure"},
        ),
        ("M", set()),  # a letter is no name
        ("???", set()),
        ("", set()),
    ],
)
def test_the_names_of_an_item(title, names):
    assert names <= {*names_of(title)}
    assert all(len(name) > 1 for name in names_of(title))
    if not names:
        assert names_of(title) == []


@pytest.mark.parametrize(
    ("sentence", "title"),
    [
        ("something like eraserhead", "Eraserhead"),
        ("ERASERHEAD tonight", "Eraserhead"),
        ("like hate", "Hate (Haine, La)"),
        ("like La Haine", "Hate (Haine, La)"),
        ("la haine", "Hate (Haine, La)"),
        ("like il postino", "Postman, The (Postino, Il)"),
        ("like the postman", "The Postman"),  # which more like
        ("like postman", "The Postman"),
        ("like se7en", "Seven (a.k.a. Se7en)"),
        ("like 2001 a space odyssey", "2001: A Space Odyssey"),
        ("2001: a space odyssey!", "2001: A Space Odyssey"),
        ("like the professional", "Léon: The Professional (a.k.a. The Professional) (Léon)"),
        ("like leon", "Léon: The Professional (a.k.a. The Professional) (Léon)"),
        ("like Léon", "Léon: The Professional (a.k.a. The Professional) (Léon)"),
        ("like wall-e", "WALL·E"),
        ("like (500) days of summer", "(500) Days of Summer"),
        ("like the a-team", "A-Team, The"),
        ("like the good the bad and the ugly", "The Good, the Bad and the Ugly (Buono, il brutto, il cattivo, Il)"),
        ("no country for old men", "No Country for Old Men"),  # three words that are in a row nowhere else
        ("so wie Heat", "Heat"),
        ("něco jako Heat", "Heat"),
    ],
)
def test_a_title_is_found(found, sentence, title):
    [(place, _)] = found(sentence)
    assert TITLES[place] == title


@pytest.mark.parametrize(
    ("sentence", "title"),
    [
        ("a perfect world", "A Perfect World"),
        ("a simple plan", "Simple Plan, A"),
        ("the breakfast club", "The Breakfast Club"),
        ("the wrong man", "Wrong Man, The (Falso colpevole, Il)"),
        ("like a love affair", "Love Affair"),
        ("an eraserhead", "Eraserhead"),
        ("a love affair", None),
        ("the love affair", None),
        ("the perfect world", None),
        ("a breakfast club", None),
        ("perfect world", None),
    ],
)
def test_an_article_makes_a_title_only_of_what_begins_with_it(found, sentence, title):
    assert [TITLES[place] for place, _ in found(f"{sentence} again")] == ([title] if title else [])


@pytest.mark.parametrize("title", ["Heat", "Up", "Alien", "The Thing", "It"])
def test_an_ordinary_word_is_a_title_where_it_is_meant_as_one(found, title):
    word = title.removeprefix("The ").lower()
    for sentence in (f"{word} of the night", f"a {word} in the night", f"{word.capitalize()} of the night", word):
        assert found(sentence) == []
    for sentence in (
        f"something like {title.lower()}",
        f"tonight {word.capitalize()} again",
        f"tonight “{title.lower()}” again",
        f"tonight '{word}' again",
        f'"{word}" again',
        f"rather {title.lower()} than a comedy",
    ):
        assert [TITLES[place] for place, _ in found(sentence)] == [title], sentence
    assert found(f"TONIGHT {word.upper()} AGAIN") == []  # capitals all over say nothing


def test_of_two_items_of_one_name_it_is_that_which_more_like(found):
    assert found("like solaris") == [(TITLES.index("Solaris") + 1, "solaris")]


def test_the_longest_title_counts_and_others_follow(found):
    assert found("like Aliens and Alien, but not Heat") == [
        (at("Aliens"), "aliens"),
        (at("Alien"), "alien"),
        (at("Heat"), "heat"),
    ]
    assert found("2001: A Space Odyssey, Up") == [
        (at("2001: A Space Odyssey"), "2001 a space odyssey"),
        (at("Up"), "up"),
    ]
    assert found("") == found("?!") == []


@pytest.mark.parametrize(
    ("sentence", "title"),
    [
        ("like trainsptting", "Trainspotting"),
        ("like ersaerhead", "Eraserhead"),
        ("like dangerous liasons", "Dangerous Liaisons"),
        ("like a trainsptting", "Trainspotting"),
        ("like watching trainsptting", None),  # right behind it alone
        ("the trainsptting", None),
        ("like dogs", None),
        ("like aline", None),  # one slip in five letters is a lot
        ("like hats", None),
        ("like star wars", None),  # part of a title is none
    ],
)
def test_slips_of_the_finger_are_forgiven_behind_like(found, sentence, title):
    assert [TITLES[place] for place, _ in found(sentence)] == ([title] if title else [])


@settings(max_examples=150)
@given(said=strategies.text(max_size=300) | strategies.lists(strategies.sampled_from(
    ["like", "rather", "than", '"', "Heat", "up", "la", "Haine", "solaris", "trainsptting", ",", "\u202e", "ß"]
), max_size=40).map(" ".join))  # fmt: skip
def test_titles_stand_beside_each_other_whatever_is_said(titles, said):
    words = words_of(said)
    last = 0
    for one in titles.named(said, words, led_to(words)):
        assert last <= one.first < one.last <= len(words)
        assert 0 <= one.column < len(ITEMS)
        last = one.last
