"""A real server and what strangers send to it: headers, limits, and who may see what."""

import contextlib
from urllib.error import URLError

import pytest
from websockets.exceptions import InvalidStatus

from knobs_ui import roles
from knobs_ui.gate import LONGEST_LINK, headers
from tests.serving import ask, hosted, memory
from tests.strangers import session
from tests.waiting import until

MIB = 2**20


@pytest.fixture(scope="module")
def server(planted_path):
    """A server that has room for three, with its process."""
    with hosted(planted_path, KNOBS_MAX_SESSIONS="3", KNOBS_IMAGE_HOSTS="covers.example.org") as (url, process):
        yield url, process


@pytest.fixture
def url(server):
    return server[0]


@pytest.mark.parametrize("path", ["/", "/panel?user=1", "/_stcore/health", "/_stcore/secret", "/static/none.js"])
def test_every_answer_binds_the_browser(url, path):
    _, told, _ = ask(url, path)
    policy = dict(part.split(" ", 1) for part in told["Content-Security-Policy"].split("; "))
    assert policy["frame-ancestors"] == "'none'"
    assert policy["img-src"] == "'self' data: blob: https://covers.example.org:*"
    assert "unsafe" not in policy["script-src"]
    assert policy["connect-src"] == "'self'"
    assert told["X-Frame-Options"] == "DENY"
    assert told["X-Content-Type-Options"] == "nosniff"
    assert told["Referrer-Policy"] == "same-origin"
    assert told["Server"] is None


def test_pictures_come_from_the_app_alone_unless_hosts_are_listed():
    assert "img-src 'self' data: blob:;" in headers(())["Content-Security-Policy"]


def test_a_link_has_a_length(url):
    fits = "/panel?dials=" + "a" * (LONGEST_LINK - len("/panel" + "dials="))
    assert ask(url, fits)[0] == 200
    assert ask(url, fits + "a")[0] == 414
    assert ask(url, "/" + "%41" * (LONGEST_LINK // 3 + 1))[0] == 414


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "PROPFIND"])
@pytest.mark.parametrize(
    "path", ["/", "/_stcore/health", "/_stcore/agent/interact", "/media/x", "/_stcore/upload_file/"]
)
def test_nothing_can_be_sent(url, method, path):
    assert ask(url, path, method, b"x")[0] == 405


@pytest.mark.parametrize("path", ["agent/openapi.json", "agent/mcp", "script-health-check", "", "upload_file"])
def test_addresses_that_the_app_does_not_use_are_closed(url, path):
    assert ask(url, f"/_stcore/{path}")[0] == 404


@pytest.mark.parametrize("path", ["/auth/login", "/auth/logout", "/oauth2callback?code=x&state=y", "//auth/login"])
def test_so_are_those_for_signing_in_where_nobody_does(url, path):
    assert ask(url, path)[0] == 404


def test_where_nobody_signs_in_the_owner_at_this_machine_is_chief(url):
    with session(url, "lab") as owner, session(url, "lab", X_Forwarded_For="203.0.113.9") as visitor:
        assert roles.OPEN in owner.text
        assert "Model: " in visitor.text
        assert roles.OPEN not in visitor.text
        assert "auth/" not in owner.text + visitor.text


def test_numbers_about_the_server_are_its_owners(url):
    assert ask(url, "/_stcore/metrics")[0] == 200
    for passed_on in ({"X_Forwarded_For": "127.0.0.1"}, {"Host": "knobs.example.org"}, {"X_Real_IP": "10.0.0.1"}):
        assert ask(url, "/_stcore/metrics", **passed_on)[0] == 404
        assert ask(url, "//_stcore/%6detrics", **passed_on)[0] == 404


def test_files_sent_again_and_again_do_not_pile_up(server):
    url, process = server
    with session(url, "user") as stranger:
        path, token = f"/_stcore/upload_file/{stranger.id}", _token(url)

        def send(name, size):
            body = (
                b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
                + b"z" * size
                + b"\r\n--x--\r\n"
            )
            return ask(url, f"{path}/{name}", "PUT", body, Content_Type="multipart/form-data; boundary=x", **token)[0]

        assert send("first", 900_000) == 204
        before = memory(process)
        assert {send(str(n), 900_000) for n in range(40)} == {204}
        assert memory(process) - before < 20  # MiB, of 34 that were sent
        with contextlib.suppress(URLError):  # whoever still sends may find the connection closed
            assert send("large", 3 * MIB) == 413
        assert send("a/b", 10) in (404, 405)


def _token(url):
    """The cookie that every browser gets, and the header that shows it."""
    cookie = ask(url, "/_stcore/host-config")[1], ask(url, "/_stcore/health")[1]
    value = next(one["Set-Cookie"].split(";")[0] for one in cookie if one["Set-Cookie"])
    return {"Cookie": value, "X_Xsrftoken": value.partition("=")[2]}


def test_a_room_is_full_and_has_room_again(url):
    with contextlib.ExitStack() as room:
        for _ in range(3):
            room.enter_context(session(url, "user"))
        with pytest.raises(InvalidStatus, match="403"), session(url, "user"):
            pass
        status, told, body = ask(url, "/panel", Accept="text/html")
        assert (status, told["Retry-After"]) == (503, "20")
        assert "The room is full" in body.decode()
        assert ask(url, "/_stcore/health")[0] == 200  # whoever watches over the server is not turned away
    until(lambda: ask(url, "/panel", Accept="text/html")[0] == 200)
    with session(url, "user") as next_one:
        assert next_one.id


def test_a_message_has_a_size(url):
    with session(url, "user") as stranger, contextlib.suppress(Exception):
        stranger.run(wall="z" * 3_000_000)
        raise AssertionError("three million characters were heard")
    with session(url, "user") as another:
        assert another.id
