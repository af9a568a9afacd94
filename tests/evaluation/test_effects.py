"""What knobs do: against a slow rewrite person by person, on planted concepts whose right answers are known."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch

from knobs_core.base.ranking import top_k
from knobs_core.concepts.recipes import concept_recipes
from knobs_core.data.sparse import single_items
from knobs_core.evaluation.effects import AMOUNTS, Effect, Trials, _Audience, _found, measure, trials
from knobs_core.evaluation.metrics import ndcg_at_k
from knobs_core.models.cfae.multvae import MultVAE, MultVAEConfig
from knobs_core.models.nested import Nested
from knobs_core.models.sae.topk import TopKConfig, TopKSAE
from knobs_core.steering.dials import Dial
from tests.plain import plain_scores


@pytest.fixture(scope="module")
def planted(planted_bundle):
    """The arguments that measuring needs, and the study of all knobs of the planted bundle."""
    bundle, data = planted_bundle, planted_bundle.interactions
    tags, tag_items = data.tag_matrix()
    split = bundle.split()
    likes = np.asarray(data.matrix[split.train].sum(0)).ravel()
    codes = bundle.nested.codes(single_items(data.n_items))
    method = partial(concept_recipes, bundle.nested)
    whole = trials(tags, tag_items, bundle.recipes, method, bundle.labels, codes, seed=1)
    return bundle.nested, split.val, whole, tags, tag_items, likes


def some(whole: Trials, rows) -> Trials:
    return Trials([whole.subjects[row] for row in rows], *(matrix[rows] for matrix in whole[1:]))


def slowly(nested, people, subject, about, labelling, scored, tag_items, likes, related):
    """The same facts with one list after the other."""
    n = len(likes)
    percentile = np.array([(likes < x).mean() + (likes == x).mean() / 2 for x in likes])
    carries = tag_items.toarray() > 0
    rows = []
    for amount in AMOUNTS:
        facts = []
        for u in range(len(people.users)):
            lists = []
            for dial in (subject.dial, subject.held_out):
                _, (scores,) = plain_scores(nested, people.inputs[u], [replace(dial, amount=amount)])
                scores = scores.numpy().copy()
                scores[people.inputs[u].indices] = -np.inf
                lists.append([i for i in np.argsort(-scores, kind="stable") if np.isfinite(scores[i])])
            top = lists[0][:20]
            held_out = [i for i in lists[1] if i not in labelling][:20]
            ndcg = ndcg_at_k(np.array([top]), people.targets[[u]])[0]
            facts.append(
                (
                    np.isin(top, about).mean(),
                    np.isin(held_out, scored).mean(),
                    ndcg,
                    percentile[top].mean(),
                    carries[:, top].mean(1),
                )
            )
        rows.append([np.array([fact[part] for fact in facts]) for part in range(5)])
    assert n == tag_items.shape[1]
    q = [np.where(related, 0, row[4].mean(0)) for row in rows]
    q = [one / one.sum() for one in q]
    gain = rows[-1][1] - rows[0][1]
    return {
        "theme": [row[0].mean() for row in rows],
        "held_out": [row[1].mean() for row in rows],
        "kept": [row[2].mean() / rows[0][2].mean() for row in rows],
        "popularity": [row[3].mean() for row in rows],
        "off_target": [np.abs(one - q[0]).sum() for one in q],
        "clear": gain.mean() / (gain.std(ddof=1) / np.sqrt(len(gain))),
    }


def test_equals_a_slow_rewrite(planted):
    nested, people, whole, tags, tag_items, likes = planted
    people = type(people)(*(part[:12] for part in people))
    like = next(row for row, subject in enumerate(whole.subjects) if subject.theme < 0)
    named = next(row for row, subject in enumerate(whole.subjects) if subject.key[0] == "#" and subject.theme >= 0)
    rows = [0, 5, named, like]
    measured = measure(nested, people, some(whole, rows), tags, tag_items, likes, seed=0)
    for row, effect in zip(rows, measured, strict=True):
        parts = [matrix[[row]].indices for matrix in whole[1:]]
        about = np.isin(np.arange(len(likes)), parts[0])
        carries = tag_items.toarray() > 0
        with np.errstate(divide="ignore"):
            information = np.log((carries & about).mean(1) / (carries.mean(1) * about.mean()))
        related = (information > 1) | (np.arange(len(tags)) == whole.subjects[row].theme)
        expected = slowly(nested, people, whole.subjects[row], *parts, tag_items, likes, related)
        assert effect.key == whole.subjects[row].key
        assert effect.n_people == 12
        for name, value in expected.items():
            assert getattr(effect, name) == pytest.approx(value, abs=1e-5), (effect.key, name)


def test_right_knobs_do_what_they_say_and_wrong_names_do_not(planted):
    nested, people, whole, tags, tag_items, likes = planted
    concepts = [row for row, subject in enumerate(whole.subjects) if subject.key[0] != "#"]
    right = measure(nested, people, some(whole, concepts), tags, tag_items, likes, seed=0)
    assert np.mean([effect.proven for effect in right]) > 0.8
    assert np.mean([effect.held_out[2] / max(effect.held_out[0], 1e-3) for effect in right]) > 2
    # The same recipes under each other's names.
    shifted = concepts[1:] + concepts[:1]
    subjects = [
        whole.subjects[name]._replace(
            recipe=whole.subjects[row].recipe, held_out_recipe=whole.subjects[row].held_out_recipe
        )
        for row, name in zip(concepts, shifted, strict=True)
    ]
    wrong = measure(nested, people, Trials(subjects, *some(whole, shifted)[1:]), tags, tag_items, likes, seed=0)
    assert np.mean([effect.proven for effect in wrong]) < 0.1
    assert np.mean([bool(effect.weak) for effect in wrong]) > 0.9


def test_what_names_were_made_from_is_never_asked_for(planted, monkeypatch):
    _, _, whole, *_ = planted
    assert whole.labelling.multiply(whole.scored).nnz == 0
    assert (whole.labelling.astype(int) + whole.scored.astype(int) != whole.about.astype(int)).nnz == 0
    top = np.array([[[3, 1, 4, 0, -1]]])
    hidden = np.array([[False, True, False, False, False, False]])  # the last column is "no item"
    wanted = np.array([[True, False, False, False, True, False]])
    monkeypatch.setattr("knobs_core.evaluation.effects.K", 2)
    assert _found(top, hidden, wanted) == 1 / 2  # of 3 and 4, as 1 is hidden; 0 comes too late


def test_recipes_are_made_anew_from_the_labelling_half(planted_bundle):
    tags, tag_items = planted_bundle.interactions.tag_matrix()
    asked = []

    def method(assignments):
        asked.append(assignments)
        return [{7: 1.0}] * len(tags)

    whole = trials(tags, tag_items, planted_bundle.recipes, method, [], tag_items.T.tocsr(), seed=1)
    assert [one.held_out_recipe for one in whole.subjects] == [{7: 1.0}] * len(whole.subjects)
    assert (asked[0].getnnz(axis=1) == -(-tag_items.getnnz(axis=1) // 2)).all()


def test_a_neuron_without_a_tag_is_asked_about_the_titles_that_are_not_in_its_name(planted):
    whole = planted[2]
    row = next(row for row, subject in enumerate(whole.subjects) if subject.theme < 0)
    assert whole.labelling[[row]].nnz == 2
    assert whole.about[[row]].nnz <= 20


def test_large_bundles_are_bounded(planted, monkeypatch):
    """Fewer people are asked before knobs are left out, and the first knobs stay."""
    nested, people, whole, tags, tag_items, likes = planted
    arguments = nested, people, whole, tags, tag_items, likes
    monkeypatch.setattr("knobs_core.evaluation.effects.ENTRIES", (1e3, 1e9))
    assert {effect.n_people for effect in measure(*arguments, seed=0)} == {16}
    monkeypatch.setattr("knobs_core.evaluation.effects.ENTRIES", (1e3, 16 * 2 * len(likes) * 2 * 5))
    keys = [effect.key for effect in measure(*arguments, seed=0)]
    assert keys == [subject.key for subject in whole.subjects[: len(keys)]]
    assert 5 <= len(keys) <= 10


@pytest.mark.parametrize(
    ("theme", "held_out", "clear", "key", "proven", "weak"),
    [
        ((0.1, 0.2, 0.4), (0.05, 0.1, 0.2), 9, "horror", True, ""),
        ((0.1, 0.2, 0.4), (0.05, 0.1, 0.2), 2, "horror", False, ""),
        ((0.1, 0.2, 0.4), (0.05, 0.05, 0.05), 0, "horror", False, ""),
        ((0.1, 0.2, 0.4), (0.05, 0.05, 0.05), 0, "#3", False, "some people"),
        ((0.1, 0.1, 0.12), (0.05, 0.05, 0.05), 0, "horror", False, "10.0% of the list, then 12.0%"),
        ((0.0, 0.001, 0.005), (0.0, 0.001, 0.005), 9, "#3", False, "hardly"),
        ((0.8, 0.85, 0.9), (0.8, 0.85, 0.9), 5, "drama", True, ""),  # odds 4 to 9
    ],
)
def test_verdicts(theme, held_out, clear, key, proven, weak):
    effect = Effect(key, 48, theme, held_out, (1, 1, 1), (0, 0, 0), (0.5,) * 3, clear, ())
    assert effect.proven == proven
    assert weak in effect.weak if weak else not effect.weak


@torch.inference_mode()
def test_lists_of_a_decoder_that_is_not_linear(planted):
    """With MultVAE steered embeddings are decoded; the lists are those of everybody alone."""
    people = planted[1]
    generator = torch.Generator().manual_seed(0)
    outer = MultVAE(people.inputs.shape[1], MultVAEConfig(dim=16), generator)
    nested = Nested(outer, TopKSAE(outer.d_embed, TopKConfig(k=4), generator))
    audience = _Audience(nested, people, 9, seed=0)
    dials = [Dial({3: 1.0}, 0.3), Dial({5: 0.25, 9: 0.75}, 0.3)]
    top = audience.top(dials, 0.3, 20)
    chosen = np.sort(np.random.default_rng(0).permutation(len(people.users))[:9])
    for dial, lists in zip(dials, top, strict=True):
        for row, listed in zip(chosen, lists, strict=True):
            _, (scores,) = plain_scores(nested, people.inputs[row], [dial])
            assert np.array_equal(listed, top_k(scores[None], people.inputs[[row]], 20)[0])
