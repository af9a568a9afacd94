"""The Lab in a real browser: what is told of the model, and a report of the past."""

import pytest

from tests.browser.driving import serve, still, until, visit

pytestmark = pytest.mark.browser


@pytest.fixture
def page(chromium, demo_path, planted_folder, tmp_path, monkeypatch):
    """A page on a server whose KNOBS_HOME has a finished report."""
    from knobs_core import paper
    from tests.knobs_ui.pages.reports import LITTLE

    monkeypatch.setenv("KNOBS_HOME", str(tmp_path))
    paper.run(str(planted_folder), tmp_path / "reports" / "past", True, 1, "cpu", plan=LITTLE)
    with serve(demo_path) as server, visit(chromium, server) as page:
        yield page


def test_the_lab_shows_the_model_and_a_past_report(page):
    page.goto("/lab")
    page.get_by_text("Found by the recommender").wait_for()
    still(page)
    page.get_by_role("tab", name="The paper's experiments").click()
    page.get_by_text("What the sparse code keeps of the recommender").wait_for()
    until(page, lambda: page.locator(".js-plotly-plot:visible").count() == 3)
    until(page, lambda: page.locator(".js-plotly-plot:visible .scatterlayer .trace").count() > 20)
    page.get_by_role("combobox", name="Compare with").click()
    page.get_by_role("option", name="as it came with the app").click()
    until(page, lambda: page.locator(".js-plotly-plot:visible").count() >= 4)
