"""What nobody loses by accident: Back leaves the page, links open elsewhere, presets are confirmed and carried."""

import json
import re
import shutil

import pytest

from tests.browser.driving import (
    add_knob,
    at,
    dials,
    open_panel,
    ready,
    serve,
    still,
    titles,
    told_of,
    turned,
    until,
    visit,
)

pytestmark = pytest.mark.browser


def steps(page):
    return page.evaluate("history.length")


def go(page, name):
    page.get_by_role("link", name=name, exact=True).first.click()
    page.wait_for_url(re.compile(f"/{name.lower()}\\?"))
    still(page)


def keep(page):
    page.get_by_role("button", name="Keep", exact=True).click()
    page.get_by_role("button", name="Copy link").wait_for()
    still(page)


def save(page, name, person=False):
    page.get_by_role("textbox", name="Name of a new preset").fill(name)
    page.get_by_role("checkbox", name=re.compile("With the person")).set_checked(person, force=True)
    page.get_by_role("button", name="Save these dials").click()


def stored(page):
    return json.loads(page.evaluate("localStorage.getItem('knobs presets of demo')") or "[]")


def test_back_leaves_the_page_whatever_was_turned_and_a_reload_finds_it(page):
    page.goto("/user?user=15")
    page.get_by_role("heading", name="Whose list?").wait_for()
    still(page)
    go(page, "Panel")
    ready(page)
    before, knob = steps(page), page.get_by_role("slider").first
    for _ in range(2):
        knob.press("PageUp")
        told_of(page, knob)
    amount = knob.get_attribute("aria-valuenow")
    still(page)
    assert steps(page) == before
    page.go_back()
    page.get_by_role("heading", name="Whose list?").wait_for()
    until(page, lambda: "/user?" in page.url and float(amount) in dials(page).values())
    page.go_forward()
    ready(page)
    at(page, knob, amount)
    page.reload()
    ready(page)
    at(page, knob, amount)


def test_back_from_the_first_page_leaves_the_app(page):
    page.goto("/_stcore/health")
    page.goto("/?user=15")  # which leads on to the Panel
    page.wait_for_url(re.compile("/panel"))
    ready(page)
    knob = page.get_by_role("slider").first
    knob.press("PageUp")
    told_of(page, knob)
    page.go_back()
    page.wait_for_url(re.compile("/_stcore/health"))


def test_the_address_keeps_person_and_dials_on_every_page(page):
    open_panel(page, "/panel?user=15&dials=film-noir:0.3")
    for name in ("Map", "Lab", "User", "Panel"):
        go(page, name)
        until(page, lambda: dials(page) == {"film-noir": 0.3} and "user=15" in page.url)


@pytest.fixture
def retrained(planted_again, tmp_path):
    """The planted bundle of another seed, on disk."""
    return shutil.copytree(planted_again("elsa", 4, "random"), tmp_path / "again")


def test_a_link_opens_in_another_training_and_says_what_became_of_it(chromium, planted_path, planted_bundle, retrained):
    nameless = next(label.neuron for label in planted_bundle.labels if label.alive and not label.named)
    user = planted_bundle.interactions.user_ids[0]
    with serve(planted_path) as server, visit(chromium, server) as page:
        open_panel(page, f"/panel?user={user}&dials=concept 1:0.3~%23{nameless}:0.2")
        until(page, lambda: f"bundle={planted_bundle.id}" in page.url)
        keep(page)
        assert page.get_by_text("Only this machine opens it").is_visible()
        link = page.get_by_role("textbox", name="Link", exact=True).input_value()
        assert link == page.url
    with serve(retrained) as server, visit(chromium, server) as page:
        open_panel(page, f"{server}/panel?{link.partition('?')[2]}")
        page.get_by_text(f"This link was made with another training: 'neuron {nameless}' is not here.").wait_for()
        until(page, lambda: dials(page) == {"concept 1": 0.3})
        assert f"bundle={planted_bundle.id}" not in page.url


def test_presets_are_confirmed_and_go_from_one_browser_to_another(page, chromium, server, tmp_path):
    open_panel(page, "/panel?user=15")
    knob = add_knob(page, "Film-Noir")
    knob.press("End")
    turned(page, 1)
    still(page)
    keep(page)
    save(page, "Scary", person=True)
    page.get_by_text("Saved: Scary").wait_for()
    page.get_by_role("button", name="Scary · User 15").wait_for()  # and the panel is still there
    until(page, lambda: [preset["dials"] for preset in stored(page)] == ["film-noir:1"])
    still(page)
    save(page, "Scary")
    page.get_by_text("Replace 'Scary'?").wait_for()
    page.get_by_role("button", name="Leave it as it was").click()
    page.get_by_text("Replace 'Scary'?").wait_for(state="detached")
    assert stored(page)[0]["user"] == "15"
    page.get_by_text("Presets as a file").click()
    with page.expect_download() as export:
        page.get_by_role("button", name="Export all").click()
    export.value.save_as(tmp_path / "presets.json")
    scary = titles(page)
    with visit(chromium, server) as other:
        open_panel(other, "/panel?user=30")
        keep(other)
        other.get_by_text("Presets as a file").click()
        other.locator("input[type=file]").set_input_files(tmp_path / "presets.json")
        other.get_by_text("Taken: 1 of 1.").wait_for()
        other.get_by_role("button", name="Scary · User 15").click()
        other.get_by_text("Scary: Film-Noir +1.00, for User 15").first.wait_for()
        until(other, lambda: dials(other) == {"film-noir": 1} and "user=15" in other.url and titles(other) == scary)
