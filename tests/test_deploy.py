"""The files of deploy/ as docs/hosting.md gives them: nginx in front of the app, the service, the container."""

import re
import shlex
import subprocess

import pytest

from tests import waiting
from tests.given import ROOT
from tests.serving import ask, free_port, hosted, listens, required
from tests.strangers import session

DEPLOY = ROOT / "deploy"
WHOLE = """
daemon off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
    access_log off;
    {paths}
    include {folder}/knobs.conf;
}}
"""
PATHS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@pytest.fixture(scope="module")
def proxied(planted_path, tmp_path_factory):
    """The app behind nginx with the file of deploy/, but for the ports: (address of nginx, of the app)."""
    nginx, folder = required("nginx", "KNOBS_REQUIRE_NGINX"), tmp_path_factory.mktemp("nginx")
    with hosted(planted_path) as (behind, _):
        port = free_port()
        config = (DEPLOY / "nginx.conf").read_text()
        config = config.replace("listen 80;", f"listen 127.0.0.1:{port};").replace("http://127.0.0.1:8501", behind)
        (folder / "knobs.conf").write_text(config)
        paths = " ".join(f"{name}_temp_path {folder}/{name};" for name in PATHS)
        (folder / "nginx.conf").write_text(WHOLE.format(folder=folder, paths=paths))
        command = [nginx, "-p", str(folder), "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"]
        subprocess.run([*command, "-t"], check=True, capture_output=True)
        with subprocess.Popen(command) as process:
            try:
                url = f"http://127.0.0.1:{port}"
                waiting.until(lambda: listens(url))
                yield url, behind
            finally:
                process.terminate()


@pytest.fixture
def url(proxied):
    return proxied[0]


def test_pages_and_sessions_go_through_the_proxy(url):
    status, told, body = ask(url, "/panel?user=1")
    assert status == 200
    assert b'<div id="root">' in body
    assert told["Content-Security-Policy"].count("frame-ancestors") == 1
    assert told.get_all("X-Frame-Options") == ["DENY"]
    with session(url, "panel") as visitor:
        assert len(visitor.board["after"]) == 20


def test_answers_of_the_proxy_itself_bind_the_browser_too(url):
    status, told, _ = ask(url, "/_stcore/metrics")
    assert status == 404
    assert told["X-Frame-Options"] == "DENY"
    assert told["X-Content-Type-Options"] == "nosniff"


def test_nobody_behind_the_proxy_is_taken_for_the_owner(proxied):
    """Not even whoever says so; see also ``test_owner.py``."""
    url, behind = proxied
    for lie in ({}, {"X_Forwarded_For": "127.0.0.1"}, {"X_Real_IP": "127.0.0.1", "Forwarded": "for=127.0.0.1"}):
        with session(url, "map", **lie) as visitor:
            assert not visitor.buttons
    with session(behind, "map") as owner:
        assert "Draw the map" in owner.buttons


@pytest.mark.parametrize(
    ("method", "path", "data", "status"),
    [
        ("PUT", "/panel", b"x", 403),
        ("POST", "/_stcore/stream", b"x", 405),
        ("POST", "/_stcore/agent/interact", b"{}", 404),
        ("POST", "/_stcore/upload_file/a/b", b"x", 403),
        ("PUT", "/_stcore/upload_file/a/b", b"x" * 1_100_000, 413),
        ("GET", "/panel?dials=" + "a" * 16400, None, 414),
    ],
)
def test_what_the_proxy_refuses(url, method, path, data, status):
    assert ask(url, path, method, data)[0] == status


def test_whoever_asks_without_pause_is_slowed_down(url):
    assert 429 in {ask(url, "/_stcore/upload_file/a/b", "PUT", b"x")[0] for _ in range(200)}


def test_the_service_is_one(tmp_path):
    """Checked by systemd itself, with another program in the place of the one that is not installed here."""
    systemd = required("systemd-analyze", "KNOBS_REQUIRE_SYSTEMD")
    text = (DEPLOY / "knobs.service").read_text()
    (tmp_path / "knobs.service").write_text(text.replace("/opt/knobs/bin/knobs", "/bin/true"))
    found = subprocess.run([systemd, "verify", str(tmp_path / "knobs.service")], capture_output=True, text=True)
    assert (found.returncode, found.stderr) == (0, "")


@pytest.mark.parametrize("file", ["knobs.service", "Containerfile"])
def test_commands_of_the_files_are_commands(file):
    """Every flag that they give to ``knobs app`` is one that it has."""
    from knobs_core.cli.run import app

    known = {flag for option in app.params for flag in (*option.opts, *option.secondary_opts)}
    text = (DEPLOY / file).read_text()
    line = next(line for line in text.splitlines() if line.startswith(("ExecStart=", "ENTRYPOINT")))
    words = shlex.split(re.sub(r"[\[\],]", " ", line.removeprefix("ExecStart=")))
    assert "app" in words
    assert {word for word in words if word.startswith("--")} <= known
