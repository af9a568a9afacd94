"""The profile of a taste against a NumPy rewrite of its formula, by hand, and on planted people."""

import numpy as np
import pytest
import scipy.sparse as sp

from knobs_core.concepts.profile import MIN_ITEMS, N_BECAUSE, N_NEURONS, Themes
from knobs_core.data.sparse import single_items

N_ITEMS, N_USERS, D = 60, 80, 14


@pytest.fixture(scope="module")
def made_up():
    """Random codes and tags: two on enough items, one on one item too few, one decade, one on none."""
    rng = np.random.default_rng(0)
    items, users = (rng.gamma(1.0, size=(n, D)) * (rng.random((n, D)) < 0.4) for n in (N_ITEMS, N_USERS))
    tags = ["1990s", "drama", "few", "horror", "none"]
    tag_items = np.zeros((5, N_ITEMS))
    for row, size in enumerate((30, MIN_ITEMS, MIN_ITEMS - 1, 25)):
        tag_items[row, rng.permutation(N_ITEMS)[:size]] = rng.integers(1, 5, size)
    return tags, tag_items, items, users


@pytest.fixture(scope="module")
def themes(made_up):
    tags, tag_items, items, users = made_up
    return Themes(tags, *map(sp.csr_matrix, (tag_items, items, users)))


def rewritten(made_up, tag):
    """row_t (d_sae,), and mean and deviation of r_t over training users."""
    tags, tag_items, items, users = made_up
    row = np.maximum(items[tag_items[tags.index(tag)] > 0].mean(0) - items.mean(0), 0)
    row /= np.linalg.norm(row)
    readings = np.array([row @ z / z.sum() for z in users if z.sum()] + [0.0 for z in users if not z.sum()])
    return row, readings.mean(), readings.std()


def test_decades_and_small_tags_are_left_out(themes):
    assert themes.tags == ["drama", "horror"]


@pytest.mark.parametrize("tag", ["1870s", "500s", "-720s", "10s", "1990s"])
def test_a_decade_by_any_name_is_left_out(made_up, tag):
    _, tag_items, items, users = made_up
    parts = map(sp.csr_matrix, (tag_items[[3, 3]], items, users))
    assert Themes([tag, "the 1990s"], *parts).tags == ["the 1990s"]


def test_strengths_equal_a_numpy_rewrite(made_up, themes):
    codes = np.random.default_rng(1).gamma(1.0, size=(9, D))
    codes[4] = 0  # nothing is said of nobody
    found = themes.strengths(codes)
    for column, tag in enumerate(themes.tags):
        row, mean, deviation = rewritten(made_up, tag)
        expected = [((row @ z / z.sum() if z.sum() else 0) - mean) / deviation for z in codes]
        np.testing.assert_allclose(found[:, column], expected, atol=1e-9)


def test_training_users_are_strong_by_nothing_on_average(made_up, themes):
    """Their strengths have mean 0 and deviation 1, which is what a strength is measured in."""
    strengths = themes.strengths(made_up[3])
    np.testing.assert_allclose(strengths.mean(0), 0, atol=1e-9)
    np.testing.assert_allclose(strengths.std(0), 1, atol=1e-9)


def test_a_profile_lists_what_is_above_average_with_its_neurons_and_titles(made_up, themes):
    tags, tag_items, items, _ = made_up
    rng, likes = np.random.default_rng(2), np.sort(np.random.default_rng(3).permutation(N_ITEMS)[:20])
    for _ in range(10):
        code = rng.gamma(0.5, size=D) * (rng.random(D) < 0.5)
        strengths = dict(zip(themes.tags, themes.strengths(code[None])[0], strict=True))
        found = themes.read(code, likes)
        assert [theme.tag for theme in found] == sorted(
            (tag for tag, strength in strengths.items() if strength > 0), key=lambda tag: -strengths[tag]
        )
        for theme in found:
            row, *_ = rewritten(made_up, theme.tag)
            assert theme.strength == pytest.approx(strengths[theme.tag])
            parts = code * row / (code @ row)
            expected = {j: parts[j] for j in np.argsort(-parts)[:N_NEURONS].tolist() if parts[j] > 0}
            assert theme.neurons == pytest.approx(expected)
            assert list(theme.neurons) == list(expected)
            carried = [i for i in likes if tag_items[tags.index(theme.tag), i]]
            assert theme.because == tuple(sorted(carried, key=lambda i: -(items[i] @ row))[:N_BECAUSE])
        assert themes.read(code, likes, n=1) == found[:1]


def test_of_no_likes_or_an_empty_code_little_is_said(themes):
    code = np.ones(D)
    assert all(theme.because == () for theme in themes.read(code, np.array([], int)))
    empty = themes.read(np.zeros(D), np.array([1]))
    assert all(theme.neurons == {} for theme in empty)


def test_planted_people_lean_towards_the_concepts_of_their_likes(planted_bundle):
    """The strongest theme is nearly always one of the concepts that most of somebody's likes carry."""
    data = planted_bundle.interactions
    names, tag_items = data.tag_matrix()
    assert set(planted_bundle.themes.tags) == set(names)  # no decades, and all on at least eight items
    carried = (data.matrix @ (tag_items > 0).T).toarray()
    strongest, all_of_them, typical = [], [], []
    for row in planted_bundle.split().test.users:
        person = planted_bundle.person(user=data.user_ids[row])
        liked = carried[row]
        own = {names[tag] for tag in np.flatnonzero(liked >= 0.2 * liked.sum())}  # one to three of twelve
        found = person.themes(len(own))
        strongest.append(found[0].tag in own)
        all_of_them += [theme.tag in own for theme in found]
        typical += [names[np.flatnonzero(tag_items[:, [i]].toarray())[0]] == found[0].tag for i in found[0].because]
    assert np.mean(strongest) > 0.95  # about one in six by chance
    assert np.mean(all_of_them) > 0.9
    assert np.mean(typical) == 1


def test_profiles_are_read_from_the_bundles_own_codes(planted_bundle):
    data, nested = planted_bundle.interactions, planted_bundle.nested
    tags, tag_items = data.tag_matrix()
    train = nested.codes(data.matrix[planted_bundle.split().train]).toarray()
    given = (tags, tag_items.toarray(), nested.codes(single_items(data.n_items)).toarray().astype(float), train)
    code = planted_bundle.person(user="u3").taste.z
    strengths = planted_bundle.themes.strengths(code[None])[0]
    for column in (0, 5, 11):
        row, mean, deviation = rewritten(given, planted_bundle.themes.tags[column])
        assert strengths[column] == pytest.approx((row @ code / code.sum() - mean) / deviation, rel=1e-4, abs=1e-4)
