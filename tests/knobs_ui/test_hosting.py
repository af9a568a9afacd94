"""A server that strangers reach: who starts and stops work there, and that all of it ends when the server does."""

import contextlib
import os
import signal
import socket
import subprocess

import pytest

from knobs_ui.owner import REFUSED
from tests.serving import ask, hosted, listens
from tests.strangers import session
from tests.waiting import until

START, STOP, TAB = "Run the report", "Stop", "The paper's experiments"
OUTSIDE = {"X_Forwarded_For": "203.0.113.9"}


@contextlib.contextmanager
def at_the_lab(url, **headers):
    """A session in the Lab, at the tab with the report."""
    with session(url, "lab", **headers) as one:
        yield one.run(**{one.tabs: TAB})


def again(one):
    return one.run(**{one.tabs: TAB})


def jobs_of(server):
    """Processes that a server has started, by their numbers."""
    told = subprocess.run(["ps", "-o", "pid=,stat=", "--ppid", str(server.pid)], capture_output=True, text=True).stdout
    return [int(pid) for pid, stat in map(str.split, told.splitlines()) if not stat.startswith("Z")]


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.delenv("KNOBS_JOBS", raising=False)
    monkeypatch.setenv("KNOBS_HOME", str(tmp_path))


@pytest.mark.slow
@pytest.mark.usefixtures("home")
def test_work_is_the_owners_at_this_machine(planted_path):
    with hosted(planted_path) as (url, server), at_the_lab(url) as owner, at_the_lab(url, **OUTSIDE) as stranger:
        assert START in owner.buttons
        assert START not in stranger.buttons
        assert REFUSED in stranger.text.replace("&#x27;", "'")
        stranger.run(owner.fragment[START], **{stranger.tabs: TAB, owner.buttons[START]: True})  # a forged press
        assert jobs_of(server) == []
        owner.press(START, TAB)
        until(lambda: STOP in again(owner).buttons)
        stop, part = owner.buttons[STOP], owner.fragment[STOP]
        assert "The paper's experiments" in again(stranger).text  # all see it
        assert STOP not in stranger.buttons
        [job] = jobs_of(server)
        stranger.run(part, **{stranger.tabs: TAB, stop: True})
        assert jobs_of(server) == [job]
        again(owner).press(STOP, TAB)
        until(lambda: jobs_of(server) == [])


@pytest.mark.slow
@pytest.mark.usefixtures("home")
def test_visitors_whom_the_owner_lets_stop_what_is_theirs(planted_path):
    with (
        hosted(planted_path, "--jobs") as (url, server),
        at_the_lab(url, **OUTSIDE) as one,
        at_the_lab(url, **OUTSIDE) as other,
        at_the_lab(url) as owner,
    ):
        one.press(START, TAB)
        until(lambda: STOP in again(one).buttons)
        assert STOP not in again(other).buttons
        [job] = jobs_of(server)
        other.run(one.fragment[STOP], **{other.tabs: TAB, one.buttons[STOP]: True})
        assert jobs_of(server) == [job]
        assert os.getpriority(os.PRIO_PROCESS, job) >= 10
        again(owner).press(STOP, TAB)  # the owner may
        until(lambda: jobs_of(server) == [])


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("flags", [("--address", "0.0.0.0"), ("--no-jobs",)])
def test_nobody_starts_work_where_others_reach_the_server(planted_path, flags):
    with hosted(planted_path, *flags) as (url, _), at_the_lab(url) as visitor:
        assert START not in visitor.buttons
        assert REFUSED in visitor.text.replace("&#x27;", "'")


@pytest.mark.slow
@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("how", "code"), [("SIGTERM", {-15}), ("SIGINT", {0}), ("SIGHUP", {-1}), ("SIGKILL", {-9})], ids=lambda x: str(x)
)
def test_a_signal_ends_everything(planted_path, how, code):
    """With a visitor, a job at work, and somebody who is slow to ask and somebody who is slow to read."""
    with hosted(planted_path) as (url, server), at_the_lab(url) as owner:
        host, port = url.removeprefix("http://").split(":")
        slow, lazy = (socket.create_connection((host, int(port))) for _ in range(2))
        with slow, lazy:
            slow.sendall(b"GET / HTTP/1.1\r\n")
            lazy.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 500)
            owner.press(START, TAB)
            [job] = until(lambda: jobs_of(server))
            server.send_signal(getattr(signal, how))
            assert server.wait(30) in code
            until(lambda: not os.path.exists(f"/proc/{job}"))
            assert not listens(url)


@pytest.mark.usefixtures("home")
def test_what_visitors_choose_is_in_no_log(planted_path, tmp_path):
    with open(tmp_path / "log", "w+") as log, hosted(planted_path, log=log) as (url, _):
        assert ask(url, "/panel?items=7")[0] == 200
        with session(url, "panel", "items=7") as visitor:
            assert visitor.board["after"]
        log.seek(0)
        assert [line.split(" at ")[0] for line in log] == ["The control panel is"]


@pytest.mark.slow
def test_twenty_visitors_see_their_own(demo_path):
    """Each has a dial and an amount of their own, and finds them and no other's."""
    keys = ["film-noir", "comedy", "heist", "horror"]
    wanted = [{keys[n % 4]: round(0.02 * (n + 1), 2)} for n in range(20)]
    with hosted(demo_path) as (url, _), contextlib.ExitStack() as room:
        links = [f"user=15&dials={key}:{amount:g}" for dial in wanted for key, amount in dial.items()]
        visitors = [room.enter_context(session(url, "panel", link, **OUTSIDE)) for link in links]
        for _ in range(2):
            found = [
                {one["key"]: one["amount"] for one in visitor.run().board["knobs"] if one["amount"]}
                for visitor in visitors
            ]
            assert found == wanted
