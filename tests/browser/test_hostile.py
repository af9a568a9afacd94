"""Strangers' text on every page is text: no script runs, nobody else is asked for anything, no link leads elsewhere."""

import json
import os
from pathlib import Path
from urllib.parse import quote

import pytest

from knobs_core import bundles
from knobs_core.base import visible
from knobs_ui import html
from tests.browser.driving import arrived, ready, serve, still
from tests.browser.hostile import ELSEWHERE, FOUND, ITEMS, NAME, TAGS, TITLES, USERS, make, watched
from tests.given import ROOT

pytestmark = pytest.mark.browser

PICTURES = os.environ.get("KNOBS_PICTURES")  # a folder for a picture of every view, for people to look at
BEACON = f"![x]({ELSEWHERE}/link.png)"
LINKS = {
    "user": f"user={quote(BEACON)}",
    "users": f"user={quote(','.join(f'[Log in {n}]({ELSEWHERE}/{n})' for n in range(200)))}",
    "items": f"items={quote('<script>window.owned=1</script>,' + BEACON)}",
    "dials": f"dials={quote(BEACON + ':0.5~$x$:1~:smile::0.1')}",
    "pins": f"pinned={quote(BEACON)}&pinned2={quote('<img src=x onerror=window.owned=1>:1')}",
    "names": f"bundle=other&dials=%235:0.5&names={quote(f'5:{BEACON}')}",
    "filters": f"years={quote(BEACON)}&only={quote(BEACON)}&without={quote('<b>|**x**')}&n={quote(BEACON)}",
}
BARE = """
import json, pathlib
import streamlit as st
from knobs_ui import html

for n, text in enumerate(json.loads(pathlib.Path("texts.json").read_text())):
    made = html.plain(text)
    with st.container(key=f"case-{n}"):
        st.title(made, anchor=False)
        st.markdown(made)
        st.caption(made)
        st.error(made)
        st.progress(0.5, made)
        st.badge(made)
        st.button(made, key=f"button {n}")
        st.checkbox(made, key=f"check {n}")
        st.pills(made, [0], format_func=lambda _: made, key=f"pills {n}")
        st.expander(made)
    st.toast(made, duration="infinite")
"""


@pytest.fixture(scope="module")
def hostile_path(tmp_path_factory):
    path = tmp_path_factory.mktemp("hostile") / "bundle"
    make(path)
    return path


@pytest.fixture(scope="module")
def hostile(chromium, hostile_path):
    """A server on the hostile bundle."""
    with serve(hostile_path) as url:
        yield url


def test_every_view_shows_text_and_nothing_else(chromium, hostile):
    seen = []
    with watched(chromium, hostile) as (page, done):

        def look(view):
            still(page)
            if PICTURES:
                page.screenshot(path=str(Path(PICTURES) / f"{len(seen):02}-{view}.png"))
            assert page.evaluate(FOUND, ELSEWHERE) == [], view
            assert done == [], view
            assert page.get_by_test_id("stException").count() == 0, view
            seen.append(view)

        page.goto("/user")
        page.locator(".cover").first.wait_for()
        look("wall")
        page.get_by_role("combobox").first.fill("script")
        look("wall search")
        page.keyboard.press("Escape")
        for cover in range(3):
            page.locator(".cover").nth(cover).click()
        look("picked")
        page.goto(f"/panel?user={quote(USERS[0])}&dials={quote(f'{TAGS[0]}:0.5')}")
        ready(page)
        look("themes")
        assert page.get_by_role("heading", level=1).inner_text().replace("\u2060", "") == f"User {USERS[0]}"
        page.get_by_role("radio", name="Neurons").click()
        look("neurons")
        page.get_by_role("button", name="Pin", exact=True).click()
        look("pinned")
        page.get_by_role("combobox", name="Add a knob").fill("img")
        look("knobs found")
        page.keyboard.press("Escape")
        page.get_by_role("textbox", name="Say what you are in the mood for").fill(f"like {TITLES[0]}, {BEACON}"[:300])
        page.keyboard.press("Enter")
        page.locator(".origin, .missed:not([hidden])").filter(has_not_text="Reading").first.wait_for()
        look("a sentence")
        page.get_by_role("textbox", name="Say what you are in the mood for").press("Escape")
        page.locator(".knob .name").first.click()
        page.locator(".st-key-sheet").wait_for()
        look("knob card")
        page.locator(".after .what").first.click()
        page.get_by_text("What speaks for it").or_(page.get_by_text("It is here because")).first.wait_for()
        look("item card")
        page.get_by_text("More like this").click()
        look("item card, more like this")
        page.get_by_role("button", name="Ask", exact=True).click()
        asked = page.get_by_role("combobox", name="Title")
        asked.fill("script")
        look("ask, options")
        page.keyboard.press("Enter")
        look("ask, answered")
        page.get_by_role("button", name="Keep", exact=True).click()
        page.get_by_role("textbox", name="Name of a new preset").fill(NAME[:60])
        page.get_by_role("button", name="Save these dials").click()
        look("presets and files")
        with page.expect_download() as download:
            page.get_by_role("button", name="List as CSV").click()
        rows = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
        assert not [cell for row in rows[1:] for cell in row.split(",") if cell.startswith(("=", "@", "+"))]
        page.keyboard.press("Escape")
        page.locator(".st-key-sheet").wait_for(state="detached")
        page.get_by_role("slider").first.focus()
        page.keyboard.press("f")
        page.locator(".stage.on-stage").wait_for()
        look("stage")
        page.keyboard.press("m")
        look("stage with map")
        page.goto(f"/map?user={quote(USERS[0])}")
        ready(page, ".map")
        arrived(page)
        look("map")
        page.get_by_role("searchbox").fill("script")
        look("map search")
        page.get_by_role("searchbox").fill("")
        for name in ("Crowd", "Neurons"):
            page.get_by_role("radio", name=name).or_(page.get_by_role("button", name=name, exact=True)).first.click()
            ready(page, ".map")
            look(f"map, {name}")
        page.goto(f"/user?user={quote(USERS[0])}")
        page.get_by_role("heading", name="Whose list?").wait_for()
        look("one user")
        page.goto(f"/user?user={quote(','.join(USERS[:3]))}")
        page.get_by_role("heading", name="Whose list?").wait_for()
        look("group")
        page.goto(f"/panel?user={quote(','.join(USERS[:3]))}")
        ready(page)
        look("group's panel")
        page.goto("/lab")
        page.get_by_role("tab").first.wait_for()
        for tab in page.get_by_role("tab").all():
            tab.click()
            look(f"lab, {tab.inner_text()}")
    assert len(seen) == 30


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_no_name_is_too_long_for_a_page(chromium, hostile, hostile_path, width, height):
    """Pages are as wide as the window, and no name pushes away what stands below it."""
    data = bundles.load(hostile_path).interactions
    longest = max(data.tags["tag"], key=len)
    fans = data.item_ids[data.tags["item"][data.tags["tag"] == longest][:3].tolist()].tolist()
    with watched(chromium, hostile, width, height) as (page, done):

        def look(view, most):
            still(page)
            if PICTURES:
                page.screenshot(path=str(Path(PICTURES) / f"long-{view}-{width}.png"))
            main = page.get_by_test_id("stMain")
            assert main.evaluate("(one) => one.scrollWidth - one.clientWidth") == 0, view
            assert main.evaluate("(one) => one.scrollHeight") < most, view

        page.goto(f"/user?items={quote(','.join(fans))}")
        page.locator(".themes li").first.wait_for()
        look("wall", 3_000)
        page.goto(f"/panel?dials={quote(f'{longest}:0.5')}")
        ready(page)
        look("panel", 3_000)
        page.locator(".knob .name").first.click()
        sheet = page.locator(".st-key-sheet")
        sheet.get_by_text("What it brings", exact=True).wait_for()
        assert sheet.get_by_role("heading").first.bounding_box()["height"] < 200
        look("knob card", 3_000)
        page.goto(f"/user?user={quote(USERS[0])}")
        page.get_by_role("heading", name="Whose list?").wait_for()
        look("one user", 6_000)
        if width > 1000:
            page.goto("/map")
            ready(page, ".map")
            look("map", 3_000)
        assert done == []


@pytest.mark.parametrize("link", LINKS)
def test_a_link_says_in_one_toast_what_it_names(chromium, hostile, link):
    with watched(chromium, hostile) as (page, done):
        page.goto(f"/panel?{LINKS[link]}")
        ready(page)
        page.get_by_test_id("stToast").first.wait_for()
        if PICTURES:
            page.screenshot(path=str(Path(PICTURES) / f"link-{link}.png"))
        assert page.get_by_test_id("stToast").count() == 1
        assert page.evaluate(FOUND, ELSEWHERE) == []
        assert done == []


def test_what_is_made_plain_is_read_letter_by_letter(chromium, tmp_path):
    texts = [text for text in (*TITLES, *TAGS, *USERS, *ITEMS, NAME) if len(text) <= html.LONGEST]
    (tmp_path / "app.py").write_text(BARE, encoding="utf-8")
    (tmp_path / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
    (tmp_path / ".streamlit").symlink_to(ROOT / ".streamlit")
    with serve("nowhere", tmp_path) as server, watched(chromium, server) as (page, done):
        page.goto("/")
        page.locator(f".st-key-case-{len(texts) - 1}").get_by_role("checkbox").wait_for()
        still(page)
        if PICTURES:
            page.screenshot(path=str(Path(PICTURES) / "plain.png"), full_page=True)
        for n, text in enumerate(texts):
            shown = page.locator(f".st-key-case-{n} [data-testid=stMarkdownContainer]").evaluate_all(
                "all => all.map((one) => one.textContent.replace(/[\\u2060\\u2068\\u2069]/g, '').trim())"
            )
            assert len(shown) >= 9
            assert {*shown} == {" ".join(visible(text).split())}
        assert page.evaluate(FOUND, ELSEWHERE) == []
        assert done == []
