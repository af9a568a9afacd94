"""The studio in a real browser: from a shelf to a list over HTTP, two editors at once, and who reads it with what."""

import contextlib
import json
import re
import subprocess
import sys

import pytest
import requests

from knobs_core.publishing import Database, Store
from tests.browser.driving import grip, serve, still, until, violations, visit
from tests.given import ROOT
from tests.serving import serving_lists

pytestmark = pytest.mark.browser
HEADLINE = "Film noir for a Christmas night with children"
NAME = "film-noir-for-a-christmas-night-with-children"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Where the database of this file's server lies."""
    return tmp_path_factory.mktemp("studio")


@pytest.fixture(scope="module")
def shared_server(chromium, demo_path, home):
    """A server whose visitors on this machine are chiefs, with a database of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KNOBS_HOME", str(home))
        with serve(demo_path) as url:
            yield url


def begin(page, headline):
    """Begin a recipe; its desk is there."""
    page.goto("/studio")
    page.get_by_role("button", name="New recipe").click()
    page.get_by_role("textbox", name="Headline").fill(headline)
    page.get_by_role("button", name="Begin").click()
    desk(page)


def desk(page):
    page.locator(".desk[data-ready=true]").wait_for()
    still(page)


def add(page, name):
    page.get_by_role("combobox", name="Add a knob").fill(name)
    page.get_by_role("option", name=re.compile(rf"^{re.escape(name)}", re.IGNORECASE)).first.click()
    page.get_by_role("slider", name=name).wait_for()
    still(page)


def turn(page, name, *keys):
    page.get_by_role("slider", name=name).focus()
    for key in keys:
        page.keyboard.press(key)
    page.get_by_text("with changes in hand").wait_for()
    still(page)


def figures(page):
    return page.locator(".figures dd b").all_inner_texts()


def find(page, field, typed, title):
    page.get_by_role("textbox", name=field).fill(typed)
    page.keyboard.press("Enter")
    page.get_by_role("button", name=title).first.click()
    page.get_by_text(title, exact=True).first.wait_for()
    still(page)


def tab(page, name):
    page.get_by_role("tab", name=name).click()
    still(page)


def publish(page, note):
    page.get_by_role("button", name="Publish…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Why").fill(note)
    dialog.get_by_role("button", name="Publish", exact=True).click()
    dialog.wait_for(state="detached")
    still(page)


def test_from_a_shelf_to_a_list_over_http(page, demo_path, home, tmp_path):
    begin(page, HEADLINE)
    page.get_by_text("Shelf: find dials from titles").click()
    find(page, "Add one that belongs", "its a wonderful", "It's a Wonderful Life (1946)")
    find(page, "Add one that belongs", "maltese", "The Maltese Falcon (1941)")
    find(page, "Add one that does not", "psycho", "Psycho (1960)")
    page.get_by_role("button", name="Put them on the desk").click()
    page.locator(".desk .knob").first.wait_for()
    still(page)
    until(page, lambda: figures(page)[0] != "0%")

    add(page, "Children")
    knob = page.get_by_role("slider", name="Children")
    at_rest = figures(page)
    x, y = grip(page, knob)
    page.mouse.down()
    page.mouse.move(x + 40, y)
    until(page, lambda: figures(page) != at_rest)  # while the hand is on the knob
    moved = figures(page)
    page.mouse.move(x + 90, y)
    until(page, lambda: figures(page) not in (at_rest, moved))
    page.mouse.up()
    still(page)
    amount = float(knob.get_attribute("aria-valuenow"))
    assert amount > 0.2

    tab(page, "Rules")
    find(page, "Pin at place 1", "wonderful life", "It's a Wonderful Life (1946)")
    find(page, "Ban", "shining", "The Shining (1980)")
    tab(page, "List")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Draft: version 2 ").wait_for()
    publish(page, "For the holidays")
    page.get_by_text("version 2 is live and on air").wait_for()

    shown = page.locator(".who").inner_text().split()[-1]
    listed = page.locator(".rows .words b").all_inner_texts()
    with serving_lists(demo_path, KNOBS_HOME=str(home)) as url:
        answer = requests.get(f"{url}/api/v1/recipes/{NAME}/lists/{shown}", timeout=30)
        assert answer.status_code == 200
        told = answer.json()
    assert (told["version"], told["fallback"]) == (2, False)
    assert [row["title"].partition(" (")[0] for row in told["rows"]] == [title.partition(" (")[0] for title in listed]
    assert told["rows"][0]["reason"] == "pin"
    stamp = tmp_path / "stamp.json"
    stamp.write_text(json.dumps(told["stamp"]), encoding="utf-8")
    replay = [sys.executable, "-m", "knobs_core", "replay", str(stamp), "--bundle", str(demo_path)]
    done = subprocess.run(replay, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "same list: yes"


def test_two_editors_at_once(page, chromium, server):
    begin(page, "Two at once")
    add(page, "Horror")
    turn(page, "Horror", "PageUp")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Draft: version 2 ").wait_for()
    with visit(chromium, server) as other:
        other.goto("/recipe?recipe=two-at-once")
        desk(other)
        for one, keys in ((other, 3), (page, 6)):
            add(one, "Film-Noir")
            turn(one, "Film-Noir", *["ArrowUp"] * keys)
        other.get_by_role("button", name="Save").click()
        other.get_by_text("Draft: version 3 ").wait_for()
        page.get_by_role("button", name="Save").click()
        page.get_by_text("saved version 3 meanwhile").wait_for()
        page.get_by_role("button", name="Save mine over it").click()
        page.get_by_text("Draft: version 4 ").wait_for()
        other.reload()
        desk(other)
        assert other.get_by_role("slider", name="Film-Noir").get_attribute("aria-valuenow") == "0.12"


def test_nothing_is_published_but_what_was_shown(page, chromium, server, home):
    """Somebody else saves another field while the dialog is open: both come together, and are looked at once more."""
    begin(page, "Shown first")
    add(page, "Horror")
    turn(page, "Horror", "PageUp")
    page.get_by_role("button", name="Publish…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Why").fill("Now")
    with visit(chromium, server) as other:
        other.goto("/recipe?recipe=shown-first")
        desk(other)
        add(other, "Film-Noir")
        turn(other, "Film-Noir", "PageUp")
        other.get_by_role("button", name="Save").click()
        other.get_by_text("Draft: version 2 ").wait_for()
    dialog.get_by_role("button", name="Publish", exact=True).click()
    dialog.get_by_text("look at it, then publish it").wait_for()
    with contextlib.closing(Database(f"sqlite:///{home / 'studio.sqlite'}")) as database:
        store = Store(database)
        assert store.live("shown-first") is None
        assert [dial.knob for dial in store.version("shown-first").recipe.dials] == ["film-noir", "horror"]


def test_a_reload_loses_nothing_and_undo_takes_it_back(page):
    begin(page, "Kept here")
    add(page, "Horror")
    turn(page, "Horror", "PageUp")
    page.get_by_text("with changes in hand").wait_for()
    still(page)
    page.reload()
    desk(page)
    until(page, lambda: page.get_by_role("slider", name="Horror").get_attribute("aria-valuenow") == "0.1")
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("slider", name="Horror").wait_for(state="detached")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_wcag_aa_by_axe(page, scheme):
    page.emulate_media(color_scheme=scheme)
    begin(page, f"By {scheme}")
    add(page, "Horror")
    turn(page, "Horror", "PageUp")
    assert violations(page) == {}
    for name in ("Rules", "Versions", "Deliver"):
        tab(page, name)
        assert violations(page) == {}
    page.goto("/studio")
    for name in ("Recipes", "Calendar", "House rules", "Health"):
        tab(page, name)
        assert violations(page) == {}


def test_a_phone_reads_it_without_scrolling_sideways(page):
    page.set_viewport_size({"width": 390, "height": 844})
    begin(page, "On a phone")
    add(page, "Horror")
    wide = "() => document.querySelector('.stMain').scrollWidth - document.querySelector('.stMain').clientWidth"
    assert page.evaluate(wide) <= 0
    for name in ("Rules", "Versions", "Deliver"):
        tab(page, name)
        assert page.evaluate(wide) <= 0
