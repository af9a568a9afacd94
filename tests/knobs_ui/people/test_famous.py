"""Titles that many people know, and what kind of thing they are."""

import dataclasses

import pytest

from knobs_ui.kinds import kinds
from knobs_ui.people.famous import N_COVERS, SHARE, famous, series


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Star Wars: Episode IV - A New Hope", "Star Wars: Episode V - The Empire Strikes Back"),
        (
            "Indiana Jones and the Last Crusade",
            "Raiders of the Lost Ark (Indiana Jones and the Raiders of the Lost Ark)",
        ),
        ("The Terminator", "Terminator 2: Judgment Day"),
        ("The Godfather", "The Godfather: Part II"),
        ("Back to the Future", "Back to the Future Part III"),
        ("The Hunger Games (The Hunger Games, #1)", "Mockingjay (The Hunger Games, #3)"),
        ("Rocky", "Rocky IV"),
    ],
)
def test_titles_of_one_series_share_something(one, other):
    assert series(one) & series(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("American Beauty", "Beauty and the Beast"), ("Seven (a.k.a. Se7en)", "Seven Samurai"), ("2001", "300")],
)
def test_other_titles_do_not(one, other):
    assert not series(one) & series(other)


def test_the_wall_is_spread_over_series_kinds_and_decades(demo_bundle):
    data, found = demo_bundle.interactions, famous(demo_bundle)
    likes = data.matrix.getnnz(axis=0)
    assert len(found) == len(set(found)) == N_COVERS
    assert sorted(found, key=lambda item: -likes[item]) == list(found)
    assert found[0] == likes.argmax()
    names = [series(data.items["title"].iat[item]) for item in found]
    assert not any(names[i] & names[j] for i in range(N_COVERS) for j in range(i))
    kind = [kinds(demo_bundle).of[item] for item in found]
    decade = [data.items["year"].iat[item] // 10 for item in found]
    assert max(map(kind.count, kind)) <= SHARE["kind"]
    assert max(map(decade.count, decade)) <= SHARE["decade"]


def test_data_without_years_and_genres_have_a_wall_too(planted_bundle):
    items = planted_bundle.interactions.items.assign(genres="", year=None).astype({"year": "Int64"})
    bare = dataclasses.replace(
        planted_bundle, interactions=dataclasses.replace(planted_bundle.interactions, items=items)
    )
    assert len(famous(bare)) == min(N_COVERS, planted_bundle.interactions.n_items)
    assert kinds(bare).names  # tags stand for genres


def test_a_kind_is_the_rarest_of_an_items_wide_genres(demo_bundle):
    found, data = kinds(demo_bundle), demo_bundle.interactions
    name = {data.main_title(i): found.names[found.of[i]] for i in range(data.n_items) if found.of[i] >= 0}
    assert name["Toy Story"] == "Animation"
    assert name["The Silence of the Lambs"] == "Horror"
    assert len({found.hue(i) for i in range(data.n_items)} - {-1}) == len(found.names)
