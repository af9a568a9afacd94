"""Waiting for a condition instead of for seconds, at once where it holds and patient where the machine is busy; and for
work that is done side by side."""

import time
from concurrent.futures import ThreadPoolExecutor


def until(condition, timeout=240, pause=None, told=lambda: ""):
    """Ask until the answer is true, and return it.

    pause: waits between two questions, a twentieth of a second where nobody says otherwise
    told: what to say when time is up
    """
    end = time.monotonic() + timeout
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"not within {timeout} s: {told() or condition}")
        (pause or (lambda: time.sleep(0.05)))()


def at_once(work, n):
    """Do ``work(0)`` to ``work(n - 1)``, each in a thread of its own; what goes wrong in one of them is raised."""
    with ThreadPoolExecutor(n) as threads:
        list(threads.map(work, range(n)))
