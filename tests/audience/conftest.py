"""Audiences of the planted bundle, whose lists can be made one by one as well."""

import numpy as np
import pytest

from knobs_core.audience import Audience, draw
from knobs_core.lists import HouseRules, ListRecipe, Pin, Pool, Quota, Turn
from tests.lists.conftest import library

__all__ = ["library"]

DIALS = (Turn(knob="concept 3", amount=0.3), Turn(knob="concept 7", amount=0.5), Turn(knob="concept 1", amount=-0.4))
PINS = (Pin(item="i5", place=3), Pin(item="i9", place=1), Pin(item="i44", place=12))
RULES = {
    "pins": PINS,
    "bans": ("i9",),
    "pool": Pool(first=1955),
    "quotas": (Quota(of="decade", most=2, window=6), Quota(of="genre", value="drama", least=3, window=8)),
}
HOUSE = HouseRules(without=("Comedy",))


def recipe(length=12, **fields):
    return ListRecipe(slug="x", length=length, **fields)


@pytest.fixture(scope="session")
def people(library):
    """Sixty readers and twenty newcomers."""
    return Audience(library, draw(library, 60, seed=1))


@pytest.fixture(scope="session")
def crowd(library):
    """All readers."""
    return Audience(library, draw(library, 1_000))


def person_of(audience, reader):
    """One reader in front of the bundle, with the likes that are known of them."""
    data = audience.bundle.interactions
    return audience.bundle.person(items=data.item_ids[audience.readers.known[reader].indices].tolist())


def exposures(lists, n, n_items):
    """Share of the first n readers whose list has each item, counted one by one."""
    found = np.zeros(n_items)
    for row in lists.items[:n].tolist():
        for item in row:
            if item >= 0:
                found[item] += 1 / n
    return found
