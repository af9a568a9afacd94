"""Candidates: whichever one dial is turned, the whole catalogue's list is made of them."""

import numpy as np
import pytest
from test_engine import random_dials

from knobs_core.engine import Engine
from knobs_core.recommend import ranking
from knobs_core.steering import Dial
from knobs_core.ticks import pool
from knobs_ui import view


@pytest.fixture(params=["planted_bundle", "demo_bundle"])
def bundle(request):
    return request.getfixturevalue(request.param)


def test_the_list_of_any_single_turn_is_made_of_the_candidates(bundle):
    rng, engine, sizes = np.random.default_rng(4), Engine(bundle.nested), []
    for row in rng.choice(bundle.interactions.n_users, 10, replace=False):
        person = engine.person(bundle.interactions.matrix[row])
        dials = random_dials(rng, person.z, 3)
        inside = pool(engine, person, dials, [dial.recipe for dial in dials], 10)
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
    assert len(pool(engine, engine.person(bundle.interactions.matrix[0]), [], [])) == 0


def test_beyond_a_size_the_board_gets_candidates(demo_bundle, monkeypatch):
    monkeypatch.setattr(view, "WHOLE", 100)
    sent, told = {}, {}
    monkeypatch.setattr(view.board, "_send", lambda name, make: sent.setdefault(name, make()) and name)
    monkeypatch.setattr(view.board, "send_pool", lambda name, rows: sent.setdefault(name, rows) is None or name)
    monkeypatch.setattr(view.board, "send_ticks", told.update)
    engine = Engine(demo_bundle.nested)
    shown = view.view(demo_bundle, engine, view.Choice(user_ids=(demo_bundle.interactions.user_ids[0],)))
    on_board = view.shown_knobs(demo_bundle, shown, 9)
    data = view.board_data(demo_bundle, engine, shown, on_board, "")
    view.send_ticks(demo_bundle, engine, shown, on_board)
    assert told["state"] == data["state"] == shown.token
    assert data["items"] in sent
    assert told["pool"]["items"] in sent
    assert sent[told["pool"]["blob"]].shape == (2 + len(told["pool"]["neurons"]), len(told["pool"]["columns"]))
    assert "blob" not in data["person"]
    assert not any(knob["blob"] for knob in data["knobs"])
