"""What strangers send: too much, nonsense, strange names. Each gets a list or a problem, and the server goes on."""

import dataclasses
import json
import socket
import string
from urllib.parse import quote

import numpy as np
import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from knobs_core.lists import Stamp, replay
from tests.service.serving import Store, put, seen, serving

LISTS, NOIR = "/api/v1/lists", "/api/v1/recipes/noir/lists"
FINE = {200, 401, 404, 405, 409, 410, 413, 414, 415, 422}


def problem(told, *statuses):
    document = told.json()
    assert told.status_code in statuses, document
    assert document["status"] == told.status_code
    assert told.headers["Content-Type"] == "application/problem+json"
    assert 0 < len(document["detail"]) <= 500
    assert document["detail"].isprintable()
    assert "Traceback" not in told.text
    return document["detail"]


def post(address, body, path=LISTS):
    raw = body if isinstance(body, bytes | str) else json.dumps(body)
    return requests.post(address + path, data=raw, headers={"Content-Type": "application/json"}, timeout=30)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"reader": "u3", "dials": {"concept 3": float("nan")}}, "dials.concept 3"),
        ({"reader": "u3", "dials": {"concept 3": float("inf")}}, "dials.concept 3"),
        ('{"reader": "u3", "dials": {"concept 3": 1e999}}', "dials.concept 3"),
        ({"reader": "u3", "dials": {"concept 3": 1.01}}, "less than or equal to 1"),
        ({"reader": "u3", "dials": {"concept 3": "a lot"}}, "dials.concept 3"),
        ({"reader": "u3", "dials": {"no such knob": 0.3}}, "'no such knob'"),
        ({"reader": "u3", "dials": {"concept 3": 0.3, "Concept 3": 0.2}}, "turned twice"),
        ({"reader": "u3", "dials": {f"#{i}": 0.1 for i in range(31)}}, "dials"),
        ({"reader": "u3", "n": 0}, "n"),
        ({"reader": "u3", "n": 10**30}, "at most 200 rows"),
        ({"reader": "u3", "operator": "mix"}, "an operator"),
        ({"reader": "u3", "other": 1}, "other"),
        ({"reader": "u3", "items": ["i1"]}, "either a reader or items"),
        ({}, "either a reader or items"),
        ({"items": []}, "items"),
        ({"items": ["i1"] * 1_001}, "items"),
        ({"items": ["zzz"]}, "'zzz'"),
        ({"items": ["i1 x\u0000\u202e"]}, "ids among"),
        ({"reader": "x" * 201}, "reader"),
        ([1, 2], "valid dictionary"),
        (b"\xff\xfe", ""),
        (b"{", "JSON"),
        (b"[" * 60_000, ""),
        (b"", ""),
    ],
)
def test_a_body_that_is_none_is_told_in_a_sentence(on_air, body, says):
    assert says in problem(post(on_air[0], body), 400, 422)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"readers": []}, "readers"),
        ({"readers": ["u1"] * 101}, "readers"),
        ({"readers": ["u1"], "items": ["i1"]}, "either readers or items"),
        ({"readers": ["u1"], "n": 201}, "at most 200 rows"),
        ({"readers": [None]}, "readers"),
    ],
)
def test_a_body_for_several_readers(on_air, body, says):
    assert says in problem(post(on_air[0], body, NOIR), 422)


def test_a_body_is_bounded_whatever_it_says_of_itself(on_air):
    address, *_ = on_air
    ten_thousand = {"reader": "u3", "dials": {f"knob number {i}": 0.1 for i in range(10_000)}}
    assert "at most 65,536 bytes" in problem(post(address, ten_thousand), 413)
    many = (b" " * 8_192 for _ in range(20))  # in pieces, without saying how many
    said = {"Content-Type": "application/json"}
    assert problem(requests.post(address + LISTS, data=many, headers=said, timeout=30), 413)
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), 10) as said:
        head = b"POST /api/v1/lists HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        said.sendall(head + b"Content-Length: 99999999999\r\n\r\n")
        assert said.recv(4_096).startswith(b"HTTP/1.1 413")
    whole = json.dumps({"reader": "u3", "n": 1}).encode()
    assert post(address, whole.ljust(65_536)).status_code == 200


def test_links_and_methods(on_air):
    address, *_ = on_air
    problem(requests.get(f"{address}{LISTS}?reader={'x' * 16_000}", timeout=30), 414)
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        problem(requests.request(method, f"{address}{NOIR}/u3", timeout=30), 405)
    problem(post(address, {}, "/api/v1/recipes"), 405)
    for form in (
        {"data": {"reader": "u3"}},
        {"data": b'{"reader": "u3"}'},
        {"headers": {"Content-Type": "text/plain"}},
    ):
        assert "application/json" in problem(requests.post(address + LISTS, timeout=30, **form), 415)
    for query in ("n=0", "n=x", "n=-1", "format=xml", "rules=maybe", "n=1e999"):
        problem(requests.get(f"{address}{NOIR}/u3?{query}", timeout=30), 422)
    for query in ("", "reader=u3&item=i1", "reader=u3&dial=x", "reader=u3&dial=concept 3=nan", "reader=u3&dial==",
                  "reader=u3&dial=concept 3=1e999", "reader=u3&" + "&".join(["dial=concept 3=0.1"] * 31)):  # fmt: skip
        problem(requests.get(f"{address}{LISTS}?{query}", timeout=30), 422)


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/recipes/../../../etc/passwd",
        "/api/v1/recipes/..%2f..%2fetc%2fpasswd",
        "/api/v1/recipes/%00",
        "/api/v1/recipes/noir%0d%0aX-Evil:%20yes",
        "/api/v1/recipes/%ff%fe",
        "/api/v1/recipes/noir/lists/%ff",
        "/api/v1/recipes/noir/lists/" + "x" * 201,
        "/api/v1/recipes/noir/lists/a/b",
        "/api/v1/recipes/NOIR/lists/u3",
        "/api/v1/recipes//lists/u3",
        "/api/v1/recipes/'%20OR%201=1--",
        "/etc/passwd",
        "//",
        "/%2e%2e/%2e%2e",
        "/static/../../pyproject.toml",
    ],
)
def test_addresses_that_are_none(on_air, path):
    """Sent as they stand; clients tidy up some of them."""
    host, _, port = on_air[0].removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), 10) as said:
        said.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        told = b"".join(iter(lambda: said.recv(65_536), b""))
    head, _, body = told.partition(b"\r\n\r\n")
    assert int(head.split()[1]) in (404, 422)
    assert b"x-evil" not in head.lower()
    assert json.loads(body)["detail"].isprintable()


STRANGE = [
    "a/b",
    "../u1",
    "ž \u200d☃",
    "50%",
    "a?b=c#d",
    "x;y",
    "feed.json",
    "a/feed.json",
    " ",
    "+",
    "\u202eevil",
    "'",
]


def test_ids_may_hold_anything(planted_bundle, tmp_path):
    """Readers whose ids hold slashes, signs and other alphabets get their own lists, and none gets another's."""
    data = planted_bundle.interactions
    users = data.user_ids.copy()
    users[: len(STRANGE)] = STRANGE
    bundle = dataclasses.replace(
        planted_bundle, interactions=dataclasses.replace(data, user_ids=np.array(users, object))
    )
    with serving(bundle, f"sqlite:///{tmp_path / 's.sqlite'}") as (address, desk):
        put(Store(desk.watch._database), length=6, dials=[{"knob": "concept 3", "amount": 0.4}])
        seen(desk, lambda live: live.versions)
        for row, reader in enumerate(STRANGE):
            told = requests.get(f"{address}{NOIR}/{quote(reader, safe='')}", timeout=30).json()
            expected = planted_bundle.person(data.user_ids[row]).recommend({"concept 3": 0.4}, 6)
            assert (told["reader"], told["fallback"]) == (reader, False)
            assert [one["item_id"] for one in told["rows"]] == [one["item_id"] for one in expected.rows]
            assert replay(bundle, Stamp.model_validate(told)).same
            feed = requests.get(f"{address}{NOIR}/{quote(reader, safe='')}/feed.json", timeout=30).json()
            assert feed["_knobs"]["list_id"] == told["list_id"]
        every = post(address, {"readers": STRANGE}, NOIR).json()["lists"]
        assert [one["reader"] for one in every] == STRANGE


TEXTS = st.text(string.printable + "\u0000ž☃\u202e\ud83d\ude00", max_size=30)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda one: st.lists(one, max_size=4) | st.dictionaries(TEXTS, one, max_size=4),
    max_leaves=8,
)
FIELDS = st.sampled_from(["reader", "readers", "items", "dials", "n", "operator", "rules", "x"])
USUAL = st.sampled_from(["u3", ["i1", "i4"], {"concept 3": 0.3}, 5, "paper", True, {"#5": -1}])


@given(st.dictionaries(FIELDS, USUAL | VALUES, max_size=5) | VALUES, st.sampled_from([LISTS, NOIR]))
@settings(max_examples=150)
def test_any_body_gets_a_list_or_a_problem(on_air, body, path):
    told = post(on_air[0], json.dumps(body), path)
    if told.status_code != 200:
        problem(told, 422)


@given(
    st.sampled_from(["recipes", "recipes/noir", "recipes/noir/lists", "lists", "search", "knobs", "explain"]),
    TEXTS,
    st.dictionaries(st.sampled_from(["q", "n", "reader", "item", "dial", "rules", "format", "operator"]), TEXTS),
)
@settings(max_examples=150)
def test_any_link_gets_an_answer_or_a_problem(on_air, path, part, query):
    def escaped(text):
        return quote(text.encode("utf-8", "surrogatepass"), safe="")

    asked = "&".join(f"{name}={escaped(value)}" for name, value in query.items())
    told = requests.get(f"{on_air[0]}/api/v1/{path}/{escaped(part)}?{asked}", timeout=30)
    if told.status_code != 200:
        problem(told, *FINE - {200})
    assert requests.get(f"{on_air[0]}/api/v1/health", timeout=30).status_code == 200
