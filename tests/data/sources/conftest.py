"""A mirror to download from."""

import threading

import pytest

from tests.data.sources.mirror import Mirror


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    server = Mirror()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("KNOBS_MIRROR", server.address + "/")
    monkeypatch.setenv("KNOBS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.chdir(tmp_path)
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def downloads(tmp_path):
    return tmp_path / "home" / "downloads"
