"""The app in a real browser: choose a user, turn a knob by keyboard and by mouse, see the list change."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
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

pytestmark = pytest.mark.browser
if not Path(CHROMIUM).exists():
    if os.environ.get("KNOBS_REQUIRE_BROWSER"):
        raise RuntimeError(WHY)
    pytest.skip(WHY, allow_module_level=True)


@pytest.fixture
def server(demo_path):
    """A fresh server on the demo bundle; ends with the test."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)],
        cwd=ROOT,
        env={**os.environ, "KNOBS_BUNDLE": str(demo_path)},
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


def titles(page):
    return page.get_by_role("list", name="List after").locator("b").all_inner_texts()


def open_panel(page, address="/panel"):
    page.goto(address)
    page.get_by_role("list", name="List after").wait_for(timeout=60_000)
    settle(page)


def until(page, condition):
    """Wait until the page is as it should be; five seconds at most."""
    for _ in range(50):
        if condition():
            return
        page.wait_for_timeout(100)
    raise AssertionError("the page did not get there")


def test_first_deep_link_on_a_fresh_server_then_keyboard_then_mouse(page):
    open_panel(page)  # the first request this server gets is for an inner page
    assert page.get_by_text("MovieLens by GroupLens").is_visible()
    assert page.get_by_role("dialog").count() == 0
    rest = titles(page)
    assert len(rest) == 20

    knob = page.get_by_role("slider").first
    knob.focus()
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    until(page, lambda: titles(page) != rest and "+0.40" in page.get_by_role("main").inner_text())
    assert page.get_by_text("new", exact=True).count() > 0

    page.get_by_role("button", name="Reset all").click()
    until(page, lambda: titles(page) == rest)

    track = page.locator(".stSlider").nth(1)
    track.scroll_into_view_if_needed()
    box = track.get_by_role("group").bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.9, y, steps=8)
    page.mouse.up()
    until(page, lambda: titles(page) != rest)


def test_choose_a_user_and_see_their_list(page):
    open_panel(page, "/")
    assert page.url.endswith("/panel")
    first = titles(page)
    page.get_by_role("link", name="Choose someone else").click()
    page.get_by_text("Whose list?").wait_for()
    settle(page)
    box = page.get_by_role("combobox", name="User")
    box.click()
    box.fill("User 15 ")
    page.get_by_role("option").first.click()
    settle(page)
    assert page.locator(".js-plotly-plot").count() == 1
    page.get_by_role("button", name="Open the panel for this taste").click()
    page.get_by_role("heading", name="User 15").wait_for()
    until(page, lambda: len(titles(page)) == 20 and titles(page) != first)


def test_add_a_knob_by_name(page):
    open_panel(page)
    rest = titles(page)
    search = page.get_by_role("combobox").first
    search.click()
    search.fill("horror")
    page.get_by_role("option", name="horror · concept", exact=True).click()
    settle(page)
    knob = page.get_by_role("slider", name="horror").first
    knob.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    until(page, lambda: "horror +0.50" in page.get_by_role("main").inner_text())
    assert titles(page) != rest


def test_dark_theme_and_phone(page):
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 844})
    open_panel(page)
    background = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    assert sum(map(int, background.removeprefix("rgb(").removesuffix(")").split(","))) < 150
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
