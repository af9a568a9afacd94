"""How long a person waits: from starting the server to a panel that can be used, without and with a bundle.

    python benchmarks/start_up.py            three starts with a bundle after the first
    python benchmarks/start_up.py --quick    one

Starts `streamlit run app.py` on an empty KNOBS_HOME and looks at it with a real chromium that is already running.
    server    the server answers
    outline   our page is on screen: navigation, title and the outline of the board
    usable    the person's name, the board with its knobs and both lists are on screen
Also: training the demo from nothing on the command line, without and with its map.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from _app import ROOT, chromium, served
from _report import report
from playwright.sync_api import Browser


def start(browser: Browser, home: str) -> dict[str, float]:
    """Seconds until the server answers, our page shows its outline, and the panel can be used."""
    began = time.perf_counter()
    with served(KNOBS_HOME=home) as address:
        seconds = {"server s": time.perf_counter() - began}
        page = browser.new_page()
        page.goto(f"http://{address}/panel", wait_until="commit")
        page.locator(".knobs-outline .dials, .board[data-ready=true]").first.wait_for()
        seconds["outline s"] = time.perf_counter() - began
        page.locator(".board[data-ready=true]").wait_for(timeout=180_000)
        page.get_by_role("list", name="List after").wait_for()
        seconds["usable s"] = time.perf_counter() - began
        page.close()
    return {name: round(value, 2) for name, value in seconds.items()}


def train(*options: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        command = [sys.executable, "-m", "knobs_core", "train", "--out", f"{folder}/demo", *options]
        subprocess.run(command, check=True, cwd=ROOT, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        return round(time.perf_counter() - began, 2)


def main() -> None:
    home = tempfile.mkdtemp()
    rows = [
        {"start": "knobs train --no-map, from process start", "usable s": train("--no-map")},
        {"start": "knobs train", "usable s": train()},
    ]
    with chromium() as browser:
        rows.append({"start": "first, demo trained on the spot", **start(browser, home)})
        again = [start(browser, home) for _ in range(1 if "--quick" in sys.argv else 3)]
        median = {name: statistics.median(run[name] for run in again) for name in again[0]}
        rows.append({"start": f"with a bundle, median of {len(again)}", **median})
    shutil.rmtree(home)
    report("start_up", rows)


if __name__ == "__main__":
    main()
