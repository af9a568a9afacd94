"""A choice as a link, and back: here, and in another training of the same data."""

import dataclasses

import pytest

from knobs_core import bundles
from knobs_core.bundles import mixture_key
from knobs_core.data import Filters
from knobs_ui import state
from knobs_ui.state import MOST_DIALS
from knobs_ui.state.link import TOO_LONG


@pytest.fixture(scope="module")
def other(planted_again):
    """The planted bundle as another seed trains it: the same themes under other neurons."""
    return bundles.load(planted_again("elsa", 4, "random"))  # from items, neurons keep their numbers


def named(bundle):
    """The most used neuron of every name; where several have one, their labels end with their numbers."""
    labels = sorted((label for label in bundle.labels if label.named and label.alive), key=lambda label: label.n_users)
    return {label.label.partition(", neuron ")[0]: label.neuron for label in labels}


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"user": "nobody", "dials": "horror:9~nope:0.1~horror"},
         "4 things in the link are not here, such as user 'nobody', dial 'horror:9' and dial 'nope:0.1'."),
        ({"items": "260,<script>", "seen": "x"},
         "2 things in the link are not here, such as item '<script>' and item 'x'."),
        ({"user": "1,2,3,4,5,6"}, "One thing in the link is not here: user '1'."),
        ({"years": "then..now", "only": "Opera|Drama", "n": "7000"},
         "2 things in the link are not here, such as years 'then..now' and genre 'Opera'."),
        ({"user": "\u202eno\x1bbody\n" + 60 * "x"},
         f"One thing in the link is not here: user 'nobody {33 * 'x'}\u2026'."),
        ({}, None),
    ],
)  # fmt: skip
def test_forged_links_are_reported_and_harmless(demo_bundle, parameters, said):
    read, problems = state.from_link(demo_bundle, parameters)
    assert problems == [said] * bool(said)
    assert len(read.user_ids) <= 4
    assert read.dials == ()


@pytest.mark.parametrize(
    "keys",
    [["~260"], ["~260", "~1"], ["horror", "~260", "heist"], ["~1", "horror"], ["#5", "~260", "~1"], ["=5:600,7:400"]],
)
def test_a_link_holds_dials_made_of_items_and_of_neurons_too(demo_bundle, keys):
    dials = tuple((key, 0.1 * place) for place, key in enumerate(keys, start=1))
    written = state.to_link(demo_bundle, state.Choice(user_ids=("15",), dials=dials, pins=(dials, dials[:1])))
    read, problems = state.from_link(demo_bundle, written)
    assert problems == []
    assert [len(pin) for pin in read.pins] == [len(dials), 1]
    for found in (read.dials, read.pins[0]):
        assert [key for key, _ in found] == keys
        assert [amount for _, amount in found] == pytest.approx([amount for _, amount in dials])


@pytest.mark.parametrize(
    "filters",
    [
        Filters(),
        Filters(1980, 1999, ("Drama", "Film-Noir"), ("Western",), True),
        Filters(last=-480),
        Filters(first=2000, fresh=True),
    ],
)
def test_a_link_holds_filters_and_the_length_of_the_list(demo_bundle, filters):
    choice = state.Choice(user_ids=("15",), filters=filters, n=50)
    assert state.from_link(demo_bundle, state.to_link(demo_bundle, choice)) == (choice, [])


def test_links_from_before_they_named_a_bundle_still_open(demo_bundle):
    read, problems = state.from_link(demo_bundle, {"user": "15", "dials": "horror:0.4~#5:-0.2", "pinned": "heist:0.1"})
    assert problems == []
    assert (read.user_ids, read.dials, read.pins) == (("15",), (("horror", 0.4), ("#5", -0.2)), ((("heist", 0.1),),))


def test_a_link_of_another_training_finds_themes_by_tag_and_neurons_by_name(planted_bundle, other):
    ours, theirs = named(planted_bundle), named(other)
    moved, second = [name for name in ours if name in theirs and ours[name] != theirs[name]][:2]
    mixture = mixture_key({ours[moved]: 0.6, ours[second]: 0.4})
    dials = (("concept 1", 0.3), (f"#{ours[moved]}", 0.2), (mixture, -0.1))
    link = state.to_link(planted_bundle, state.Choice(user_ids=("u1",), dials=dials, pins=(dials[1:2],)))
    assert link["bundle"] == planted_bundle.id
    read, problems = state.from_link(other, link)
    assert read.dials == (
        ("concept 1", 0.3), (f"#{theirs[moved]}", 0.2), (mixture_key({theirs[moved]: 0.6, theirs[second]: 0.4}), -0.1)
    )  # fmt: skip
    assert read.pins == (((f"#{theirs[moved]}", 0.2),),)
    said = next(one for one in problems if "another training" in one)
    assert f"'{other.labels[theirs[moved]].label}'" in said
    assert "found by" in said
    assert "not here" not in said


def test_what_another_training_does_not_have_is_left_out_and_said(planted_bundle, other):
    nameless = next(label.neuron for label in planted_bundle.labels if label.alive and not label.named)
    renamed = planted_bundle.with_names({f"#{nameless}": "Rain and cigarettes"})
    for bundle, called in ((renamed, "Rain and cigarettes"), (planted_bundle, f"neuron {nameless}")):
        dials = ((f"#{nameless}", 0.2), (f"={nameless}:500,0:500", 0.1))
        link = state.to_link(bundle, state.Choice(user_ids=("u1",), dials=dials))
        read, problems = state.from_link(other, link)
        assert read.dials == ()
        told = next(one for one in problems if "another training" in one)
        assert told.startswith(f"This link was made with another training: '{called}'")
        assert "not here" in told


def test_the_number_decides_between_neurons_that_have_had_a_name_and_a_tilde_ends_none(planted_bundle, other):
    first, second = sorted(list(named(other).values())[:2], key=lambda j: -other.labels[j].n_users)
    labels = [
        dataclasses.replace(label, former="a~b" if label.neuron in (first, second) else "") for label in other.labels
    ]
    here = dataclasses.replace(other, labels=labels)
    for number, found in ((second, second), (10**6, first)):
        link = {"user": "u1", "bundle": "elsewhere", "dials": f"#{number}:0.5", "names": f"{number}:a b"}
        read, _ = state.from_link(here, link)
        assert read.dials == ((f"#{found}", 0.5),)
    renamed = planted_bundle.with_names({f"#{first}": "one~two"})
    link = state.to_link(renamed, state.Choice(user_ids=("u1",), dials=((f"#{first}", 0.5), (f"#{second}", 0.5))))
    assert link["names"].count("~") <= 1


def test_an_address_reads_back_as_it_was_written():
    from urllib.parse import parse_qsl

    link = {"user": "1,2", "dials": "#12:0.5~sci-fi & fantasy:-0.25", "names": "12:100% noir, élan"}
    assert dict(parse_qsl(state.query(link))) == link


@pytest.mark.parametrize(
    ("parameters", "n"),
    [
        ({"items": ",".join(f"no{n}" for n in range(20_000))}, 1_301),
        ({"dials": "~".join(f"no{n}:0.1" for n in range(5_000))}, MOST_DIALS),
        ({"seen": "x," * 100_000, "user": "y"}, 4_000),
        ({"only": "Opera|" * 5_000}, 1),
        ({"user": 20_000_000 * "z"}, 0),
    ],
)
def test_of_a_link_of_any_length_a_bounded_part_is_read_and_one_sentence_says_what_is_missing(
    demo_bundle, parameters, n
):
    read, problems = state.from_link(demo_bundle, parameters)
    assert problems[-1] == TOO_LONG
    assert len(problems) == 1 + bool(n)
    if n > 1:
        assert problems[0].startswith(f"{n:,} things in the link are not here, such as ")
    assert sum(map(len, problems)) < 400
    assert read.dials == read.item_ids == read.seen == ()


def test_what_is_left_of_a_long_link_are_whole_parts(demo_bundle):
    ids = demo_bundle.interactions.item_ids.tolist()
    read, problems = state.from_link(demo_bundle, {"user": "15", "seen": ",".join(ids), "fresh": "1"})
    assert problems == [TOO_LONG]
    assert list(read.seen) == ids[: len(read.seen)]
    assert len(read.seen) > 1_000
    dials = "~".join(f"#{label.neuron}:0.5" for label in demo_bundle.labels if label.alive)
    read, problems = state.from_link(demo_bundle, {"user": "15", "dials": dials})
    assert problems == [TOO_LONG]
    assert len(read.dials) == MOST_DIALS
