"""What can be kept: presets under a name, and the list as a file with the command that makes it again."""

import io
import json
import shlex

import pandas as pd
import pytest
import streamlit as st

from knobs_core.cli import main
from knobs_ui import board, state
from knobs_ui.cards.keep import _csv, _json
from tests.knobs_ui.driving import choice, panel, press, release, say, sound


@pytest.fixture
def shown(demo_bundle, monkeypatch):
    """A choice with dials, as it is seen."""
    now = state.Choice(user_ids=("15",), dials=(("horror", 0.5), ("heist", -0.25), ("film-noir", 0.0)))
    monkeypatch.setitem(st.session_state, state.KEY, state.Timeline(now))
    return board.view(demo_bundle)


def test_the_list_as_json_names_the_command_that_makes_it_again(demo_bundle, demo_path, shown, capsys):
    document = json.loads(_json(demo_bundle, shown))
    assert (document["bundle"], document["seed"]) == (demo_bundle.id, demo_bundle.manifest.seed)
    assert document["choice"] == state.to_link(shown.choice)
    program, *command = shlex.split(document["command"])
    assert program == "knobs"
    main([str(demo_path) if word == "BUNDLE" else word for word in [*command, "--json"]])
    again = json.loads(capsys.readouterr().out)
    assert [item["item_id"] for item in again["items"]] == [row["item_id"] for row in document["list"]]
    assert [item["unsteered_rank"] for item in again["items"]] == [row["rank_before"] for row in document["list"]]


def test_the_list_as_csv_is_the_list(shown):
    read = pd.read_csv(io.StringIO(_csv(shown)), dtype={"item_id": str})
    assert read["item_id"].tolist() == shown.found.table["item_id"].tolist()
    assert read["rank"].tolist() == list(range(1, 21))


def test_what_a_command_cannot_say_has_none(demo_bundle, monkeypatch):
    for now in (
        state.Choice(user_ids=("15", "30")),
        state.Choice(user_ids=("15",), seen=(demo_bundle.interactions.item_ids[5],)),
    ):
        monkeypatch.setitem(st.session_state, state.KEY, state.Timeline(now))
        assert "command" not in json.loads(_json(demo_bundle, board.view(demo_bundle)))


def test_a_preset_is_saved_under_its_name_and_replaces_an_older_one(app):
    panel(app)
    app.session_state["store"] = {"presets": []}
    for amount in (0.5, 0.25):
        release(app, horror=amount)
        say(app, keep=1)
        app.text_input[0].set_value(" Friday ")
        press(app, "Save these dials")
        assert app.session_state["presets"] == [{"name": "Friday", "dials": f"horror:{amount}"}]
    assert choice(sound(app)).dials == (("horror", 0.25),)
