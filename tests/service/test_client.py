"""The client: what the server answers comes back as its models, and what it refuses as its own sentence."""

import http.server
import subprocess
import sys
import threading

import pytest
import requests

from knobs_core.base import KnobsError
from knobs_core.publishing import Database, Keys
from knobs_core.service import AnswerError, Client
from tests.given import ROOT
from tests.service.serving import Store, put, seen, serving
from tests.serving import free_port


@pytest.fixture
def client(on_air):
    with Client(on_air[0] + "/") as client:
        yield client


def test_every_method_gives_what_the_server_says(client, on_air, planted_bundle):
    address = on_air[0]

    def told(path):
        return requests.get(f"{address}/api/v1/{path}", timeout=30).json()

    def same(model, path):
        return model.model_dump(mode="json") == told(path)

    assert [one.slug for one in client.recipes()] == ["noir"]
    assert same(client.recipe("noir"), "recipes/noir")
    assert same(client.list("noir", "u3"), "recipes/noir/lists/u3")
    assert same(client.list("noir", "u3", n=3, rules=False), "recipes/noir/lists/u3?n=3&rules=off")
    assert client.lists("noir", ["u1", "u3"])[1] == client.list("noir", "u3")
    assert same(client.steer("u3", {"concept 3": 0.3}, n=4), "lists?reader=u3&dial=concept 3=0.3&n=4")
    assert same(client.steer(items=["i1", "i4"]), "lists?item=i1&item=i4")
    assert client.list_of_likes("noir", ["i1", "i4"]).reader is None
    assert same(client.search("concept 1", 3), "search?q=concept 1&n=3")
    assert same(client.knob("#5"), "knobs/%235")
    item = client.list("noir", "u3").rows[0].item_id
    assert same(client.explain("u3", item, {"concept 3": 0.1}), f"explain?reader=u3&item={item}&dial=concept 3=0.1")
    assert client.health().bundle == planted_bundle.id


@pytest.mark.parametrize("reader", ["a/b", "..", ".", "", "ž☃", "50%", "a?b#c"])
def test_a_reader_may_be_called_anything(client, reader):
    found = client.list("noir", reader)
    assert (found.reader, found.fallback) == (reader, True)


def test_what_the_server_refuses_is_raised_with_its_sentence(client):
    for work, status, says in (
        (lambda: client.list("none", "u3"), 404, "There is no recipe 'none' on air."),
        (lambda: client.steer("u3", {"horror": 0.3}), 422, "'horror'"),
        (lambda: client.steer("u3", n=201), 422, "at most 200 rows"),
        (lambda: client.knob("nothing"), 404, "'nothing'"),
    ):
        with pytest.raises(AnswerError, match=says) as told:
            work()
        assert told.value.status == status
        assert isinstance(told.value, KnobsError)


def test_a_key_is_shown(planted_bundle, tmp_path):
    url = f"sqlite:///{tmp_path / 's.sqlite'}"
    with Database(url) as database:
        secret = Keys(database).create("site")
    with serving(planted_bundle, url) as (address, desk):
        put(Store(desk.watch._database))
        seen(desk, lambda live: live.versions)
        assert Client(address, secret).list("noir", "u3").rows
        for key in (None, "knobs_wrong"):
            with pytest.raises(AnswerError, match="key") as told:
                Client(address, key).recipes()
            assert told.value.status == 401


def test_where_there_is_no_server_or_another_one(tmp_path):
    with pytest.raises(KnobsError, match="a server of lists at"):
        Client(f"http://127.0.0.1:{free_port()}").recipes()
    with pytest.raises(KnobsError, match="a server of lists at"):
        Client("nonsense").recipes()

    class Other(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            status = 502 if "recipes" in self.path else 302 if "search" in self.path else 200
            self.send_response(status)
            self.send_header("Location", "http://elsewhere.example.org/")
            self.end_headers()
            self.wfile.write(b"<html>")

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Other) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        client = Client(f"http://127.0.0.1:{server.server_port}", "knobs_secret")
        with pytest.raises(AnswerError, match="The server answered 502 Bad Gateway"):
            client.recipes()
        with pytest.raises(AnswerError, match="302"):  # a key is not carried elsewhere
            client.search("x")
        with pytest.raises(KnobsError, match="one that is none"):
            client.health()
        server.shutdown()
        thread.join()


def test_it_is_light_to_import():
    heavy = ("torch", "fastapi", "sqlalchemy", "pandas", "scipy", "streamlit", "starlette")
    code = f"import sys, knobs_core.service; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
