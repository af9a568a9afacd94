"""What knobs do: against a slow rewrite person by person, on planted concepts whose right answers are known."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch

from knobs_core.base.ranking import top_k
from knobs_core.concepts.recipes import concept_recipes
from knobs_core.data.sparse import single_items
from knobs_core.evaluation import climbs, effects, testers
from knobs_core.evaluation.effects import AMOUNTS, GRADES, Effect, measure, subjects
from knobs_core.evaluation.metrics import ndcg_at_k
from knobs_core.models.cfae.multvae import MultVAE, MultVAEConfig
from knobs_core.models.nested import Nested
from knobs_core.models.sae.topk import TopKConfig, TopKSAE
from knobs_core.steering.dials import Dial
from tests.plain import plain_scores


@pytest.fixture(scope="module")
def planted(planted_bundle):
    """All knobs of the planted bundle that promise something, and the arguments that measuring needs before and after
    them."""
    bundle, data = planted_bundle, planted_bundle.interactions
    tags, tag_items = data.tag_matrix()
    likes = data.matrix.getnnz(axis=0)
    codes = bundle.nested.codes(single_items(data.n_items))
    tried = subjects(tags, tag_items, bundle.recipes, bundle.labels, codes, likes)
    method = partial(concept_recipes, bundle.nested)
    return tried, (bundle.nested, bundle.split().val), (method, tags, tag_items, likes)


@pytest.fixture(scope="module")
def measured(planted):
    tried, before, after = planted
    return measure(*before, tried, *after, seed=0)


def slowly(nested, people, subject, about, tag_items, likes, related):
    """The same facts with one list after the other."""
    percentile = np.array([(likes < x).mean() + (likes == x).mean() / 2 for x in likes])
    carries = tag_items.toarray() > 0
    rows = []
    for amount in AMOUNTS:
        facts = []
        for u in range(len(people.users)):
            _, (scores,) = plain_scores(nested, people.inputs[u], [replace(subject.dial, amount=amount)])
            scores = scores.numpy().copy()
            scores[people.inputs[u].indices] = -np.inf
            top = np.argsort(-scores, kind="stable")[:20]
            ndcg = ndcg_at_k(top[None], people.targets[[u]])[0]
            facts.append((np.isin(top, about).mean(), ndcg, percentile[top].mean(), carries[:, top].mean(1)))
        rows.append([np.mean([fact[part] for fact in facts], axis=0) for part in range(4)])
    q = [np.where(related, 0, row[3]) for row in rows]
    q = [one / one.sum() for one in q]
    return {
        "theme": [row[0] for row in rows],
        "kept": [row[1] / rows[0][1] for row in rows],
        "popularity": [row[2] for row in rows],
        "off_target": [np.abs(one - q[0]).sum() for one in q],
    }


def test_lists_equal_a_slow_rewrite(planted):
    tried, (nested, people), (method, tags, tag_items, likes) = planted
    people = type(people)(*(part[:12] for part in people))
    some = [tried[0], tried[5], next(one for one in tried if one.first is not None)]
    found = measure(nested, people, some, method, tags, tag_items, likes, seed=0)
    for subject, effect in zip(some, found, strict=True):
        carries = tag_items.toarray() > 0
        about = carries[subject.theme]
        with np.errstate(divide="ignore"):
            information = np.log((carries & about).mean(1) / (carries.mean(1) * about.mean()))
        related = (information > 1) | (np.arange(len(tags)) == subject.theme)
        expected = slowly(nested, people, subject, np.flatnonzero(about), tag_items, likes, related)
        assert (effect.key, effect.n_people, effect.tag) == (subject.key, 12, tags[subject.theme])
        for name, value in expected.items():
            assert getattr(effect, name) == pytest.approx(value, abs=1e-5), (effect.key, name)


def test_planted_concepts_find_others_strongly(measured):
    concepts = [effect for effect in measured if effect.key[0] != "#"]
    assert np.mean([effect.grade == GRADES[0] for effect in concepts]) > 0.8
    assert np.mean([effect.turned < effect.rest / 2 for effect in concepts]) > 0.8


def test_a_dial_that_goes_the_wrong_way_is_seen(planted, monkeypatch):
    """With each tag's recipe made from the next tag's titles, nothing is found, and the wrong dials bring no theme."""
    tried, before, (method, tags, tag_items, likes) = planted
    concepts = [one for one in tried if one.first is None]
    dials = {one.theme: one.dial for one in concepts}
    wrong = [one._replace(dial=dials[(one.theme + 1) % len(tags)]) for one in concepts]
    monkeypatch.setattr(climbs, "EXCHANGED", 48)
    found = measure(
        *before, wrong, lambda assignments: np.roll(method(assignments), -1), tags, tag_items, likes, seed=0
    )
    assert not any(effect.finds for effect in found)
    assert np.mean([bool(effect.weak) for effect in found]) > 0.9


def test_only_what_promises_something_is_measured(planted, planted_bundle):
    tried, _, (_, tags, tag_items, likes) = planted
    named = {f"#{label.neuron}": label for label in planted_bundle.labels if label.tags}
    assert named
    assert {one.key for one in tried} == {*tags, *named}
    codes = planted_bundle.nested.codes(single_items(len(likes))).toarray()
    for one in tried:
        if one.first is not None:
            label = named[one.key]
            best = sorted(np.flatnonzero(likes >= 5), key=lambda i: -codes[i, label.neuron])[:20]
            assert set(one.first.tolist()) == {i for i in best if codes[i, label.neuron] > 0}
            assert set(label.top_items) <= set(one.first.tolist())
            carried = np.isin(one.first, tag_items[[one.theme]].indices)
            assert carried.sum() / 20 == label.tags[0][1]


def test_neurons_are_never_judged_by_titles_that_named_them(planted, measured):
    tried, _, (_, _, tag_items, _) = planted
    for one, effect in zip(tried, measured, strict=True):
        if one.first is not None and effect.tested:
            assert effect.n_titles == len(np.setdiff1d(tag_items[[one.theme]].indices, one.first))


def test_large_bundles_are_bounded(planted, monkeypatch):
    """Fewer people are asked before knobs are left out, and the first knobs stay."""
    tried, before, after = planted
    monkeypatch.setattr(climbs, "EXCHANGED", 12)
    monkeypatch.setattr(effects, "EXCHANGED", 12)
    monkeypatch.setattr(effects, "ENTRIES", (1e3, 1e9))
    assert {effect.n_people for effect in measure(*before, tried, *after, seed=0)} == {16}
    monkeypatch.setattr(effects, "ENTRIES", (1e3, 16 * len(after[-1]) * (12 * 4 + 5 * 6)))
    assert [effect.key for effect in measure(*before, tried, *after, seed=0)] == [one.key for one in tried[:5]]


@pytest.mark.parametrize(
    ("n_titles", "bits", "no_luck", "theme", "grade", "weak"),
    [
        (9, 1.0, True, (0.1, 0.2, 0.4), "finds others strongly", False),
        (9, 0.99, True, (0.1, 0.1, 0.1), "finds others", False),
        (9, 0.49, True, (0.1, 0.2, 0.4), "brings what it was told", False),
        (9, 3.0, False, (0.1, 0.2, 0.4), "brings what it was told", False),
        (9, 3.0, False, (0.1, 0.1, 0.12), "cannot tell", True),
        (3, 0.0, False, (0.1, 0.2, 0.4), "cannot tell", False),
        (3, 0.0, False, (0.0, 0.001, 0.005), "cannot tell", True),
        (9, 0.1, False, (0.8, 0.85, 0.9), "brings what it was told", False),  # odds 4 to 9
    ],
)
def test_grades(n_titles, bits, no_luck, theme, grade, weak):
    effect = made_up(n_titles=n_titles, bits=bits, no_luck=no_luck, theme=theme)
    assert effect.grade == grade
    assert effect.finds == grade.startswith("finds others")
    assert bool(effect.weak) == weak


def made_up(**facts):
    given = {"key": "horror", "tag": "horror", "n_people": 16, "n_titles": 9, "n_items": 3706, "rest": 1874.0}
    given |= {"turned": 21.4, "bits": 2.0, "p": 0.01, "no_luck": True, "theme": (0.1, 0.2, 0.4), "kept": (1.0,) * 3}
    return Effect(**given | {"off_target": (0.0,) * 3, "popularity": (0.5,) * 3, "rises": ()} | facts)


@pytest.mark.parametrize(
    ("facts", "name", "sentence"),
    [
        ({}, "", 'a "horror" title it was never told about climbs from place 1,874 to 21 of 3,706'),
        ({}, "anime", 'an "anime" title it was never told about climbs from place 1,874 to 21 of 3,706'),
        ({"key": "#3"}, "", 'a "horror" title it was not named after climbs from place 1,874 to 21 of 3,706'),
        ({"turned": 1875}, "", 'a "horror" title it was never told about falls from place 1,874 to 1,875 of 3,706'),
        ({"turned": 1874.3}, "", 'a "horror" title it was never told about stays at place 1,874 of 3,706'),
        ({"n_titles": 1}, "", 'too few titles to put some aside: 1 title tagged "horror"'),
        (
            {"key": "#3", "n_titles": 0},
            "",
            'too few titles to put some aside: 0 titles tagged "horror" beside those that named it',
        ),
    ],
)  # fmt: skip
def test_sentences(facts, name, sentence):
    assert made_up(**facts).sentence(name) == sentence


@torch.inference_mode()
def test_lists_of_a_decoder_that_is_not_linear(planted):
    """With MultVAE steered embeddings are decoded; the lists are those of everybody alone."""
    _, (_, people), _ = planted
    generator = torch.Generator().manual_seed(0)
    outer = MultVAE(people.inputs.shape[1], MultVAEConfig(dim=16), generator)
    nested = Nested(outer, TopKSAE(outer.d_embed, TopKConfig(k=4), generator))
    asked = testers.Testers(nested, people, 9, seed=0)
    dials = [Dial({3: 1.0}, 0.3), Dial({5: 0.25, 9: 0.75}, 0.3)]
    top = asked.top(dials, 0.3, 20)
    chosen = np.sort(np.random.default_rng(0).permutation(len(people.users))[:9])
    for dial, lists in zip(dials, top, strict=True):
        for row, listed in zip(chosen, lists, strict=True):
            _, (scores,) = plain_scores(nested, people.inputs[row], [dial])
            assert np.array_equal(listed, top_k(scores[None], people.inputs[[row]], 20)[0])
