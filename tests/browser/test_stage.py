"""The stage in a real browser: one key, sizes for the last row, a tour by arrow keys, MIDI, a code for phones, idle."""

from urllib.parse import unquote

import pytest

from knobs_core import bundles
from knobs_core.base import title_case
from knobs_ui.stage import read_tour
from tests.browser.driving import (
    at,
    dials,
    open_panel,
    ready,
    serve,
    still,
    titles,
    turned,
    until,
    violations,
    visit,
)
from tests.given import ROOT
from tests.knobs_ui.stage.test_room import drawn, expected_code

pytestmark = pytest.mark.browser
TOUR = read_tour(ROOT / "assets" / "tour.toml")
OPENING = "Turn a knob. The list follows."

# A browser with one device, whose knobs a test moves: turn(controller, value).
DEVICE = """
const input = {id: "1", name: "nanoKONTROL2", state: "connected", onmidimessage: null};
const access = {inputs: new Map([["1", input]]), onstatechange: null};
navigator.requestMIDIAccess = async () => access;
window.turn = (controller, value) => input.onmidimessage({data: Uint8Array.of(0xb0, controller, value)});
"""


def enter(page, address="/panel?user=60", width=1920, height=1080):
    page.set_viewport_size({"width": width, "height": height})
    open_panel(page, address)
    page.keyboard.press("f")
    page.locator(".stage.on-stage").wait_for()
    still(page)


def size(page, selector):
    """Font size of the first such element that is seen, in pixels."""
    element = page.locator(selector).locator("visible=true").first
    return element.evaluate("element => parseFloat(getComputedStyle(element).fontSize)")


def said(page):
    return page.locator(".foot .say").inner_text()


def shown(page):
    """Titles that are seen."""
    return page.locator(".after .title b").locator("visible=true").all_inner_texts()


def test_one_key_makes_the_panel_readable_from_the_last_row(page):
    enter(page)
    assert page.evaluate("document.fullscreenElement === document.documentElement")
    assert not page.locator(".stAppHeader").is_visible()
    assert page.locator(".bar").evaluate("element => getComputedStyle(element).opacity") == "0"
    assert page.get_by_role("button", name="Ask", exact=True).count() == 0
    assert len(shown(page)) == 7
    assert page.get_by_role("slider").count() == 6
    for selector, least in {".after .title": 32, ".after .why": 20, ".knob .name": 24, ".foot .say": 32}.items():
        assert size(page, selector) >= least, selector
    last = page.locator(".after .row").nth(6).bounding_box()
    foot = page.locator(".foot").bounding_box()
    assert last["y"] + last["height"] <= foot["y"]
    assert foot["y"] + foot["height"] <= 1080
    page.keyboard.press("Escape")
    page.locator(".stAppHeader").wait_for()
    assert not page.evaluate("document.fullscreenElement")
    assert len(shown(page)) == 20


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1024, 768), (3840, 2160)])
def test_everything_grows_with_the_screen(page, width, height):
    enter(page, width=width, height=height)
    assert size(page, ".after .title") >= 32 * min(width / 1920, height / 1080)
    assert len(shown(page)) == 7
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    boxes = [knob.bounding_box() for knob in page.locator(".knob").locator("visible=true").all()]
    assert len(boxes) == 6
    assert max(box["y"] + box["height"] for box in boxes) <= 0.87 * height
    for knob in page.locator(".knob").locator("visible=true").all():  # nothing is cut off
        assert knob.evaluate("element => element.scrollHeight <= element.clientHeight + 1")


def test_arrow_keys_walk_the_tour_and_one_key_returns(page):
    enter(page)
    opening = shown(page)
    assert said(page) == OPENING
    page.keyboard.press("ArrowRight")
    until(page, lambda: "user=72" in page.url)
    assert said(page) == TOUR.step[0].say
    until(page, lambda: shown(page) != opening)
    first = shown(page)
    page.keyboard.press("PageDown")  # as a clicker does
    until(page, lambda: dials(page) == TOUR.step[1].dials)
    until(page, lambda: shown(page) != first)
    lit = page.locator(".knob.is-lit")
    until(page, lambda: lit.count() == 1)
    assert lit.get_by_role("slider").get_attribute("aria-label") == title_case(TOUR.step[1].focus)
    assert page.get_by_role("img", name=f"Step 2 of {len(TOUR.step)}").is_visible()
    page.keyboard.press("n")
    assert page.locator(".foot .note").inner_text() == TOUR.step[1].note
    page.keyboard.press("ArrowLeft")
    until(page, lambda: dials(page) == {} and shown(page) == first)
    for _ in range(3):  # faster than the server answers
        page.keyboard.press("ArrowRight")
    until(page, lambda: dials(page) == TOUR.step[3].dials)
    assert said(page) == TOUR.step[3].say
    until(page, lambda: page.get_by_role("slider").first.get_attribute("aria-label") == "Cult Film")
    page.keyboard.press("1")
    page.keyboard.press("ArrowUp")  # arrows up and down are the knob's
    until(page, lambda: 0.5 < dials(page)["cult film"] < 0.7)
    page.keyboard.press("r")
    until(page, lambda: "user=60" in page.url and shown(page) == opening)
    assert said(page) == OPENING
    assert dials(page) == {}


def test_every_key_does_what_the_help_says(page):
    enter(page)
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys of the stage")
    listed = dict(zip(keys.locator("dt").all_inner_texts(), keys.locator("dd").all_inner_texts(), strict=True))
    assert {"F", "→", "←", "R", "1 – 6", "0", "Z", "Shift Z", "V", "M", "L", "P", "A", "/", "K", "Q", "?", "Esc"} <= {
        *listed
    }
    page.keyboard.press("?")
    keys.wait_for(state="hidden")
    page.keyboard.press("1")
    page.keyboard.press("End")
    turned(page, 1)
    page.keyboard.press("z")
    until(page, lambda: 1 not in dials(page).values())
    page.keyboard.press("Shift+Z")
    turned(page, 1)
    page.keyboard.press("0")
    until(page, lambda: set(dials(page).values()) == {0})


def test_the_map_stands_beside_the_list(chromium, mapped_bundle, tmp_path):
    bundles.save(mapped_bundle, tmp_path / "b")
    with serve(tmp_path / "b") as server, visit(chromium, server) as page:
        enter(page, "/panel?user=u7")
        page.keyboard.press("m")
        page.locator(".map[data-ready=true]").wait_for()
        still(page)
        drawn, rows = page.locator(".map").bounding_box(), page.locator(".after .row").first.bounding_box()
        assert rows["x"] + rows["width"] <= drawn["x"]
        assert size(page, ".after .title") >= 32
        page.keyboard.press("m")
        page.locator(".map").wait_for(state="detached")


def test_search_and_sheet_come_on_call(page):
    enter(page)
    page.keyboard.press("/")
    page.keyboard.type("Film-Noir")
    page.keyboard.press("Enter")
    page.get_by_role("slider", name="Film-Noir").wait_for()
    page.get_by_role("slider").first.focus()
    page.keyboard.press("a")
    page.locator(".st-key-sheet").get_by_text("Ask for").wait_for()


def test_keys_that_are_faster_than_the_server_are_all_heard(page):
    enter(page)
    page.keyboard.press("1")
    page.keyboard.press("End")
    turned(page, 1)
    for key in "pa":
        page.keyboard.press(key)
        page.wait_for_timeout(20)  # each a message of its own, while the server is at the one before
    page.locator(".st-key-sheet").get_by_text("Ask for").wait_for()
    until(page, lambda: "pinned=" in page.url)
    for key in "zz":
        page.keyboard.press(key)
        page.wait_for_timeout(20)
    until(page, lambda: dials(page) == {} and "pinned=" not in page.url)


def test_keys_of_streamlit_have_no_place_on_a_stage_and_fields_keep_theirs(page):
    open_panel(page)
    search = page.get_by_role("combobox", name="Add a knob")
    search.click()
    page.keyboard.type("fifties")
    assert page.locator(".on-stage").count() == 0
    page.keyboard.press("Escape")
    page.mouse.click(5, 700)
    for key in "rzq":
        page.keyboard.press(key)  # nothing of ours off the stage
    still(page)
    assert page.get_by_role("dialog").count() == 0
    page.keyboard.press("f")
    page.locator(".stage.on-stage").wait_for()
    page.keyboard.press("c")
    still(page)
    assert page.get_by_role("dialog").count() == 0


def test_the_button_opens_it_too(page):
    open_panel(page)
    page.get_by_role("button", name="Stage F").click()
    page.locator(".stage.on-stage").wait_for()
    page.get_by_role("button", name="All keys").click()
    page.get_by_role("dialog", name="Keys of the stage").get_by_role("button", name="Close").click()
    page.keyboard.press("f")
    page.get_by_role("button", name="Stage F").wait_for()


def test_a_plugged_in_knob_turns_the_boards(page):
    page.add_init_script(DEVICE)
    enter(page)
    rest = shown(page)
    page.keyboard.press("d")
    page.get_by_text("nanoKONTROL2: move its knobs").wait_for()
    for value in range(64, 110, 3):
        page.evaluate("value => turn(16, value)", value)
    knob = page.get_by_role("slider").first
    until(page, lambda: float(knob.get_attribute("aria-valuenow")) > 0.2)
    until(page, lambda: shown(page) != rest)
    turned(page, float(knob.get_attribute("aria-valuenow")))  # and the server was told once the hand had let go
    page.evaluate("turn(17, 100)")  # the second knob stands at 0, far from where this one is
    page.evaluate("turn(17, 64)")
    at(page, page.get_by_role("slider").nth(1), "0")
    page.evaluate("turn(17, 40)")
    second = page.get_by_role("slider").nth(1)
    until(page, lambda: float(second.get_attribute("aria-valuenow")) < -0.1)
    turned(page, float(second.get_attribute("aria-valuenow")))


def test_the_code_for_phones_says_the_link(page):
    enter(page)
    page.keyboard.press("1")
    page.keyboard.press("End")
    turned(page, 1)
    page.keyboard.press("q")
    box = page.get_by_role("dialog", name="Turn along on your phone")
    box.wait_for()
    link = box.locator(".link").inner_text()
    assert unquote(link) == unquote(page.url)  # written as people read it
    assert (drawn(box.get_by_role("img").get_attribute("src")) == expected_code(link)).all()
    assert box.get_by_role("img").bounding_box()["width"] >= 500
    assert "knobs app --address 0.0.0.0" in box.inner_text()  # this server is for this machine alone
    page.keyboard.press("q")
    box.wait_for(state="hidden")


def test_a_stage_that_is_left_alone_returns_to_its_opening(chromium, demo_path, monkeypatch):
    monkeypatch.setenv("KNOBS_IDLE", "0.15")  # nine seconds
    with serve(demo_path) as server, visit(chromium, server) as page:
        open_panel(page, "/panel?user=60")
        rest = titles(page)[:7]
        page.keyboard.press("f")
        page.keyboard.press("ArrowRight")
        until(page, lambda: "user=72" in page.url)
        until(page, lambda: "user=60" in page.url and shown(page) == rest)
        assert said(page) == OPENING


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_wcag_aa_by_axe(page, scheme):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    enter(page)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    until(page, lambda: dials(page) == TOUR.step[1].dials)
    page.keyboard.press("n")
    until(page, lambda: page.locator(".knob.is-lit").count() == 1)
    still(page)
    assert violations(page) == {}
    for key in "?q":
        page.keyboard.press(key)
        page.get_by_role("dialog").wait_for()
        still(page)
        assert violations(page) == {}
        page.keyboard.press("Escape")
        page.get_by_role("dialog").wait_for(state="hidden")


def test_a_reload_leaves_the_stage_and_keeps_the_list(page):
    enter(page)
    page.keyboard.press("ArrowRight")
    until(page, lambda: "user=72" in page.url)
    still(page)
    kept = shown(page)
    page.reload()
    ready(page)
    assert page.locator(".on-stage").count() == 0
    assert titles(page)[:7] == kept
