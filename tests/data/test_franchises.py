"""Which titles go on with each other."""

import pytest

from knobs_core.data.franchises import franchises, stem


@pytest.mark.parametrize(
    ("title", "begins"),
    [
        ("The Godfather: Part II", "The Godfather"),
        ("Godfather, The: Part II", "The Godfather"),
        ("Godfather, The", "The Godfather"),
        ("Lord of the Rings: The Two Towers, The", "The Lord of the Rings"),
        ("Rocky III", "Rocky"),
        ("Toy Story 2", "Toy Story"),
        ("Alien³ (a.k.a. Alien 3)", "Alien"),
        ("[REC]²", "[REC]"),
        ("Star Wars: Episode V - The Empire Strikes Back", "Star Wars"),
        ("Die Hard: With a Vengeance", "Die Hard"),
        ("Kill Bill: Vol. 2", "Kill Bill"),
        ("Back to the Future Part II", "Back to the Future"),
        ("The Naked Gun 2 1/2: The Smell of Fear", "The Naked Gun"),
        ("Superman IV: The Quest for Peace", "Superman"),
        ("The Matrix Reloaded", "The Matrix"),
        ("Shrek Forever After (a.k.a. Shrek: The Final Chapter)", "Shrek"),
        ("Harry Potter and the Deathly Hallows: Part 1", "Harry Potter"),
        ("Percy Jackson & the Olympians: The Lightning Thief", "Percy Jackson"),
        # what stays whole
        ("The Ghost and the Darkness", "The Ghost and the Darkness"),
        ("The Return of Martin Guerre", "The Return of Martin Guerre"),
        ("Spider-Man", "Spider-Man"),
        ("8 1/2", "8 1/2"),
        ("300", "300"),
        ("II", "II"),
        ("Se7en", "Se7en"),
        ("2001", "2001"),
        ("", ""),
    ],
)
def test_what_a_title_begins_with(title, begins):
    assert stem(title) == begins


def test_two_titles_make_a_franchise_and_one_makes_none():
    titles = ["Rocky", "Psycho", "Rocky III", "Alien", "Terminator 2: Judgment Day", "The Terminator", "Toy Story 2"]
    assert franchises(titles) == ["Rocky", "", "Rocky", "", "Terminator", "Terminator", ""]


def test_the_same_title_twice_is_no_franchise():
    assert franchises(["Heat", "The Heat", "Sabrina", "Sabrina (Sabrina Fair)"]) == [""] * 4
    assert franchises(["Psycho", "Psycho", "Psycho II"]) == ["Psycho"] * 3


def test_what_begins_alike_by_chance_is_joined_and_what_begins_otherwise_is_missed():
    assert franchises(["The Mission", "Mission: Impossible"]) == ["The Mission"] * 2
    assert franchises(["Die Hard", "Live Free or Die Hard"]) == ["", ""]


def test_odd_titles_cost_nothing():
    assert franchises([]) == []
    assert franchises(["", " ", "???", ": -", "a" * 100_000, " and the " * 10_000]) == [""] * 6
    assert franchises(["三国志", "三国志 II"]) == ["三国志", "三国志"]
