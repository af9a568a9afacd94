"""A browser, and pages in it."""

import os

import pytest

from tests.browser.driving import CHROMIUM, FLAGS, large_app, serve, there, visit

WHY = "no chromium here: apt-get install chromium"


def pytest_runtest_setup():
    """Where there is no chromium the tests of this folder are skipped, unless KNOBS_REQUIRE_BROWSER is set."""
    if not there():
        (pytest.fail if os.environ.get("KNOBS_REQUIRE_BROWSER") else pytest.skip)(WHY)


@pytest.fixture(scope="module")
def chromium():
    """The system's chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def mapped_demo(once, demo_bundle):
    """The demo with its map, on disk."""
    from knobs_core import bundles

    return once("mapped", lambda folder: bundles.save(bundles.draw_map(demo_bundle), folder / "demo")) / "demo"


@pytest.fixture(scope="module")
def shared_server(chromium, demo_path):
    """A server on the demo that the tests of a file share; what visitors do is their own."""
    with serve(demo_path) as url:
        yield url


@pytest.fixture
def server(request, demo_path, tmp_path):
    """The address that a page visits: the ``whole`` demo by default, or one that is taken for ``large``."""
    if getattr(request, "param", "whole") == "whole":
        yield request.getfixturevalue("shared_server")
        return
    with serve(demo_path, large_app(tmp_path)) as url:
        yield url


@pytest.fixture
def page(chromium, server):
    """A page of its own, which in the end must have fetched nothing from elsewhere and reported no errors."""
    with visit(chromium, server) as page:
        yield page


@pytest.fixture
def fresh_page(chromium, demo_path):
    """The same on a server of its own, which nobody has visited yet."""
    with serve(demo_path) as server, visit(chromium, server) as page:
        yield page
