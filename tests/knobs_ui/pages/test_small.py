"""Every page on a catalogue of two items and on one of nineteen."""

import pytest

from tests.knobs_ui.driving import sound, start


@pytest.fixture(params=[(2, 12), (19, 30)], ids=["2 items", "19 items"])
def path(request, small_path):
    return small_path(*request.param)


@pytest.mark.parametrize("page", ["panel", "user", "map", "lab"])
@pytest.mark.parametrize("query", [{}, {"items": "i0"}])
def test_pages_open(path, page, query, monkeypatch, tmp_path):
    monkeypatch.setenv("KNOBS_BUNDLE", str(path))
    monkeypatch.setenv("KNOBS_HOME", str(tmp_path))
    app = start()
    app.query_params.update(query)
    sound(app.run().switch_page(f"pages/{page}.py").run())
