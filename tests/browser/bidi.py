"""Debian's Firefox over WebDriver BiDi, as far as a test needs it: go somewhere, ask the page, click, drag, press keys.

Playwright drives only builds of Firefox of its own; BiDi is what every Firefox speaks. See w3.org/TR/webdriver-bidi.
"""

import base64
import contextlib
import itertools
import json
import re
import shutil
import subprocess

from websockets.sync.client import connect

from tests import waiting

FIREFOX = shutil.which("firefox-esr")
DEEP = """(selector) => {
  const found = (root) => [...root.querySelectorAll(selector), ...[...root.querySelectorAll("*")]
    .flatMap((one) => (one.shadowRoot ? found(one.shadowRoot) : []))];
  return found(document);
}"""


class Firefox:
    """One window of a browser that runs."""

    def __init__(self, socket):
        self._socket, self._numbers = socket, itertools.count(1)
        self._ask("session.new", capabilities={})
        self._window = self._ask("browsingContext.getTree")["contexts"][0]["context"]

    def _ask(self, method, **parameters):
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        answer = {}
        while answer.get("id") != number:  # events come in between
            answer = json.loads(self._socket.recv(60))
        assert answer["type"] == "success", answer
        return answer["result"]

    def go(self, url, size=(1280, 800)):
        width, height = size
        self._ask("browsingContext.setViewport", context=self._window, viewport={"width": width, "height": height})
        self._ask("browsingContext.navigate", context=self._window, url=url, wait="complete")

    def tell(self, expression):
        """What an expression comes to; ``all(selector)`` in it finds elements, those in shadow roots too."""
        code = f"JSON.stringify((() => {{ const all = {DEEP}; return {expression}; }})() ?? null)"
        target = {"context": self._window}
        found = self._ask("script.evaluate", expression=code, target=target, awaitPromise=False)
        assert found["type"] == "success", found
        return json.loads(found["result"]["value"])

    def until(self, expression):
        """Wait until an expression holds."""
        return waiting.until(lambda: self.tell(expression), told=lambda: expression)

    def middle(self, selector, place=0):
        """Where the middle of an element is, once it has come into view."""
        element = f"all({json.dumps(selector)})[{place}]"
        self.until(f"Boolean({element})")
        self.tell(f"{element}.scrollIntoView({{block: 'center'}})")
        box = self.tell(f"{element}.getBoundingClientRect().toJSON()")
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def drag(self, x, y, by=0, steps=8):
        """Press the mouse here and let go so much further right; without a way to go, a click."""
        moves = [{"type": "pointerMove", "x": round(x + by * i / steps), "y": round(y), "duration": 30} for i in
                 range(1, steps + 1)] if by else []  # fmt: skip
        here = {"type": "pointerMove", "x": round(x), "y": round(y)}
        actions = [here, {"type": "pointerDown", "button": 0}, *moves, {"type": "pointerUp", "button": 0}]
        mouse = {"type": "pointer", "id": "mouse", "actions": actions}
        self._ask("input.performActions", context=self._window, actions=[mouse])

    def click(self, selector, place=0):
        self.drag(*self.middle(selector, place))

    def picture(self, path):
        """Keep what is on screen as a PNG."""
        shown = self._ask("browsingContext.captureScreenshot", context=self._window)
        path.write_bytes(base64.b64decode(shown["data"]))


@contextlib.contextmanager
def firefox(profile):
    """A Firefox without a window on an empty profile."""
    command = [FIREFOX, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    try:
        address = next(filter(None, (re.search(r"ws://\S+", line) for line in process.stderr)))[0]
        with connect(f"{address}/session", max_size=None) as socket:
            yield Firefox(socket)
    finally:
        process.terminate()
        process.wait(30)
        process.stderr.close()
