"""``knobs serve`` in a process of its own, and ``knobs keys``."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys

import pytest
import requests
import uvicorn

from knobs_core.cli import main
from knobs_core.cli.server import LIMITS
from knobs_core.lists import recipe_of
from knobs_core.publishing import Database, Store
from knobs_core.service import SETTINGS, Client, Settings
from tests import waiting
from tests.cli.commands import output, refused
from tests.given import ROOT
from tests.serving import free_port


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("KNOBS_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path / "home"


def test_keys_are_made_shown_once_listed_and_revoked(home, capsys):
    assert output(capsys, "keys", "list") == []
    made = output(capsys, "keys", "create", "website")
    assert (made["name"], made["scope"]) == ("website", "read")
    assert re.fullmatch(r"knobs_[\w-]{43}", made["key"])
    main(["keys", "create", "mail", "--scope", "read"])
    out, err = capsys.readouterr()
    assert out.startswith("knobs_")
    assert len(out.split()) == 1
    assert "the only time" in err
    assert "no key had yet" in refused(capsys, "keys", "create", "website")
    assert "a name of letters" in refused(capsys, "keys", "create", "my site")
    assert "--scope" in refused(capsys, "keys", "create", "x", "--scope", "write")
    assert output(capsys, "keys", "revoke", "website")["revoked"]
    assert "mail" in refused(capsys, "keys", "revoke", "website")
    listed = output(capsys, "keys", "list")
    assert [(key["name"], bool(key["revoked"]), key["calls"], key["used"]) for key in listed] == [
        ("mail", False, 0, None), ("website", True, 0, None),
    ]  # fmt: skip
    main(["keys", "list"])
    shown = capsys.readouterr().out
    assert "never" in shown
    assert made["key"] not in shown + json.dumps(listed)


def test_the_command_becomes_the_server(planted_path, home, monkeypatch, capsys):
    started = {}

    def serve(command, **_):
        started.update(command=command)
        raise SystemExit(0)

    monkeypatch.setattr(uvicorn, "main", serve)
    monkeypatch.setenv(SETTINGS, "")  # so that it is put back
    port = str(free_port())
    with pytest.raises(SystemExit):
        main(["serve", str(planted_path), "--port", port, "--max-n", "50", "--unknown", "404", "--device", "cpu"])
    assert started["command"] == [
        "--factory", "knobs_core.service.app:create",
        "--host", "127.0.0.1", "--port", port, "--ws", "none", *LIMITS,
    ]  # fmt: skip
    assert Settings.model_validate_json(os.environ[SETTINGS]) == Settings(
        bundle=str(planted_path), device="cpu", max_n=50, unknown="404"
    )
    said = capsys.readouterr().err
    assert f"http://127.0.0.1:{port}/api/v1" in said
    assert f"http://127.0.0.1:{port}/openapi.json" in said


def test_wrong_use_is_one_line(planted_path, home, capsys):
    assert "make one with: knobs train" in refused(capsys, "serve", "/nowhere")
    for wrong in (("--max-n", "201"), ("--unknown", "500"), ("--port", "0"), ("--address", "192.0.2.1")):
        assert wrong[0] in refused(capsys, "serve", planted_path, *wrong)


def test_without_fastapi_the_extra_is_named(planted_path, home, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "fastapi", None)
    assert "pip install 'knobs-recsys[serve]'" in refused(capsys, "serve", planted_path)


@pytest.mark.slow
def test_a_server_for_others_does_not_start_without_a_key(planted_path, home):
    command = [sys.executable, "-m", "knobs_core", "serve", planted_path, "--address", "0.0.0.0", "--port", free_port()]
    ended = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False, cwd=ROOT, timeout=120)
    assert ended.returncode == 2
    [line] = [line for line in ended.stderr.splitlines() if line.startswith("knobs:")]
    assert "knobs keys create NAME" in line
    assert "--open" in line
    assert "Traceback" not in ended.stderr


def test_a_list_that_was_served_is_replayed(planted_path, home, tmp_path, capsys):
    """From the key and the recipe to the list, and from its stamp to the same list; then the server ends in order."""
    secret = output(capsys, "keys", "create", "website")["key"]
    with Database() as database:
        store = Store(database)
        store.save(recipe_of({"slug": "noir", "length": 8, "dials": [{"knob": "concept 3", "amount": 0.3}]}), "ada")
        store.publish("noir", 1, "bea", "On air.", None)
    port, log = free_port(), tmp_path / "log"
    command = [sys.executable, "-m", "knobs_core", "serve", str(planted_path), "--port", str(port), "--device", "cpu"]
    with open(log, "wb") as said:
        process = subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=said)
    try:

        def healthy():
            assert process.poll() is None, log.read_text()
            with contextlib.suppress(OSError):
                return requests.get(f"http://127.0.0.1:{port}/api/v1/health", timeout=30).status_code == 200

        waiting.until(healthy, 120)
        found = Client(f"http://127.0.0.1:{port}", secret).list("noir", "u3")
        assert len(found.rows) == 8
        stamp = tmp_path / "stamp.json"
        stamp.write_text(found.model_dump_json())
        assert output(capsys, "replay", stamp, "--bundle", planted_path)["same"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) in (0, -signal.SIGTERM)
    finally:
        process.kill()
        process.wait(30)
    assert "(valid keys: 1)" in log.read_text()
    assert "Traceback" not in log.read_text()
    assert output(capsys, "keys", "list")[0]["calls"] == 1
