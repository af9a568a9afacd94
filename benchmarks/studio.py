"""An editor's path through the studio, walked and timed in a real browser, and how fast the audience follows a hand.

    python benchmarks/studio.py [--frames 60]

Needs a trained demo (``knobs train --data demo``). Starts the real app with a fresh database and makes "Film noir for a
Christmas night with children" as docs/studio.md tells it, each step at the pace of a machine: what is told is how long
an editor waits. Then a knob is dragged for ``--frames`` moves; a frame is the time from a move of the hand to the drawn
answer of 550 readers (`answered` by the component), beside the plain way to say the same, one ``list_for`` a reader, in
the same run. Writes pictures to docs/images/studio.
"""

import argparse
import io
import re
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from _app import ROOT, chromium, p95, served
from _report import report
from PIL import Image
from playwright.sync_api import Page

from knobs_core import bundles
from knobs_core.audience import draw
from knobs_core.lists import ListRecipe, Rules, Turn, list_for

FOLDER = ROOT / "docs" / "images" / "studio"
SIZE = {"width": 1280, "height": 800}
QUALITY = 72  # of WebP
HEADLINE = "Film noir for a Christmas night with children"
STREAMED = "() => globalThis[Symbol.for('knobs')].streamed ?? []"


def picture(page: Page, name: str) -> None:
    page.wait_for_timeout(800)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with Image.open(io.BytesIO(page.screenshot())) as image:
        image.save(FOLDER / f"{name}.webp", quality=QUALITY, method=6)


@contextmanager
def step(rows: list[dict], name: str) -> Iterator[None]:
    """Time a step of the path."""
    began = time.perf_counter()
    yield
    rows.append({"what": name, "seconds": time.perf_counter() - began})


def find(page: Page, field: str, typed: str, title: str) -> None:
    page.get_by_role("textbox", name=field).fill(typed)
    page.keyboard.press("Enter")
    page.get_by_role("button", name=title).first.click()
    page.get_by_text(title, exact=True).first.wait_for()


def knob(page: Page, name: str) -> None:
    page.get_by_role("combobox", name="Add a knob").fill(name)
    page.get_by_role("option", name=re.compile(f"^{name}", re.IGNORECASE)).first.click()
    page.get_by_role("slider", name=name).wait_for()


def walk(page: Page, rows: list[dict]) -> None:
    """From the Studio to a recipe on air."""
    with step(rows, "begin"):
        page.goto("/studio")
        page.get_by_role("button", name="New recipe").click()
        page.get_by_role("textbox", name="Headline").fill(HEADLINE)
        page.get_by_role("button", name="Begin").click()
        page.locator(".desk[data-ready=true]").wait_for()
    with step(rows, "shelf of three titles, and dials from it"):
        page.get_by_text("Shelf: find dials from titles").click()
        find(page, "Add one that belongs", "its a wonderful", "It's a Wonderful Life (1946)")
        find(page, "Add one that belongs", "maltese", "The Maltese Falcon (1941)")
        find(page, "Add one that does not", "psycho", "Psycho (1960)")
        page.get_by_role("button", name="Put them on the desk").scroll_into_view_if_needed()
        picture(page, "shelf")
        page.get_by_role("button", name="Put them on the desk").click()
        page.locator(".desk .knob").first.wait_for()
    with step(rows, "a knob from the search"):
        knob(page, "Children")
    with step(rows, "rules: a pin and a ban"):
        page.get_by_role("tab", name="Rules").click()
        find(page, "Pin at place 1", "wonderful life", "It's a Wonderful Life (1946)")
        find(page, "Ban", "shining", "The Shining (1980)")
        picture(page, "rules")
        page.get_by_role("tab", name="List").click()
        page.locator(".desk[data-ready=true]").wait_for()
    drag(page, 12)
    page.locator(".stMain").evaluate("element => element.scrollTo(0, 0)")
    picture(page, "desk")
    with step(rows, "publish"):
        page.get_by_role("button", name="Publish…").click()
        page.get_by_role("textbox", name="Why").fill("For the holidays")
        picture(page, "publish")
        page.get_by_role("dialog").get_by_role("button", name="Publish", exact=True).click()
        page.get_by_text("is live and on air").wait_for()


def drag(page: Page, moves: int) -> list[float]:
    """Milliseconds of the frames of one drag."""
    face = page.get_by_role("slider", name="Children")
    face.scroll_into_view_if_needed()
    box = face.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    known = len(page.evaluate(STREAMED))
    page.mouse.move(x, y)
    page.mouse.down()
    for move in range(moves):
        page.mouse.move(x + 20 + 6 * (move % 12), y)
        page.wait_for_timeout(60)
    page.mouse.up()
    page.wait_for_timeout(1_000)
    return page.evaluate(STREAMED)[known:]


def plain() -> float:
    """Milliseconds of the same lists, made one by one."""
    torch.set_num_threads(1)
    bundle = bundles.load(bundles.default_path("demo"))
    people = draw(bundle)
    recipe = ListRecipe(slug="plain", dials=(Turn(knob="children", amount=0.3), Turn(knob="film-noir", amount=0.3)))
    rules = Rules(bundle, recipe)
    dials = rules.dials(recipe.dials)
    ids = bundle.interactions.user_ids[people.rows[: people.n]]
    began = time.perf_counter()
    for user in ids:
        list_for(bundle.person(user), rules, dials)
    return (time.perf_counter() - began) * 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=60)
    frames = parser.parse_args().frames
    rows: list[dict] = []
    place = {"KNOBS_BUNDLE": str(bundles.default_path("demo"))}
    with (
        tempfile.TemporaryDirectory() as home,
        served(KNOBS_HOME=home, **place) as address,
        chromium() as browser,
    ):
        page = browser.new_page(viewport=SIZE, base_url=f"http://{address}")
        page.set_default_timeout(120_000)
        page.goto("/panel")  # the bundle is loaded once
        page.locator(".board[data-ready=true]").wait_for()
        walk(page, rows)
        times = drag(page, frames)
    rows.append({"what": "all of it", "seconds": sum(row["seconds"] for row in rows)})
    alone = plain()
    rows.append(
        {
            "what": "a frame, median",
            "seconds": statistics.median(times) / 1e3,
            "times": alone / statistics.median(times),
        }
    )
    rows.append({"what": "a frame, p95", "seconds": p95(times) / 1e3, "times": alone / p95(times)})
    rows.append({"what": "the same lists one by one", "seconds": alone / 1e3, "times": 1.0})
    report("studio", rows, f"{len(times)} frames of a drag, from the hand's move to the drawn answer.")


if __name__ == "__main__":
    main()
