"""Dials: what is refused."""

import pytest

from knobs_core.base.errors import ConfigError
from knobs_core.steering.dials import Dial


@pytest.mark.parametrize("amount", [1.01, -2, float("nan"), float("inf")])
def test_amounts_out_of_range_are_refused(amount):
    with pytest.raises(ConfigError, match="an amount from -1 to 1 for 'noir'"):
        Dial({0: 1.0}, amount, "noir")


@pytest.mark.parametrize("recipe", [{}, {0: 0.5}, {0: 2.0, 1: -1.0}])
def test_recipes_that_are_none_are_refused(recipe):
    with pytest.raises(ConfigError, match="add up to 1"):
        Dial(recipe, 0.1)
