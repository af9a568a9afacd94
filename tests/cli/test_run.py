"""``knobs paper`` and ``knobs app``."""

import json
import os
import signal
import socket
import sys
from pathlib import Path

import pytest
import uvicorn

from knobs_core import bundles, paper
from knobs_core.cli import main
from knobs_core.cli.run import SERVER
from tests.cli.commands import knobs, refused
from tests.given import ROOT
from tests.paper.plans import LITTLE
from tests.serving import free_port


@pytest.mark.slow
def test_the_command(planted_path, tmp_path, monkeypatch, capsys):
    """A bundle's data serves as a source; the report lies under KNOBS_HOME by default."""
    monkeypatch.setenv("KNOBS_HOME", str(tmp_path))
    monkeypatch.setattr(sys.modules[paper.run.__module__], "QUICK", LITTLE)
    with pytest.raises(SystemExit) as left:
        main(["paper", "--data", str(planted_path), "--quick", "--set", "data.threshold=3"])
    assert left.value.code == 2
    main(["paper", "--data", str(planted_path), "--quick", "--device", "cpu", "--json", "--processes", "1"])
    document = json.loads(capsys.readouterr().out)
    assert Path(document["report"]) == tmp_path / "reports" / "planted-quick" / "report.html"
    assert Path(document["report"]).is_file()
    asked = json.loads((tmp_path / "reports" / "planted-quick" / "run.json").read_text())
    assert asked["plan"]["dims"] == {name: list(dims) for name, dims in LITTLE.dims.items()}
    with pytest.raises(SystemExit) as left:
        main(["paper", "--data", str(planted_path), "--quick", "--seed", "9"])
    assert left.value.code == 2
    assert "another seed" in capsys.readouterr().err


def test_a_report_takes_settings_that_all_its_trainings_share(planted_path, capsys):
    assert "that every model of a report shares, found sae.k" in refused(
        capsys, "paper", "--data", planted_path, "--set", "sae.k=3"
    )
    assert "a setting of 'cfae'" in refused(capsys, "paper", "--data", planted_path, "--set", "cfae.epoch=3")


def test_an_estimate_is_printed_and_nothing_is_made(planted_path, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys.modules[paper.run.__module__], "QUICK", LITTLE)
    command = ["paper", "--data", str(planted_path), "--quick", "--estimate", "--out", str(tmp_path / "r")]
    main([*command, "--processes", "2", "--set", "sae.epochs=9", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"parts", "left", "processes", "threads", "seconds", "memory", "disk"}
    assert (found["left"], found["processes"], found["threads"]) == (found["parts"], 2, 1)
    assert found["seconds"] > 0
    assert found["disk"] > 0
    main([*command, "--processes", "1"])
    assert f"{found['parts']} of {found['parts']} parts are left: about " in capsys.readouterr().out
    assert not (tmp_path / "r").exists()


def test_a_report_that_is_stopped_says_how_to_go_on(planted_path, tmp_path, monkeypatch, capsys):
    def stopped(*_args, **_kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(paper.Report, "make", stopped)
    with pytest.raises(SystemExit) as left:
        main(["paper", "--data", str(planted_path), "--out", str(tmp_path / "r")])
    assert left.value.code == 130
    assert capsys.readouterr().err.strip() == (
        f"knobs: stopped; the same command goes on from here (finished parts are in {tmp_path / 'r'})"
    )


class Started(SystemExit):
    """The server would listen now, with these words."""


@pytest.fixture
def started(monkeypatch):
    """``started(*arguments)``: run ``knobs app`` as far as the server; what that was told, as a list."""

    def serve(command, **_):
        raise Started(command)

    monkeypatch.setattr(uvicorn, "main", serve)
    for name in ("KNOBS_ADDRESS", "KNOBS_BUNDLE", "KNOBS_DEVICE", "KNOBS_JOBS", "KNOBS_TOUR"):
        monkeypatch.setenv(name, "")  # so that it is put back
        monkeypatch.delenv(name)

    def run(*arguments):
        with pytest.raises(Started) as told:
            main(["app", *arguments, "--device", "cpu"])
        return told.value.code

    return run


@pytest.mark.parametrize("with_bundle", [True, False])
def test_the_command_becomes_the_server(planted_path, monkeypatch, started, with_bundle):
    """With the bundle and the device in its environment, from the folder where its settings lie; signals find it as
    they find any process."""
    monkeypatch.chdir(planted_path.parent)
    port = str(free_port())
    assert started(*(["planted"] if with_bundle else []), "--port", port) == [
        "app:app", "--app-dir", str(ROOT), "--host", "127.0.0.1", "--port", port, *SERVER,
    ]  # fmt: skip
    assert os.environ["KNOBS_DEVICE"] == "cpu"
    assert os.environ.get("KNOBS_JOBS") is None
    assert os.environ.get("KNOBS_BUNDLE") == (str(planted_path) if with_bundle else None)
    assert os.getcwd() == str(ROOT)
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


@pytest.mark.parametrize("by", ["argument", "environment"])
def test_a_bundle_by_address_is_fetched_before_the_server_listens(
    planted_path, planted_bundle, tmp_path, monkeypatch, started, by
):
    monkeypatch.setenv("KNOBS_CACHE", str(tmp_path))
    address = f"file://{planted_path}"
    if by == "environment":
        monkeypatch.setenv("KNOBS_BUNDLE", address)
    started(*([address] if by == "argument" else []), "--port", str(free_port()))
    path = Path(os.environ["KNOBS_BUNDLE"])
    assert path.is_relative_to(tmp_path)
    assert bundles.read_manifest(path).id == planted_bundle.id


def test_the_app_is_opened_to_a_room_with_a_tour(tmp_path, monkeypatch, capsys, started):
    """Both reach the server: where it listens, and the whole path of the tour."""
    port = str(free_port())
    (tmp_path / "talk.toml").write_text('[[step]]\nsay = "Hello"\n', encoding="utf-8")
    for address, named in (("0.0.0.0", "localhost"), ("127.0.0.2", "127.0.0.2"), ("::1", "[::1]")):
        monkeypatch.chdir(tmp_path)
        command = started("--tour", "talk.toml", "--address", address, "--port", port)
        assert command[command.index("--host") + 1] == os.environ["KNOBS_ADDRESS"] == address
        assert f"http://{named}:{port}" in capsys.readouterr().err
    assert os.environ["KNOBS_TOUR"] == str(tmp_path / "talk.toml")
    assert "none.toml" in refused(capsys, "app", "--tour", "none.toml")
    for flag, said in (("--jobs", "1"), ("--no-jobs", "0")):
        started(flag, "--port", port)
        assert os.environ["KNOBS_JOBS"] == said


def test_where_the_app_cannot_listen_is_said_before_it_starts(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"'127.0.0.1', port {port}: Address already in use" in refused(capsys, "app", "--port", port)
    for address in ("192.0.2.1", "a" * 80, "a..b", ""):
        assert "--address" in refused(capsys, "app", "--address", address, "--port", port)


@pytest.mark.parametrize("name", ["KNOBS_MAX_SESSIONS", "KNOBS_JOBS", "KNOBS_IMAGE_HOSTS"])
def test_a_setting_that_is_none_ends_the_app_at_once(planted_path, name):
    ended = knobs("app", planted_path, "--port", free_port(), "--device", "cpu", **{name: "a;b"})
    assert ended.returncode == 2
    assert [name in line for line in ended.stderr.splitlines() if line.startswith("knobs: ")] == [True]
    assert "Traceback" not in ended.stderr
