"""Candidates: whichever one dial is turned, the whole catalogue's list is made of them."""

from dataclasses import replace

import numpy as np
import pytest
import streamlit as st

from knobs_core.base.ranking import ranking
from knobs_core.steering.breakpoints import candidates
from knobs_core.steering.dials import Dial
from knobs_core.steering.engine import Engine
from knobs_ui import board, state
from knobs_ui.board import payload, transport
from tests.steering.test_engine import random_dials


@pytest.fixture(params=["planted_bundle", "demo_bundle"])
def bundle(request):
    return request.getfixturevalue(request.param)


def test_the_list_of_any_single_turn_is_made_of_the_candidates(bundle):
    rng, engine, sizes = np.random.default_rng(4), Engine(bundle.nested), []
    for row in rng.choice(bundle.interactions.n_users, 10, replace=False):
        person = engine.taste(bundle.interactions.matrix[row])
        dials = [replace(dial, key=str(at)) for at, dial in enumerate(random_dials(rng, person.z, 3))]
        inside = candidates(engine, person, dials, dials, 10)
        sizes.append(len(inside) / len(person.base))
        assert not np.isin(inside, person.seen).any()
        for moved in range(3):
            others = [dial for index, dial in enumerate(dials) if index != moved]
            room = max(0, 1 - sum(max(dial.amount, 0) for dial in others))
            for amount in np.clip(np.linspace(-1, 1, 21), -1, room):
                turned = [*others, Dial(dials[moved].recipe, amount)]
                assert np.isin(ranking(engine.scores(person, turned), person.seen)[:10], inside).all()
    assert np.median(sizes) < 0.5  # far fewer than all


def test_without_a_dial_that_may_move_there_is_nothing_to_send(bundle):
    engine = Engine(bundle.nested)
    assert len(candidates(engine, engine.taste(bundle.interactions.matrix[0]), [], [])) == 0


def test_beyond_a_size_the_board_gets_candidates(demo_bundle, monkeypatch):
    monkeypatch.setattr(payload, "WHOLE", 100)
    sent, told = {}, {}
    for place in (payload, transport):
        monkeypatch.setattr(place, "send_bytes", lambda name, make: sent.setdefault(name, make()) and name)
    monkeypatch.setattr(payload, "send_pool", lambda name, rows: sent.setdefault(name, rows) is None or name)
    monkeypatch.setattr(payload.component, "ticks", told.update)
    choice = state.Choice(user_ids=(demo_bundle.interactions.user_ids[0],))
    monkeypatch.setitem(st.session_state, state.KEY, state.Timeline(choice))
    shown = board.view(demo_bundle)
    on_board = board.shown_knobs(demo_bundle, shown, 9)
    data = board.board_data(demo_bundle, shown, on_board, "")
    board.send_ticks(demo_bundle, shown, on_board)
    assert told["state"] == data["state"] == shown.token
    assert data["items"] in sent
    assert told["pool"]["items"] in sent
    assert sent[told["pool"]["blob"]].shape == (2 + len(told["pool"]["neurons"]), len(told["pool"]["columns"]))
    assert "blob" not in data["person"]
    assert not any(knob["blob"] for knob in data["knobs"])
