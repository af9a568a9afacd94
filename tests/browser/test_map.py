"""The map in a real browser: dials, camera, lasso, clicks, search, crowd, neurons, themes, a phone, a first map."""

import itertools
import json
import re

import numpy as np
import pytest

from knobs_core import bundles
from knobs_core.steering.spread import steered_embedding
from tests.browser.driving import (
    arrived,
    at,
    board,
    camera,
    dials,
    find,
    frame,
    grip,
    open_map,
    open_panel,
    picture,
    ready,
    serve,
    still,
    told,
    told_of,
    until,
    view,
    violations,
    visit,
)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(chromium, mapped_demo):
    """A server on the demo with its map."""
    with serve(mapped_demo) as url:
        yield url


def place(page):
    """Where the marker goes on the map."""
    return np.array(json.loads(told(page, "at")))


def test_a_dial_turned_on_the_panel_is_there_and_moves_on(page):
    open_panel(page, "/panel?user=15")
    knob = page.get_by_role("slider").first
    name = knob.get_attribute("aria-label")
    knob.focus()
    page.keyboard.press("PageUp")
    first = told_of(page, knob)
    page.get_by_role("link", name="Map").click()
    ready(page, ".map")
    arrived(page)
    knob = page.get_by_role("slider", name=name, exact=True)
    assert float(knob.get_attribute("aria-valuenow")) == first
    before, where = picture(page), place(page)
    knob.focus()
    page.keyboard.press("PageUp")
    second = told_of(page, knob)
    assert second > first
    arrived(page)
    until(page, lambda: picture(page) != before)
    assert not np.array_equal(place(page), where)
    still(page)
    page.get_by_text("In numbers").click()
    rows = page.locator(".knobs-table").nth(0).locator("tbody tr")
    until(page, lambda: rows.count() > 0)
    assert "→" in rows.first.inner_text()
    page.get_by_role("link", name="Panel").click()
    at(page, page.get_by_role("slider", name=name, exact=True), str(second))


def test_marker_and_pins_follow_the_hand_without_the_server_and_the_camera_stays(page):
    open_map(page)
    box = page.locator(".ink").bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 150)
    page.mouse.wheel(0, -400)
    until(page, lambda: camera(page)[2] > 800)  # zoomed in
    zoomed = camera(page)
    page.mouse.down()
    page.mouse.move(box["x"] + 230, box["y"] + 170, steps=4)
    page.mouse.up()
    until(page, lambda: camera(page)[:2] != zoomed[:2])
    still(page)
    where = camera(page)
    version = board(page)["version"]
    x, y = grip(page, page.get_by_role("slider").nth(1))
    seen, steps = set(), itertools.cycle([*range(1, 40), *range(40, 0, -1)])
    page.mouse.down()

    def moved_on():
        page.mouse.move(x + 3 * next(steps), y)
        frame(page)
        seen.add(told(page, "at"))
        return len(seen) > 5

    until(page, moved_on)
    assert board(page)["version"] == version  # the server knows nothing of it
    assert sorted(json.loads(told(page, "pins"))) == list(range(1, 11))
    assert "dials" not in page.url
    page.mouse.up()
    until(page, lambda: "dials" in page.url)
    still(page)
    assert camera(page) == where
    page.get_by_role("slider").nth(1).focus()
    page.keyboard.press("Control+z")
    until(page, lambda: "dials" not in page.url)
    assert camera(page) == where
    view(page, "Crowd")
    assert camera(page) == where
    page.get_by_role("link", name="Panel").click()
    ready(page)
    page.get_by_role("link", name="Map").click()
    ready(page, ".map")
    assert camera(page) == where


def test_the_browser_places_where_python_does(page, demo_bundle, mapped_demo):
    open_map(page, "/map?user=15&dials=horror:0.5~heist:0.3")
    person = demo_bundle.person("15")
    dials = [demo_bundle.knobs[key].dial(amount) for key, amount in (("horror", 0.5), ("heist", 0.3))]
    y = steered_embedding(demo_bundle.nested, person.taste.encoded.y, person.taste.reach, dials)
    drawn = bundles.load(mapped_demo).projection
    assert place(page) == pytest.approx(drawn.place(y)[0], abs=1e-4)


def test_keys_move_the_map_and_search_leads_everywhere(page):
    open_map(page)
    page.locator(".ink").focus()
    home = camera(page)
    page.keyboard.press("+")
    page.keyboard.press("ArrowRight")
    until(page, lambda: camera(page)[0] > home[0] and camera(page)[2] > home[2])
    page.keyboard.press("0")
    until(page, lambda: camera(page) == home)
    find(page, "toy story").get_by_role("button", name="Toy Story", exact=True).first.click()
    until(page, lambda: page.locator(".tip").inner_text().startswith("Toy Story"))
    until(page, lambda: camera(page)[2] > home[2])
    page.locator(".ink").focus()
    page.keyboard.press("Enter")
    page.locator(".st-key-sheet").get_by_role("heading", name="Toy Story").wait_for()
    page.keyboard.press("Escape")
    page.locator(".st-key-sheet").wait_for(state="detached")
    find(page, "zzzz")
    page.get_by_text("Nothing here is called that").wait_for()


def test_a_click_opens_an_items_card_and_adds_it_to_the_taste(page):
    open_map(page, "/map?items=1,2355")
    home = camera(page)
    find(page, "monsters, inc").get_by_role("button", name="Monsters, Inc.", exact=True).click()
    until(page, lambda: camera(page)[2] > home[2])
    still(page)
    box = page.locator(".ink").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    card = page.locator(".st-key-sheet")
    card.get_by_text("It is here because").wait_for()
    card.get_by_role("button", name="Like it too").click()
    until(page, lambda: "4886" in page.url)


def test_a_lasso_lists_what_is_inside_and_leads_there(page):
    open_map(page)
    ink = page.locator(".ink").bounding_box()
    middle = np.array([ink["x"] + ink["width"] / 2, ink["y"] + ink["height"] / 2])
    page.get_by_role("button", name="Draw around a region").click()
    corners = middle + 90 * np.stack([np.cos(np.linspace(0, 6, 14)), np.sin(np.linspace(0, 6, 14))], axis=1)
    page.mouse.move(*corners[0])
    page.mouse.down()
    for corner in corners[1:]:
        page.mouse.move(*corner)
    page.mouse.up()
    page.get_by_role("heading", name="titles inside the lasso").wait_for()
    still(page)
    assert page.get_by_role("button", name="titles inside the lasso: show them").is_visible()
    assert page.get_by_role("list", name="Inside the lasso").locator("li").count() > 5
    assert violations(page) == {}
    page.get_by_role("button", name="Put this knob on the board").click()
    until(page, lambda: any(dials(page).values()))
    still(page)
    assert page.locator(".board .knob.is-up").count() >= 1
    assert page.get_by_role("heading", name="titles inside the lasso").is_visible()
    # The same without a mouse: a region is listed from the search.
    find(page, "animation").get_by_role("button", name="List it: Region: Animation").first.click()
    still(page)
    assert page.get_by_role("heading", name="titles inside the lasso").is_visible()


def test_the_crowd_moves_and_the_papers_figure_is_drawn(page):
    open_map(page)
    view(page, "Crowd")
    page.locator(".map[data-ready=true]").wait_for()
    arrived(page)
    before = picture(page)
    page.get_by_role("slider").first.press("PageUp")
    told_of(page, page.get_by_role("slider").first)
    arrived(page)
    until(page, lambda: picture(page) != before)
    figure = page.locator(".js-plotly-plot")
    figure.wait_for()
    until(page, lambda: figure.locator(".subplot").count() == 3)
    for form in ("svg", "png"):
        view(page, form)
        until(page, lambda: figure.count() == 1)  # the old one goes when the new one has come
        figure.hover()
        with page.expect_download() as download:
            page.locator(".modebar-btn").first.click()
        assert download.value.suggested_filename == f"crowd.{form}"
    with page.expect_download() as download:
        page.get_by_role("button", name="Places as CSV").click()
    lines = download.value.path().read_text().splitlines()
    assert lines[0] == "kind,concept,alpha,id,x,y"
    assert len(lines) > 659 * 13


def test_a_neuron_is_clicked_for_its_card(page):
    open_map(page)
    view(page, "Neurons")
    ready(page, ".map")
    find(page, "horror").get_by_role("button", name="Open").first.click()
    card = page.locator(".st-key-sheet")
    card.get_by_text("What activates it").wait_for()
    still(page)  # while the card is still being drawn, what is opened closes again
    card.get_by_text("In numbers").click()
    card.get_by_text("Neuron #").wait_for()


def test_colours_and_their_legend(page):
    open_map(page)
    select, legend = page.get_by_role("combobox", name="Colour by"), page.locator(".legend")
    assert legend.get_by_role("button").count() == 10
    assert not re.search(r"\d0s", legend.inner_text())
    legend.get_by_role("button").first.click()
    until(page, lambda: legend.get_by_role("button").first.get_attribute("aria-pressed") == "true")
    for mode, words in (("Year", "and before"), ("Popularity", "likes")):
        select.select_option(label=mode)
        legend.get_by_text(words).first.wait_for()
        assert words in legend.inner_text()


def test_without_webgl_the_points_are_drawn_all_the_same(page):
    page.add_init_script(
        "const get = HTMLCanvasElement.prototype.getContext; HTMLCanvasElement.prototype.getContext ="
        "function (kind, ...rest) { return kind === 'webgl' ? null : get.call(this, kind, ...rest); };"
    )
    open_map(page)
    drawn = page.locator(".points").evaluate(
        "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.filter((v, i) => i % 4 === 3 && v).length"
    )
    assert drawn > 5_000


def test_on_a_desk_map_knobs_and_ten_rows_are_in_view(page):
    open_map(page)
    knobs, last = page.get_by_role("slider"), page.locator(".after .row").nth(9)
    for seen in (page.locator(".sheet"), page.locator(".legend"), knobs.first, last):
        box = seen.bounding_box()
        assert box["y"] + box["height"] <= 800


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["Your taste", "Crowd", "Neurons"])
def test_wcag_aa_by_axe(page, scheme, name):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    open_map(page, "/map?user=15&dials=heist:0.4~horror:-0.3")
    view(page, name)
    assert violations(page) == {}


def test_phone_in_the_dark(page):
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 844})
    open_map(page, "/map?user=15&dials=heist:0.4")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    knob, sheet = page.get_by_role("slider").first.bounding_box(), page.locator(".sheet").bounding_box()
    assert sheet["y"] + sheet["height"] < knob["y"] < 740  # the map and the knobs are in view together
    assert sheet["width"] > 330


def test_a_map_is_drawn_on_demand(chromium, planted_bundle, tmp_path):
    path = tmp_path / "b"
    bundles.save(planted_bundle, path)
    with serve(path) as url, visit(chromium, url) as page:
        page.goto("/map")
        page.get_by_role("button", name="Draw the map").click()
        page.get_by_text("Drawing the map").first.wait_for()
        page.locator(".map[data-ready=true]").wait_for(timeout=300_000)
    assert bundles.load(path).projection is not None


def test_regions_are_found_by_meaning(page):
    open_map(page, "/map?user=15")
    field = page.get_by_role("searchbox")
    field.fill("hilarious")
    page.locator(".found .go", has_text="Comedy").first.wait_for()  # no title and no region is called so
    still(page)
    assert violations(page) == {}
    page.locator(".found .go", has_text="Comedy").first.click()
    page.get_by_label("Found on the map").wait_for(state="hidden")
