"""A real server and a real provider, without a browser: who gets in by which cookie, and what forged messages reach."""

import base64
import contextlib
import json
import time

import pytest
import requests
from itsdangerous import URLSafeTimedSerializer

from knobs_ui import roles
from tests.openid import provider
from tests.signing import COOKIE_SECRET, LISTED, PEOPLE, Caller, here, signing
from tests.waiting import until

USER, TOKENS = "_streamlit_user", "_streamlit_user_tokens"
PAGES = ("", "panel", "map", "user", "lab", "desk", "nowhere")
WELCOME = "This server shows its pages to people who have signed in."


@pytest.fixture(scope="module")
def people():
    with provider(PEOPLE, ends=True) as one:
        yield one


@pytest.fixture(scope="module")
def url(people, planted_path, tmp_path_factory):
    """A server where everybody reads and who signs in may do more."""
    with signing(planted_path, tmp_path_factory.mktemp("desk"), people, **LISTED) as url:
        yield url


@pytest.fixture(scope="module")
def closed(people, planted_path, tmp_path_factory):
    """A server that shows itself to nobody who has not signed in, below a path of its host."""
    folder = tmp_path_factory.mktemp("closed")
    with signing(planted_path, folder, people, "/knobs", KNOBS_SIGN_IN="required", **LISTED) as url:
        yield url


def press(one, label):
    """What the server answers to a press of a button, in its fragment or on the whole page."""
    return one.run(one.fragment[label], **{one.buttons[label]: True}).text


@pytest.mark.parametrize(
    ("who", "name", "role"),
    [
        (None, "", "stranger"),
        ("rita", "rita@example.org", "reader"),
        ("eva", "eva@example.org", "editor"),
        ("cleo", "&lt;b&gt;Cleo&lt;/b&gt; (id of cleo)", "chief"),
        ("mallory", "id of mallory", "reader"),
        ("late", "", "stranger"),
        ("wordy", "eva@example.org", "editor"),  # whose claims need more than one cookie
    ],
)
def test_people_do_what_their_role_allows(url, people, who, name, role):
    with Caller(url, people, who).session() as one:
        assert here(one) == (name, role)
        edit, publish = dict(one.buttons), dict(one.fragment)
        edited = press(one, "Edit")
        one.buttons, one.fragment = edit, publish
        published = press(one, "Publish")
    may_edit, may_publish = role in ("editor", "chief"), role == "chief"
    assert (f"edited by [{name}]" in edited) == may_edit
    assert ("expected an editor, found " in edited) != may_edit
    assert (f"published by [{name}]" in published) == may_publish
    assert ("expected a chief, found " in published) != may_publish


def test_whoever_is_refused_reads_why(url, people):
    for who, why in (
        ("late", roles.EXPIRED),
        ("mallory", roles.UNVERIFIED),
        (None, "sign in"),
        ("rita", "ask the owner"),
    ):
        with Caller(url, people, who).session() as one:
            assert why in press(one, "Edit").replace("\\", "")


def signed(claims, secret=COOKIE_SECRET, salt=USER):
    """A cookie as Streamlit would sign it, if it were asked to."""
    return URLSafeTimedSerializer(secret, salt=salt).dumps(json.dumps(claims))


def chief(origin):
    """Claims of somebody who may do everything on a server."""
    return {**PEOPLE["cleo"], "sub": "x", "exp": time.time() + 600, "is_logged_in": True, "origin": origin}


def test_a_forged_cookie_is_nobodys(url, people):
    """Unsigned, signed by or for somebody else or something else, or with other words than were signed."""
    claims = chief(url)
    plain = base64.urlsafe_b64encode(json.dumps(json.dumps(claims)).encode()).decode().rstrip("=")
    rita, cleo = Caller(url, people, "rita"), Caller(url, people, "cleo")
    grafted = cleo.cookies[USER].rpartition(".")[0] + "." + rita.cookies[USER].rpartition(".")[2]
    forged = (
        json.dumps(claims), plain, f"{plain}..", signed(claims, "another"), signed(claims, salt=TOKENS),
        signed(chief("http://127.0.0.1")),
        rita.cookies[TOKENS], grafted, cleo.cookies[USER][:-1], "x" * 3000, "",
    )  # fmt: skip
    for cookie in forged:
        with rita.session(**{USER: cookie}) as one:
            assert here(one) == ("", "stranger"), cookie
    with rita.session(**{USER: signed(claims)}) as one:  # so the others fail for what is wrong with them
        assert here(one)[1] == "chief"


def test_a_cookie_counts_for_the_apps_own_pages_alone(url, people):
    cleo = Caller(url, people, "cleo")
    for other in ({"origin": "http://localhost:1"}, {"token": ""}, {"token": "2|00|00|1"}):
        with cleo.session(**other) as one:
            assert here(one) == ("", "stranger"), other


@contextlib.contextmanager
def at_it(url, people):
    """The session of an editor whose sign-in is about to expire: as soon as this machine is quick enough for."""
    for people.people["brief"]["lasts"] in (2, 5, 15, 60):
        with Caller(url, people, "brief").session() as one:
            if "Edit" in one.buttons and "edited by [eva@example.org]" in press(one, "Edit"):
                yield one
                return
    raise AssertionError("not within a minute")


def test_a_sign_in_expires_while_somebody_is_at_it(url, people):
    with at_it(url, people) as one:
        until(lambda: roles.EXPIRED in press(one, "Edit"))


def test_signing_out_ends_every_tab_and_every_copy(url, people):
    eva = Caller(url, people, "eva")
    cookies, before = eva.cookies, people.signed_out
    refused = eva.get("/auth/logout", headers={"Sec-Fetch-Site": "cross-site"})
    assert (refused.status_code, eva.cookies) == (403, cookies)
    with eva.session() as tab:
        assert "edited by [eva@example.org]" in press(tab, "Edit")
        eva.get("/auth/logout")
        assert USER not in eva.cookies
        assert people.signed_out == before + 1
        assert roles.ENDED in press(tab, "Edit")
    with eva.session(**cookies) as copy:
        assert here(copy) == ("", "stranger")
    with Caller(url, people, "eva").session() as again:
        assert here(again) == ("eva@example.org", "editor")


@pytest.mark.parametrize(
    ("came", "lands"),
    [
        ("/desk?user=1&x=%2F", "/desk?user=1&x=%2F"),
        ("", "/"),
        ("http://evil.example/desk", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/" + "x" * 3000, "/"),
    ],
)
def test_somebody_who_signs_in_is_back_where_they_came_from(url, people, came, lands):
    one = Caller(url, people, "eva", Referer=came if came.startswith("http") else url + came)
    assert one.landed == url + lands
    assert "knobs_back" not in one.cookies


def test_a_forged_way_back_leads_nowhere_else(url, people):
    for forged in ("//evil.example", "%2F%2Fevil.example", "http:%2F%2Fevil.example", "%2F%5Cevil.example", "%2Fa%0Ab"):
        eva = Caller(url, people)
        eva._web.cookies.set("knobs_back", forged)
        asked = eva._web.get(f"{url}/auth/login", timeout=30)
        assert eva._web.get(f"{asked.url}&who=eva", timeout=30).url == f"{url}/"


def test_cookies_are_kept_from_scripts_and_other_sites(url, people):
    told = Caller(url, people).get("/auth/login", allow_redirects=False, headers={"Referer": f"{url}/desk"})
    cookies = told.raw.headers.getlist("Set-Cookie")
    assert {one.partition("=")[0] for one in cookies} == {"_streamlit_session", "knobs_back"}
    for one in cookies:
        assert {"httponly", "samesite=lax"} <= set(one.lower().replace("; ", ";").split(";"))
    assert "default-src 'self'" in told.headers["Content-Security-Policy"]


@pytest.mark.parametrize("page", PAGES)
def test_strangers_see_nothing_of_a_closed_server(closed, people, page):
    for caller in (Caller(closed, people), Caller(closed, people, "late")):
        with caller.session(page) as one:
            assert WELCOME in one.text
            assert (one.buttons, one.board) == ({}, {})
            assert b"Model: " not in one.raw
            assert b"knobs_" not in one.raw  # no component is mounted


def test_forged_messages_of_strangers_reach_nothing(closed, people):
    with Caller(closed, people, "eva").session() as eva, Caller(closed, people).session() as stranger:
        assert here(eva) == ("eva@example.org", "editor")
        for label in ("Edit", "Publish"):
            stranger.run(eva.fragment[label], **{eva.buttons[label]: True})
            assert WELCOME in stranger.text
            assert "edited by" not in stranger.text
            assert "expected" not in stranger.text  # the button's own function has not even been asked


def test_whoever_expires_on_a_closed_server_is_outside(closed, people):
    with at_it(closed, people) as one:
        part, button = one.fragment["Edit"], one.buttons["Edit"]
        until(lambda: WELCOME in one.run(part, **{button: True}).text)
        assert "edited by" not in one.text
        assert roles.EXPIRED[1:] in one.text


def test_files_of_a_closed_server_are_its_readers(closed, people):
    for path in ("/media/x.csv", "//media/x.csv", "/_stcore/upload_file/a/b"):
        assert Caller(closed, people).get(path).status_code == 403
    assert Caller(closed, people, "rita").get("/media/x.csv").status_code == 404
    home = closed.removesuffix("/knobs")
    for cookie, status in (
        (signed(chief(home)), 404),
        (signed(chief(home), "another"), 403),
        (signed(chief("http://127.0.0.1")), 403),
        (signed([1]), 403),
        (URLSafeTimedSerializer(COOKIE_SECRET, salt=USER).dumps("{"), 403),
    ):
        told = requests.get(f"{closed}/media/x.csv", headers={"Cookie": f"{USER}={cookie}"}, timeout=30)
        assert told.status_code == status


def test_strangers_get_to_the_page_that_they_asked_for(closed, people):
    one = Caller(closed, people)
    one.get("/desk?user=1", headers={"Accept": "text/html"})
    asked = one.get("/auth/login", headers={"Referer": f"{closed}/?user=1"})
    assert one._web.get(f"{asked.url}&who=rita", timeout=30).url == f"{closed}/desk?user=1"
