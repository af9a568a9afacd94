"""The way in, in a real browser: three titles to a turned knob, the keyboard alone, coming back, being forgotten."""

import re

import pytest

from tests.browser.driving import dials, frame, grip, ready, still, titles, until, violations

pytestmark = pytest.mark.browser


def greeted(page, address="/"):
    page.goto(address)
    page.locator(".others button").first.wait_for()
    still(page)


def picked(page):
    return page.get_by_role("list", name="Picked").locator("span").all_inner_texts()


def answered(page, n):
    """Wait until the server has answered the picks, all n of them."""
    wall = page.locator(".wall")
    until(page, lambda: len(picked(page)) == n and page.locator(".dealt li").count() == (7 if n else 0))
    until(page, lambda: wall.evaluate("({dataset: {told, answered}}) => !told || told === answered"))
    still(page)


def field(page):
    return page.get_by_role("combobox", name="Or type any title")


def test_from_the_bare_address_to_a_turned_knob_in_five_interactions(page):
    greeted(page)
    assert page.get_by_role("heading", name="Pick three you love").is_visible()
    assert page.locator(".cover").count() == 24
    done = 0
    for cover in (4, 10, 6):
        page.locator(".cover").nth(cover).click()
        done += 1
    answered(page, 3)
    assert page.locator(".themes li").count() >= 3
    dealt = page.locator(".dealt b").all_inner_texts()
    page.get_by_role("button", name="Turn your knobs").click()
    done += 1
    ready(page)
    assert page.url.startswith(page.evaluate("location.origin") + "/panel?items=")
    rest = titles(page)
    assert rest[: len(dealt)] == dealt  # the list that was dealt is the panel's
    x, y = grip(page, page.get_by_role("slider").first)
    page.mouse.down()
    page.mouse.move(x + 60, y, steps=6)
    page.mouse.up()
    done += 1
    until(page, lambda: titles(page) != rest and dials(page))
    assert done <= 5


def test_the_keyboard_alone(page):
    greeted(page)
    search = field(page)
    search.focus()
    page.keyboard.type("mulholland")
    page.get_by_role("option", name="Mulholland Drive").wait_for()
    page.keyboard.press("Enter")
    answered(page, 1)  # exactly one of the two that are found
    assert search.input_value() == ""
    assert search.evaluate("element => element.getRootNode().activeElement === element")
    page.keyboard.type("AMELIE")
    page.keyboard.press("Enter")
    page.keyboard.type("erasrhead")
    page.keyboard.press("Enter")
    answered(page, 3)
    assert picked(page)[1:] == ["Amelie", "Eraserhead"]
    page.keyboard.type("star wars")
    page.keyboard.press("ArrowDown")
    second = page.get_by_role("option").nth(1)
    assert second.get_attribute("aria-selected") == "true"
    wanted = second.locator("b").inner_text()
    page.keyboard.press("Enter")
    answered(page, 4)
    assert picked(page)[-1] == wanted
    page.keyboard.press("Backspace")  # takes the last pick back
    answered(page, 3)
    page.keyboard.press("Tab")  # to the wall, of which one cover is in the tab order
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    answered(page, 4)
    assert [cover.get_attribute("aria-pressed") for cover in page.locator(".cover").all()].index("true") == 9
    page.keyboard.press("Enter")
    answered(page, 3)


def test_who_comes_back_finds_themselves_again_until_they_are_forgotten(page):
    greeted(page)
    for cover in (2, 12, 20):
        page.locator(".cover").nth(cover).click()
    answered(page, 3)
    mine, dealt = picked(page), page.locator(".dealt b").all_inner_texts()
    page.get_by_role("button", name="Turn your knobs").click()
    ready(page)
    page.get_by_role("slider").first.focus()
    page.keyboard.press("PageUp")
    until(page, lambda: dials(page))
    still(page)
    kept = dials(page)
    page.goto("about:blank")
    greeted(page)  # a new session in the same browser
    assert page.get_by_role("heading", name="Welcome back").is_visible()
    answered(page, 3)
    assert picked(page) == mine
    assert page.locator(".dealt b").all_inner_texts() != dealt  # with the dial turned
    page.get_by_role("button", name="Go on turning").click()
    ready(page)
    assert dials(page) == kept
    page.goto("about:blank")
    greeted(page)
    page.get_by_role("button", name="Forget me").click()
    answered(page, 0)
    assert page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('knobs '))") == []
    page.goto("about:blank")
    greeted(page)
    assert page.get_by_role("heading", name="Pick three you love").is_visible()
    assert picked(page) == []


def test_somebody_else_by_a_line_of_their_taste(page):
    greeted(page)
    page.locator(".others button").first.click()
    ready(page)
    assert "user=" in page.url
    assert len(titles(page)) == 20


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_wcag_aa_by_axe_with_picks_and_suggestions(page, scheme):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    greeted(page)
    for cover in (0, 3, 7):
        page.locator(".cover").nth(cover).click()
    answered(page, 3)
    field(page).fill("love")
    page.get_by_role("option").first.wait_for()
    frame(page)
    assert violations(page) == {}


def test_a_phone_has_the_button_in_view_from_the_first_pick_on(page):
    page.set_viewport_size({"width": 390, "height": 844})
    greeted(page)
    page.locator(".cover").first.click()
    frame(page)
    box = page.get_by_role("button", name="Turn your knobs").bounding_box()
    assert box["y"] + box["height"] <= 844
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_titles_typical_of_what_is_meant_are_found(page):
    greeted(page)
    field(page).fill("frightening")  # no title is called so
    page.get_by_role("option", name=re.compile("Shining|Exorcist|Halloween|Psycho|Alien")).first.wait_for()
    frame(page)
    assert violations(page) == {}
    field(page).press("Enter")
    answered(page, 1)
