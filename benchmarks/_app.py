"""The real app and a real browser, for the benchmarks that look at it as people do."""

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
PORT = 8697
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@contextmanager
def served(port: int = PORT, **environment: str) -> Iterator[str]:
    """The app's address, while it runs with these variables in its environment; it answers by then."""
    process = subprocess.Popen(
        [sys.executable, "-c", "from knobs_core.cli import main; main()", "app", "--port", str(port)],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not _answers(port):
            if process.poll() is not None:
                raise RuntimeError(f"the server ended with code {process.returncode}; is port {port} free?")
            time.sleep(0.05)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1).close()
    except OSError:
        return False
    return True


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's chromium, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield browser
        browser.close()


def answers(page: Page, component: str, n: int, pause: int) -> list[float]:
    """Milliseconds from a component's message to the server's answer on screen, for n single key presses on a knob.

    pause: milliseconds after each.
    """
    page.get_by_role("slider").first.focus()
    times = []
    for i in range(n):
        page.keyboard.press("ArrowRight" if i % 2 else "ArrowLeft")
        page.wait_for_timeout(pause)
        times.append(page.locator(component).evaluate("element => Number(element.dataset.answered)"))
    return times


def p95(values: list[float]) -> float:
    return float(np.quantile(values, 0.95))
