"""A real server by ``knobs app``, and what a stranger sends to it without a browser."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

from tests import waiting
from tests.given import ROOT


@contextlib.contextmanager
def answering(arguments, url, health, log=subprocess.DEVNULL, folder=None, end=subprocess.Popen.kill, **environment):
    """A process of Python that answers at a path of its address by now; it ends with the block, where not before.

    log: a file that takes what it says; end: how it is ended.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=log,
        stderr=log,
    )

    def healthy():
        assert process.poll() is None, f"the server ended with code {process.returncode}"
        with contextlib.suppress(OSError):
            return ask(url, health)[0] == 200

    try:
        waiting.until(healthy, 120)
        yield process
    finally:
        end(process)
        process.wait(30)


@contextlib.contextmanager
def hosted(bundle, *flags, log=subprocess.DEVNULL, port=None, base="", **environment):
    """``knobs app`` on a bundle and a port, a free one by default: (its address, its process), which may have ended by
    then. log: a file that takes what it says; base: the path below which it says to be."""
    port = port or free_port()
    url = f"http://127.0.0.1:{port}{base}"
    command = ["knobs_core", "app", str(bundle), "--port", str(port), "--device", "cpu", *flags]
    with answering(command, url, "/_stcore/health", log, **environment) as process:
        yield url, process


@contextlib.contextmanager
def serving_lists(bundle, *flags, **environment):
    """``knobs serve`` on a bundle and a free port: its address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = ["knobs_core", "serve", str(bundle), "--port", str(port), *flags]
    with answering(command, url, "/api/v1/health", **environment):
        yield url


def ask(url, path, method="GET", data=None, **headers):
    """(status, headers, body) of an answer. headers: by their names with _ for -."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url + path, data, named, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def listens(url):
    """Whether anybody answers at an address."""
    host, _, port = url.removeprefix("http://").partition(":")
    with contextlib.suppress(OSError), socket.create_connection((host, int(port)), 5):
        return True
    return False


def memory(process):
    """MiB that a process has in memory, as the system counts them."""
    pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def required(program, variable):
    """The path of a program; without it the test is skipped, unless a variable says that it has to be there."""
    import pytest

    found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")
    if found is None:
        (pytest.fail if os.environ.get(variable) else pytest.skip)(f"no {program} here: apt-get install {program}")
    return found
