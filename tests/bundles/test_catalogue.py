"""Knobs by name and key."""

import pytest


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
