"""Who is drawn: strata by hand, seeds, segments, newcomers, and how many a frame has room for."""

import numpy as np
import pytest

from knobs_core.audience import draw, most_readers
from knobs_core.audience.readers import COST, FEW, MANY, NEW, SMALL, SOME, shares
from knobs_core.base import ConfigError


def test_strata_give_in_proportion_and_the_largest_remainders_one_more():
    """7 of 40, 25 and 35: exactly 2.8, 1.75 and 2.45, so that the second seat goes to .8 and the next to .75."""
    assert shares(np.array([40, 25, 35]), 7).tolist() == [3, 2, 2]
    assert shares(np.array([1, 1, 1, 1]), 2).tolist() == [1, 1, 0, 0]
    assert shares(np.array([3, 0, 9]), 12).tolist() == [3, 0, 9]


def test_a_seed_draws_the_same_readers_each_once(library):
    readers, again, other = draw(library, 90, 4), draw(library, 90, 4), draw(library, 90, 5)
    assert readers.rows.tolist() == again.rows.tolist() != other.rows.tolist()
    assert (readers.known != again.known).nnz == 0
    assert len(set(readers.rows[: readers.n].tolist())) == readers.n == 90


def test_segments_are_what_they_are_called(library):
    readers = draw(library, 120, 0)
    likes = library.interactions.matrix.getnnz(axis=1)
    low, high = np.quantile(likes, [1 / 3, 2 / 3])
    own = likes[readers.rows]
    for name, inside in ((FEW, own <= low), (SOME, (own > low) & (own <= high)), (MANY, own > high)):
        assert readers.segments[name].tolist() == np.flatnonzero(inside[: readers.n]).tolist()
    shares_of = [len(readers.segments[name]) / 120 for name in (FEW, SOME, MANY)]
    everybody = [np.mean(likes <= low), np.mean((likes > low) & (likes <= high)), np.mean(likes > high)]
    assert shares_of == pytest.approx(everybody, abs=0.05)
    themes = [name for name in readers.segments if name not in (FEW, SOME, MANY, NEW)]
    assert 1 <= len(themes) <= 8
    assert readers.small == tuple(name for name, places in readers.segments.items() if len(places) < SMALL)
    assert set(readers.tested.nonzero()[0]) == {
        place for place, row in enumerate(readers.rows) if row in library.split().test.users
    }


def test_the_favourite_theme_is_the_strongest_of_the_profile(library):
    readers = draw(library, 60, 2)
    titles = {library.knobs.title_of(tag): tag for tag in library.themes.tags}
    shown = [name for name in readers.segments if name in titles]
    for name in shown:
        for place in readers.segments[name].tolist():
            user = library.interactions.user_ids[readers.rows[place]]
            strength = {theme.key: theme.strength for theme in library.person(user).themes(99)}
            others = [strength.get(titles[other], -9.0) for other in shown]
            assert strength[titles[name]] == pytest.approx(max(others))


def test_newcomers_are_readers_of_whom_three_likes_are_known(library):
    readers = draw(library, 60, 2)
    new = readers.segments[NEW]
    assert new.tolist() == list(range(60, 80))
    assert np.diff(readers.known.indptr)[new].tolist() == [3] * 20
    whole = library.interactions.matrix[readers.rows[new]]
    assert (readers.known[new].multiply(whole) != readers.known[new]).nnz == 0
    assert set(readers.rows[new]) <= set(readers.rows[:60])
    assert "20 of them stand in for newcomers, too: only 3 of their likes are known." in readers.sentence
    assert "60 of 600 users" in readers.sentence


def test_everybody_is_taken_where_there_are_no_more(library):
    readers = draw(library, 5_000)
    assert readers.rows[: readers.n].tolist() == list(range(600))
    assert readers.sentence.startswith("All 600 users (seed 0).")
    with pytest.raises(ConfigError, match="at least one reader"):
        draw(library, 0)


def test_a_frame_has_room_for_fewer_readers_of_more_items(library):
    sizes = [most_readers(n, 0.3) for n in (2_080, 40_857, 10**6)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] >= 500 > sizes[2] >= 1
    assert most_readers(2_080, 0.3, linear=False) < sizes[0]
    seconds = 30 * 1.1 * (COST[0] + COST[1] * library.interactions.n_items)
    readers = draw(library, 60, 2, within=seconds + 1e-9)
    assert readers.n == 30
    assert "; 60 would take too long" in readers.sentence
    assert "too long" not in draw(library, 20, 2, within=seconds).sentence
