"""Every page on a catalogue of two items and on one of nineteen."""

import pytest

from knobs_core import bundles
from tests.knobs_ui.driving import sound, start
from tests.small import FEW_STEPS, small


@pytest.fixture(scope="module", params=[(2, 12), (19, 30)], ids=["2 items", "19 items"])
def path(request, tmp_path_factory):
    n_items, n_users = request.param
    path = tmp_path_factory.mktemp("small") / "b"
    trained = bundles.train(small(n_users, n_items), overrides=FEW_STEPS, device="cpu")
    bundles.save(bundles.draw_map(trained), path)
    return path


@pytest.mark.parametrize("page", ["panel", "user", "map", "lab"])
@pytest.mark.parametrize("query", [{}, {"items": "i0"}])
def test_pages_open(path, page, query, monkeypatch, tmp_path):
    monkeypatch.setenv("KNOBS_BUNDLE", str(path))
    monkeypatch.setenv("KNOBS_HOME", str(tmp_path))
    app = start()
    app.query_params.update(query)
    sound(app.run().switch_page(f"pages/{page}.py").run())
