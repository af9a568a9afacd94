"""Signing in as people do it: from a page of the app to the provider and back, with what each may do there; and out."""

import contextlib

import pytest

from tests.browser.driving import still, violations
from tests.openid import provider
from tests.signing import LISTED, PEOPLE, signing

pytestmark = pytest.mark.browser

SEEN = ["Skip to main content", "Sign in"]  # the first is Streamlit's own, on every page


@pytest.fixture(scope="module")
def url(planted_path, tmp_path_factory):
    """A server where everybody has to sign in."""
    own = {"KNOBS_SIGN_IN": "required", "KNOBS_HOME": str(tmp_path_factory.mktemp("home")), **LISTED}
    with (
        provider(PEOPLE, ends=True) as people,
        signing(planted_path, tmp_path_factory.mktemp("desk"), people, **own) as url,
    ):
        yield url


@contextlib.contextmanager
def arrival(chromium, url, path="/desk?user=1"):
    """A browser of its own at a page, which in the end must have been refused nothing by the policy."""
    with contextlib.closing(chromium.new_context(base_url=url)) as context:
        context.set_default_timeout(60_000)
        page, faults = context.new_page(), []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda told: faults.append(told.text) if "Content Security Policy" in told.text else None)
        page.goto(path)
        yield page
        assert faults == []


def sign_in(page, who):
    page.get_by_role("link", name="Sign in").click()
    page.get_by_role("link", name=who).click()


@pytest.mark.parametrize(
    ("who", "name", "role", "edits", "publishes"),
    [
        ("rita", "rita@example.org", "reader", False, False),
        ("eva", "eva@example.org", "editor", True, False),
        ("cleo", "<b>Cleo</b> (id of cleo)", "chief", True, True),
    ],
)
def test_people_sign_in_and_do_what_they_may(chromium, url, who, name, role, edits, publishes):
    with arrival(chromium, url) as page:
        sign_in(page, who)
        page.get_by_text(f"Signed in as {name} · {role}").wait_for()
        page.wait_for_url(f"{url}/desk?user=1")  # the page that was asked for
        for deed, button, may in (("edited", "Edit", edits), ("published", "Publish", publishes)):
            page.get_by_role("button", name=button).click()
            page.get_by_text(f"{deed} by [{name}]" if may else "expected a").first.wait_for()


def test_the_studio_is_for_editors_and_publishing_for_chiefs(chromium, url):
    with arrival(chromium, url, "/studio") as page:
        sign_in(page, "rita")
        page.get_by_text("expected an editor").wait_for()
        assert page.get_by_role("link", name="Studio").count() == 0
        assert page.get_by_role("button", name="New recipe").count() == 0
    with arrival(chromium, url, "/studio") as page:
        sign_in(page, "eva")
        page.get_by_role("button", name="New recipe").click()
        page.get_by_role("textbox", name="Headline").fill("By Eva")
        page.get_by_role("button", name="Begin").click()
        page.locator(".desk[data-ready=true]").wait_for()
        assert page.get_by_role("button", name="Publish…").is_disabled()
    with arrival(chromium, url, "/recipe?recipe=by-eva") as page:
        sign_in(page, "cleo")
        page.locator(".desk[data-ready=true]").wait_for()
        page.get_by_role("button", name="Publish…").click()
        page.get_by_role("textbox", name="Why").fill("It is good")
        page.get_by_role("dialog").get_by_role("button", name="Publish", exact=True).click()
        page.get_by_text("version 1 is live and on air").wait_for()


def test_a_stranger_sees_one_page_and_nothing_behind_it(chromium, url):
    with arrival(chromium, url, "/panel") as page:
        page.get_by_role("link", name="Sign in").wait_for()
        still(page)
        assert page.get_by_role("link").all_inner_texts() == SEEN
        assert page.get_by_role("button").count() == 1  # Streamlit's own menu
        assert violations(page) == {}
        sign_in(page, "late")  # whose word has ended by now
        page.get_by_text("Your sign-in has expired: sign in again.").wait_for()
        assert page.get_by_role("link").all_inner_texts() == SEEN


def test_somebody_signs_out_by_keys_alone_in_every_tab(chromium, url):
    with arrival(chromium, url) as page:
        sign_in(page, "eva")
        page.get_by_role("link", name="Sign out").wait_for()
        other = page.context.new_page()
        other.goto("/desk")
        other.get_by_role("button", name="Edit").click()
        other.get_by_text("edited by [eva@example.org]").wait_for()
        assert violations(other) == {}
        for cookie in page.context.cookies():
            assert cookie["sameSite"] == "Lax"
            assert cookie["httpOnly"] or cookie["name"] == "_streamlit_xsrf"  # which the page has to repeat
        still(page)
        page.bring_to_front()
        for _ in range(20):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.textContent") == "Sign out":
                break
        page.keyboard.press("Enter")
        page.get_by_role("link", name="Sign in").wait_for()
        other.get_by_role("button", name="Edit").click()
        other.get_by_text("You have signed out: sign in again.").wait_for()
        assert not [one for one in page.context.cookies() if one["name"].startswith("_streamlit_user")]
