"""The panel in a real browser: turn a knob by keyboard and by mouse, see the list change, cards, links, presets."""

import re

import pytest

from tests.browser.driving import (
    add_knob,
    at,
    board,
    dials,
    frame,
    grip,
    open_panel,
    ready,
    still,
    titles,
    turned,
    until,
    violations,
)

pytestmark = pytest.mark.browser


def test_first_deep_link_on_a_fresh_server_then_keyboard_then_reset(fresh_page):
    page = fresh_page
    open_panel(page)  # the first request this server gets is for an inner page
    assert page.get_by_text("MovieLens by GroupLens").is_visible()
    assert page.get_by_role("dialog").count() == 0
    rest = titles(page)
    assert len(rest) == 20
    knob = page.get_by_role("slider").first
    knob.focus()
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    at(page, knob, "0.4")
    turned(page, 0.4)
    until(page, lambda: titles(page) != rest)
    assert page.locator(".after .is-new").count() == page.locator(".before .is-left").count() > 0
    page.get_by_role("button", name="Reset all").click()
    until(page, lambda: titles(page) == rest)
    at(page, knob, "0")


@pytest.mark.parametrize("server", ["whole", "large"], indirect=True)
def test_the_list_moves_while_the_hand_is_on_the_knob_and_the_server_agrees(page):
    """In both ways of sending a catalogue: all of it, or the candidates for the next turn."""
    open_panel(page)
    seen = {tuple(titles(page))}
    x, y = grip(page, page.get_by_role("slider").nth(1))
    page.mouse.down()
    for step in range(1, 25):
        page.mouse.move(x + 5 * step, y)
        frame(page)
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
    at(page, knob, "0.05")
    number.fill("-0.37")
    number.press("Enter")
    at(page, knob, "-0.37")
    turned(page, -0.37)
    number.fill("5")
    number.press("Enter")
    at(page, knob, "1")
    knob.dblclick()
    at(page, knob, "0")
    knob.focus()
    page.keyboard.press("Home")
    at(page, knob, "-1")
    turned(page, -1)
    page.keyboard.press("Delete")
    at(page, knob, "0")
    turned(page, 0)  # keys in quick succession count as one step; this one is to be a step of its own
    page.keyboard.press("PageUp")
    turned(page, 0.2)
    page.keyboard.press("Control+z")
    at(page, knob, "0")
    page.keyboard.press("Control+Shift+z")
    at(page, knob, "0.2")


def test_a_reload_and_a_copied_link_find_the_same_state(page, chromium):
    open_panel(page)
    knob = add_knob(page, "film-noir")
    knob.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    until(page, lambda: dials(page).get("film-noir") == 0.5)
    still(page)
    kept, words = titles(page), page.locator(".words").inner_text()
    assert "film-noir" in words
    page.reload()
    ready(page)
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
    other.get_by_role("slider").first.focus()
    other.keyboard.press("End")
    turned(other, 1)
    until(other, lambda: titles(other) != rest)
    page.get_by_role("slider").nth(2).focus()
    page.keyboard.press("ArrowRight")
    turned(page, 0.05)  # the server has answered this one too
    page.keyboard.press("Delete")
    turned(page, 0)
    until(page, lambda: titles(page) == rest)
    assert page.get_by_role("slider").first.get_attribute("aria-valuenow") == "0"
    assert list(dials(page).values()) == [0]
    other.close()


def test_cards_receipts_and_asking(page):
    open_panel(page)
    page.locator(".knob .name").first.click()
    page.get_by_role("dialog").get_by_text("What it brings").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="hidden")
    page.locator(".after .what").nth(2).click()
    page.get_by_role("dialog").get_by_text("Every part of the score").wait_for()
    page.get_by_role("dialog").get_by_text("More like this").click()
    page.get_by_role("dialog").get_by_text("Enters").wait_for()
    page.get_by_role("button", name="Turn it").click()
    until(page, lambda: any(key.startswith("~") for key in dials(page)))
    still(page)
    page.get_by_role("button", name="Ask for a title").click()
    title = page.get_by_role("dialog").get_by_role("combobox")
    title.click()
    title.fill("Aliens")
    page.get_by_role("option", name="Aliens", exact=True).first.click()
    page.get_by_role("dialog").get_by_text("It comes to rank").wait_for()
    page.get_by_role("button", name="Set the board so").click()
    until(page, lambda: "Aliens" in titles(page)[:10])


def test_choose_a_user_and_see_their_list(page):
    open_panel(page, "/")
    first = titles(page)
    page.get_by_role("link", name="Choose someone else").click()
    page.get_by_text("Whose list?").wait_for()
    still(page)
    box = page.get_by_role("combobox", name="User")
    box.click()
    box.fill("User 15 ")
    page.get_by_role("option").first.click()
    until(page, lambda: page.get_by_role("list", name="Strongest neurons").locator("li").count() == 12)
    page.get_by_role("button", name="Open the panel for this taste").click()
    page.get_by_role("heading", name="User 15").wait_for()
    until(page, lambda: len(titles(page)) == 20 and titles(page) != first)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", ["/panel?user=15&dials=heist:0.4~horror:-0.3", "/user", "/lab"])
def test_wcag_aa_by_axe(page, scheme, address):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(address)
    page.get_by_text("MovieLens by GroupLens").wait_for()
    still(page)
    assert violations(page) == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_card_shows_what_its_knob_does(page, scheme):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    open_panel(page, "/panel?user=15&dials=james%20bond:0.3")
    page.get_by_role("button", name="james bond", exact=True).click()
    card = page.get_by_role("dialog")
    card.get_by_text("Finds others", exact=False).first.wait_for()
    card.locator(".js-plotly-plot .main-svg").first.wait_for()
    assert card.get_by_text("What else rises").count() == 1
    still(page)
    assert violations(page) == {}


def test_weak_knobs_are_found_when_asked_for(page):
    open_panel(page)
    search, weak = page.get_by_role("combobox").first, page.get_by_role("option", name=re.compile(" · weak$"))
    search.click()
    page.get_by_role("option").first.wait_for()
    search.fill("· weak")
    page.get_by_text("No results").wait_for()
    assert weak.count() == 0
    page.keyboard.press("Escape")
    page.get_by_text("Weak too").click()
    still(page)

    def found():
        search.fill("")  # typed anew until the options that came with the toggle are there
        search.fill("· weak")
        frame(page)
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
    until(page, lambda: dials(page).get("film-noir") == 1)
    still(page)
    scary = titles(page)
    page.get_by_role("button", name="Keep").click()
    page.get_by_role("textbox", name="Name of a new preset").fill("Scary")
    page.get_by_role("button", name="Save these dials").click()
    until(page, lambda: "Scary" in page.evaluate("JSON.stringify(localStorage)"))
    open_panel(page, "/panel?user=15")  # a new session in the same browser
    assert titles(page) != scary
    page.get_by_role("button", name="Keep").click()
    page.get_by_role("dialog").get_by_role("button", name="Scary").click()
    until(page, lambda: dials(page).get("film-noir") == 1 and page.get_by_role("dialog").count() == 0)
