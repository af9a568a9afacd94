"""Many lists at once against each alone, over random rules: the arrangement is the same, row by row."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knobs_core.lists import Setting
from knobs_core.lists.recipe import HouseRules, ListRecipe, Pin, Quota
from knobs_core.lists.rules import OWN, Ranked, Rules

QUOTAS = st.one_of(
    st.builds(Quota, of=st.just("genre"), value=st.just("Drama"), most=st.integers(0, 2)),
    st.builds(Quota, of=st.just("decade"), most=st.integers(1, 2), window=st.integers(2, 5)),
    st.builds(Quota, of=st.just("genre"), value=st.just("Comedy"), least=st.integers(1, 2), window=st.integers(2, 5)),
    st.builds(Quota, of=st.just("title"), most=st.just(1)),
    st.builds(Quota, of=st.just("pair"), most=st.just(1), window=st.integers(2, 8)),
)


@pytest.fixture(scope="module")
def paired(library):
    """The bundle with a column of which two items each share a value."""
    data = library.interactions
    items = data.items.assign(pair=[f"{i // 2}|alone {i}" for i in range(data.n_items)])
    return dataclasses.replace(library, interactions=dataclasses.replace(data, items=items))


@st.composite
def recipes(draw):
    length = draw(st.integers(1, 8))
    places = draw(st.lists(st.integers(1, length), unique=True, max_size=length))
    items = draw(st.lists(st.integers(0, 12), unique=True, min_size=len(places), max_size=len(places)))
    bans, quotas = draw(st.lists(st.integers(0, 12), max_size=3)), tuple(draw(st.lists(QUOTAS, max_size=3)))
    return lambda ids: ListRecipe(
        slug="x",
        length=length,
        pins=tuple(Pin(item=ids[item], place=place) for item, place in zip(items, places, strict=True)),
        bans=tuple(ids[item] for item in bans),
        quotas=quotas,
    )


@given(recipes(), st.integers(0, 2**32 - 1), st.integers(1, 12), st.booleans())
@settings(max_examples=120)
def test_every_list_is_the_one_that_is_arranged_alone(paired, recipe, seed, known, several):
    """known: items of the ranking, which may be too few; then the list stays open."""
    rng, data = np.random.default_rng(seed), paired.interactions
    ids, names = data.item_ids.tolist(), ["one", "two"] if several else []
    rules = Rules(paired, recipe(ids), HouseRules(bans=(ids[3],)))
    likes = data.matrix[rng.choice(data.n_users, 9)]
    items = np.full((9, known), -1)
    for row in range(9):
        free = np.setdiff1d(np.arange(16), [*likes[row].indices, *rules.left_out])
        mine = rng.permutation(free)[:known]
        items[row, : len(mine)] = mine
    ranked = Ranked(items, rng.random((9, known), np.float32), rng.integers(0, 2, (9, known)) * several)
    found = Setting.of(rules).arrange(items, ranked.hands, likes, len(names) or 1)
    texts = np.array(rules.reasons(names or [OWN]))
    for row in range(9):
        there = items[row] >= 0
        mine = Ranked(*(values[row][there] for values in (ranked.items, ranked.scores, ranked.hands)))
        expected = rules.arrange(mine, likes[row].indices, names)
        assert found.open[row] == (expected is None)
        if expected is not None:
            full = found.items[row] >= 0
            assert found.items[row][full].tolist() == [one.column for one in expected]
            assert texts[found.codes[row][full]].tolist() == [one.reason for one in expected]
            scores = [ranked.scores[row, at] if at >= 0 else None for at in found.at[row][full]]
            assert scores == [one.score for one in expected]


@pytest.mark.parametrize("house", [HouseRules(), HouseRules(bans=("i5",))])
def test_a_pin_that_a_reader_has_seen_leaves_no_gap(library, house):
    """By hand: i5 stands third for whoever has not seen it, and for nobody where the house bans it."""
    rules = Rules(library, ListRecipe(slug="x", length=4, pins=(Pin(item="i5", place=3),)), house)
    pinned = library.interactions.column_of["i5"]
    seen = library.interactions.matrix[:, pinned].toarray().ravel() > 0
    rows = [int(np.flatnonzero(seen)[0]), int(np.flatnonzero(~seen)[0])]
    likes = library.interactions.matrix[rows]
    free = [np.setdiff1d(np.arange(40), one.indices)[:8] for one in likes]
    items = np.array([[column for column in one if column != pinned][:6] for one in free])
    found = Setting.of(rules).arrange(items, np.zeros_like(items), likes, 1)
    assert not found.open.any()
    first, second = found.items.tolist()
    assert first == items[0, :4].tolist()
    plain = items[1].tolist()
    assert second == (plain[:4] if house.bans else [*plain[:2], pinned, plain[2]])
    assert found.codes[1].tolist().count(0) == (0 if house.bans else 1)
