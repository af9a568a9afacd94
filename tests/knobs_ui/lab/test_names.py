"""The tab that says how far names go."""

import pytest
from streamlit.testing.v1 import AppTest

from knobs_core.concepts import Naming
from tests.knobs_ui.driving import sound


def names_tab(path):
    from pathlib import Path

    from knobs_core import bundles
    from knobs_ui.lab import names

    names.render(bundles.load(Path(path)))


def test_the_first_number_is_what_was_held_out_and_each_name_says_how_it_was_earned(demo_bundle, demo_path):
    tab = sound(AppTest.from_function(names_tab, args=(str(demo_path),), default_timeout=60).run())
    naming = Naming.of(demo_bundle.labels)
    assert [metric.value for metric in tab.metric][:2] == [
        f"{naming.holding} of {naming.named}", f"{naming.named} of {naming.alive}"
    ]  # fmt: skip
    assert f">by luck about {naming.by_luck}<" in tab.get("html")[1].proto.body
    table = tab.dataframe[0].value
    assert len(table) == naming.alive
    assert table.columns.tolist()[:3] == ["neuron", "name", "held out"]
    assert table["holds"].sum() == naming.holding
    earned = table[table["tag"] != ""]
    assert len(earned) == naming.named
    assert earned["held out"].is_monotonic_decreasing
    assert table["typical titles"].str.startswith("like ").all()
    unnamed = table[table["tag"] == ""]
    assert (unnamed["name"] == "neuron " + unnamed["neuron"].str[1:]).all()


@pytest.mark.parametrize("column", ["name", "tag"])
def test_no_name_is_a_likeness(demo_path, column):
    tab = sound(AppTest.from_function(names_tab, args=(str(demo_path),), default_timeout=60).run())
    assert not tab.dataframe[0].value[column].str.contains("like ").any()
