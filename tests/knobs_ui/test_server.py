"""Which bundle the app opens: none that can be used, and none yet."""

import pytest

from tests.knobs_ui.driving import board, sound, start


def test_a_bundle_that_cannot_be_used_says_so_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("KNOBS_BUNDLE", str(tmp_path / "none"))
    broken = start().run()
    assert not broken.exception
    assert "make one with: knobs train" in broken.error[0].value


@pytest.mark.slow
def test_the_first_start_trains_the_demo_with_progress(tmp_path, monkeypatch):
    monkeypatch.delenv("KNOBS_BUNDLE", raising=False)
    monkeypatch.setenv("KNOBS_HOME", str(tmp_path))
    first = start().run()
    assert (tmp_path / "bundles" / "demo" / "manifest.json").exists()
    assert len(board(sound(first))["after"]) == 20
