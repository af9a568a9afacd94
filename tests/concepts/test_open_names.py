"""Names from an open vocabulary: planted words are found and hold, exchanged ones do not, and halves stay apart."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from sklearn.metrics import roc_auc_score

from knobs_core.concepts.heldout import permuted
from knobs_core.concepts.open_names import (
    LUCK,
    SMALLEST,
    Judge,
    groups_of,
    names_of,
    strongest_items,
    texts_of,
    vocabulary,
)
from knobs_core.data import Interactions
from tests.speech import WordCounts

PLANTED = ("vampire", "western", "prison", "hockey", "opera", "pirate", "robot", "wedding", "dragon", "lawyer")
N_ITEMS = 400


def planted_words(description=None):
    """400 items that ten people like; a tenth of them have one of ten words in their titles."""
    rng = np.random.default_rng(0)
    ids = [f"i{i:03}" for i in range(N_ITEMS)]
    likes = pd.DataFrame([(f"u{u}", item) for u in range(10) for item in ids], columns=["user_id", "item_id"])
    filling = [f"{''.join(rng.choice(list('bcdfgk'), 5))}ou" for _ in ids]
    items = pd.DataFrame({
        "item_id": ids,
        "title": [f"{PLANTED[i % 10].title()} {filling[i]}" for i in range(N_ITEMS)],
        "genres": ["All|Odd" if i % 2 else "All" for i in range(N_ITEMS)],
    })  # fmt: skip
    if description:
        items["title"] = filling
        items["description"] = [f"{description} {PLANTED[i % 10]}." for i in range(N_ITEMS)]
    tags = pd.DataFrame({"item_id": ids, "tag": ["1980s" if i % 3 else "seen" for i in range(N_ITEMS)]})
    return Interactions.from_frames(likes, items, tags, min_user_interactions=2)


@pytest.fixture(scope="module")
def data():
    return planted_words()


@pytest.fixture(scope="module")
def known(data):
    return vocabulary(data, WordCounts())


@pytest.fixture(scope="module")
def groups(known):
    """The items of each word, which are 40, and ten groups of 40 drawn blindly."""
    rng = np.random.default_rng(1)
    planted = [np.arange(N_ITEMS)[np.arange(N_ITEMS) % 10 == word] for word in range(10)]
    return groups_of([*planted, *(rng.permutation(N_ITEMS)[:40] for _ in range(10))], N_ITEMS)


@pytest.fixture(scope="module")
def judge(known, groups):
    return Judge(known, groups, seed=0, null_size=200)


def names(known, judge):
    rows = judge.chosen()[:, 0]
    return [known.names[row] for row in rows], known.words[rows]


def test_the_word_that_titles_share_is_their_name_and_holds(known, judge):
    said, vectors = names(known, judge)
    held_out = judge.held_out(vectors)
    holds = judge.holds(vectors, held_out)
    assert [word.lower() for word in said[:10]] == list(PLANTED)
    assert holds[:10].all()
    assert (held_out[:10] > 0.95).all()
    assert holds[10:].sum() <= 1
    assert judge.luck(held_out)[:10] == pytest.approx(1 / (1 + len(judge._luck)))


def test_a_name_holds_only_if_it_is_no_luck_and_the_other_half_means_the_same(known, judge):
    _, vectors = names(known, judge)
    high, low = np.ones(len(vectors)), np.full(len(vectors), 0.5)
    assert judge.holds(vectors, high)[:10].all()
    assert not judge.holds(vectors, low)[:10].any()
    others = np.vstack([np.roll(vectors[:10], 1, axis=0), vectors[10:]])
    assert not judge.holds(others, high)[:10].any()


def test_of_exchanged_items_hardly_any_name_holds(known, groups):
    exchanged = permuted(groups[:10], known.likes, seed=9)
    luckless = Judge(known, exchanged, seed=0, null=groups, null_size=200)
    _, vectors = names(known, luckless)
    assert luckless.holds(vectors, luckless.held_out(vectors)).sum() <= 1
    assert luckless.by_luck <= LUCK


def test_a_name_is_held_out_as_scikit_learn_has_it(known, judge):
    _, vectors = names(known, judge)
    for row in (0, 12):
        wanted = judge._dealt.members[1][[row]].indices
        others = np.flatnonzero(judge._dealt._others[1][row])
        scores = known.items[np.concatenate([wanted, others])] @ vectors[row]
        truth = np.repeat([1, 0], [len(wanted), len(others)])
        assert judge.held_out(vectors)[row] == pytest.approx(roc_auc_score(truth, scores))


def test_items_that_score_a_name_have_no_say_in_it(known, groups, judge):
    """All items of the scored halves, other items' too, swap their texts: the names stay, and score by chance."""
    first = groups[:1]
    wanted = judge._dealt.members[1][[0]].indices
    others = np.flatnonzero(judge._dealt._others[1][0])
    halves = {0: judge.labelling(0), 1: wanted}
    assert not set(halves[0]) & set(halves[1])
    assert sorted([*halves[0], *halves[1]]) == first.indices.tolist()
    scored = np.concatenate([wanted, others])
    items = known.items.copy()
    items[scored] = items[np.random.default_rng(3).permutation(scored)]
    swapped = Judge(known._replace(items=items), groups, seed=0, null_size=40)
    assert swapped.chosen()[0, 0] == judge.chosen()[0, 0]
    vector = known.words[judge.chosen()[:, 0]]
    assert abs(swapped.held_out(vector)[0] - 0.5) < 0.2


def test_the_direction_is_that_of_the_means_of_the_labelling_halves(known, judge):
    inside = judge.labelling(3)
    outside = np.flatnonzero(judge._dealt._others[0][3])
    away = known.items[inside].mean(0) - known.items[outside].mean(0)
    assert judge._dealt.direction(0)[3] == pytest.approx(away / np.linalg.norm(away), abs=1e-6)
    assert not set(outside) & set(np.flatnonzero(judge._dealt._others[1][3]))


def test_descriptions_speak_where_there_are_any(groups):
    known = vocabulary(planted_words("A long story of a"), WordCounts())
    judge = Judge(known, groups, seed=0, null_size=200)
    said, vectors = names(known, judge)
    assert [word.lower() for word in said[:10]] == list(PLANTED)  # in no title: everyday words, all of them
    assert judge.holds(vectors, judge.held_out(vectors))[:10].all()


def test_names_are_tags_genres_words_of_titles_and_everyday_ones_but_no_decades(data, known):
    for name in ("seen", "Odd", "vampire", "zombies", "film noir"):
        assert any(one.lower() == name.lower() for one in known.names), name
    assert not [one for one in known.names if one in ("1980s", "eighties", "the eighties")]
    assert len({one.lower() for one in known.names}) == len(known.names)
    assert max(len(one.split()) for one in names_of(data, known.columns)) <= 3
    texts = dict(texts_of(data, known.columns))
    assert texts[0].startswith("Vampire ")
    assert texts[0].endswith("All. seen")
    assert "1980s" not in texts[1]


def test_the_group_of_a_neuron_is_what_activates_it_most():
    codes = sp.csr_matrix(np.column_stack([np.arange(100) / 10, np.eye(1, 100)[0], np.full(100, 2.0)]))
    groups = strongest_items(codes, np.arange(100), [0, 1, 2])
    assert groups[[0]].indices.tolist() == list(range(40, 100))
    assert groups[[1]].nnz == 0  # fewer than eight
    assert groups[[2]].indices.tolist() == list(range(40, 100))  # as strong: the more liked ones
    assert strongest_items(codes[:SMALLEST], np.arange(SMALLEST), [2]).nnz == SMALLEST
