"""From data to knobs: planted concepts are found again, accuracy is kept, equal seeds give equal bundles."""

import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from knobs_core import bundles
from knobs_core.base.errors import ConfigError
from knobs_core.bundles.train import second_sae
from knobs_core.concepts.recipes import METHODS
from knobs_core.concepts.similarity import neuron_effects, same_neurons
from knobs_core.concepts.tfidf import concept_map
from knobs_core.data import Interactions, load_data
from knobs_core.data.sparse import single_items
from knobs_core.evaluation.accuracy import accuracy
from knobs_core.steering.dials import Dial
from tests.given import REAL_ARCHIVE, SMALL
from tests.plain import plain_scores, recommend


def test_planted_concepts_are_found_again(planted_bundle):
    """The representative neuron of a planted concept fires for that concept's items first."""
    names, tag_items = planted_bundle.interactions.tag_matrix()
    codes = planted_bundle.nested.codes(single_items(planted_bundle.interactions.n_items)).toarray()
    right = []
    for tag, neuron in enumerate(planted_bundle.concepts.representative()):
        top = np.argsort(-codes[:, neuron])[:5]
        right.append((tag_items[tag].toarray().ravel()[top] > 0).mean())
    assert len(names) == 12
    assert np.mean(right) > 0.8
    named = {label.label.split(",")[0] for label in planted_bundle.labels if label.confidence > 0.5}
    assert len(named & set(names)) >= 9


@pytest.mark.parametrize("kind", ["representative", "recipe"])
def test_turning_a_planted_concept_brings_its_items(planted_bundle, kind):
    names, tag_items = planted_bundle.interactions.tag_matrix()
    split = planted_bundle.split()
    more, fewer, back = 0, 0, 0
    for tag, name in enumerate(names):
        dial = planted_bundle.knobs.find(name).dial(0.4)
        if kind == "representative":
            dial = Dial({int(planted_bundle.concepts.representative()[tag]): 1.0}, 0.4)
        members = tag_items[tag].toarray().ravel() > 0
        for row in range(0, len(split.test.users), 6):
            history = split.test.inputs[row]
            up, down = (
                recommend(planted_bundle.nested, history, [replace(dial, amount=amount)], METHODS[kind].mixing, n=10)
                for amount in (0.4, -1.0)
            )
            more += members[up.items].sum() > members[up.before].sum()
            fewer += members[up.items].sum() < members[up.before].sum()
            back += members[down.items].sum() > members[down.before].sum() + 1
    assert more > 10 * max(fewer, 1)
    assert more > 0.6 * 12 * len(range(0, len(split.test.users), 6))
    assert back < 0.05 * 12 * len(range(0, len(split.test.users), 6))


def test_planted_accuracy(planted_bundle):
    metrics = planted_bundle.manifest.metrics
    assert metrics["cfae"]["ndcg@20"] > 1.4 * metrics["popularity"]["ndcg@20"]
    assert metrics["retained"]["ndcg@20"] > 0.95
    assert metrics["nested"]["l0"] <= 16


def test_demo_meets_its_promises(demo_bundle):
    """CFAE at least 1.4 times popularity, the sparse code keeps 95% of it at k = 32, under 5% dead on users."""
    metrics = demo_bundle.manifest.metrics
    assert demo_bundle.manifest.sae.config["k"] == 32
    assert metrics["cfae"]["ndcg@20"] >= 1.4 * metrics["popularity"]["ndcg@20"]
    assert metrics["retained"]["ndcg@20"] >= 0.95
    assert metrics["neurons"]["dead_on_users"] < 0.05 * metrics["neurons"]["total"]
    assert accuracy(demo_bundle.nested, demo_bundle.interactions, demo_bundle.split()) == metrics


@pytest.mark.slow
def test_multvae_on_the_demo():
    """At least 1.3 times popularity, and the sparse code keeps 95% of it."""
    metrics = bundles.train("demo", cfae="multvae", device="cpu").manifest.metrics
    assert metrics["cfae"]["ndcg@20"] >= 1.3 * metrics["popularity"]["ndcg@20"]
    assert metrics["retained"]["ndcg@20"] >= 0.95


@pytest.mark.slow
@pytest.mark.skipif(not REAL_ARCHIVE.exists(), reason=f"the real archive is not at {REAL_ARCHIVE}")
def test_tags_of_real_users_steer_most_people(capsys):
    """On ml-latest-small, a user tag at 0.3 brings more of its items into the top 20 for most test users."""
    trained = bundles.train(str(REAL_ARCHIVE), device="cpu")
    names, tag_items = trained.interactions.tag_matrix()
    inputs = trained.split().test.inputs
    rows = []
    for name in ("sci-fi", "disney", "superhero", "dark comedy", "crime", "action", "psychology", "twist ending"):
        members = tag_items[names.index(name)].toarray().ravel() > 0
        dials = trained.knobs.parse([f"{name}=0.3"])
        results = [recommend(trained.nested, inputs[row], dials) for row in range(inputs.shape[0])]
        before = np.array([members[result.before].sum() for result in results])
        after = np.array([members[result.items].sum() for result in results])
        rows.append(
            (name, members.sum(), before.mean(), after.mean(), (after > before).mean(), (after < before).mean())
        )
    with capsys.disabled():
        print(f"\nml-latest-small, {inputs.shape[0]} test users, dial at 0.3, items of the tag in the top 20:")
        for row in rows:
            print("  {:14s} {:3d} items  {:.2f} -> {:.2f}  more for {:.0%}, fewer for {:.0%}".format(*row))
    assert np.mean([row[4] for row in rows]) > 0.5
    assert np.mean([row[4] > 0.5 for row in rows]) > 0.6
    assert np.mean([row[5] for row in rows]) < 0.1


def test_equal_seeds_give_equal_bundles(planted_folder, planted_bundle, retrained_bundle):
    """Also from data that are read already, with settings by their short names, which are the same as in overrides."""
    again = bundles.train(load_data(planted_folder), "elsa", seed=3, device="cpu", dim=32, k=16)
    for first, second in (
        (planted_bundle.nested.cfae, again.nested.cfae),
        (planted_bundle.nested.sae, again.nested.sae),
    ):
        assert all(
            torch.equal(a, b) for a, b in zip(first.state_dict().values(), second.state_dict().values(), strict=True)
        )
    assert again.manifest == planted_bundle.manifest
    assert again.labels == planted_bundle.labels
    assert not torch.equal(retrained_bundle.nested.cfae.item_vectors, again.nested.cfae.item_vectors)


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_that_no_bundle_can_have_is_refused_before_training(seed):
    with pytest.raises(ConfigError, match=f"a seed from 0 to 4294967295, found {seed}"):
        bundles.train("nowhere", seed=seed)


@pytest.fixture(scope="module")
def multvae_bundle(planted_folder):
    """MultVAE on the planted tables."""
    return bundles.train(str(planted_folder), cfae="multvae", overrides=SMALL, seed=3, device="cpu")


def test_multvae_accuracy_and_equal_seeds(planted_again, multvae_bundle):
    metrics = multvae_bundle.manifest.metrics
    assert metrics["cfae"]["ndcg@20"] > 1.4 * metrics["popularity"]["ndcg@20"]
    assert metrics["retained"]["ndcg@20"] > 0.9
    again = bundles.load(planted_again("multvae", 3))  # trained by whoever came first, maybe in another process
    assert again.manifest.model_copy(update={"files": {}}) == multvae_bundle.manifest  # hashes come with saving
    for first, second in (
        (multvae_bundle.nested.cfae, again.nested.cfae),
        (multvae_bundle.nested.sae, again.nested.sae),
    ):
        weights = second.state_dict()
        assert all(torch.equal(value, weights[name]) for name, value in first.state_dict().items())


def test_multvae_is_steered_and_comes_back_from_its_bundle(multvae_bundle, tmp_path):
    """Dials at rest change nothing, a concept's dial brings its items, and a saved bundle ranks as before."""
    bundles.save(multvae_bundle, tmp_path / "b")
    back = bundles.load(tmp_path / "b")
    assert back.id == multvae_bundle.id
    names, tag_items = multvae_bundle.interactions.tag_matrix()
    nested, inputs = multvae_bundle.nested, multvae_bundle.split().test.inputs
    encoded, more, fewer = nested.encode(inputs), 0, 0
    scores = nested.scores(encoded)
    assert torch.equal(scores, back.nested.scores(back.nested.encode(inputs)))
    for tag, name in enumerate(names):
        knob = multvae_bundle.knobs.find(name)
        _, (resting,) = plain_scores(nested, inputs[0], [knob.dial(0.0)])
        assert torch.equal(resting, nested.scores(nested.encode(inputs[0]))[0])
        members = tag_items[tag].toarray().ravel() > 0
        for row in range(0, inputs.shape[0], 6):
            result, theirs = (recommend(b.nested, inputs[row], [knob.dial(0.4)], n=10) for b in (multvae_bundle, back))
            assert result.items.tolist() == theirs.items.tolist()
            more += members[result.items].sum() > members[result.before].sum()
            fewer += members[result.items].sum() < members[result.before].sum()
    assert more > 10 * max(fewer, 1)
    assert more > 0.6 * len(names) * len(range(0, inputs.shape[0], 6))


def test_the_recommender_is_chosen_by_the_size_of_the_catalogue(planted_folder, monkeypatch):
    """DLAE unless there are too many items for it, or fewer than dimensions; on planted data it does what it should."""
    once = {"sae": {"epochs": 1}}
    for dim, name in ((32, "dlae"), (241, "elsa")):
        made = bundles.train(planted_folder, overrides=once, dim=dim, device="cpu")
        assert made.manifest.cfae.name == name
        assert made.manifest.cfae.config["dim"] == dim
    assert made.interactions.n_items == 240
    monkeypatch.setattr(sys.modules[bundles.train.__module__], "DLAE_ITEMS", 239)
    assert bundles.train(planted_folder, overrides=once, dim=8, device="cpu").manifest.cfae.name == "elsa"


def test_dlae_on_planted_data(planted_again):
    """It finds more than popularity does, the code keeps most of it, and recipes bring their concept's items."""
    made = bundles.load(planted_again("dlae", 3))
    metrics = made.manifest.metrics
    assert metrics["cfae"]["ndcg@20"] > 1.4 * metrics["popularity"]["ndcg@20"]
    assert metrics["retained"]["ndcg@20"] > 0.9
    names, tag_items = made.interactions.tag_matrix()
    inputs, more, fewer = made.split().test.inputs, 0, 0
    for tag, name in enumerate(names):
        members = tag_items[tag].toarray().ravel() > 0
        for row in range(0, inputs.shape[0], 6):
            result = recommend(made.nested, inputs[row], [Dial(made.knobs.find(name).recipe, 0.4)], n=10)
            more += members[result.items].sum() > members[result.before].sum()
            fewer += members[result.items].sum() < members[result.before].sum()
    assert more > 10 * max(fewer, 1)
    assert more > 0.6 * len(names) * len(range(0, inputs.shape[0], 6))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"overrides": {"cfae": {"lr": 0.1}}}, "name one: --cfae elsa"),
        ({"cfae": "elza"}, "did you mean 'elsa'"),
        ({"sae": "relu"}, "a SAE: basic, topk"),
        ({"overrides": {"sae": {"loss": "l3"}}}, "sae.loss to be 'l2' or 'cosine'"),
        ({"overrides": {"nope": {"x": 1}}}, "a section"),
        ({"device": "tpu"}, "a device: auto, cpu or cuda"),
    ],
)
def test_wrong_settings_are_refused_before_any_work(arguments, says):
    with pytest.raises(ConfigError, match=says):
        bundles.train("/nowhere", **arguments)


def test_a_second_sae_is_another_one_in_the_same_recommender(planted_bundle):
    """Of its neurons, those that stand for the planted concepts point where the first one's do."""
    again = second_sae(planted_bundle, seed=99)
    first = planted_bundle.nested
    assert again.cfae is first.cfae
    assert first.sae.w_dec.shape != again.sae.w_dec.shape or not torch.equal(first.sae.w_dec, again.sae.w_dec)
    assert torch.equal(again.sae.w_dec, second_sae(planted_bundle, seed=99).sae.w_dec)
    tags, tag_items = planted_bundle.interactions.tag_matrix()
    alone = single_items(tag_items.shape[1])
    rows = [
        nested.sae.w_dec[torch.as_tensor(concept_map(tags, tag_items, nested.codes(alone)).representative())]
        for nested in (first, again)
    ]
    cosine = (rows[0] @ rows[1].T).numpy()  # rows have unit length
    same = np.eye(len(tags), dtype=bool)
    assert cosine[same].mean() > cosine[~same].mean() + 0.2


def test_neurons_start_from_the_most_liked_items_and_keep_their_numbers_in_other_data(planted_folder, planted_bundle):
    """Trained on nine users in ten and without some items: neurons start where they did, and do what they did."""
    data, starts = planted_bundle.interactions, planted_bundle.manifest.starts
    likes = data.matrix[planted_bundle.split().train].getnnz(axis=0)
    assert [likes[data.column_of[item]] for item in starts] == sorted(likes, reverse=True)[: len(starts)]
    assert len(starts) == planted_bundle.nested.sae.d_sae

    people = {user for row, user in enumerate(data.user_ids) if row % 10}
    gone = {starts[0], starts[5]}
    tables = [pd.read_csv(planted_folder / f"{name}.csv", dtype=str) for name in ("interactions", "items")]
    likes, items = (table[~table["item_id"].isin(gone)] for table in tables)
    fewer = Interactions.from_frames(likes[likes["user_id"].isin(people)], items)
    assert gone & set(fewer.item_ids) == set()
    found = {}
    for name, given in (("given", starts), ("anew", ())):
        again = bundles.train(fewer, "elsa", overrides=SMALL, seed=4, device="cpu", starts=given)
        assert again.manifest.starts == starts if given else again.manifest.starts[0] not in gone
        shared = [item for item in data.item_ids if item not in gone]
        before, now = (
            neuron_effects(
                one.nested, range(one.nested.sae.d_sae), [one.interactions.column_of[item] for item in shared]
            )
            for one in (planted_bundle, again)
        )
        found[name] = np.median(same_neurons(before, now))
    assert found["given"] > found["anew"] + 0.1
    with pytest.raises(ConfigError, match=r"sae\.start=items"):
        bundles.train(fewer, overrides={"sae": {"start": "random"}}, starts=starts)


def test_settings_of_data_that_are_read_already_are_refused(planted_bundle):
    with pytest.raises(ConfigError, match="no settings of data that are read already"):
        bundles.train(planted_bundle.interactions, overrides={"data": {"threshold": 3}})
    with pytest.raises(ConfigError, match=r"a setting \(dim, width_ratio, k, loss.*found 'dims'"):
        bundles.train(planted_bundle.interactions, dims=32)
    assert bundles.with_short({"sae": {"k": 8}}, {"k": 16, "dim": None})["sae"] == {"k": 8}  # overrides win


def test_the_demo_is_trained_once_and_then_read(demo_bundle, demo_path, planted_bundle, tmp_path, monkeypatch):
    trained = []
    monkeypatch.setattr(
        sys.modules[bundles.train.__module__], "train", lambda name, **_: trained.append(name) or planted_bundle
    )
    monkeypatch.setenv("KNOBS_HOME", str(demo_path.parents[1]))
    assert bundles.load_demo("cpu").id == demo_bundle.id
    assert trained == []
    monkeypatch.setenv("KNOBS_HOME", str(tmp_path))
    for _ in range(2):
        assert bundles.load_demo("cpu").id == planted_bundle.id
    assert trained == ["demo"]
