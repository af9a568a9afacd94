"""The map's page through Streamlit's own test runner: what the map is told, and what a forged browser cannot do."""

import json

import numpy as np
import pytest

from knobs_core import bundles
from knobs_core.maps.placement import ALPHAS
from knobs_ui import state
from tests.knobs_ui.driving import address, choice, sound, start


@pytest.fixture(scope="module")
def mapped_path(mapped_bundle, tmp_path_factory):
    path = tmp_path_factory.mktemp("mapped") / "planted"
    bundles.save(mapped_bundle, path)
    return path


@pytest.fixture
def app(mapped_path, monkeypatch):
    monkeypatch.setenv("KNOBS_BUNDLE", str(mapped_path))
    started = start()
    return sound(started.run().switch_page("pages/map.py").run())


def told(app):
    """What the map was last told."""
    protos = [element.proto for element in app.get("bidi_component")]
    return next(json.loads(proto.json) for proto in protos if proto.component_name == "knobs_map")


def say(app, **what):
    app.session_state["map"] = what
    return sound(app.run())


def test_dials_at_rest_leave_the_marker_where_the_person_is(app, mapped_bundle):
    data = told(app)
    assert data["alphas"] == data["nears"] == []
    places = np.reshape(data["moving"], (-1, 2))
    row = mapped_bundle.interactions.user_ids.tolist().index(choice(app).user_ids[0])
    at_rest = mapped_bundle.projection.place(mapped_bundle.nested.embeddings(mapped_bundle.interactions.matrix[row]))
    assert places == pytest.approx(np.repeat(at_rest, 6, axis=0), abs=1e-4)


def test_a_turn_is_shown_while_held_and_kept_on_release(app):
    key, link = told(app)["knobs"][0]["key"], address(app)
    say(app, dials={"amounts": {key: 0.2}, "held": True, "version": "a"})
    say(app, dials={"amounts": {key: 0.5}, "held": True, "version": "b"})
    held = told(app)
    assert held["alphas"] == [*ALPHAS, None]
    assert held["version"] == "b"
    assert not address(app)  # the address waits for the release
    say(app, dials={"amounts": {key: 0.5}, "held": False, "version": "c"})
    assert told(app)["moving"] == held["moving"]
    assert choice(app).dials == ((key, 0.5),)
    assert len(app.session_state[state.KEY].past) == 1  # the whole drag is one step
    assert address(app) != link


@pytest.mark.parametrize(
    "what",
    [
        {"dials": {"amounts": {"no such knob": 0.5}, "version": "x"}},
        {"dials": {"amounts": {"concept 1": 7}, "version": "x", "held": True}},
        {"dials": "turn!"},
        {"lasso": [[0, 0], [1, float("nan")], [1, 1]]},
        {"lasso": [[0, 0]] * 1000},
        {"lasso": "everything"},
        {"lasso": [[0, 0], [1], [1, 1]]},
        {"item": 10**9},
        {"item": "0"},
        {"item": -1},
        {"card": "no such knob"},
        {"remove": ["x"]},
    ],
)
def test_what_a_forged_browser_says_changes_nothing(app, what):
    before = choice(app)
    say(app, **what)
    assert choice(app) == before
    assert told(app)["lasso"] is None


def test_a_lasso_lists_titles_and_its_recipe_goes_to_the_board(app, mapped_bundle):
    _, tag_items = mapped_bundle.interactions.tag_matrix()
    places = mapped_bundle.projection.items
    members = tag_items[0].indices
    middle = np.median(places[members], axis=0)
    square = [(middle + corner).tolist() for corner in np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * 0.06]
    say(app, lasso=square)
    inside = told(app)["lasso"]["shown"]
    assert set(inside) == set(np.flatnonzero((np.abs(places - middle) < 0.06).all(1)).tolist())
    next(button for button in app.button if button.label == "Put this knob on the board").click()
    sound(app.run())
    [(key, amount)] = choice(app).dials
    assert amount == 0.5
    knob = mapped_bundle.knobs[key]
    assert (knob.kind, len(knob.recipe)) == ("mixture", 10)
    assert knob.name.startswith("mixture of ")


def test_the_crowd_goes_where_the_dials_lead(app, mapped_bundle):
    app.session_state["map view"] = "Crowd"
    sound(app.run())
    rest = np.reshape(told(app)["moving"], (-1, 2))
    assert len(rest) == mapped_bundle.interactions.n_users
    say(app, dials={"amounts": {"concept 3": 0.8}, "held": False, "version": "c"})
    now = np.reshape(told(app)["moving"], (-1, 2))
    names, tag_items = mapped_bundle.interactions.tag_matrix()
    home = np.median(mapped_bundle.projection.items[tag_items[names.index("concept 3")].indices], axis=0)
    assert np.linalg.norm(now - home, axis=1).mean() < 0.7 * np.linalg.norm(rest - home, axis=1).mean()
    assert len(app.get("plotly_chart")) == 1


def test_neurons_have_no_dials_and_open_cards(app, mapped_bundle):
    app.session_state["map view"] = "Neurons"
    sound(app.run())
    assert told(app)["knobs"] == []
    live = next(label.neuron for label in mapped_bundle.labels if label.alive)
    say(app, card=f"#{live}")
    assert any("What activates it" in block.value for block in app.markdown)


def test_an_item_opens_its_card_and_joins_the_taste(app):
    user = choice(app).user_ids
    item = next(i for i in range(240) if i not in told(app)["liked"])
    say(app, item=item)
    next(button for button in app.button if button.label.startswith("Like it too")).click()
    app.run()
    assert user
    assert choice(app).user_ids == user
    assert choice(app).item_ids[-1].startswith("i")


def test_without_a_map_the_page_offers_to_draw_one(planted_path, monkeypatch):
    monkeypatch.setenv("KNOBS_BUNDLE", str(planted_path))
    app = sound(start().run().switch_page("pages/map.py").run())
    assert [button.label for button in app.button] == ["Draw the map"]


def test_a_decoder_that_is_not_linear_has_a_map_too(planted_folder, tmp_path, monkeypatch):
    few = {"cfae": {"dim": 16, "epochs": 4}, "sae": {"k": 8, "epochs": 4}}
    trained = bundles.train(str(planted_folder), cfae="multvae", overrides=few, device="cpu")
    bundles.save(bundles.draw_map(trained), tmp_path / "b")
    monkeypatch.setenv("KNOBS_BUNDLE", str(tmp_path / "b"))
    app = sound(start().run().switch_page("pages/map.py").run())
    rest = told(app)["moving"]
    say(app, dials={"amounts": {told(app)["knobs"][0]["key"]: 0.6}, "held": False, "version": "m"})
    assert told(app)["moving"][:2] == rest[:2]
    assert told(app)["moving"][-2:] != rest[:2]
