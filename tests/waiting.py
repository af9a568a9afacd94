"""Waiting for a condition instead of for seconds: at once where it holds, patient where the machine is busy."""

import time


def until(condition, timeout=60, pause=None, told=lambda: ""):
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
