"""Knobs by name and key: found by what people type, searched, and turned into dials."""

import math

import numpy as np
import pytest

from knobs_core.base.errors import ConfigError, UnknownNameError
from knobs_core.bundles import Catalogue, mixture_key
from knobs_core.data import is_decade
from knobs_core.data.sparse import single_items
from knobs_core.steering.dials import Dial


@pytest.fixture(scope="module")
def knobs(planted_bundle):
    return planted_bundle.knobs


@pytest.mark.parametrize("name", ["planted_bundle", "demo_bundle"])
def test_knobs_are_named_so_that_typing_the_name_finds_them(request, name):
    bundle = request.getfixturevalue(name)
    named = bundle.knobs
    assert len({knob.name.lower() for knob in named.values()}) == len(named)
    for knob in list(named.values())[::7]:
        assert bundle.knobs.find(knob.name).recipe == knob.recipe


def test_no_two_knobs_share_a_name(demo_bundle):
    names = [knob.name.lower() for knob in demo_bundle.knobs.values()]
    assert len(names) == len(set(names))


def test_concepts_come_first_then_live_neurons_the_most_used_first(planted_bundle, knobs):
    recipes = dict(zip(planted_bundle.concepts.tags, planted_bundle.recipes, strict=True))
    live = sorted((label for label in planted_bundle.labels if label.alive), key=lambda label: -label.n_users)
    assert list(knobs) == [*sorted(recipes), *(f"#{label.neuron}" for label in live)]
    assert len(knobs) == len(recipes) + len(live)
    for key, knob in knobs.items():
        assert knob.key == key
        assert knob.kind == ("neuron" if key.startswith("#") else "concept")
        assert knob.recipe == (recipes[key].recipe if knob.kind == "concept" else {knob.label.neuron: 1.0})
        assert knob.dial(0.2).rest is (recipes[key].rest if knob.kind == "concept" else None)
    effects = {effect.key: effect for effect in planted_bundle.effects}
    assert {key: knob.effect for key, knob in knobs.items() if knob.effect} == effects


def test_names_are_found_whatever_their_case_and_keys_too(knobs):
    assert knobs.find(" CONCEPT 3 ").key == "concept 3"
    neuron = next(knob for knob in knobs.values() if knob.kind == "neuron")
    assert knobs.find(neuron.name.upper()) is neuron
    assert knobs.find(neuron.key) is neuron
    for spelling in ("concept3", "Concept-3", "c\u00f3ncept\u00a03", "CONCEPT  3 "):
        assert knobs.find(spelling).key == "concept 3"
    with pytest.raises(UnknownNameError, match="did you mean 'concept 3'"):
        knobs.find("concpt 3")
    dead = next(j for j in range(10_000) if f"#{j}" not in knobs)
    for wrong in (f"#{dead}", "#one", "~nothing", ""):
        with pytest.raises(UnknownNameError, match="the name of a concept, knob or neuron"):
            knobs.find(wrong)
    assert "concept 3" in knobs
    assert "CONCEPT 3" not in knobs  # a key is what it is
    assert 3 not in knobs


def test_a_knob_made_of_an_item_is_its_strongest_neurons(planted_bundle, knobs):
    data = planted_bundle.interactions
    column = data.column_of["i9"]
    knob = knobs["~i9"]
    assert (knob.kind, knob.name) == ("item", f"like {data.items['title'][column]}")
    assert knobs.find("~i9") is knob
    assert "~i9" in knobs
    assert "~i9" not in list(knobs)
    code = planted_bundle.nested.codes(single_items(data.n_items)).toarray()[column].astype(float)
    first = np.argsort(-code, kind="stable")[:10]
    expected = {int(j): code[j] / code[first].sum() for j in first if code[j]}
    assert knob.recipe == pytest.approx(expected)
    with pytest.raises(KeyError):
        knobs["~nothing"]


def test_decades_are_knobs_of_a_kind_of_their_own_and_name_no_neuron(demo_bundle):
    knobs = demo_bundle.knobs
    decades = [knob for knob in knobs.values() if knob.kind == "decade"]
    assert {"1950s", "1980s", "2000s"} <= {knob.key for knob in decades}
    assert all(knob.recipe and knob.dial(0.3).recipe == knob.recipe for knob in decades)
    assert set(knobs.search()["kind"]) == {"concept", "decade", "neuron"}
    words = {part for label in demo_bundle.labels for part in label.label.split(", ")}
    words |= {tag for label in demo_bundle.labels for tag, _ in label.tags}
    assert not [word for word in words if is_decade(word)]
    assert not [label.label for label in demo_bundle.labels if "like " in label.label]
    assert knobs.find("Neuron 5").key == "#5"


def test_a_search_lists_what_begins_with_a_text_before_what_holds_it(knobs):
    every = knobs.search()
    assert every.columns.tolist() == ["key", "name", "kind", "verdict"]
    assert every["key"].tolist() == list(knobs)
    found = knobs.search(" Concept 1 ")
    holding = [key for key, knob in knobs.items() if "concept 1" in knob.name.lower()]
    assert sorted(found["key"]) == sorted(holding)
    begins = [name.lower().startswith("concept 1") for name in found["name"]]
    assert begins == sorted(begins, reverse=True)
    assert "concept 1" in found["key"].tolist()
    assert knobs.search("no such thing").empty


def test_weak_knobs_are_left_out_of_a_search_on_request(demo_bundle):
    knobs = demo_bundle.knobs
    weak = {key for key, knob in knobs.items() if knob.weak}
    assert weak
    assert set(knobs.search()["key"]) - set(knobs.search(weak=False)["key"]) == weak
    verdicts = knobs.search().set_index("key")["verdict"]
    for key, knob in knobs.items():
        assert verdicts[key] == (knob.effect.grade if knob.effect else "")
        assert not verdicts[key] or not knob.label or knob.label.tags  # what has no name promises nothing


def test_amounts_become_dials_and_dials_pass(knobs):
    ready = [Dial({1: 1.0}, 0.5, "own", "own"), Dial({2: 1.0}, -0.5)]
    assert knobs.dials(ready) == ready
    assert all(one is other for one, other in zip(knobs.dials(iter(ready)), ready, strict=True))
    made = knobs.dials({"Concept 3": 0.4, "#5": -1})
    assert [(dial.name, dial.key, dial.amount) for dial in made] == [
        ("Concept 3", "concept 3", 0.4), ("#5", "#5", -1),
    ]  # fmt: skip
    assert made[0].recipe == knobs["concept 3"].recipe
    assert knobs.dials({}) == knobs.dials(()) == []
    assert knobs.parse(["Concept 3=0.4", "#5=-1"]) == made
    for amounts, says in (
        ({"concept 3": "much"}, "a number from -1 to 1 for 'concept 3'"),
        ({"concept 3": 1.5}, "an amount from -1 to 1"),
        ({"concept 3": math.nan}, "an amount from -1 to 1"),
        ({"concept 3": None}, "a number from -1 to 1"),
    ):
        with pytest.raises(ConfigError, match=says):
            knobs.dials(amounts)
    for text in ("concept 3", "concept 3=", "concept 3=x", "=0.3="):
        with pytest.raises(ConfigError, match="NAME=AMOUNT"):
            knobs.parse([text])
    with pytest.raises(UnknownNameError, match="concept 99"):
        knobs.parse(["concept 99=0.1"])


def test_a_catalogue_says_how_much_it_holds(planted_bundle, knobs):
    live = sum(label.alive for label in planted_bundle.labels)
    assert repr(knobs) == f"<Catalogue of 12 concepts and {live} neurons>"
    assert {knobs: "shared by all"}[planted_bundle.knobs] == "shared by all"


def test_a_mixture_of_neurons_is_a_knob_whose_key_spells_it_out(planted_bundle, knobs):
    recipe = planted_bundle.recipes[3].recipe
    key = mixture_key(recipe)
    knob = knobs[key]
    assert knob.kind == "mixture"
    assert knob.recipe == pytest.approx(recipe, abs=1e-3)
    assert sum(knob.recipe.values()) == pytest.approx(1)
    assert knobs.find(key) is knob
    assert [dial.recipe for dial in knobs.parse([f"{key}=0.4"])] == [knob.recipe]
    assert key not in list(knobs)
    assert any(label.label in knob.name for label in planted_bundle.labels if label.neuron in recipe)


@pytest.mark.parametrize(
    "key", ["=", "=1", "=1:0", "=999:5", "=1:5;2:5", "=-1:5", "=1:5,", "=1:1.5", "=" + ",".join(["1:5"] * 40), "=1:5\n"]
)
def test_mixtures_that_are_none_are_no_knobs(knobs, key):
    assert key not in knobs


def test_a_tag_that_looks_like_another_kind_of_key_is_still_a_knob(planted_bundle):
    """Tags come from anybody; one that begins as the key of an item or a mixture must not end the catalogue."""
    odd = {"=)": planted_bundle.recipes[0], "~~": planted_bundle.recipes[1]}
    knobs = Catalogue(planted_bundle.interactions, planted_bundle.nested, odd, planted_bundle.labels, [], {})
    assert [knob.name for knob in knobs.values()][:2] == ["=)", "~~"]
    assert knobs["=)"].recipe == planted_bundle.recipes[0].recipe
    assert knobs.find("=)").key == "=)"
