"""What a recipe does to an audience, against counting reader by reader."""

import numpy as np
import pytest

from knobs_core.audience import Audience, compare, draw
from knobs_core.evaluation import popularity_percentiles
from knobs_core.lists import HouseRules, Rules, list_for
from knobs_core.steering import own
from tests.audience.conftest import DIALS, RULES, exposures, person_of, recipe


@pytest.fixture(scope="module")
def effect(people):
    return compare(people, people.lists(recipe(**RULES)), people.lists(recipe(dials=DIALS, **RULES)))


def columns(lists, reader):
    return [column for column, _ in lists.row(reader)]


def test_exposure_is_the_share_of_readers_whose_list_has_a_title(people, effect):
    n_items = people.bundle.interactions.n_items
    for lists, found in zip((effect.before, effect.after), effect.everybody.exposure, strict=True):
        assert found == pytest.approx(exposures(lists, 60, n_items))
    some = people.readers.segments["Few likes"]
    counted = np.mean([7 in columns(effect.after, reader) for reader in some])
    assert effect.segments["Few likes"].exposure[1, 7] == pytest.approx(counted)


def test_what_is_kept_of_each_list(effect):
    kept, untouched = [], []
    for reader in range(60):
        before, after = (columns(lists, reader) for lists in (effect.before, effect.after))
        kept.append(len(set(before) & set(after)) / len(before))
        untouched.append(set(before) == set(after))
    assert effect.kept[:60].tolist() == pytest.approx(kept)
    assert effect.everybody.kept == pytest.approx(np.mean(kept))
    assert effect.everybody.untouched == sum(untouched)
    assert 0 < np.mean(kept) < 1


def test_a_list_in_another_order_has_the_same_titles(people):
    """Pins at other places change the order alone; a shorter list is another one."""
    one, two = (recipe(pins=({"item": "i5", "place": a}, {"item": "i6", "place": b})) for a, b in ((1, 2), (2, 1)))
    found = compare(people, people.lists(one), people.lists(two))
    same = sum(columns(found.before, reader) == columns(found.after, reader) for reader in range(60))
    assert found.everybody.untouched == 60
    assert found.everybody.same_order == same < 60
    shorter = compare(people, people.lists(recipe()), people.lists(recipe(length=11)))
    assert shorter.everybody.untouched == shorter.everybody.same_order == 0
    assert shorter.kept.tolist() == pytest.approx([11 / 12] * 80)
    same = compare(people, people.lists(recipe()), people.lists(recipe()))
    assert same.everybody.same_order == 60


def test_own_taste_is_that_of_each_reader(people, effect):
    for reader in (0, 7, 31, 64):
        taste = person_of(people, reader).taste
        for lists in (effect.before, effect.after):
            assert lists.own[reader] == pytest.approx(own(taste, np.array(columns(lists, reader))))
    assert effect.everybody.own == pytest.approx((effect.before.own[:60].mean(), effect.after.own[:60].mean()))


def test_popularity_is_that_of_the_listed_titles(people, effect):
    data = people.bundle.interactions
    likes = data.matrix.getnnz(axis=0)
    listed = [columns(effect.after, reader) for reader in range(60)]
    assert effect.everybody.popularity[1] == pytest.approx(
        np.mean([np.mean(likes[one]) / data.n_users for one in listed])
    )
    percentile = popularity_percentiles(likes)
    assert effect.everybody.percentile[1] == pytest.approx(np.mean([np.mean(percentile[one]) for one in listed]))


def test_hidden_likes_are_looked_for_in_lists_made_without_them(people, effect):
    """A fifth of the likes, rounded up, are hidden; the list comes from the rest; nDCG by hand."""
    known, data, made = people.readers.known, people.bundle.interactions, recipe(dials=DIALS, **RULES)
    rules = Rules(people.bundle, made)
    for reader in (0, 5, 17, 40, 61, 70):
        hidden = set(people.hidden[reader].indices.tolist())
        likes = set(data.matrix[people.readers.rows[reader]].indices.tolist())
        shown = set(known[reader].indices.tolist()) - hidden
        if reader < 60:
            assert len(hidden) == -(-len(likes) // 5)
        else:
            assert hidden == likes - set(known[reader].indices.tolist())
        person = people.bundle.person(items=data.item_ids[sorted(shown)].tolist())
        listed = [row.column for row in list_for(person, rules, rules.dials(made.dials))]
        gain = sum(1 / np.log2(rank + 2) for rank, item in enumerate(listed) if item in hidden)
        best = sum(1 / np.log2(rank + 2) for rank in range(min(len(hidden), made.length)))
        assert effect.after.accuracy[reader] == pytest.approx(gain / best)
    tested = np.flatnonzero(people.readers.tested[:60])
    assert len(tested)
    assert effect.tested.ndcg[1] == pytest.approx(effect.after.accuracy[tested].mean())
    assert effect.everybody.ndcg[0] == pytest.approx(effect.before.accuracy[:60].mean())


def test_the_best_and_the_worst_served_are_named_ties_by_place(people, effect):
    order = sorted(range(60), key=lambda reader: (-effect.after.own[reader], reader))
    assert effect.everybody.best.tolist() == order[:10]
    assert effect.everybody.worst.tolist() == sorted(range(60), key=lambda r: (effect.after.own[r], r))[:10]
    nobody = people.lists(recipe(), HouseRules(bans=tuple(people.bundle.interactions.item_ids.tolist())))
    alike = compare(people, effect.before, nobody).everybody  # all of them are served alike
    assert alike.best.tolist() == alike.worst.tolist() == list(range(10))
    some = effect.segments["Many likes"]
    assert set(some.best) | set(some.worst) <= set(some.places)


def test_an_audience_is_shared_and_stays_as_it_is(library):
    people = Audience(library, draw(library, 20, seed=9))
    before = people.crowd.base.clone()
    first = people.lists(recipe(dials=DIALS, **RULES)).items.copy()
    compare(people, people.lists(recipe()), people.lists(recipe(dials=DIALS))).of(np.arange(20))
    assert (people.crowd.base == before).all()
    assert (people.lists(recipe(dials=DIALS, **RULES)).items == first).all()


def test_the_table_of_titles_is_a_file_that_spreadsheets_open_safely(effect):
    titles = effect.titles
    before, after = effect.everybody.exposure
    columns_of = effect.audience.bundle.interactions.column_of
    assert len(titles) == np.count_nonzero((before > 0) | (after > 0))
    assert titles["after"].is_monotonic_decreasing
    for row in titles.head(9).itertuples():
        assert (row.before, row.after) == (before[columns_of[row.item_id]], after[columns_of[row.item_id]])
    head, *lines = effect.csv.splitlines()
    assert head == "\ufeffitem_id,title,before,after"
    assert len(lines) == len(titles)
