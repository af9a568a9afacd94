"""Open names: kept with a bundle, proved, ignored where they are not there, and given only where the owner has said
nothing. Groups of items are named by the same rule."""

import dataclasses
import json

import pytest

from knobs_core import bundles
from knobs_core.base import BundleError, DataError, UnknownNameError
from knobs_core.bundles import naming
from knobs_core.bundles.open_names import OPEN_NAMES, OpenName, best_by_neuron
from tests.speech import WordCounts


def open_name(neuron, name, held_out=0.7, holds=True, by="words"):
    return OpenName(
        neuron=neuron, name=name, by=by, encoder="e", held_out=held_out, luck=0.01, holds=holds, again=name, bits=0.1,
        finds=False, n_titles=30,
    )  # fmt: skip


ROWS = (open_name(3, "western"), open_name(3, "gunmen", 0.8, by="a-model"), open_name(5, "noir", holds=False))


@pytest.fixture
def path(planted_bundle, tmp_path):
    bundles.save(dataclasses.replace(planted_bundle, open_names=ROWS), tmp_path / "b")
    return tmp_path / "b"


def test_they_are_kept_with_the_bundle_and_change_neither_its_id_nor_its_names(planted_bundle, path):
    read = bundles.load(path)
    assert read.open_names == ROWS
    assert (read.id, read.names, read.labels) == (planted_bundle.id, {}, planted_bundle.labels)
    bundles.save_open_names(dataclasses.replace(read, open_names=ROWS[:1]), path)
    assert bundles.load(path).open_names == ROWS[:1]
    assert bundles.load(path).with_names({"concept 3": "x"}).open_names == ROWS[:1]


def test_a_bundle_without_them_has_none(path):
    (path / OPEN_NAMES).unlink()
    assert bundles.load(path).open_names == ()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda document: document["names"][0].update(name="drama"), "others than were written"),
        (lambda document: document.update(bundle="0" * 12), "those of another bundle"),
        (lambda document: document["names"][0].update(neuron=10**6), "cannot be"),
        (lambda document: document["names"][0].update(name="\u202eevil"), "cannot be"),
        (lambda document: document["names"][0].update(name="x" * 61), "cannot be"),
        (lambda document: document["names"][0].update(held_out=7), "something else"),
        (lambda document: document["names"][0].update(more=1), "something else"),
        (lambda document: document.update(names="western"), "something else"),
    ],
)
def test_a_changed_file_is_refused_in_one_line(path, change, says):
    document = json.loads((path / OPEN_NAMES).read_text(encoding="utf-8"))
    change(document)
    (path / OPEN_NAMES).write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(BundleError, match=says):
        bundles.load(path)


def test_numbers_that_are_none_are_refused(path):
    text = (path / OPEN_NAMES).read_text(encoding="utf-8")
    (path / OPEN_NAMES).write_text(text.replace('"bits": 0.1', '"bits": NaN'), encoding="utf-8")
    with pytest.raises(BundleError, match="knobs name"):
        bundles.load(path)


def test_another_bundle_in_its_place_is_left_alone(path, retrained_bundle):
    with pytest.raises(BundleError, match="the same bundle as before"):
        bundles.save_open_names(dataclasses.replace(retrained_bundle, open_names=ROWS), path)


def test_the_best_name_is_one_that_holds_then_the_one_held_out_higher():
    assert best_by_neuron(ROWS)[3].name == "gunmen"
    assert best_by_neuron((*ROWS, open_name(3, "sheriffs", 0.9, holds=False)))[3].name == "gunmen"


def test_only_names_that_hold_are_given_and_never_over_the_owner(planted_bundle):
    alive = [label.neuron for label in planted_bundle.labels if label.alive][:5]
    rows = [
        open_name(j, name) for j, name in zip(alive, ["western", "western", "concept 1", "noir", "odd"], strict=True)
    ]
    rows[3] = dataclasses.replace(rows[3], holds=False)
    owned = planted_bundle.with_names({f"#{alive[4]}": "Mine"})
    assert dict(bundles.given(owned, rows).names) == {
        f"#{alive[4]}": "Mine",
        f"#{alive[0]}": "western",
        f"#{alive[1]}": f"western, neuron {alive[1]}",
        f"#{alive[2]}": f"concept 1, neuron {alive[2]}",
    }


def test_neurons_are_proposed_the_tag_that_their_items_carry(planted_bundle):
    found = bundles.propose(planted_bundle, WordCounts(), list(range(12)))
    assert found.names
    assert {one.by for one in found.names} == {"words"}
    assert {one.encoder for one in found.names} == {"words alone"}
    holding = [one for one in found.names if one.holds]
    assert holding
    right = [
        one.name == planted_bundle.labels[one.neuron].tags[0][0]
        for one in holding
        if planted_bundle.labels[one.neuron].tags
    ]
    assert sum(right) > len(right) / 2
    with pytest.raises(UnknownNameError, match="a neuron from 0"):
        bundles.propose(planted_bundle, WordCounts(), [-1])


def test_by_default_names_are_for_neurons_whose_own_does_not_hold(planted_bundle):
    found = bundles.propose(planted_bundle, WordCounts())
    assert not [one for one in found.names if planted_bundle.labels[one.neuron].holds]


@pytest.fixture
def words_alone(monkeypatch):
    monkeypatch.setattr(naming, "chosen_encoder", WordCounts)
    naming._vocabulary.cache_clear()
    yield
    naming._vocabulary.cache_clear()


def test_a_group_is_called_by_what_its_items_share(planted_bundle, words_alone):
    tags, tag_items = planted_bundle.interactions.tag_matrix()
    ids = planted_bundle.interactions.item_ids
    members = ids[tag_items[[tags.index("concept 4")]].indices].tolist()
    [(name, score, by_luck), *_] = bundles.name_group(planted_bundle, members)
    assert name.split()[-1] == "4"  # "concept" is in all texts, and tells none apart
    assert score > 0.9
    assert by_luck < 0.02
    mixed = ids[::12].tolist()
    assert min(by_luck for _, _, by_luck in bundles.name_group(planted_bundle, mixed)) > 0.02


def test_a_group_that_is_too_small_is_not_named(planted_bundle, words_alone):
    with pytest.raises(DataError, match="at least 8"):
        bundles.name_group(planted_bundle, planted_bundle.interactions.item_ids[:7].tolist())
    with pytest.raises(UnknownNameError, match="the id of an item"):
        bundles.name_group(planted_bundle, ["nobody has this"])
