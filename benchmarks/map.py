"""The map of a large catalogue: how long to draw, how fast to place, how soon on the screen.

    python benchmarks/map.py            the demo and a generated catalogue of 40,857 items
    python benchmarks/map.py --quick    the demo alone
    python benchmarks/map.py BUNDLE     a bundle that has its map already

Trains what it needs into a temporary folder and draws its map. Measures: placing a five-step path and a crowd of a
thousand; then, with the real app and a real chromium, the time from a visitor's address to a drawn map, between frames
while a knob or the map is dragged, and from a key on a knob to the crowd's new places. Prints one table and the
hardware. How well people are placed: placement.py.
"""

import dataclasses
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from _app import chromium, p95, served
from playwright.sync_api import Browser, Page

from knobs_core import bundles
from knobs_core.bundles.bundle import Bundle
from knobs_core.data.planted import planted
from knobs_core.maps.placement import dial_path
from knobs_core.steering.spread import steered_embeddings

N_TURNS = 20


def make(folder: Path, quick: bool) -> dict[str, Path]:
    """Train the bundles and draw their maps; name to path."""
    made = {"demo, 2,080 items": ("demo", {})}
    if not quick:
        tables = planted(n_users=3_000, n_items=40_857, n_concepts=60, mean_likes=80, seed=1)
        liked = set(tables.interactions["item_id"])
        rare = [item for item in tables.items["item_id"] if item not in liked]  # else they would be left out
        more = pd.DataFrame({"user_id": [f"r{n // 50}" for n in range(len(rare))], "item_id": rare})
        tables = dataclasses.replace(tables, interactions=pd.concat([tables.interactions, more]))
        source = folder / "big-source"
        source.mkdir()
        for name in ("interactions", "items", "tags"):
            getattr(tables, name).to_parquet(source / f"{name}.parquet")
        made["generated, 40,857 items"] = (str(source), {"cfae": {"epochs": 3}, "sae": {"epochs": 3}})
    paths = {}
    for name, (source, few) in made.items():
        trained = bundles.train(source, "elsa", overrides=few)
        began = time.perf_counter()
        drawn = bundles.draw_map(trained)
        print(f"{name}: drawn in {time.perf_counter() - began:.0f} s, "
              f"trustworthiness {drawn.projection.trustworthiness:.3f}")  # fmt: skip
        paths[name] = folder / name.split(",")[0]
        bundles.save(drawn, paths[name])
    return paths


def placing(loaded: Bundle) -> None:
    """Milliseconds to place a path and a crowd."""
    nested, drawn = loaded.nested, loaded.projection
    taste = loaded.engine.taste(loaded.interactions.matrix[0])
    crowd = nested.embeddings(loaded.interactions.matrix[:1000])
    way = dial_path([next(iter(loaded.knobs.values())).dial(0.5)])
    for name, work in (
        (
            "a path of five steps, steered and placed",
            lambda: drawn.place(steered_embeddings(nested, taste.encoded.y, taste.reach, way)[:, 0]),
        ),
        (f"a crowd of {len(crowd):,}, placed", lambda: drawn.place(crowd)),
    ):
        times = []
        for _ in range(30):
            began = time.perf_counter()
            work()
            times.append(1000 * (time.perf_counter() - began))
        print(f"  {name}: {statistics.median(times):.1f} ms median, {p95(times):.1f} ms at p95")


def opened(page: Page, address: str) -> float:
    """Seconds from the address to a drawn map."""
    began = time.perf_counter()
    page.goto(f"http://{address}/map")
    page.locator(".map[data-ready=true]").wait_for(timeout=120_000)
    return time.perf_counter() - began


def frames(page: Page, what: str) -> tuple[float, float]:
    """Milliseconds between frames while something is dragged for two seconds: median and p95."""
    box = page.locator(what).first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.evaluate(
        "() => { window.gaps = []; let last = performance.now();"
        "const tick = (now) => { gaps.push(now - last); last = now; window.ticking = requestAnimationFrame(tick); };"
        "requestAnimationFrame(tick); }"
    )
    page.mouse.move(x, y)
    page.mouse.down()
    began, step = time.perf_counter(), 0
    while time.perf_counter() - began < 2:
        step += 1
        page.mouse.move(x + 80 * np.sin(step / 10), y + 60 * np.cos(step / 13))
    page.mouse.up()
    gaps = page.evaluate("() => { cancelAnimationFrame(ticking); return gaps; }")
    return statistics.median(gaps), p95(gaps)


def crowd_answers(page: Page) -> list[float]:
    """Milliseconds from single key presses on a knob to the crowd's new places in the browser."""
    page.get_by_role("slider").first.focus()
    times = []
    for i in range(N_TURNS):
        said = page.locator(".said").inner_text()
        began = time.perf_counter()
        page.keyboard.press("ArrowRight" if i % 2 == 0 else "ArrowLeft")
        while page.locator(".said").inner_text() == said:
            pass
        times.append(1000 * (time.perf_counter() - began))
        page.wait_for_timeout(700)
    return times


def visits(browser: Browser, address: str) -> None:
    for visit in ("first visit to a server just started", "second visitor"):
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        print(f"  {visit}: map drawn after {opened(page, address):.1f} s")
        page.wait_for_timeout(1_500)
        if visit.startswith("second"):
            for what in (".face", ".ink"):
                print("  dragging {}: {:.0f} ms between frames, {:.0f} ms at p95".format(what, *frames(page, what)))
            page.get_by_role("radio", name="Crowd").or_(page.get_by_role("button", name="Crowd")).first.click()
            page.wait_for_timeout(2_500)
            times = crowd_answers(page)
            print(
                f"  from key to the crowd's map: {statistics.median(times):.0f} ms median, {p95(times):.0f} ms at p95"
            )
        page.close()


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, headless chromium")
    try:
        given = {path: Path(path) for path in sys.argv[1:] if path != "--quick"}
        paths = given or make(folder, "--quick" in sys.argv)
        with chromium() as browser:
            for name, path in paths.items():
                print(name)
                loaded = bundles.load(path)
                placing(loaded)
                with served(KNOBS_BUNDLE=str(path)) as address:
                    visits(browser, address)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
