"""The bundle is exchanged under an open session, and two servers start for the first time in one home."""

import contextlib

import pytest

from knobs_core import bundles
from tests.browser.driving import dials, open_panel, ready, serve, still, titles, turned, until, visit

BOARD = ".board:not(.map, .single)"


@pytest.fixture(scope="module")
def pair(planted_bundle, retrained_bundle):
    """Two trainings of the same data, whose neurons have other numbers."""
    return planted_bundle, retrained_bundle


def shows(page, bundle):
    """Wait until the page shows somebody's list of a bundle, with the dials of the address bar."""
    until(page, lambda: f"bundle={bundle.id}" in page.url)
    until(page, lambda: page.locator(BOARD).count() == 1)  # the last one leaves when the run ends
    ready(page)
    turns = [bundle.knobs[key].dial(amount) for key, amount in dials(page).items()]
    expected = bundle.person("u7").recommend(turns).recommendation.items
    until(page, lambda: titles(page)[:7] == [bundle.interactions.main_title(item) for item in expected[:7]])


def click_up(page):
    """Turn the first knob by a click of its scale."""
    knob = page.get_by_role("slider").first
    knob.press("ArrowUp")
    return float(knob.get_attribute("aria-valuenow"))


@pytest.mark.browser
def test_a_turned_dial_goes_over_a_sheet_closes_and_a_stage_stays(chromium, pair, tmp_path):
    path, (first, second) = tmp_path / "b", pair
    bundles.save(first, path)
    with serve(path) as url, visit(chromium, url) as page:
        open_panel(page, "/panel?user=u7&dials=concept 1:0.4")
        shows(page, first)
        page.locator(".after .title").first.click()
        page.locator(".st-key-sheet").wait_for()
        bundles.save(second, path)
        amount = click_up(page)
        page.get_by_text("The models were exchanged while you were here").wait_for()
        shows(page, second)
        assert dials(page)["concept 1"] == amount  # as it was turned just when the bundle was another one
        assert page.locator(".st-key-sheet").count() == 0
        turned(page, click_up(page))
        shows(page, second)
        page.get_by_role("button", name="Stage").click()
        still(page)
        bundles.save(first, path)
        click_up(page)
        shows(page, first)
        assert page.locator(".knobs-stage").count() == 1
        turned(page, click_up(page))
        shows(page, first)
        (path / "sae.safetensors").write_bytes(b"damaged")
        turned(page, click_up(page))
        shows(page, first)


@pytest.mark.browser
@pytest.mark.slow
def test_two_first_starts_in_one_home_share_one_training(chromium, tmp_path, monkeypatch):
    """The first start of all: the demo is trained with progress, and then there is the wall."""
    monkeypatch.setenv("KNOBS_HOME", str(tmp_path))
    monkeypatch.delenv("KNOBS_BUNDLE", raising=False)
    manifest = tmp_path / "bundles" / "demo" / bundles.MANIFEST
    with contextlib.ExitStack() as both:
        pages = [both.enter_context(visit(chromium, both.enter_context(serve(None)))) for _ in range(2)]
        for page in pages:
            page.goto("/user")
            page.get_by_text("Setting up the demo").wait_for()
        until(pages[1], lambda: any(page.get_by_text("Waiting for another training").count() for page in pages))
        until(pages[0], manifest.exists, 600)
        made = manifest.stat()
        for page in pages:
            until(page, lambda page=page: page.locator(".covers button").count() == 24, 600)
        assert manifest.stat().st_ino == made.st_ino  # nobody has trained once more
    assert {file.name for file in manifest.parents[1].iterdir()} == {"demo", ".demo.lock"}
