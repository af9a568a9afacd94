"""The list as a file: a safe table, and JSON with the command that makes it again."""

import io
import json
import re
import shlex

import pandas as pd
import pytest
import streamlit as st

from knobs_core.cli import main
from knobs_ui import board, state
from knobs_ui.cards.files import as_csv, as_json, file_name


@pytest.fixture
def shown(demo_bundle, monkeypatch):
    """A choice with dials, as it is seen."""
    now = state.Choice(user_ids=("15",), dials=(("horror", 0.5), ("heist", -0.25), ("film-noir", 0.0)))
    monkeypatch.setitem(st.session_state, state.KEY, state.Timeline(now))
    return board.view(demo_bundle)


def test_the_list_as_json_names_the_command_that_makes_it_again(demo_bundle, demo_path, shown, capsys):
    document = json.loads(as_json(demo_bundle, shown))
    assert (document["bundle"], document["seed"]) == (demo_bundle.id, demo_bundle.manifest.seed)
    assert document["choice"] == state.to_link(demo_bundle, shown.choice)
    program, *command = shlex.split(document["command"])
    assert program == "knobs"
    main([str(demo_path) if word == "BUNDLE" else word for word in [*command, "--json"]])
    again = json.loads(capsys.readouterr().out)
    assert [item["item_id"] for item in again["items"]] == [row["item_id"] for row in document["list"]]
    assert [item["unsteered_rank"] for item in again["items"]] == [row["rank_before"] for row in document["list"]]


def test_the_list_as_csv_is_the_list(demo_bundle, shown):
    read = pd.read_csv(io.BytesIO(as_csv(demo_bundle, shown)), dtype={"item_id": str}, keep_default_na=False)
    table, data = shown.found.table, demo_bundle.interactions
    assert read["item_id"].tolist() == table["item_id"].tolist()
    assert read["rank"].tolist() == list(range(1, 21))
    assert read["rank_before"].tolist() == table["rank_before"].tolist()
    columns = [data.column_of[item] for item in table["item_id"]]
    assert read["year"].tolist() == data.items["year"].iloc[columns].tolist()
    assert read["genres"][0] == data.items["genres"].iloc[columns[0]].replace("|", ", ")
    assert read["score"].to_numpy() == pytest.approx(table["score"].to_numpy(), rel=1e-3)
    assert read["score"].astype(str).str.len().max() <= 7
    assert (read["brought_by"] == "horror").tolist() == (table["rank_before"] > 20).tolist()
    assert set(read["person"]) == {"User 15"}
    assert set(read["dials"]) == {"horror=0.5; heist=-0.25"}


def test_files_are_named_after_person_and_time(demo_bundle, monkeypatch):
    people = {("15",): "User-15", ("15", "30"): "Users-15-30-together", (): "Your-own-taste"}
    for users, name in people.items():
        items = () if users else (demo_bundle.interactions.item_ids[5],)
        monkeypatch.setitem(st.session_state, state.KEY, state.Timeline(state.Choice(users, items)))
        found = file_name(demo_bundle, board.view(demo_bundle), "csv")
        assert re.fullmatch(rf"knobs-{name}-\d{{4}}-\d\d-\d\d-\d{{4}}\.csv", found)


def test_what_a_command_cannot_say_has_none(demo_bundle, monkeypatch):
    for now in (
        state.Choice(user_ids=("15", "30")),
        state.Choice(user_ids=("15",), seen=(demo_bundle.interactions.item_ids[5],)),
    ):
        monkeypatch.setitem(st.session_state, state.KEY, state.Timeline(now))
        assert "command" not in json.loads(as_json(demo_bundle, board.view(demo_bundle)))
