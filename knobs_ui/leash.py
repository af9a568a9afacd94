"""A command of ``knobs`` that never outlives the server which started it: ``python -m knobs_ui.leash map BUNDLE``.

The server holds the other end of this process's stdin and never writes to it. However the server ends, kill -9
included, the system closes that end, and this process hears it. For the processor it lets all others go first.
"""

import os
import signal
import sys
import threading
import time

NICE = 10  # of 0 to 19, the most patient
GRACE = 3  # seconds to tidy up in, once the server is gone


def main(arguments: list[str]) -> None:
    """Run a command until it is done or the server is gone."""
    if hasattr(os, "nice"):
        os.nice(NICE)
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    from knobs_core import cli  # after the thread: it takes a while

    cli.main(arguments)


def _end_with_the_server() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(128 + signal.SIGTERM)


if __name__ == "__main__":
    main(sys.argv[1:])
