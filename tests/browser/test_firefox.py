"""The way in with Debian's Firefox: three titles to a turned knob."""

import os

import pytest

from tests import waiting
from tests.browser import bidi

pytestmark = pytest.mark.browser
WHY = "no firefox here: apt-get install firefox-esr"


@pytest.fixture
def window(tmp_path):
    if bidi.FIREFOX is None:
        (pytest.fail if os.environ.get("KNOBS_REQUIRE_BROWSER") else pytest.skip)(WHY)
    with bidi.firefox(tmp_path) as window:
        yield window


def test_from_the_bare_address_to_a_turned_knob_in_five_interactions(window, shared_server):
    window.go(shared_server)
    window.until("all('.cover').length === 24 && all('.others button').length === 6")
    for number, place in enumerate((4, 10, 6), start=1):
        window.click(".cover", place)
        window.until(f"all('.picked li').length === {number}")
    window.until("(({told, answered}) => told === answered)(all('.wall')[0].dataset)")
    assert window.tell("all('.themes li').length") >= 3
    dealt = window.tell("all('.dealt b').map((one) => one.textContent)")
    window.click(".go")
    window.until("all('.board[data-ready=true] .after .title').length === 20")
    listed = "all('.after .title b').map((one) => one.textContent)"
    rest = window.tell(listed)
    assert rest[: len(dealt)] == dealt
    window.drag(*window.middle("[role=slider]"), by=60)
    window.until("location.search.includes('dials=')")
    waiting.until(lambda: window.tell(listed) != rest)
