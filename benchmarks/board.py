"""The knob board under a hand: frames while dragging, and the server's answers after release and during a drag.

    python benchmarks/board.py            the demo and a generated catalogue of 40,857 items, both with 16 knobs
    python benchmarks/board.py --quick    the demo alone

Trains what it needs into a temporary folder, starts the real app and drives a real chromium: a drag of three seconds
on each bundle; 20 releases timed to the list the server confirmed; a drag on a decoder that cannot be blended, timed
from each message to the list it brought. Prints one table and the hardware.
"""

import os
import platform
import re
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from _app import answers, chromium, p95, served
from playwright.sync_api import Page

from knobs_core import bundles
from knobs_core.data.planted import planted

# Seven concepts beside nine knobs of the person's own: sixteen.
TAGS = (
    ["western", "horror", "film-noir", "star wars", "time travel", "pixar", "courtroom"],
    [f"concept {n}" for n in range(7)],
)
SHARED = "globalThis[Symbol.for('knobs')]"


def make(folder: Path, quick: bool) -> dict[str, Path]:
    """Train the bundles; name to path."""
    made = {"demo, ELSA": folder / "demo", "demo, MultVAE": folder / "multvae"}
    bundles.save(bundles.train("demo", "elsa"), made["demo, ELSA"])
    bundles.save(bundles.train("demo", cfae="multvae", overrides={"cfae": {"epochs": 5}}), made["demo, MultVAE"])
    if not quick:
        tables = planted(n_users=3_000, n_items=40_857, n_concepts=60, mean_likes=80, seed=1)
        source = folder / "big-source"
        source.mkdir()
        tables.interactions.to_parquet(source / "interactions.parquet")
        tables.items.to_parquet(source / "items.parquet")
        tables.tags.to_parquet(source / "tags.parquet")
        made["40,857 items, ELSA"] = folder / "big"
        few = {"cfae": {"epochs": 3}, "sae": {"epochs": 3}}
        bundles.save(bundles.train(str(source), "elsa", overrides=few), made["40,857 items, ELSA"])
    return made


def drag(page: Page, seconds: float) -> dict[str, float]:
    """Drag the first knob to and fro; what a frame cost and how evenly frames came."""
    knob = page.get_by_role("slider").first
    knob.scroll_into_view_if_needed()
    box = knob.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.evaluate(
        f"() => {{ const s = {SHARED}; s.frames = []; s.gaps = []; s.streamed = []; let last = performance.now();"
        "const tick = (now) => { s.gaps.push(now - last); last = now; s.tick = requestAnimationFrame(tick); };"
        "requestAnimationFrame(tick); }"
    )
    page.mouse.move(x, y)
    page.mouse.down()
    began, step = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        step += 1
        page.mouse.move(x + 90 * np.sin(step / 12), y)
    page.mouse.up()
    seen = page.evaluate(f"() => {{ const s = {SHARED}; cancelAnimationFrame(s.tick); return s; }}")
    return {
        "frames": len(seen["frames"]),
        "frame_p95": p95(seen["frames"]) if seen["frames"] else float("nan"),
        "gap_median": statistics.median(seen["gaps"]),
        "gap_p95": p95(seen["gaps"]),
        "per_second": len(seen["gaps"]) / seconds,
    }


def add(page: Page, tag: str) -> None:
    """Put a concept on the board, as a person would."""
    page.get_by_role("combobox", name="Add a knob").fill(tag)
    page.get_by_role("option", name=re.compile(f"^{re.escape(tag)}", re.IGNORECASE)).first.click()
    page.get_by_role("slider", name=re.compile(f"^{re.escape(tag)}$", re.IGNORECASE)).wait_for()
    page.wait_for_timeout(300)


def report(name: str, result: dict[str, float], released: list[float], during: list[float], heard: list[int]) -> None:
    print(name)
    print(f"  drag: {result['per_second']:.0f} frames/s, {result['gap_p95']:.1f} ms between frames at p95")
    if result["frames"]:
        print(f"  work a frame: {result['frame_p95']:.2f} ms at p95, over {result['frames']} blends")
    print(f"  release to the server's list: {statistics.median(released):.0f} ms median, {p95(released):.0f} ms at p95")
    print(f"  what comes back: {sum(heard) / 20e3:.0f} kB for a release, {max(heard) / 1e3:.0f} kB in one message")
    if during:
        print(f"  updates during the drag: {len(during)} in 3 s, {p95(during):.0f} ms after sending at p95")


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, headless chromium")
    try:
        made = make(folder, "--quick" in sys.argv)
        with chromium() as browser:
            for name, path in made.items():
                with served(KNOBS_BUNDLE=str(path)) as address:
                    page = browser.new_page(viewport={"width": 1280, "height": 800})
                    heard: list[int] = []
                    page.on(
                        "websocket", lambda one, heard=heard: one.on("framereceived", lambda f: heard.append(len(f)))
                    )
                    page.goto(f"http://{address}/panel")
                    page.locator(".board[data-ready=true]").wait_for(timeout=120_000)
                    page.get_by_role("combobox", name="Add a knob").fill("a")
                    page.get_by_text(
                        "Weak knobs too"
                    ).click()  # a knob that one model's search shows another's may hide
                    page.wait_for_timeout(1_500)
                    for tag in TAGS["items" in name]:
                        add(page, tag)
                    result = drag(page, 3)
                    page.wait_for_timeout(1_500)
                    heard.clear()
                    released = answers(page, ".board", 20, 600)
                    during = page.evaluate(f"() => ({SHARED}.streamed ?? [])")
                    report(f"{name}, {page.locator('.knob').count()} knobs", result, released, during, heard)
                    page.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
