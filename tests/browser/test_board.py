"""The app in a real browser: choose a user, turn a knob by keyboard and by mouse, see the list change."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
WHY = "no chromium here: apt-get install chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# Rules that elements of Streamlit itself break on every app; nothing of ours may hide behind them.
STREAMLITS_OWN: frozenset[str] = frozenset()

pytestmark = pytest.mark.browser
if not Path(CHROMIUM).exists():
    if os.environ.get("KNOBS_REQUIRE_BROWSER"):
        raise RuntimeError(WHY)
    pytest.skip(WHY, allow_module_level=True)


# The app with the demo taken for a catalogue too large to travel whole.
LARGE = """
import runpy, sys
import knobs_ui.view
knobs_ui.view.WHOLE = 100
runpy.run_path({app!r}, run_name="__main__")
"""


@contextlib.contextmanager
def serve(path, folder=ROOT):
    """A fresh server on a bundle, from the folder that holds app.py; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)],
        cwd=folder,
        env={**os.environ, "KNOBS_BUNDLE": str(path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def server(request, demo_path, tmp_path):
    """A fresh server on the demo bundle; ends with the test."""
    folder = ROOT
    if getattr(request, "param", "whole") == "large":
        folder = tmp_path
        (folder / "pages").symlink_to(ROOT / "pages")
        (folder / ".streamlit").symlink_to(ROOT / ".streamlit")
        (folder / "app.py").write_text(LARGE.format(app=str(ROOT / "app.py")), encoding="utf-8")
    with serve(demo_path, folder) as url:
        yield url


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, server):
    """A page that notes every request that leaves this machine and every error the browser reports."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, base_url=server)
    page = context.new_page()
    page.outside, page.faults = [], []
    own = (server, server.replace("http", "ws"), "data:", "blob:")
    page.on("request", lambda request: page.outside.append(request.url) if not request.url.startswith(own) else None)
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    yield page
    context.close()
    assert page.outside == []
    assert page.faults == []


def settle(page):
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=60_000)
    page.wait_for_timeout(300)


def titles(page, which="after"):
    return page.locator(f".{which} .title").all_inner_texts()


def open_panel(page, address="/panel"):
    page.goto(address)
    page.locator(".board[data-ready=true]").wait_for(timeout=60_000)
    settle(page)


def until(page, condition):
    """Wait until the page is as it should be; five seconds at most."""
    for _ in range(50):
        if condition():
            return
        page.wait_for_timeout(100)
    raise AssertionError("the page did not get there")


def grip(page, knob):
    """Put the mouse on the middle of a knob; returns where that is."""
    knob.scroll_into_view_if_needed()
    box = knob.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    return x, y


def board(page):
    return page.locator(".board").evaluate("element => ({...element.dataset})")


def add_knob(page, name):
    search = page.get_by_role("combobox").first
    search.click()
    search.fill(name)
    page.get_by_role("option", name=re.compile(rf"^{re.escape(name)} · concept")).click()
    knob = page.get_by_role("slider", name=name, exact=True)
    knob.wait_for()
    settle(page)
    return knob


def test_first_deep_link_on_a_fresh_server_then_keyboard_then_reset(page):
    open_panel(page)  # the first request this server gets is for an inner page
    assert page.get_by_text("MovieLens by GroupLens").is_visible()
    assert page.get_by_role("dialog").count() == 0
    rest = titles(page)
    assert len(rest) == 20
    knob = page.get_by_role("slider").first
    knob.focus()
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    assert knob.get_attribute("aria-valuenow") == "0.4"
    until(page, lambda: titles(page) != rest and "%3A0.4" in page.url)
    assert page.locator(".after .is-new").count() == page.locator(".before .is-left").count() > 0
    page.get_by_role("button", name="Reset all").click()
    until(page, lambda: titles(page) == rest)
    assert knob.get_attribute("aria-valuenow") == "0"


@pytest.mark.parametrize("server", ["whole", "large"], indirect=True)
def test_the_list_moves_while_the_hand_is_on_the_knob_and_the_server_agrees(page):
    """In both ways of sending a catalogue: all of it, or the candidates for the next turn."""
    open_panel(page)
    seen = {tuple(titles(page))}
    x, y = grip(page, page.get_by_role("slider").nth(1))
    page.mouse.down()
    for step in range(1, 25):
        page.mouse.move(x + 5 * step, y)
        page.wait_for_timeout(20)
        seen.add(tuple(titles(page)))
    assert len(seen) > 5  # it changed again and again before the hand let go
    assert "dials" not in page.url  # and the server was never asked
    held = titles(page)
    page.mouse.up()
    until(page, lambda: "dials" in page.url and board(page).get("confirmed"))
    assert titles(page) == held
    assert "differed" not in board(page)


def test_every_way_to_turn_a_knob(page):
    open_panel(page)
    knob, number = page.get_by_role("slider").first, page.locator(".knob .number").first
    grip(page, knob)
    page.mouse.wheel(0, -100)
    until(page, lambda: knob.get_attribute("aria-valuenow") == "0.05")
    number.fill("-0.37")
    number.press("Enter")
    until(page, lambda: knob.get_attribute("aria-valuenow") == "-0.37" and "%3A-0.37" in page.url)
    number.fill("5")
    number.press("Enter")
    until(page, lambda: knob.get_attribute("aria-valuenow") == "1")
    knob.dblclick()
    until(page, lambda: knob.get_attribute("aria-valuenow") == "0")
    knob.focus()
    page.keyboard.press("Home")
    until(page, lambda: knob.get_attribute("aria-valuenow") == "-1")
    page.keyboard.press("Delete")
    until(page, lambda: knob.get_attribute("aria-valuenow") == "0")
    settle(page)  # keys in quick succession count as one step; this one is to be a step of its own
    page.keyboard.press("PageUp")
    until(page, lambda: "%3A0.2" in page.url)
    page.keyboard.press("Control+z")
    until(page, lambda: knob.get_attribute("aria-valuenow") == "0")
    page.keyboard.press("Control+Shift+z")
    until(page, lambda: knob.get_attribute("aria-valuenow") == "0.2")


def test_a_reload_and_a_copied_link_find_the_same_state(page, chromium):
    open_panel(page)
    knob = add_knob(page, "film-noir")
    knob.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    until(page, lambda: "film-noir%3A0.5" in page.url)
    settle(page)
    kept, words = titles(page), page.locator(".words").inner_text()
    assert "film-noir" in words
    page.reload()
    page.locator(".board[data-ready=true]").wait_for(timeout=60_000)
    until(page, lambda: titles(page) == kept)
    other = chromium.new_page()
    open_panel(other, page.url)
    until(other, lambda: titles(other) == kept)
    other.close()


def test_two_browsers_never_see_each_others_dials(page, chromium):
    open_panel(page)
    rest = titles(page)
    other = chromium.new_page()
    open_panel(other, page.url)
    knob = other.get_by_role("slider").first
    knob.focus()
    other.keyboard.press("End")
    until(other, lambda: titles(other) != rest)
    page.get_by_role("slider").nth(2).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Delete")
    settle(page)
    assert titles(page) == rest
    assert page.get_by_role("slider").first.get_attribute("aria-valuenow") == "0"
    other.close()


def test_cards_receipts_and_asking(page):
    open_panel(page)
    page.locator(".knob .name").first.click()
    page.get_by_role("dialog").get_by_text("What it brings").wait_for()
    page.keyboard.press("Escape")
    page.locator(".after .what").nth(2).click()
    page.get_by_role("dialog").get_by_text("Every part of the score").wait_for()
    page.get_by_role("dialog").get_by_text("More like this").click()
    page.get_by_role("dialog").get_by_text("Enters").wait_for()
    page.get_by_role("button", name="Turn it").click()
    until(page, lambda: "%7E" in page.url or "~" in page.url)
    settle(page)
    page.get_by_role("button", name="Ask for a title").click()
    title = page.get_by_role("dialog").get_by_role("combobox")
    title.click()
    title.fill("Aliens")
    page.get_by_role("option", name="Aliens", exact=True).first.click()
    page.get_by_role("dialog").get_by_text("It comes to rank").wait_for(timeout=10_000)
    page.get_by_role("button", name="Set the board so").click()
    until(page, lambda: "Aliens" in titles(page)[:10])


def test_choose_a_user_and_see_their_list(page):
    open_panel(page, "/")
    first = titles(page)
    page.get_by_role("link", name="Choose someone else").click()
    page.get_by_text("Whose list?").wait_for()
    settle(page)
    box = page.get_by_role("combobox", name="User")
    box.click()
    box.fill("User 15 ")
    page.get_by_role("option").first.click()
    settle(page)
    assert page.locator(".knobs-taste li").count() == 12
    page.get_by_role("button", name="Open the panel for this taste").click()
    page.get_by_role("heading", name="User 15").wait_for()
    until(page, lambda: len(titles(page)) == 20 and titles(page) != first)


def violations(page):
    """Rules of WCAG A and AA that the page breaks, with where."""
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]}).response["violations"]
    return {
        rule["id"]: [node["html"][:120] for node in rule["nodes"]] for rule in found if rule["id"] not in STREAMLITS_OWN
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", ["/panel?user=15&dials=heist:0.4~horror:-0.3", "/user", "/lab"])
def test_wcag_aa_by_axe(page, scheme, address):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(address)
    page.get_by_text("MovieLens by GroupLens").wait_for(timeout=60_000)
    settle(page)
    page.wait_for_timeout(800)
    assert violations(page) == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_card_shows_what_its_knob_does(page, scheme):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    open_panel(page, "/panel?user=15&dials=james%20bond:0.3")
    page.get_by_role("button", name="james bond", exact=True).click()
    card = page.get_by_role("dialog")
    card.get_by_text("Does what it says").wait_for()
    card.locator(".js-plotly-plot").first.wait_for()
    assert card.get_by_text("What else rises").count() == 1
    settle(page)
    page.wait_for_timeout(800)
    assert violations(page) == {}


def test_weak_knobs_are_found_when_asked_for(page):
    open_panel(page)
    search, weak = page.get_by_role("combobox").first, page.get_by_role("option", name=re.compile(" · weak$"))
    search.click()
    search.fill("· weak")
    page.wait_for_timeout(500)
    assert weak.count() == 0
    page.keyboard.press("Escape")
    page.get_by_text("Weak too").click()
    settle(page)

    def found():
        search.fill("")  # typed anew until the options that came with the toggle are there
        search.fill("· weak")
        page.wait_for_timeout(300)
        return weak.count() > 0

    until(page, found)


def test_phone_in_the_dark(page):
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 844})
    open_panel(page)
    background = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    assert sum(map(int, background.removeprefix("rgb(").removesuffix(")").split(","))) < 150
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    knob, lists = page.get_by_role("slider").first, page.locator(".after .row").first
    assert knob.bounding_box()["y"] < lists.bounding_box()["y"] < 844  # knob and list are in view together


def test_presets_stay_in_the_browser(page):
    open_panel(page)
    knob = add_knob(page, "film-noir")
    knob.focus()
    page.keyboard.press("End")
    until(page, lambda: "film-noir%3A1" in page.url)
    settle(page)
    scary = titles(page)
    page.get_by_role("button", name="Keep").click()
    page.get_by_role("dialog").get_by_role("textbox").fill("Scary")
    page.get_by_role("button", name="Save these dials").click()
    settle(page)
    page.goto("/panel?user=15")  # a new session in the same browser
    page.locator(".board[data-ready=true]").wait_for(timeout=60_000)
    settle(page)
    assert titles(page) != scary
    page.get_by_role("button", name="Keep").click()
    page.get_by_role("dialog").get_by_role("button", name="Scary").click()
    until(page, lambda: "film-noir%3A1" in page.url and page.get_by_role("dialog").count() == 0)


@pytest.fixture
def reports(planted_folder, tmp_path, monkeypatch):
    """A KNOBS_HOME with a finished report; listed before the page, so that the server starts with it."""
    from tests.knobs_ui.test_lab import LITTLE

    from knobs_core import paper

    monkeypatch.setenv("KNOBS_HOME", str(tmp_path))
    paper.run(str(planted_folder), tmp_path / "reports" / "past", True, 1, "cpu", plan=LITTLE)


def test_the_lab_shows_the_model_and_a_past_report(reports, page):
    page.goto("/lab")
    page.get_by_text("Found by the recommender").wait_for(timeout=60_000)
    settle(page)
    page.get_by_role("tab", name="The paper's experiments").click()
    page.get_by_text("What the sparse code keeps of the recommender").wait_for()
    until(page, lambda: page.locator(".js-plotly-plot:visible").count() == 3)
    assert page.locator(".js-plotly-plot:visible").count() == 3
    assert page.locator(".js-plotly-plot:visible .scatterlayer .trace").count() > 20
    page.get_by_role("tab", name="Compare reports").click()
    page.get_by_text("Two finished reports are needed").wait_for()
