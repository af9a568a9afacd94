"""How long a person waits: from starting the server to a panel that can be used, without and with a bundle.

    python benchmarks/start_up.py

Starts `streamlit run app.py` twice on an empty KNOBS_HOME and looks at it with a real chromium.
"""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[1]
PORT = 8699
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def start(browser: Browser, home: str) -> tuple[float, float]:
    """Seconds until something of ours is on screen, and until the panel can be used."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(PORT)],
        cwd=ROOT,
        env={**os.environ, "KNOBS_HOME": home},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{PORT}/_stcore/health", timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{PORT}/panel")
        page.get_by_text("Panel").first.wait_for()
        first = time.perf_counter() - began
        page.get_by_role("list", name="List after").wait_for(timeout=120_000)
        usable = time.perf_counter() - began
        page.close()
        return first, usable
    finally:
        process.terminate()
        process.wait(10)


def main() -> None:
    home = tempfile.mkdtemp()
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for name in ("first start, demo trained on the spot", "second start, bundle loaded"):
            first, usable = start(browser, home)
            print(f"{name}: navigation after {first:.1f} s, panel usable after {usable:.1f} s")
        browser.close()
    shutil.rmtree(home)


if __name__ == "__main__":
    main()
