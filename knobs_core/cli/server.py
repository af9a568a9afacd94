"""How commands serve: the one way in which uvicorn is started, with its limits, and where a server is found."""

import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn

from knobs_core.base import ConfigError

LONGEST_HEADER = "32768"  # bytes; cookies that say who has signed in are several KiB
# https://www.uvicorn.org/settings; docs/hosting.md says what each limit is for.
LIMITS = (
    *("--http", "h11", "--h11-max-incomplete-event-size", LONGEST_HEADER),  # of an address and all beside it
    *("--limit-concurrency", "900"),  # connections
    *("--timeout-graceful-shutdown", "3"),  # seconds; afterwards it ends whoever is still there
    *("--log-level", "warning", "--no-access-log", "--no-server-header"),
)


def serve_at(
    address: str, port: int, app: Sequence[str], limits: Sequence[str], environment: Mapping[str, str]
) -> NoReturn:
    """Let uvicorn take this process's place, so that signals reach it. app: where it finds the application."""
    command = [sys.executable, "-m", "uvicorn", *app, "--host", address, "--port", str(port), *limits]
    if os.name == "posix":
        os.execvpe(command[0], command, environment)
    sys.exit(subprocess.run(command, env=environment, check=False).returncode)


def url_of(address: str, port: int) -> str:
    """Where somebody on this machine finds a server."""
    named = "localhost" if address in ("0.0.0.0", "::") else f"[{address}]" if ":" in address else address
    return f"http://{named}:{port}"


def can_listen(address: str, port: int) -> None:
    """Refuse an address that is not this machine's, and a port that somebody else has.

    Raises:
        ConfigError: it is one of these.
    """
    if not address:
        raise ConfigError("an address to listen on", "none", "name one by --address, such as 127.0.0.1")
    try:
        family, kind, _, _, where = socket.getaddrinfo(address.encode("idna"), port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as server:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind(where)
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise ConfigError(
            "a free address of this machine", f"'{address[:60]}', port {port}: {why}", "choose by --address and --port"
        ) from error
