"""What the headers of ``knobs app`` keep a browser from: scripts and pictures from elsewhere, and frames."""

import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.browser.driving import open_map, open_panel, until, visit
from tests.serving import hosted

pytestmark = pytest.mark.browser

PICTURE = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
INTRUDE = """
(elsewhere) => {
  window.refused = [];
  document.addEventListener("securitypolicyviolation", (one) => window.refused.push(one.effectiveDirective));
  const add = (name, more) => document.body.append(Object.assign(document.createElement(name), more));
  add("script", {textContent: "window.ran = true"});
  add("script", {src: `${elsewhere}/script.js`});
  add("img", {src: "https://elsewhere.example/picture.svg"});
  add("iframe", {src: `${elsewhere}/frame`});
  add("object", {data: `${elsewhere}/object`});
  fetch(`${elsewhere}/data`).catch(() => {});
}
"""


@contextlib.contextmanager
def elsewhere(body=b"", kind="text/html"):
    """Another server: its address, and the paths that browsers have asked it for."""
    asked = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()


@pytest.fixture(scope="module")
def url(mapped_demo):
    with hosted(mapped_demo, KNOBS_IMAGE_HOSTS="127.0.0.1") as (url, _):
        yield url


@pytest.fixture
def raw(chromium, url):
    """A page about which nothing is taken for granted."""
    with contextlib.closing(chromium.new_context(base_url=url)) as context:
        yield context.new_page()


def test_pages_need_nothing_that_is_refused(chromium, url):
    with visit(chromium, url) as page:
        open_panel(page, "/panel?user=15")
        open_map(page)


def test_what_gets_into_a_page_reaches_nobody(raw):
    with elsewhere() as (address, asked):
        open_panel(raw)
        raw.evaluate(INTRUDE, address)
        until(raw, lambda: len(raw.evaluate("refused")) >= 6)
        assert sorted(raw.evaluate("refused")) == [
            "connect-src", "frame-src", "img-src", "object-src", "script-src-elem", "script-src-elem",
        ]  # fmt: skip
        assert raw.evaluate("window.ran") is None
        assert asked == []


def test_pictures_of_listed_hosts_are_shown(raw):
    with elsewhere(PICTURE, "image/svg+xml") as (address, asked):
        open_panel(raw)
        raw.evaluate("(url) => Object.assign(new Image(), {src: url}).decode()", f"{address}/picture.svg")
        assert asked == ["/picture.svg"]


def test_nobody_puts_it_into_a_frame(raw, url):
    with elsewhere(f'<iframe src="{url}/lab"></iframe>'.encode()) as (address, _):
        raw.goto(address)
        until(raw, lambda: len(raw.frames) == 2 and raw.frames[1].url.startswith("chrome-error:"))
