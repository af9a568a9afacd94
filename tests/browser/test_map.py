# ruff: noqa: F811 - fixtures are imported and then named as arguments
"""The map in a real browser: dials, camera, lasso, clicks, search, crowd, neurons, themes, a phone, a first map."""

import json

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from knobs_core import bundles
from tests.browser.test_board import STREAMLITS_OWN, chromium, grip, page, serve, settle, until  # noqa: F401
from tests.conftest import SMALL

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(demo_bundle, tmp_path_factory):
    """A server on the demo with its map."""
    path = tmp_path_factory.mktemp("mapped") / "demo"
    bundles.save(bundles.draw_map(demo_bundle), path)
    with serve(path) as url:
        yield url


def open_map(page, address="/map?user=15"):
    page.goto(address)
    page.locator(".map[data-ready=true]").wait_for(timeout=60_000)
    settle(page)


def told(page, name):
    """What the map says of itself."""
    return page.locator(".map").evaluate("(element, name) => element.dataset[name]", name)


def camera(page):
    return [round(value, 6) for value in json.loads(told(page, "camera"))]


def view(page, name):
    page.get_by_role("radio", name=name).or_(page.get_by_role("button", name=name, exact=True)).first.click()
    settle(page)


def screen(page, place):
    """Where a place on the map is on the screen."""
    x, y, scale = json.loads(told(page, "camera"))
    box = page.locator(".ink").bounding_box()
    return box["x"] + box["width"] / 2 + (place[0] - x) * scale, box["y"] + box["height"] / 2 + (place[1] - y) * scale


def picture(page):
    """A number that changes whenever the ink does."""
    return page.locator(".ink").evaluate(
        "c => c.toDataURL().split('').reduce((h, x) => (h * 31 + x.charCodeAt()) | 0, 7)"
    )


def find(page, text):
    page.get_by_role("searchbox").fill(text)
    return page.get_by_role("list", name="Found on the map")


def test_a_dial_turned_on_the_panel_is_there_and_moves_on(page):
    page.goto("/panel?user=15")
    page.locator(".board[data-ready=true]").wait_for(timeout=60_000)
    settle(page)
    knob = page.get_by_role("slider").first
    name = knob.get_attribute("aria-label")
    knob.focus()
    page.keyboard.press("PageUp")
    until(page, lambda: "%3A0.2" in page.url)
    page.get_by_role("link", name="Map").click()
    page.locator(".map[data-ready=true]").wait_for(timeout=60_000)
    settle(page)
    knob = page.get_by_role("slider", name=name, exact=True)
    assert knob.get_attribute("aria-valuenow") == "0.2"
    assert f"{name} +0.20" in page.locator(".map > .stage > .words").inner_text()
    before = picture(page)
    knob.focus()
    page.keyboard.press("PageUp")
    until(page, lambda: "%3A0.4" in page.url)
    settle(page)
    assert picture(page) != before
    rows = page.locator(".knobs-table").nth(0).locator("tbody tr")
    assert rows.count() > 0
    assert "→" in rows.first.inner_text()
    page.get_by_role("link", name="Panel").click()
    until(page, lambda: page.get_by_role("slider", name=name, exact=True).get_attribute("aria-valuenow") == "0.4")


def test_the_marker_moves_while_the_hand_is_on_the_knob_and_the_camera_stays(page):
    open_map(page)
    box = page.locator(".ink").bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 150)
    page.mouse.wheel(0, -400)
    page.mouse.down()
    page.mouse.move(box["x"] + 230, box["y"] + 170, steps=4)
    page.mouse.up()
    page.wait_for_timeout(200)
    where = camera(page)
    assert where[2] > 600  # zoomed in
    x, y = grip(page, page.get_by_role("slider").nth(1))
    seen = set()
    page.mouse.down()
    for step in range(1, 40):
        page.mouse.move(x + 3 * step, y)
        page.wait_for_timeout(30)
        seen.add(told(page, "version"))
    assert len(seen) > 3  # the server placed it again and again
    assert "dials" not in page.url  # but nothing counts yet
    page.mouse.up()
    until(page, lambda: "dials" in page.url)
    settle(page)
    assert camera(page) == where
    page.get_by_role("slider").nth(1).focus()
    page.keyboard.press("Control+z")
    until(page, lambda: "dials" not in page.url)
    assert camera(page) == where
    view(page, "Crowd")
    assert camera(page) == where
    page.get_by_role("link", name="Panel").click()
    page.locator(".board[data-ready=true]:not(.map)").wait_for(timeout=60_000)
    settle(page)
    page.get_by_role("link", name="Map").click()
    page.locator(".map[data-ready=true]").wait_for(timeout=60_000)
    settle(page)
    assert camera(page) == where


def test_keys_move_the_map_and_search_leads_everywhere(page):
    open_map(page)
    page.locator(".ink").focus()
    home = camera(page)
    page.keyboard.press("+")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(100)
    moved = camera(page)
    assert moved[0] > home[0]
    assert moved[2] > home[2]
    page.keyboard.press("0")
    page.wait_for_timeout(100)
    assert camera(page) == home
    find(page, "toy story").get_by_role("button", name="Toy Story", exact=True).first.click()
    page.wait_for_timeout(200)
    assert page.locator(".tip").inner_text().startswith("Toy Story")
    assert camera(page)[2] > home[2]
    page.locator(".ink").focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("heading", name="Toy Story").wait_for()
    page.keyboard.press("Escape")
    find(page, "zzzz")
    assert page.get_by_text("Nothing here is called that").is_visible()


def test_a_click_opens_an_items_card_and_adds_it_to_the_taste(page, server):
    open_map(page, "/map?items=1,2355")
    find(page, "monsters, inc").get_by_role("button", name="Monsters, Inc.", exact=True).click()
    page.wait_for_timeout(300)
    box = page.locator(".ink").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    card = page.get_by_role("dialog")
    card.get_by_text("Every part of the score").wait_for()
    card.get_by_role("button", name="Like it too").click()
    until(page, lambda: "4886" in page.url)


def test_a_lasso_lists_what_is_inside_and_leads_there(page):
    open_map(page)
    at = page.locator(".ink").bounding_box()
    middle = np.array([at["x"] + at["width"] / 2, at["y"] + at["height"] / 2])
    page.get_by_role("button", name="Draw around a region").click()
    corners = middle + 90 * np.stack([np.cos(np.linspace(0, 6, 14)), np.sin(np.linspace(0, 6, 14))], axis=1)
    page.mouse.move(*corners[0])
    page.mouse.down()
    for corner in corners[1:]:
        page.mouse.move(*corner)
    page.mouse.up()
    page.get_by_text("titles inside the lasso").wait_for()
    settle(page)
    assert page.get_by_role("list", name="Inside the lasso").locator("li").count() > 5
    page.get_by_role("button", name="Put these knobs on the board").click()
    until(page, lambda: "dials" in page.url)
    settle(page)
    assert page.locator(".map .knob.is-up").count() >= 1
    assert page.get_by_text("titles inside the lasso").is_visible()
    # The same without a mouse: a region is listed from the search.
    find(page, "animation").get_by_role("button", name="List it: Region: animation").first.click()
    settle(page)
    assert page.get_by_text("titles inside the lasso").is_visible()


def test_the_crowd_moves_and_the_papers_figure_is_drawn(page):
    open_map(page)
    view(page, "Crowd")
    page.locator(".map[data-ready=true]").wait_for()
    before = picture(page)
    page.get_by_role("slider").first.focus()
    page.keyboard.press("PageUp")
    until(page, lambda: "%3A0.2" in page.url)
    settle(page)
    assert picture(page) != before
    figure = page.locator(".js-plotly-plot")
    figure.wait_for()
    assert figure.locator(".subplot").count() == 3
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
    page.wait_for_timeout(300)
    find(page, "horror").get_by_role("button", name="Open").first.click()
    page.get_by_role("dialog").get_by_text("What activates it").wait_for()
    assert page.get_by_role("dialog").get_by_text("Neuron #").is_visible()


def test_colours_and_their_legend(page):
    open_map(page)
    select, legend = page.get_by_role("combobox", name="Colour by"), page.locator(".legend")
    assert legend.get_by_role("button").count() == 10
    legend.get_by_role("button").first.click()
    assert legend.get_by_role("button").first.get_attribute("aria-pressed") == "true"
    for mode, words in (("Year", "and before"), ("Popularity", "likes")):
        select.select_option(label=mode)
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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["Your taste", "Crowd", "Neurons"])
def test_wcag_aa_by_axe(page, scheme, name):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    open_map(page, "/map?user=15&dials=heist:0.4~horror:-0.3")
    view(page, name)
    page.wait_for_timeout(500)
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]}).response["violations"]
    ours = {
        rule["id"]: [node["html"][:120] for node in rule["nodes"]] for rule in found if rule["id"] not in STREAMLITS_OWN
    }
    assert ours == {}


def test_phone_in_the_dark(page):
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 844})
    open_map(page, "/map?user=15&dials=heist:0.4")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    knob, sheet = page.get_by_role("slider").first.bounding_box(), page.locator(".sheet").bounding_box()
    assert knob["y"] < sheet["y"] < 600  # the knob and the map are in view together
    assert sheet["width"] > 330


def test_a_map_is_drawn_on_demand(chromium, planted_folder, tmp_path):
    path = tmp_path / "b"
    bundles.save(bundles.train(str(planted_folder), overrides=SMALL, seed=3, device="cpu"), path)
    with serve(path) as url:
        page = chromium.new_page()
        page.goto(f"{url}/map")
        page.get_by_role("button", name="Draw the map").click(timeout=60_000)
        page.get_by_text("Drawing the map").first.wait_for()
        page.locator(".map[data-ready=true]").wait_for(timeout=120_000)
        page.close()
    assert bundles.load(path).projection is not None
