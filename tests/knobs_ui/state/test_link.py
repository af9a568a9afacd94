"""A choice as a link, and back."""

import pytest

from knobs_core.data import Filters
from knobs_ui import state


@pytest.mark.parametrize(
    ("parameters", "n_problems"),
    [
        ({"user": "nobody", "dials": "horror:9~nope:0.1~horror"}, 4),
        ({"items": "260,<script>", "seen": "x"}, 2),
        ({"user": "1,2,3,4,5,6"}, 1),
        ({"years": "then..now", "only": "Opera|Drama", "n": "7000"}, 2),
        ({}, 0),
    ],
)
def test_forged_links_are_reported_and_harmless(demo_bundle, parameters, n_problems):
    read, problems = state.from_link(demo_bundle, parameters)
    assert len(problems) == n_problems
    assert len(read.user_ids) <= 4
    assert read.dials == ()


@pytest.mark.parametrize(
    "keys", [["~260"], ["~260", "~1"], ["horror", "~260", "heist"], ["~1", "horror"], ["#5", "~260", "~1"]]
)
def test_a_link_holds_dials_made_of_items_too(demo_bundle, keys):
    dials = tuple((key, 0.1 * place) for place, key in enumerate(keys, start=1))
    written = state.to_link(state.Choice(user_ids=("15",), dials=dials, pins=(dials, dials[:1])))
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
    assert state.from_link(demo_bundle, state.to_link(choice)) == (choice, [])
