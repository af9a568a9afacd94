"""What the Lab says of the data that were read."""

import dataclasses

import pytest

from knobs_core import bundles
from knobs_core.data import Account
from tests.knobs_ui.driving import sound, start

HOSTILE = "0 of 3 items have a row, e.g. '![x](http://127.0.0.1:9/x.png)' in the interactions"


@pytest.fixture
def lab(planted_bundle, tmp_path, monkeypatch):
    """The Lab on a bundle with an account, or without one."""

    def opened(account):
        manifest = planted_bundle.manifest.model_copy(update={"read": account})
        bundles.save(dataclasses.replace(planted_bundle, manifest=manifest), tmp_path / "b")
        monkeypatch.setenv("KNOBS_BUNDLE", str(tmp_path / "b"))
        monkeypatch.setenv("KNOBS_HOME", str(tmp_path))
        app = start()
        return sound(app.run().switch_page("pages/lab.py").run())

    return opened


def test_the_account_stands_in_the_lab_and_warnings_are_text(lab):
    page = lab(Account(rows=9, likes=8, users=3, items=4, below_threshold=1, warnings=(HOSTILE,)))
    assert "What was read" in [block.value for block in page.subheader]
    assert any("9 rows became 8 likes of 3 people and 4 titles" in block.proto.body for block in page.get("html"))
    [warning] = page.warning
    assert "0 of 3 items" in warning.value
    assert "![x](" not in warning.value


def test_bundles_from_before_there_was_an_account_say_nothing(lab):
    assert "What was read" not in [block.value for block in lab(None).subheader]
