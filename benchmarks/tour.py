"""Pictures of the demo's tour on the stage, as docs/stage.md shows them.

    python benchmarks/tour.py

Needs a trained demo (``knobs train --data demo``). Starts the real app, walks the tour in a real chromium by the arrow
key, and writes docs/images/tour/00.webp (the opening), 01.webp, ..., keys.webp and code.webp.
"""

import io
from pathlib import Path

from _app import ROOT, chromium, served
from PIL import Image
from playwright.sync_api import Page

from knobs_core import bundles
from knobs_ui.stage import read_tour

FOLDER = ROOT / "docs" / "images" / "tour"
SIZE = {"width": 1280, "height": 720}
GLIDE = 1_200  # milliseconds in which rows have come to rest
QUALITY = 72  # of WebP: a picture has some 30 kB


def take(page: Page, file: Path) -> None:
    page.wait_for_timeout(GLIDE)
    with Image.open(io.BytesIO(page.screenshot())) as image:
        image.save(file, quality=QUALITY, method=6)
    print(f"{file.relative_to(ROOT)}  {file.stat().st_size / 1000:.0f} kB")


def overlay(page: Page, key: str, name: str) -> None:
    page.keyboard.press(key)
    page.get_by_role("dialog").wait_for()
    take(page, FOLDER / f"{name}.webp")
    page.keyboard.press(key)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.webp"):
        old.unlink()
    steps = read_tour(ROOT / "assets" / "tour.toml").step
    with served(KNOBS_BUNDLE=str(bundles.default_path("demo"))) as address, chromium() as browser:
        page = browser.new_page(viewport=SIZE, color_scheme="dark")
        page.goto(f"http://{address}/panel?user=60")
        page.locator(".board[data-ready=true]").wait_for(timeout=120_000)
        page.wait_for_timeout(GLIDE)
        page.keyboard.press("f")
        take(page, FOLDER / "00.webp")
        for n, step in enumerate(steps, start=1):
            before = page.locator(".board").get_attribute("data-state")
            page.keyboard.press("ArrowRight")
            page.locator(".foot .say", has_text=step.say).wait_for()
            page.locator(f".board:not([data-state='{before}'])").wait_for()
            take(page, FOLDER / f"{n:02}.webp")
        overlay(page, "?", "keys")
        overlay(page, "q", "code")


if __name__ == "__main__":
    main()
