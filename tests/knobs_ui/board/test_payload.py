"""What the board is sent of a catalogue too large to travel whole."""

import streamlit as st

from knobs_ui import board, state
from knobs_ui.board import catalogue, ticks, transport


def test_beyond_a_size_the_board_gets_candidates(demo_bundle, monkeypatch):
    monkeypatch.setattr(catalogue, "WHOLE", 100)
    sent, told = {}, {}
    for place in (catalogue, transport):
        monkeypatch.setattr(place, "send_bytes", lambda name, make: sent.setdefault(name, make()) and name)
    monkeypatch.setattr(ticks, "send_pool", lambda name, rows: sent.setdefault(name, rows) is None or name)
    monkeypatch.setattr(ticks.component, "marks", told.update)
    choice = state.Choice(user_ids=(demo_bundle.interactions.user_ids[0],))
    monkeypatch.setitem(st.session_state, state.KEY, state.Timeline(choice))
    shown = board.view(demo_bundle)
    on_board = board.shown_knobs(demo_bundle, shown)
    data = board.board_data(demo_bundle, shown, on_board, "")
    board.send_ticks(demo_bundle, shown, on_board)
    assert told["state"] == data["state"] == shown.token
    assert data["items"] in sent
    assert told["pool"]["items"] in sent
    assert sent[told["pool"]["blob"]].shape == (1 + len(told["pool"]["keys"]), len(told["pool"]["columns"]))
    assert len(told["pool"]["because"]) == len(told["pool"]["columns"])
    assert set(map(int, data["because"])) == {*data["before"], *data["after"]}
    assert "blob" not in data["person"]
    assert not any(knob["blob"] for knob in data["knobs"])
