"""Notes: a sentence a row, whose parts are those of the receipt."""

import dataclasses

import numpy as np
import pytest

from knobs_core.bundles import Why
from knobs_core.models import Nested
from knobs_core.steering import attribute
from knobs_core.steering.reasons import like_parts
from tests.steering.bent import Bent

MANY = {"concept 3": 0.3, "concept 7": 0.5, "concept 1": -0.4}


@pytest.mark.parametrize("amounts", [{}, {"concept 3": 0.4}, {"concept 3": -0.6}, MANY])
def test_parts_are_those_of_the_receipt(planted_bundle, amounts):
    person = planted_bundle.person(user="u3")
    made = person.recommend(amounts, 30)
    parts = like_parts(person.engine, person.taste, person.history)
    titles = person.data.items["title"]
    by_like = planted_bundle.nested.cfae.decode(parts.parts).detach().numpy()
    resting = person.reference({}).ranks
    moved = 0
    columns = made.recommendation.items.tolist()
    for rank, (column, why) in enumerate(zip(columns, person.whys(made.dials, columns), strict=True), start=1):
        receipt = attribute(person.engine, person.taste, made.dials, column)
        assert (why.rank, why.before) == (rank, resting[column])
        more = sum(part.dial.amount for part in receipt.dials if part.dial.amount > 0)
        assert why.like_part == pytest.approx(by_like[:, column].max() * (1 - more), abs=1e-4)
        assert why.like == (titles.iat[parts.likes[by_like[:, column].argmax()]] if why.like_part > 0 else "")
        if why.dial:
            moved += 1
            adds = {part.dial.name: part.neurons + part.rest for part in receipt.dials}
            assert why.dial_part == pytest.approx(adds[why.dial], rel=1e-3, abs=1e-4)
            up = why.before - why.rank
            assert why.dial_part * up == pytest.approx(max(value * up for value in adds.values()), rel=1e-3, abs=1e-4)
            assert why.dial_part * up > 0
    assert bool(moved) == bool(amounts)


def why(**said):
    given = {"like": "Alien", "like_part": 2.0, "dial": "horror", "dial_part": 1.0, "rank": 3, "before": 41}
    return Why(**{**given, "turned": True, "known": True, **said})


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({}, "Because you liked Alien, and the horror knob brings it up from place 41."),
        ({"dial_part": 3.0}, "The horror knob brings it up from place 41; of what you like, Alien speaks most for it."),
        (
            {"like": "", "like_part": -1.0},
            "The horror knob brings it up from place 41; nothing you liked speaks for it.",
        ),
        ({"dial_part": -1.0, "before": 1}, "Because you liked Alien; the horror knob brings it down from place 1."),
        ({"dial": "", "dial_part": None, "before": 3}, "Because you liked Alien; the knobs leave it at place 3."),
        ({"dial": "", "dial_part": None, "before": 4321}, "Because you liked Alien; it moves up from place 4,321."),
        ({"turned": False, "dial": "", "before": 3}, "Because you liked Alien."),
        ({"turned": False, "like": "", "like_part": -1.0}, "Nothing you liked speaks for it."),
        ({"like": "", "known": False}, "The horror knob brings it up from place 41."),
        ({"like": "", "known": False, "turned": False}, "What everybody gets, as nothing is known of your taste."),
        (
            {"like_part": None, "dial_part": None},
            "Closest to Alien of what you like, and the horror knob brings it up from place 41.",
        ),
    ],
)
def test_sentences(said, sentence):
    assert str(why(**said)) == sentence


def test_a_public_note_names_neither_likes_nor_places():
    assert why().public == "Here for more horror."
    assert why(before=1).public == why(dial="").public == ""


def test_no_like_is_named_where_none_brings_anything(planted_bundle):
    person = planted_bundle.person(items=["i1"])
    last = person.whys((), person.reference({}).order[-20:])
    against = [why for why in last if why.like_part <= 0]
    assert against
    assert {str(why) for why in against} == {"Nothing you liked speaks for it."}


def test_all_rows_at_once_say_what_each_says_alone(planted_bundle):
    person = planted_bundle.person(items=["i1", "i8", "i30"])
    made = person.recommend(MANY, 50)
    assert made.notes() == [str(person.whys(made.dials, [column])[0]) for column in made.recommendation.items]


def test_without_parts_that_add_up_only_what_is_exact_is_said(planted_bundle):
    bent = Nested(Bent(planted_bundle.nested.cfae), planted_bundle.nested.sae)
    person = dataclasses.replace(planted_bundle, nested=bent).person(user="u3")
    one, two = person.recommend({"concept 3": 0.4}), person.recommend({"concept 3": 0.4, "concept 7": -0.2})
    mixed = planted_bundle.person(user="u3").recommend({"concept 3": 0.4}, operator="blend")
    for made in (one, mixed):
        notes = made.notes()
        assert all(note.startswith("Closest to Item ") for note in notes)
        assert any("the concept 3 knob brings it up from" in note for note in notes)
    assert not any("concept" in note for note in two.notes())


def test_strangers_texts_are_made_safe(planted_bundle):
    data = planted_bundle.interactions
    named = data.items.assign(title=[f"A\u202eB\n{'x' * 500}" for _ in range(data.n_items)])
    bundle = dataclasses.replace(planted_bundle, interactions=dataclasses.replace(data, items=named))
    for note in bundle.person(user="u3").recommend({"concept 3": 0.4}).notes():
        assert note.isprintable()
        assert "A" + "B x" in note
        assert len(note) < 250


def test_a_newcomer_and_a_group(planted_bundle):
    assert set(planted_bundle.newcomer.recommend().notes()) == {
        "What everybody gets, as nothing is known of your taste."
    }
    group = planted_bundle.person(users=["u3", "u5"])
    liked = set(group.data.items["title"].iloc[np.unique(group.history.indices)])
    assert {note.removeprefix("Because you liked ").rstrip(".") for note in group.recommend().notes()} <= liked
