"""One reader's list under rules, against a naive rewrite."""

import numpy as np
import pytest

from knobs_core.base import ConfigError, UnknownNameError
from knobs_core.lists.recipe import HouseRules, ListRecipe, Pin, Pool, Quota, Turn
from knobs_core.lists.rendering import list_for
from knobs_core.lists.rules import Ranked, Rules, check, turns_of
from knobs_core.steering import Dial


def ids_of(bundle, rows):
    return [str(bundle.interactions.item_ids[row.column]) for row in rows]


def made(bundle, reader, recipe, house=None, seen=()):
    rules = Rules(bundle, recipe, house)
    return list_for(bundle.person(reader, seen=seen), rules, rules.dials(recipe.dials))


def decade(bundle, item):
    return int(bundle.interactions.items["year"].iat[bundle.interactions.column_of[item]]) // 10


def drama(bundle, item):
    return "Drama" in bundle.interactions.items["genres"].iat[bundle.interactions.column_of[item]]


def greedy(bundle, ranking, recipe, pins):
    """The list, written down once more: for every row the first title that breaks no rule."""
    rows, wanted = [], recipe.length - len(pins)
    while len(rows) < wanted:
        for strict in (True, False):
            for item in ranking:
                if item in rows or item in pins.values():
                    continue
                after = [*rows, item]
                good = True
                for quota in recipe.quotas:
                    window = quota.window or recipe.length
                    of = decade if quota.of == "decade" else drama
                    for other in {of(bundle, one) for one in after[-window:]}:
                        if quota.of == "genre" and not other:
                            continue
                        if quota.most is not None and of(bundle, item) == other:
                            good &= sum(of(bundle, one) == other for one in after[-window:]) <= quota.most
                    if strict and quota.least and len(after) <= window:
                        there = sum(bool(of(bundle, one)) for one in after)
                        good &= quota.least - there <= max(window - len(after), 0) or bool(of(bundle, item))
                if good:
                    rows.append(item)
                    break
            else:
                continue
            break
        else:
            break
    for place in sorted(pins):
        rows.insert(place - 1, pins[place])
    return rows


def test_without_rules_it_is_the_engines_list(library, reader):
    recipe = ListRecipe(slug="x", dials=(Turn(knob="concept 3", amount=0.4), Turn(knob="concept 5", amount=-0.3)))
    rows = made(library, reader, recipe)
    own = library.person(reader).recommend({"concept 3": 0.4, "concept 5": -0.3})
    assert ids_of(library, rows) == [row["item_id"] for row in own.rows]
    assert [row.score for row in rows] == pytest.approx([row["score"] for row in own.rows])
    assert {row.reason for row in rows} == {"concept 3"}


def test_every_row_names_the_dial_that_deals_it(library, reader):
    turns = (Turn(knob="concept 3", amount=0.4), Turn(knob="concept 5", amount=0.4))
    rows = made(library, reader, ListRecipe(slug="x", dials=turns))
    found = library.person(reader).recommend({"concept 3": 0.4, "concept 5": 0.4})
    assert [row.reason for row in rows] == [row["dealt_by"] for row in found.rows]
    assert made(library, reader, ListRecipe(slug="x"))[0].reason == "own taste"


@pytest.mark.parametrize("seed", range(60))
def test_quotas_and_pins_against_a_naive_rewrite(library, reader, seed):
    rng = np.random.default_rng(seed)
    window, least = rng.integers(3, 13), rng.integers(1, 6)
    quotas = [
        Quota(of="decade", most=rng.integers(1, 5), window=rng.integers(3, 13)),
        Quota(of="genre", value="drama", least=min(least, window), window=window),
    ]
    person, ids = library.person(reader), library.interactions.item_ids.astype(str)
    free = np.delete(ids, person.taste.seen)
    places, items = (1 + rng.permutation(12)[:3]).tolist(), rng.choice(free, 3, replace=False).tolist()
    pins = dict(list(zip(places, items, strict=True))[: rng.integers(0, 4)])
    recipe = ListRecipe(
        slug="x",
        length=12,
        quotas=tuple(quotas[: rng.integers(1, 3)] if seed % 2 else quotas[1:]),
        pins=tuple(Pin(item=item, place=place) for place, item in pins.items()),
    )
    ranking = [row["item_id"] for row in person.recommend({}, len(ids)).rows]
    assert ids_of(library, made(library, reader, recipe)) == greedy(library, ranking, recipe, pins)


def test_the_order_of_the_rules(library, reader):
    own = ids_of(library, made(library, reader, ListRecipe(slug="x")))
    a, b, c, d = own[:4]
    liked = str(library.interactions.item_ids[library.person(reader).taste.seen[0]])
    everything = tuple(Pin(item=item, place=place) for place, item in enumerate((a, b, c, d, liked), start=1))
    recipe = ListRecipe(slug="x", pins=everything, bans=(b,), pool=Pool(items=tuple(own[:2] + own[3:] + [liked])))
    rows = made(library, reader, recipe, HouseRules(bans=(a,)))
    assert ids_of(library, rows)[0] == d or d in ids_of(library, rows)
    assert not {a, b, c, liked} & set(ids_of(library, rows))
    assert [row.reason for row in rows if ids_of(library, [row]) == [d]] == ["pin"]
    assert Rules(library, recipe, HouseRules(bans=(a,))).conflicts() == [
        f"'{title(library, a)}' is pinned to place 1 but banned by the house.",
        f"'{title(library, b)}' is pinned to place 2 but banned by the recipe.",
        f"'{title(library, c)}' is pinned to place 3 but not in the pool.",
    ]


def title(bundle, item):
    return bundle.interactions.items["title"].iat[bundle.interactions.column_of[item]]


def test_what_the_reader_has_seen_stays_out(library, reader):
    first = ids_of(library, made(library, reader, ListRecipe(slug="x")))[0]
    recipe = ListRecipe(slug="x", pins=(Pin(item=first, place=1),))
    assert ids_of(library, made(library, reader, recipe))[0] == first
    assert first not in ids_of(library, made(library, reader, recipe, seen=[first]))


def test_a_pool_narrows_the_list_and_a_list_may_be_short(library, reader):
    rows = ids_of(library, made(library, reader, ListRecipe(slug="x", pool=Pool(only=("Comedy",), first=2000))))
    years = library.interactions.items["year"]
    for item in rows:
        column = library.interactions.column_of[item]
        assert "Comedy" in library.interactions.items["genres"].iat[column]
        assert years.iat[column] >= 2000
    tagged = ids_of(library, made(library, reader, ListRecipe(slug="x", pool=Pool(tags=("concept 2", "concept 4")))))
    tags = library.interactions.tags.groupby("item")["tag"].first()
    assert {tags[library.interactions.column_of[item]] for item in tagged} == {"concept 2", "concept 4"}
    two = tuple(ids_of(library, made(library, reader, ListRecipe(slug="x")))[:2])
    assert ids_of(library, made(library, reader, ListRecipe(slug="x", pool=Pool(items=two)))) == [*two]
    assert made(library, reader, ListRecipe(slug="x", pool=Pool(first=3000))) == []


def test_a_row_that_a_quota_moved_says_so(library, reader):
    rows = made(library, reader, ListRecipe(slug="x", quotas=(Quota(of="tag", most=1, window=3),)))
    tags = library.interactions.tags.groupby("item")["tag"].first()
    values = [tags[row.column] for row in rows]
    assert all(len(set(values[at : at + 3])) == 3 for at in range(len(values) - 2))
    own = ids_of(library, made(library, reader, ListRecipe(slug="x")))
    assert rows[0].reason == "own taste"
    assert "own taste, by a quota: at most 1 of each tag in 3 rows" in {row.reason for row in rows}
    assert ids_of(library, rows) != own


def test_none_of_a_value(library, reader):
    rows = made(library, reader, ListRecipe(slug="x", quotas=(Quota(of="genre", value="Drama", most=0),)))
    assert len(rows) == 20
    assert not any(drama(library, item) for item in ids_of(library, rows))
    assert len(made(library, reader, ListRecipe(slug="x", quotas=(Quota(of="genre", most=0),)))) == 20
    every = made(library, reader, ListRecipe(slug="x", quotas=(Quota(of="decade", most=0),)))
    assert every == []


def test_names_that_are_not_there(library):
    for part in (
        {"pins": (Pin(item="gone", place=1),)},
        {"bans": ("gone",)},
        {"pool": Pool(items=("gone",))},
        {"pool": Pool(tags=("gone",))},
        {"quotas": (Quota(of="tag", value="gone", most=1),)},
        {"quotas": (Quota(of="genre", value="gone", most=1),)},
    ):
        recipe = ListRecipe(slug="x", **part)
        with pytest.raises(UnknownNameError, match="'gone'"):
            _ = Rules(library, recipe).left_out
        assert len(check(library, recipe)) == 1
    assert check(library, ListRecipe(slug="x", dials=(Turn(knob="gone", amount=0.2),)))
    assert Rules(library, ListRecipe(slug="x"), HouseRules(bans=("gone",))).conflicts() == []  # of another catalogue


def test_conflicts_of_quotas_and_dials(library):
    first = str(library.interactions.item_ids[0])
    recipe = ListRecipe(
        slug="x",
        pins=(Pin(item=first, place=1),),
        quotas=(Quota(of="genre", value="Drama", most=0), Quota(of="genre", value="Comedy", least=9, window=10)),
        pool=Pool(items=(first,)),
        dials=(Turn(knob="concept 1", amount=0.2), Turn(knob="Concept-1", amount=0.1)),
    )
    found = check(library, recipe)
    assert "against a quota: at most 0 of Drama." in found[0]
    assert "A quota asks for at least 9 of Comedy in 10 rows, and the pool has 1." in found
    assert "A knob is turned twice; both turns hold." in found
    house = Rules(library, ListRecipe(slug="x"), HouseRules(without=("Drama",)))
    assert len(house.left_out) == sum("Drama" in genres for genres in library.interactions.items["genres"])


def test_more_of_the_ranking_is_asked_for_where_it_is_needed(library):
    rules = Rules(library, ListRecipe(slug="x", length=5))
    few = Ranked(np.arange(3), np.zeros(3, np.float32), np.zeros(3, np.int64))
    assert rules.arrange(few, np.array([], np.int64), []) is None
    assert len(rules.arrange(few, np.arange(3, library.interactions.n_items), [])) == 3


def test_turns_are_kept_with_what_they_are_made_of(library):
    dials = library.knobs.dials({"concept 3": 0.4, "concept 4": 0.0})
    [turn] = turns_of(library, dials)
    assert turn.knob == turn.name == "concept 3"
    assert turn.neurons == pytest.approx(library.knobs["concept 3"].recipe, abs=1e-4)
    assert library.take_apart(turn.effects).confidence > 0.5
    assert turns_of(library, []) == ()
    with pytest.raises(ConfigError, match="dials of knobs"):
        turns_of(library, [Dial({1: 1.0}, 0.5, "made up")])


def test_dials_go_by_the_names_of_their_knobs(planted_bundle):
    """So that a row says "put here by" a name, not a number."""
    renamed = planted_bundle.with_names({"concept 3": "Rainy evenings"})
    key = next(key for key in renamed.knobs if key.startswith("#"))
    dials = Rules(renamed, ListRecipe(slug="x")).dials([Turn(knob="concept 3", amount=0.3), Turn(knob=key, amount=0.2)])
    assert [dial.name for dial in dials] == ["Rainy evenings", renamed.knobs[key].name]
