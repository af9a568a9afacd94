"""The map of a large catalogue: how long to draw, how fast to place, how soon on the screen.

    python benchmarks/map.py            the demo and a generated catalogue of 40,857 items
    python benchmarks/map.py --quick    the demo alone
    python benchmarks/map.py BUNDLE     a bundle that has its map already

Trains what it needs into a temporary folder and draws its map. Measures: placing a five-step path and a crowd of a
thousand; how far placement lies from umap-learn's own transform, for unseen users and for steered ones; then, with the
real app and a real chromium, the time from a visitor's address to a drawn map, and from turning a dial to the map that
answers. Prints one table and the hardware.
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
from _app import answers, chromium, p95, served
from playwright.sync_api import Browser, Page

from knobs_core import bundles
from knobs_core.bundles.bundle import Bundle
from knobs_core.data.planted import planted
from knobs_core.data.sparse import single_items
from knobs_core.maps.layout import MIN_DIST, N_LANDMARKS, N_USERS
from knobs_core.maps.placement import K, Projection, dial_path, unit
from knobs_core.steering.spread import reach_of, steered_embedding, steered_embeddings

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


def agreement(loaded: Bundle) -> None:
    """Placement against umap-learn's transform of a fit on the same items and the training users."""
    import umap

    nested, split = loaded.nested, loaded.split()
    items = nested.embeddings(single_items(loaded.interactions.n_items))
    users = nested.embeddings(loaded.interactions.matrix[split.train[:N_USERS]])
    fitted = unit(np.vstack([items, users]))
    model = umap.UMAP(n_neighbors=K, min_dist=MIN_DIST, metric="cosine", random_state=1, n_jobs=1,
                      init="pca").fit(fitted)  # fmt: skip
    places = model.embedding_
    encoded = nested.encode(split.test.inputs)
    reach = reach_of(nested.scores(encoded), split.test.inputs)
    made = [one for one in loaded.recipes if one.recipe][:20]
    steered = [steered_embedding(nested, encoded.y, reach, [one.dial(0.4)]) for one in made]
    rng = np.random.default_rng(0)
    kept = np.sort(rng.permutation(len(fitted))[:N_LANDMARKS])
    for name, y in (("unseen users", encoded.y), ("steered by 0.4", np.concatenate(steered)[::7])):
        y = unit(y)
        model.transform_seed = 1
        theirs = model.transform(y)
        model.transform_seed = 2
        report(
            f"{name} ({len(y)}), umap's transform against itself with another seed", places, model.transform(y), theirs
        )
        for what, rows in (("all points", np.arange(len(fitted))), (f"{len(kept):,} landmarks", kept)):
            mine = Projection(fitted[rows], places[rows], places[:1], places[:1], 0.0, 0).place(y)
            report(f"{name} ({len(y)}), placed by {what} against umap's transform", places, mine, theirs)


def report(name: str, places: np.ndarray, ours: np.ndarray, theirs: np.ndarray) -> None:
    """How far apart two placements of the same embeddings are, and how many of their 30 nearest points they share."""
    apart = np.linalg.norm(ours - theirs, axis=1) / np.ptp(places, axis=0).max()
    near = [[np.argpartition(((places - p) ** 2).sum(1), 30)[:30] for p in at] for at in (ours, theirs)]
    shared = np.mean([len(np.intersect1d(a, b)) / 30 for a, b in zip(*near, strict=True)])
    print(f"  {name}: median {np.median(apart):.1%} of the side apart, {p95(apart):.1%} at p95; {shared:.0%} of the 30 "
          "nearest points shared")  # fmt: skip


def opened(page: Page, address: str) -> float:
    """Seconds from the address to a drawn map."""
    began = time.perf_counter()
    page.goto(f"http://{address}/map")
    page.locator(".map[data-ready=true]").wait_for(timeout=120_000)
    return time.perf_counter() - began


def frames(page: Page) -> tuple[float, float]:
    """Milliseconds between frames while the map is dragged for two seconds: median and p95."""
    box = page.locator(".ink").bounding_box()
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


def visits(browser: Browser, address: str) -> None:
    for visit in ("first visit to a server just started", "second visitor"):
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        print(f"  {visit}: map drawn after {opened(page, address):.1f} s")
        page.wait_for_timeout(1_500)
        if visit.startswith("second"):
            for view in ("Your taste", "Crowd"):
                page.get_by_role("radio", name=view).or_(page.get_by_role("button", name=view)).first.click()
                page.wait_for_timeout(2_500)
                times = answers(page, ".map", N_TURNS, 700)
                print(f"  {view}, dial to map: {statistics.median(times):.0f} ms median, {p95(times):.0f} ms at p95")
            print("  dragging the map: {:.0f} ms between frames, {:.0f} ms at p95".format(*frames(page)))
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
                agreement(loaded)
                with served(KNOBS_BUNDLE=str(path)) as address:
                    visits(browser, address)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
