"""The tab that says how far names go."""

import dataclasses

import pytest
from streamlit.testing.v1 import AppTest

from knobs_core import bundles
from knobs_core.bundles import OpenName
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


def test_open_names_stand_in_the_table_with_how_they_were_earned(planted_bundle, tmp_path):
    alive = [label.neuron for label in planted_bundle.labels if label.alive][:2]
    figures = {"encoder": "e", "luck": 0.01, "again": "x", "bits": 0.1, "finds": False, "n_titles": 9}
    rows = (
        OpenName(neuron=alive[0], name="<b>western</b>", by="words", held_out=0.714, holds=True, **figures),
        OpenName(neuron=alive[1], name="noir", by="a-model", held_out=0.6, holds=False, **figures),
    )
    bundles.save(dataclasses.replace(planted_bundle, open_names=rows), tmp_path / "b")
    tab = sound(AppTest.from_function(names_tab, args=(str(tmp_path / "b"),), default_timeout=60).run())
    assert tab.metric[3].value == "1 of 2"
    shown = dict(zip(tab.dataframe[0].value["neuron"], tab.dataframe[0].value["open name"], strict=True))
    assert shown[f"#{alive[0]}"] == "<b>western</b>: by words, held out 0.71, holds"
    assert shown[f"#{alive[1]}"] == "noir: by a-model, held out 0.60, does not hold"
    assert sum(bool(one) for one in shown.values()) == 2


def test_without_open_names_there_is_no_column_for_them(demo_path):
    tab = sound(AppTest.from_function(names_tab, args=(str(demo_path),), default_timeout=60).run())
    assert len(tab.metric) == 3
    assert "open name" not in tab.dataframe[0].value
