"""A server with a recipe on air, for the tests that do not change what is live, and an empty one for those that do."""

import pytest

from knobs_core.lists import HouseRules
from knobs_core.publishing import Database, Store
from tests.service.serving import put, serving

NOIR = {
    "headline": 'Film noir, "=1+1" \r\nX-Evil: yes',
    "about": "Long nights.",
    "length": 12,
    "dials": [{"knob": "concept 3", "amount": 0.3}, {"knob": "concept 7", "amount": 0.5}],
    "quotas": [{"of": "tag", "most": 4, "window": 8}],
    "pins": [{"item": "i5", "place": 3}],
    "bans": ["i9"],
    "notes": {"i5": "=Start with this one."},
    "arms": [{"name": "quiet", "share": 0.3, "dials": [{"knob": "concept 3", "amount": -0.4}]}],
}
HOUSE = HouseRules(bans=("i2",))


@pytest.fixture(autouse=True)
def often(monkeypatch):
    """The database is looked at often, so that no test waits a second."""
    monkeypatch.setattr("knobs_core.service.watch.EVERY", 0.05)


@pytest.fixture(scope="module")
def on_air(planted_bundle, tmp_path_factory):
    """(address, desk, recipe) of a server where "noir" is on air and the house bans i2."""
    url = f"sqlite:///{tmp_path_factory.mktemp('on-air') / 'studio.sqlite'}"
    with Database(url) as database:
        store = Store(database)
        store.save_house(HOUSE, "bea", 0)
        recipe = put(store, **NOIR)
    with serving(planted_bundle, url) as (address, desk):
        yield address, desk, recipe


@pytest.fixture
def studio(planted_bundle, tmp_path):
    """(address, desk, store) of a server with an empty database."""
    url = f"sqlite:///{tmp_path / 'base' / 'studio.sqlite'}"
    with serving(planted_bundle, url) as (address, desk):
        yield address, desk, Store(desk.watch._database)
