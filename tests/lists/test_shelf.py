"""Dials worked out from titles, against what planted titles share and against plain rewrites."""

import dataclasses

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from knobs_core import bundles
from knobs_core.base import ConfigError, DataError, UnknownNameError
from knobs_core.lists import Wanted, coverage, recipe_of, shelf
from knobs_core.lists.shelf import COVERED, LARGEST, READERS, OnShelf


@pytest.fixture(scope="module")
def curved(planted_again):
    """A recommender whose decoder is not linear."""
    return bundles.load(planted_again("multvae", 3))


def of_concept(bundle, k):
    """Columns of the items of a planted concept, the most liked first."""
    data = bundle.interactions
    columns = data.tags.loc[data.tags["tag"] == f"concept {k}", "item"].to_numpy()
    return columns[np.argsort(-data.matrix.getnnz(axis=0)[columns], kind="stable")]


def ids(bundle, columns):
    return [str(bundle.interactions.item_ids[column]) for column in columns]


def bare(bundle, *tags):
    """The bundle without some tags and their knobs, so that nothing but the titles can give them away."""
    data = bundle.interactions
    recipes = [
        dataclasses.replace(made, recipe={}) if tag in tags else made
        for tag, made in zip(bundle.concepts.tags, bundle.recipes, strict=True)
    ]
    without = dataclasses.replace(data, tags=data.tags[~data.tags["tag"].isin(tags)])
    return dataclasses.replace(bundle, interactions=without, recipes=recipes)


def share(bundle, dials, columns):
    """Share of lists of 20 that some items hold, of held-out readers."""
    data = bundle.interactions
    users = [str(data.user_ids[row]) for row in bundle.split().test.users[:30]]
    lists = [[row["item_id"] for row in bundle.person(user).recommend(dials).rows] for user in users]
    return np.isin(lists, ids(bundle, columns)).mean()


def amounts(made):
    return {turn.knob: turn.amount for turn in made.turns}


def test_titles_of_one_theme_turn_its_knob(library):
    inside = of_concept(library, 3)
    made = shelf(library, ids(library, inside[:8]))
    assert made.turns[0].knob == "concept 3"
    assert made.turns[0].amount == LARGEST
    assert len(made.turns) <= 10
    assert {one.covered >= COVERED for one in made.wanted} == {True}
    assert [one.item for one in made.wanted] == ids(library, inside[:8])


@pytest.mark.parametrize("which", ["library", "curved"])
def test_the_other_half_of_a_theme_rises_though_its_knob_and_tag_are_gone(which, request):
    bundle = bare(request.getfixturevalue(which), "concept 3")
    inside = of_concept(request.getfixturevalue(which), 3)
    told, hidden = inside[::2], inside[1::2]
    made = shelf(bundle, ids(bundle, told))
    assert "concept 3" not in amounts(made)
    assert share(bundle, amounts(made), hidden) > 2 * share(bundle, {}, hidden)
    brought = np.isin([one.item for one in made.beyond[:10]], ids(bundle, hidden)).mean()
    assert brought > 3 / 12  # of the titles one in twelve is of this theme


@pytest.mark.parametrize("which", ["library", "curved"])
def test_what_is_unwanted_sinks(which, request):
    bundle = request.getfixturevalue(which)
    wanted, unwanted = of_concept(bundle, 3), of_concept(bundle, 7)
    made = shelf(bundle, ids(bundle, wanted[:6]), ids(bundle, unwanted[:6]))
    turned = amounts(made)
    assert turned["concept 3"] > 0 > turned["concept 7"]
    assert max(abs(amount) for amount in turned.values()) == LARGEST
    assert np.mean([one.covered for one in made.unwanted]) > COVERED
    assert share(bundle, turned, unwanted) < share(bundle, {}, unwanted)
    only = shelf(bundle, ids(bundle, wanted[:6]))
    assert all(amount > 0 for amount in amounts(only).values())


def test_two_themes_are_both_covered(library):
    two = [*of_concept(library, 1)[:5], *of_concept(library, 8)[:5]]
    made = shelf(library, ids(library, two))
    assert {"concept 1", "concept 8"} <= set(amounts(made))
    assert shelf(library, ids(library, two), size=1).turns[0].knob in ("concept 1", "concept 8")
    assert len(shelf(library, ids(library, two), size=1).turns) == 1


def effects_by_hand(bundle, knob):
    """What a knob does to scores, written down once more, of mean 0 and standard deviation 1."""
    w = bundle.nested.sae.w_dec.double().numpy()
    towards = sum(weight * w[j] for j, weight in knob.recipe.items()) + (0 if knob.rest is None else knob.rest)
    with torch.inference_mode():
        both = bundle.nested.cfae.decode(torch.tensor(np.stack([towards, 0 * towards]), dtype=torch.float32))
    does = (both[0] - both[1]).double().numpy()
    return (does - does.mean()) / does.std()


@pytest.mark.parametrize("which", ["library", "curved"])
def test_coverage_is_as_its_formula_says(which, request):
    bundle = request.getfixturevalue(which)
    turned = {"concept 3": 0.3, "concept 5": 0.4, "#4": -0.2, "concept 7": -0.1}
    columns = [*of_concept(bundle, 3)[:3], *of_concept(bundle, 7)[:3], 0]
    z = {key: effects_by_hand(bundle, bundle.knobs[key]) for key in turned}

    def depth(effects):
        return np.sort(effects)[-20:].mean()

    expected = []
    for column in columns:
        own = effects_by_hand(bundle, bundle.knobs[f"~{bundle.interactions.item_ids[column]}"])
        up = max(turned[key] * z[key][column] for key in ("concept 3", "concept 5")) / (0.4 * own[column])
        down = sum(-turned[key] * z[key][column] / depth(z[key]) for key in ("#4", "concept 7"))
        expected.append(max(up, 0) - down / (0.4 * own[column] / depth(own)))
    found = coverage(bundle, bundle.knobs.dials(turned), columns)
    assert found == pytest.approx(expected, abs=1e-4)
    assert coverage(bundle, [], columns).tolist() == [0.0] * 7
    alone = f"~{bundle.interactions.item_ids[5]}"
    assert coverage(bundle, bundle.knobs.dials({alone: LARGEST}), [5]) == pytest.approx([1.0])
    assert coverage(bundle, bundle.knobs.dials({alone: -LARGEST}), [5]) == pytest.approx([-1.0])


def test_coverage_tells_which_titles_rise(library):
    """Against the ranks that titles have in readers' whole lists."""
    made = shelf(library, ids(library, [*of_concept(library, 2)[:6], *of_concept(library, 9)[:2]]))
    users = [str(user) for user in library.interactions.user_ids[:40]]
    columns = np.arange(0, library.interactions.n_items, 5)
    dials = library.knobs.dials(amounts(made))
    people = [library.person(user) for user in users]
    before, after = (np.array([p.reference(turned).ranks[columns] for p in people]) for turned in ({}, dials))
    said = coverage(library, dials, columns)
    rises = (np.log2(np.maximum(before, 1)) - np.log2(np.maximum(after, 1))).mean(0)  # what is seen has no rank
    clear = said >= COVERED
    assert clear.any()
    assert rises[clear].min() > np.median(rises[said < 0.05])
    assert np.corrcoef(said, rises)[0, 1] > 0.8


def test_what_comes_beside_the_shelf_is_counted_in_readers_lists(library):
    told = of_concept(library, 4)[:6]
    made = shelf(library, ids(library, told))
    data = library.interactions
    rows = np.unique(np.linspace(0, data.n_users - 1, READERS).astype(int))
    assert made.readers == len(rows) == READERS
    lists = {
        turned: [
            {row["item_id"] for row in library.person(str(data.user_ids[row])).recommend(dials).rows}
            for row in rows[:READERS]
        ]
        for turned, dials in (("before", {}), ("after", amounts(made)))
    }
    for one in made.beyond[:6]:
        assert one.item not in ids(library, told)
        for turned, said in (("before", one.before), ("after", one.after)):
            assert said == pytest.approx(np.mean([one.item in listed for listed in lists[turned]]), abs=0.011)
    gains = [one.after - one.before for one in made.beyond]
    assert gains == sorted(gains, reverse=True)
    assert gains[-1] > 0


def test_its_recipe_is_one_like_any_other(library):
    made = shelf(library, ids(library, of_concept(library, 3)[:5]), ids(library, of_concept(library, 7)[:2]))
    recipe = made.recipe("my-shelf")
    assert recipe.dials == made.turns
    assert recipe.bundle == library.id
    assert recipe.shelf == Wanted(
        wanted=ids(library, of_concept(library, 3)[:5]), unwanted=ids(library, of_concept(library, 7)[:2])
    )
    assert all(turn.effects for turn in recipe.dials)
    assert recipe_of(recipe.model_dump(mode="json", exclude_defaults=True)) == recipe


def test_how_it_is_said():
    assert OnShelf("i1", "Item 1", 0.714).said == "covered .71"
    assert OnShelf("i1", "Item 1", 1.0).said == "covered 1.00"
    assert OnShelf("i1", "Item 1", 0.19).said == "not covered"


def test_what_cannot_be_is_named(library):
    with pytest.raises(ConfigError, match=r"wanted or unwanted, found 'Item 2 .*, which is both"):
        shelf(library, ["i1", "i2"], ["i2"])
    with pytest.raises(UnknownNameError, match=r"unwanted titles by their ids .*found 'gone'"):
        shelf(library, ["i1"], ["gone"])
    with pytest.raises(UnknownNameError, match="wanted titles by their ids"):
        shelf(library, ["Item 1"])
    with pytest.raises(ConfigError, match="at least one title"):
        shelf(library, [], ["i1"])
    for size in (0, 11):
        with pytest.raises(ConfigError, match="a size from 1 to 10"):
            shelf(library, ["i1"], size=size)
    data = library.interactions
    column = data.column_of["i4"]
    lonely = data.matrix.tolil()
    lonely[:, column] = 0
    alone = dataclasses.replace(library, interactions=dataclasses.replace(data, matrix=sp.csr_matrix(lonely)))
    with pytest.raises(DataError, match=r"'Item 4 .*, which nobody does"):
        shelf(alone, ["i1", "i4"])
    none = [dataclasses.replace(made, recipe={}) for made in library.recipes]
    dead = [dataclasses.replace(label, top_items=()) for label in library.labels]
    with pytest.raises(DataError, match="a knob that lifts these titles, found none for 'Item 1"):
        shelf(dataclasses.replace(library, recipes=none, labels=dead), ["i1"])


def test_a_title_given_twice_counts_once_and_a_bundle_without_tags_will_do(library):
    once = shelf(library, ["i1", "i2"])
    assert shelf(library, ["i1", "i2", "i1"]) == once
    none = dataclasses.replace(library.interactions, tags=library.interactions.tags.iloc[:0])
    assert shelf(dataclasses.replace(library, interactions=none), ["i1", "i2"]).turns
