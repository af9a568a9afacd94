"""Driving the app in a real browser: a server of its own, and waiting for what is to be seen instead of for seconds."""

import contextlib
import json
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, urlparse

from axe_playwright_python.sync_playwright import Axe

from tests import waiting
from tests.given import ROOT
from tests.serving import answering, free_port

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 120  # seconds, for a machine that is busy with other things; where something goes wrong it is seen later

# Rules that elements of Streamlit itself break on every app; nothing of ours may hide behind them.
STREAMLITS_OWN: frozenset[str] = frozenset()

# Frames in a row in which the server has nothing to do, nothing on the page changes or glides, and fonts are there.
STILL = """
() => {
  const told = (window.told ??= {frames: 0, changes: 0, watched: null});
  if (told.watched !== document.body) {
    new MutationObserver(() => { told.changes += 1; }).observe(document.body, {
      subtree: true, childList: true, attributes: true, characterData: true,
    });
    Object.assign(told, {watched: document.body, frames: 0});
  }
  const app = document.querySelector("[data-testid=stApp]");
  const gliding = document.getAnimations().some(
    (one) => one.playState === "running" && one.effect.getComputedTiming().iterations !== Infinity,
  );
  const idle = app?.dataset.testScriptState === "notRunning" && document.fonts.status === "loaded" && !gliding;
  told.frames = idle && !told.changes ? told.frames + 1 : 0;
  told.changes = 0;
  return told.frames >= 20;
}
"""


@contextlib.contextmanager
def serve(path, folder=ROOT):
    """A fresh server on a bundle, or None for the demo, from the folder that holds app.py; its address."""
    chosen = {"KNOBS_BUNDLE": str(path)} if path else {}
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = ["streamlit", "run", "app.py", "--server.port", str(port)]
    with answering(command, url, "/_stcore/health", folder=folder, end=subprocess.Popen.terminate, **chosen):
        yield url


@contextlib.contextmanager
def visit(chromium, server):
    """A page that notes every request that leaves this machine and every error the browser reports, and whatever the
    content-security policy refuses."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, base_url=server)
    context.set_default_timeout(PATIENCE * 1000)
    page = context.new_page()
    outside, faults = [], []
    own = (server, server.replace("http", "ws"), "data:", "blob:")
    page.on("request", lambda request: outside.append(request.url) if not request.url.startswith(own) else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda told: faults.append(told.text) if "Content Security Policy" in told.text else None)
    yield page
    context.close()
    assert outside == []
    assert faults == []


def until(page, condition, timeout=PATIENCE):
    """Wait until the page is as it should be."""
    waiting.until(condition, timeout, pause=lambda: page.wait_for_timeout(50), told=lambda: f"at {page.url}")


def frame(page):
    """Wait until the browser has drawn once more, so that what was done by then is seen."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def still(page):
    """Wait until server and page have come to rest."""
    page.evaluate("() => { window.told = undefined; }")
    page.wait_for_function(STILL, polling="raf", timeout=PATIENCE * 1000)


def titles(page, which="after"):
    return page.locator(f".{which} .title b").all_inner_texts()


def ready(page, component=".board:not(.map, .single)"):
    """Wait until a component has all it needs, and the page around it is there too."""
    page.locator(f"{component}[data-ready=true]").wait_for()
    still(page)


def open_panel(page, address="/panel"):
    page.goto(address)
    ready(page)


def open_map(page, address="/map?user=15"):
    page.goto(address)
    ready(page, ".map")
    arrived(page)


def dials(page):
    """The dials as the address bar has them: they are there once the server has taken them over."""
    [text] = parse_qs(urlparse(page.url).query).get("dials", [""])
    pairs = [part.rpartition(":") for part in re.findall(r"(~?[^~]+)(?:~|$)", text)]
    return {key: float(amount) for key, _, amount in pairs}


def turned(page, amount):
    """Wait until the server has taken over a dial at this amount."""
    until(page, lambda: amount in dials(page).values())


def told_of(page, knob):
    """Wait until the server has taken over where a knob stands; that amount."""
    amount = float(knob.get_attribute("aria-valuenow"))
    turned(page, amount)
    return amount


def grip(page, knob):
    """Put the mouse on the middle of a knob; returns where that is."""
    knob.scroll_into_view_if_needed()
    box = knob.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    return x, y


def board(page):
    return page.locator(".board:not(.single)").evaluate("element => ({...element.dataset})")


def at(page, knob, amount):
    """Wait until a knob stands at an amount."""
    until(page, lambda: knob.get_attribute("aria-valuenow") == amount)


def add_knob(page, name):
    page.get_by_role("combobox", name="Add a knob").fill(name)
    page.get_by_role("option", name=re.compile(rf"^{re.escape(name)}")).first.click()
    knob = page.get_by_role("slider", name=name, exact=True)
    knob.wait_for()
    still(page)
    return knob


def told(page, name):
    """What the map says of itself."""
    return page.locator(".map").evaluate("(element, name) => element.dataset[name]", name)


def arrived(page):
    """Wait until all that moves on the map is where it goes."""
    until(page, lambda: told(page, "settled") == "true")


def camera(page):
    return [round(value, 6) for value in json.loads(told(page, "camera"))]


def view(page, name):
    page.get_by_role("radio", name=name).or_(page.get_by_role("button", name=name, exact=True)).first.click()
    still(page)


def picture(page):
    """A number that changes whenever the ink does."""
    return page.locator(".ink").evaluate(
        "c => c.toDataURL().split('').reduce((h, x) => (h * 31 + x.charCodeAt()) | 0, 7)"
    )


def find(page, text):
    page.get_by_role("searchbox").fill(text)
    return page.get_by_role("list", name="Found on the map")


def violations(page):
    """Rules of WCAG A and AA that the page breaks, with where."""
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]}).response["violations"]
    return {
        rule["id"]: [node["html"][:120] for node in rule["nodes"]] for rule in found if rule["id"] not in STREAMLITS_OWN
    }


def large_app(folder):
    """A folder with the app as it is where the demo is taken for a catalogue too large to travel whole."""
    for name in ("pages", ".streamlit"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "app.py").write_text(
        "import runpy\n\nimport knobs_ui.board.catalogue\n\n"
        f"knobs_ui.board.catalogue.WHOLE = 100\nrunpy.run_path({str(ROOT / 'app.py')!r}, run_name='__main__')\n",
        encoding="utf-8",
    )
    return folder


def there(path=CHROMIUM):
    """Whether there is a chromium to drive."""
    return Path(path).exists()
