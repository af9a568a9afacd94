"""How commands serve: the one way in which uvicorn is started, with its limits, and where a server is found."""

import os
import signal
import socket
from collections.abc import Mapping, Sequence

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
) -> None:
    """Serve in this process, which has loaded what most answers need: another one would take these seconds again.

    Args:
        app: where uvicorn finds the application; environment: what it reads of its settings.
    """
    os.environ.update(environment)
    import uvicorn

    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the server puts its own things in order, then ends by the signal
    uvicorn.main([*app, "--host", address, "--port", str(port), *limits], prog_name="uvicorn", standalone_mode=False)


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
