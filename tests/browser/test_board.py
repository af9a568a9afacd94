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


def words(page):
    """The sentence over the list."""
    return page.locator(".head").inner_text()


def amount(knob):
    return float(knob.get_attribute("aria-valuenow"))


def test_first_deep_link_on_a_fresh_server_then_keyboard_then_reset(fresh_page):
    page = fresh_page
    open_panel(page)  # the first request this server gets is for an inner page
    assert page.get_by_text("MovieLens by GroupLens").is_visible()
    rest = titles(page)
    assert len(rest) == 20
    assert words(page) == "Turn a knob. The list follows."
    knob = page.get_by_role("slider").first
    knob.focus()
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    until(page, lambda: titles(page) != rest)
    still(page)
    new = page.locator(".after .is-new").count()
    assert 3 <= new <= 8  # each click exchanges about one title, and some leave again
    page.get_by_role("button", name="Before", exact=True).click()
    assert page.locator(".before .is-left").count() == new
    page.get_by_role("button", name="Reset", exact=True).click()
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
        page.mouse.move(x + 6 * step, y)
        frame(page)
        seen.add(tuple(titles(page)))
    assert len(seen) > 12  # it changed with nearly every click before the hand let go
    assert "dials" not in page.url  # and the server was never asked
    assert page.locator(".knob.is-held .came").inner_text().startswith("+ ")
    page.locator(".knob.is-held .ticks").wait_for()
    held = titles(page)
    page.mouse.up()
    until(page, lambda: "dials" in page.url and board(page).get("confirmed"))
    assert titles(page) == held
    assert "differed" not in board(page)
    assert all(page.locator(".after .why").all_inner_texts())


def test_every_way_to_turn_a_knob(page):
    open_panel(page)
    knob, number = page.get_by_role("slider").first, page.locator(".knob .number").first
    x, y = grip(page, knob)
    page.mouse.wheel(0, 100)
    page.wait_for_timeout(300)
    at(page, knob, "0")  # without the focus the page scrolls
    page.mouse.wheel(0, -100)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 18, y)
    page.mouse.up()
    until(page, lambda: amount(knob) > 0)
    three = amount(knob)
    turned(page, three)
    page.mouse.wheel(0, 100)
    until(page, lambda: 0 < amount(knob) < three)
    knob.press("ArrowRight")
    until(page, lambda: amount(knob) == three)
    knob.press("Shift+ArrowRight")
    until(page, lambda: amount(knob) == pytest.approx(three + 0.01))
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
    until(page, lambda: amount(knob) > 0)
    five = amount(knob)
    turned(page, five)
    page.keyboard.press("Control+z")
    at(page, knob, "0")
    page.keyboard.press("Control+Shift+z")
    until(page, lambda: amount(knob) == five)
    page.keyboard.press("3")  # typed on the face, it goes into the number
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert (
        page.evaluate("document.activeElement.shadowRoot.activeElement.getAttribute('role')") == "slider"
    )  # one stop each


def test_one_taste_in_two_views_and_the_same_dials(page):
    open_panel(page)
    page.get_by_role("slider").nth(2).press("PageUp")
    until(page, lambda: any(dials(page).values()))
    still(page)
    kept = titles(page)
    name = page.locator(".knob.is-up .name").inner_text()
    page.get_by_role("radio", name="Neurons").click()
    until(page, lambda: page.locator(".knob .facts").filter(has_text="% active").count() > 3)
    assert page.locator(".knob .name").first.inner_text() == name  # turned knobs come first
    assert titles(page) == kept
    page.get_by_role("button", name=re.compile("All .* active neurons")).click()
    until(page, lambda: page.locator(".knob").count() > 20)
    page.keyboard.press("v")  # one key away
    until(page, lambda: page.locator(".knob .facts").filter(has_text="average").count() > 2)
    assert titles(page) == kept


def test_a_knob_is_found_heard_and_put_on_the_board_by_keyboard(page):
    open_panel(page)
    rest = titles(page)
    field = page.get_by_role("combobox", name="Add a knob")
    field.focus()
    page.keyboard.type("Film noir")
    page.get_by_role("option", name=re.compile("^Film-Noir")).wait_for()
    until(page, lambda: titles(page) != rest)  # its list plays before it is chosen
    assert "dials" not in page.url
    page.keyboard.press("Escape")
    until(page, lambda: titles(page) == rest)
    page.keyboard.type("scifi")
    page.get_by_role("option", name=re.compile("^Sci-Fi")).first.wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("slider", name="Sci-Fi", exact=True).wait_for()
    page.keyboard.type("Fargo")
    page.get_by_role("option", name=re.compile("More like Fargo")).click()
    page.get_by_role("slider", name="like Fargo").wait_for()


def test_filters_pins_and_the_length_of_the_list(page):
    open_panel(page)
    rest = titles(page)
    page.get_by_role("button", name="Pin", exact=True).click()
    page.locator(".pin").wait_for()
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("button", name="Western", exact=True).click()
    page.get_by_role("button", name="only Western").click()
    page.get_by_role("button", name="no Western", exact=True).wait_for()
    page.get_by_label("From year").fill("1990")
    page.get_by_label("From year").press("Enter")
    until(page, lambda: all(int(year) >= 1990 for year in page.locator(".after .year").all_inner_texts()))
    page.get_by_label("Not what I know").check()
    page.get_by_role("button", name=re.compile("not what I know")).wait_for()
    page.get_by_label("Length of the list").select_option("10")
    until(page, lambda: len(titles(page)) == 10)
    assert titles(page, "pin")  # stays beside it, by the same filters
    still(page)
    assert all(part in page.url for part in ("years=1990", "without=Western", "fresh=1", "n=10"))
    page.get_by_role("button", name="No filters").click()
    page.get_by_role("button", name="Filter", exact=True).wait_for()
    page.get_by_label("Length of the list").select_option("20")
    until(page, lambda: titles(page) == rest)


def test_a_step_that_the_server_never_heard_of_is_said_again(page):
    lost = []

    def on_the_way(socket):
        server = socket.connect_to_server()
        socket.on_message(lambda told: lose(told) if b"undo" in bytes(told) and not lost else server.send(told))

    def lose(told):
        lost.append(told)

    page.route_web_socket("**/_stcore/stream*", on_the_way)
    open_panel(page)
    knob = page.get_by_role("slider").first
    knob.press("End")
    turned(page, 1)
    knob.press("PageDown")
    until(page, lambda: max(dials(page).values()) < 1)
    page.get_by_role("button", name="Undo").click()
    turned(page, 1)
    assert len(lost) == 1
    page.get_by_role("button", name="Undo").click()
    until(page, lambda: dials(page) == {})


def test_a_reload_and_a_copied_link_find_the_same_state(page, chromium):
    open_panel(page)
    knob = add_knob(page, "Film-Noir")
    knob.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    until(page, lambda: dials(page).get("film-noir", 0) > 0)
    still(page)
    kept = titles(page)
    assert words(page).startswith("Film-Noir: ")
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
    page.keyboard.press("Shift+ArrowRight")
    turned(page, 0.01)  # the server has answered this one too
    page.keyboard.press("Delete")
    turned(page, 0)
    until(page, lambda: titles(page) == rest)
    assert page.get_by_role("slider").first.get_attribute("aria-valuenow") == "0"
    assert list(dials(page).values()) == [0]
    other.close()


def test_the_sheet_stands_beside_the_board_and_its_knob_is_the_boards(page):
    open_panel(page)
    page.locator(".knob .name").first.click()
    sheet = page.locator(".st-key-sheet")
    sheet.get_by_text("What it brings").wait_for()
    assert sheet.bounding_box()["x"] >= page.locator(".after .row").first.bounding_box()["x"]
    rest = titles(page)
    mine, boards = sheet.get_by_role("slider"), page.locator(".board:not(.single)").get_by_role("slider").first
    x, y = grip(page, mine)
    page.mouse.down()
    page.mouse.move(x + 60, y)
    frame(page)
    assert titles(page) != rest  # live, under the hand on the card
    assert boards.get_attribute("aria-valuenow") == mine.get_attribute("aria-valuenow") != "0"
    page.mouse.up()
    until(page, lambda: any(dials(page).values()))
    page.locator(".after .what").nth(2).click()
    sheet.get_by_text("It is here because").wait_for()
    sheet.get_by_text("Show the arithmetic").click()
    sheet.get_by_text("Every part of the score").wait_for()
    sheet.get_by_text("More like this").click()
    sheet.get_by_text("Enters").wait_for()
    page.get_by_role("button", name="Turn it").click()
    until(page, lambda: any(key.startswith("~") for key in dials(page)))
    page.get_by_role("slider").first.press("Escape")
    sheet.wait_for(state="detached")


def test_asking_for_a_title(page):
    open_panel(page)
    page.get_by_role("button", name="Ask", exact=True).click()
    sheet = page.locator(".st-key-sheet")
    title = sheet.get_by_role("combobox")
    title.click()
    title.fill("Aliens")
    page.get_by_role("option", name="Aliens (1986)", exact=True).first.click()
    sheet.get_by_text("It comes to rank").wait_for()
    page.get_by_role("button", name="Set the board so").click()
    until(page, lambda: "Aliens" in titles(page)[:10])
    page.get_by_role("slider").nth(4).press("PageUp")
    title.click()
    title.fill("Toy Story 3")
    page.get_by_role("option", name="Toy Story 3").first.click()
    page.get_by_role("button", name="Add to the board").click()
    until(page, lambda: "Toy Story 3" in titles(page)[:10])


def test_choose_a_user_and_see_their_list(page):
    open_panel(page)
    first = titles(page)
    page.get_by_role("link", name="Choose someone else").click()
    page.get_by_text("One user").click()
    page.get_by_text("Whose list?").wait_for()
    still(page)
    box = page.get_by_role("combobox", name="User")
    box.click()
    box.fill("User 15 ·")
    page.get_by_role("option").first.click()
    until(page, lambda: page.get_by_role("list", name="Strongest neurons").locator("li").count() == 12)
    page.get_by_role("button", name="Open the panel for this taste").click()
    page.get_by_role("heading", name="User 15").wait_for()
    until(page, lambda: len(titles(page)) == 20 and titles(page) != first)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", ["/", "/panel?user=15&dials=heist:0.4~horror:-0.3", "/user?user=15", "/lab"])
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
    page.get_by_role("button", name="James Bond", exact=True).click()
    card = page.locator(".st-key-sheet")
    card.get_by_text("Finds others", exact=False).first.wait_for()
    card.get_by_text("In numbers").click()
    card.locator(".js-plotly-plot .main-svg").first.wait_for()
    assert card.get_by_text("What else rises").count() == 1
    still(page)
    assert violations(page) == {}


def test_weak_knobs_are_found_when_asked_for(page):
    open_panel(page)
    weak = page.evaluate(
        "() => [...globalThis[Symbol.for('knobs')].blobs].find(([name]) => name.startsWith('json knobs'))[1]"
        ".find(({weak}) => weak).names[0]"
    )
    page.get_by_role("combobox", name="Add a knob").fill(weak)
    page.get_by_role("button", name="Weak knobs too").wait_for()
    assert page.get_by_role("option").filter(has_text="· weak").count() == 0
    page.get_by_role("button", name="Weak knobs too").click()
    page.get_by_role("option").filter(has_text=f"{weak} · weak").wait_for()


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
    knob = add_knob(page, "Film-Noir")
    knob.focus()
    page.keyboard.press("End")
    until(page, lambda: dials(page).get("film-noir") == 1)
    still(page)
    scary = titles(page)
    page.get_by_role("button", name="Keep", exact=True).click()
    sheet = page.locator(".st-key-sheet")
    sheet.get_by_role("textbox", name="Name of a new preset").fill("Scary")
    page.get_by_role("button", name="Save these dials").click()
    until(page, lambda: "Scary" in page.evaluate("JSON.stringify(localStorage)"))
    open_panel(page, "/panel?user=15")  # a new session in the same browser
    assert titles(page) != scary
    page.get_by_role("button", name="Keep", exact=True).click()
    sheet.get_by_role("button", name="Scary").click()
    until(page, lambda: dials(page).get("film-noir") == 1)
