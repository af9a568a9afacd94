"""Whether titles climb that a knob was not told about: against a slow rewrite person by person, and against luck."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.stats import false_discovery_control

from knobs_core.concepts.heldout import permuted
from knobs_core.concepts.recipes import concept_recipes
from knobs_core.data.sparse import keep_entries
from knobs_core.evaluation import climbs, testers
from knobs_core.evaluation.climbs import (
    FOLDS,
    Study,
    Trial,
    bands_of,
    concept_climbs,
    exchanged,
    folds_of,
    found,
    passing,
)
from knobs_core.steering.dials import Dial
from tests.plain import plain_scores


@pytest.fixture(scope="module")
def planted(planted_bundle):
    """Nested, people, asked, tag_items, method and likes of the planted bundle."""
    nested, people = planted_bundle.nested, planted_bundle.split().val
    likes = planted_bundle.interactions.matrix.getnnz(axis=0)
    tag_items = planted_bundle.interactions.tag_matrix()[1]
    return (
        nested,
        people,
        testers.Testers(nested, people, 9, seed=0),
        tag_items,
        partial(concept_recipes, nested),
        likes,
    )


def slowly(nested, people, dial, told, tag, likes):
    """Bits of every item and its places at rest and turned, with one list after the other; people who have seen it
    have no place for it."""
    n = len(likes)
    places = np.full((2, len(people.users), n), np.nan)
    for u in range(len(people.users)):
        for turn, dials in enumerate(([], [replace(dial, amount=0.3)])):
            _, (scores,) = plain_scores(nested, people.inputs[u], dials)
            gone = {*people.inputs[u].indices.tolist(), *told}
            ranking = [i for i in np.argsort(-scores.numpy(), kind="stable").tolist() if i not in gone]
            places[turn, u, ranking] = np.arange(1, len(ranking) + 1)
    with np.errstate(invalid="ignore"):
        rise = np.nanmean(np.log2(places[0]) - np.log2(places[1]), axis=0)
    by_popularity = sorted(range(n), key=lambda i: (likes[i], i))
    bits = np.full(n, np.nan)
    for place, i in enumerate(by_popularity):
        band = place * 20 // n
        mates = [j for at, j in enumerate(by_popularity) if at * 20 // n == band and j not in tag]
        bits[i] = rise[i] - np.mean(rise[mates]) if mates else np.nan
    return bits, places


@pytest.mark.filterwarnings("ignore:Mean of empty slice")
def test_equals_a_slow_rewrite(planted):
    nested, people, asked, tag_items, method, likes = planted
    chosen = np.sort(np.random.default_rng(0).permutation(len(people.users))[:9])
    people = type(people)(*(part[chosen] for part in people))
    row = 2
    columns = tag_items[[row]].indices
    folds = folds_of(tag_items, seed=5)
    own = folds[slice(*tag_items.indptr[row : row + 2])]
    every, rest, turned = [], [], []
    for fold in range(FOLDS):
        dial = method(keep_entries(tag_items, folds != fold))[row].dial(1.0)
        told, wanted = columns[own != fold], columns[own == fold]
        bits, places = slowly(nested, people, dial, told.tolist(), columns.tolist(), likes)
        [one] = found(asked, [Trial(dial, told, wanted)], likes)
        untold = np.setdiff1d(np.arange(len(likes)), told)
        np.testing.assert_allclose(one.bits[untold], bits[untold], atol=1e-4)
        for ours, theirs in ((one.rest, places[0]), (one.turned, places[1])):
            np.testing.assert_array_equal(np.sort(ours), np.sort(theirs[:, wanted][~np.isnan(theirs[:, wanted])]))
        every.append(bits[wanted])
        rest.append(one.rest)
        turned.append(one.turned)
    [climb] = concept_climbs(Study(asked, tag_items, [row], method, likes, seed=5))
    assert climb.n_titles == len(columns)
    assert climb.bits == pytest.approx(np.concatenate(every).mean(), abs=1e-4)
    assert climb.rest == np.median(np.concatenate(rest))
    assert climb.turned == np.median(np.concatenate(turned))


def test_planted_concepts_are_found_and_exchanged_ones_are_luck(planted, monkeypatch):
    """Of the p that decide about real concepts, few are reached by exchanged ones of other seeds."""
    monkeypatch.setattr(climbs, "EXCHANGED", 96)
    *_, asked, tag_items, method, likes = planted
    rows = list(range(tag_items.shape[0]))
    real = concept_climbs(Study(asked, tag_items, rows, method, likes, seed=1))
    assert np.mean([climb.bits >= 1 for climb in real]) > 0.8
    assert np.mean(passing(np.array([climb.p for climb in real]))) > 0.8
    assert np.median([climb.turned / climb.rest for climb in real]) < 0.5
    made_up = permuted(tag_items, likes, seed=77)
    by_luck = concept_climbs(Study(asked, made_up, rows, method, likes, seed=1))
    assert not passing(np.array([climb.p for climb in by_luck])).any()
    others = exchanged(Study(asked, tag_items, rows, method, likes, seed=500))
    null = exchanged(Study(asked, tag_items, rows, method, likes, seed=1))
    ours = np.array([climbs._with_p(climb, null).p for climb in others])
    assert np.mean(ours <= 0.05) <= 0.12
    assert 0.4 < ours.mean() < 0.6  # as likely to be high as to be low
    assert max(climb.bits for climb in others) < np.median([climb.bits for climb in real])


def test_folds_share_out_each_tag(planted):
    *_, tag_items, _, _ = planted
    folds = folds_of(tag_items, seed=3)
    for row in range(tag_items.shape[0]):
        counts = np.bincount(folds[slice(*tag_items.indptr[row : row + 2])], minlength=FOLDS)
        assert counts.max() - counts.min() <= 1
    assert (folds != folds_of(tag_items, seed=4)).any()


def test_bands_are_twentieths_by_likes():
    likes = np.random.default_rng(0).permutation(100)
    bands = bands_of(likes)
    assert (np.bincount(bands) == 5).all()
    assert (np.diff(bands[np.argsort(likes)]) >= 0).all()


def test_p_counts_those_of_about_the_same_size(monkeypatch):
    monkeypatch.setattr(climbs, "NEAR", 4)
    near = [climbs.Climb(10, bits, 0, 0, 1) for bits in (0.1, 0.5, 0.7, 0.2)]
    far = [climbs.Climb(100, 9.0, 0, 0, 1)] * 50
    assert climbs._with_p(climbs.Climb(9, 0.5, 0, 0, 1), [*far, *near]).p == 3 / 5
    assert climbs._with_p(climbs.Climb(9, 0.8, 0, 0, 1), [*far, *near]).p == 1 / 5


def test_passing_is_that_of_benjamini_and_hochberg():
    rng = np.random.default_rng(0)
    for _ in range(50):
        p = np.where(rng.random(40) < 0.3, rng.random(40) / 50, rng.random(40))
        np.testing.assert_array_equal(passing(p), false_discovery_control(p) <= 0.1)
    assert passing(np.zeros(0)).shape == (0,)


def test_few_titles_are_not_tried(planted):
    *_, asked, tag_items, method, likes = planted
    few = sp.csr_matrix(tag_items.multiply(sp.csr_matrix(np.arange(len(likes)) < 40)))
    row = int(np.flatnonzero(few.getnnz(axis=1) < FOLDS)[0])
    [climb] = concept_climbs(Study(asked, few, [row], method, likes, seed=0))
    assert climb == climbs.Climb(few.getnnz(axis=1)[row], 0, 0, 0, 1)


def test_a_title_that_all_have_seen_has_no_climb(planted):
    nested, people, _, tag_items, _, likes = planted
    inputs = people.inputs.tolil()
    inputs[:, 7] = 1
    asked = testers.Testers(nested, people._replace(inputs=inputs.tocsr()), 9, seed=0)
    row = int(tag_items[:, [7]].nonzero()[0][0])
    [one] = found(asked, [Trial(Dial({3: 1.0}, 1.0), np.array([], int), tag_items[[row]].indices)], likes)
    assert np.isnan(one.bits[7])
    assert np.isfinite(np.delete(one.bits, 7)).all()
