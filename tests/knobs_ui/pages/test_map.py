"""The map's page through Streamlit's own test runner: what the map is told, and what a forged browser cannot do."""

import json

import numpy as np
import pytest

from knobs_core import bundles
from knobs_core.data import is_decade
from knobs_core.steering.spread import steered_embeddings
from knobs_ui import atlas
from tests.knobs_ui.driving import address, board, choice, from_browser, release, sound, start


@pytest.fixture(scope="module")
def mapped_path(mapped_bundle, tmp_path_factory):
    path = tmp_path_factory.mktemp("mapped") / "planted"
    bundles.save(mapped_bundle, path)
    return path


def told(app):
    """What the map was last told."""
    protos = [element.proto for element in app.get("bidi_component")]
    return next(json.loads(proto.json) for proto in protos if proto.component_name == "knobs_map")


def say(app, **what):
    """What the map's front end would send."""
    from_browser(app, "map", **what)
    return sound(app.run())


def place_of(taste, sent, amounts):
    """Where the browser places somebody, written out with NumPy: one hand for each dial above 0."""
    y = sent[taste["rest"]][0]
    steps = {knob["key"]: sent[knob["step"]][0] for knob in taste["knobs"]}
    total = sum(amounts.values())
    if amounts:
        y = sum(a / total * ((1 - a) * y + taste["up"] * a * steps[key]) for key, a in amounts.items())
    x, flat, h = y / np.linalg.norm(y) * np.sqrt(len(y)), sent[taste["network"]][0], taste["hidden"]
    for rows, columns in ((h, len(y)), (h, h), (2, h)):
        weight, flat = flat[: rows * columns].reshape(rows, columns), flat[rows * columns :]
        bias, flat = flat[:rows], flat[rows:]
        x = weight @ x + bias if rows == 2 else np.maximum(weight @ x + bias, 0)
    assert not len(flat)
    return x


@pytest.fixture
def sent(monkeypatch):
    """Rows of numbers that were handed over to the browser, by name."""
    rows, send = {}, atlas.trail.board.send_rows

    def keep(name, make):
        rows[name] = np.asarray(make(), np.float32)
        return send(name, make)

    monkeypatch.setattr("knobs_ui.board.send_rows", keep)
    return rows


@pytest.fixture
def app(mapped_path, monkeypatch, sent):
    monkeypatch.setenv("KNOBS_BUNDLE", str(mapped_path))
    return sound(start().run().switch_page("pages/map.py").run())


def test_the_browser_is_told_all_it_takes_to_place_somebody(app, sent, mapped_bundle):
    data = told(app)
    taste, shown = data["taste"], board(app)
    assert taste["dials"] == data["moving"] == []
    assert [knob["key"] for knob in taste["knobs"]] == [knob["key"] for knob in shown["knobs"]]
    assert taste["items"][:10] == shown["after"]
    assert (len(shown["after"]), shown["compact"]) == (10, True)
    person = mapped_bundle.person(choice(app).user_ids[0])
    at_rest = mapped_bundle.projection.place(person.taste.encoded.y)[0]
    assert place_of(taste, sent, {}) == pytest.approx(at_rest, abs=1e-4)
    first, second = (knob["key"] for knob in taste["knobs"][:2])
    for amounts in ({first: 0.4}, {first: 0.3, second: 0.6}):
        dials = [mapped_bundle.knobs[key].dial(amount) for key, amount in amounts.items()]
        y = steered_embeddings(mapped_bundle.nested, person.taste.encoded.y, person.taste.reach, [dials])[0]
        assert place_of(taste, sent, amounts) == pytest.approx(mapped_bundle.projection.place(y)[0], abs=1e-4)


def test_depths_are_those_of_the_board(app):
    depths = {knob["key"]: knob["depth"] for knob in board(app)["knobs"]}
    assert {knob["key"]: knob["depth"] for knob in told(app)["taste"]["knobs"]} == pytest.approx(depths, rel=1e-4)


def test_a_turn_on_the_board_is_a_turn_on_the_map(app):
    key, link = board(app)["knobs"][-1]["key"], address(app)
    release(app, **{key: 0.5})
    data = told(app)
    assert data["taste"]["dials"] == [{"key": key, "amount": 0.5}]
    assert data["taste"]["items"][:10] == board(app)["after"]
    assert board(app)["knobs"][0]["key"] == key  # what is turned comes first
    assert address(app) != link
    assert any("It comes nearer to" in block.value for block in app.get("html"))


@pytest.mark.parametrize(
    "what",
    [
        {"dials": {"amounts": {"no such knob": 0.5}, "version": "x"}},
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
    assert told(app)["lasso"]["count"] == len(inside)
    assert set(inside) == set(np.flatnonzero((np.abs(places - middle) < 0.06).all(1)).tolist())
    next(button for button in app.button if button.label == "Put this knob on the board").click()
    sound(app.run())
    [(key, amount)] = choice(app).dials
    assert amount == 0.5
    knob = mapped_bundle.knobs[key]
    assert (knob.kind, len(knob.recipe)) == ("mixture", 10)
    assert knob.name.startswith("mixture of ")
    next(button for button in app.button if button.label == "Suggest a name").click()
    sound(app.run())
    said = " ".join(one.proto.body for one in app.get("html"))
    assert "point at the right one" in said or "No words fit" in said


def test_the_crowd_goes_where_the_dials_lead(app, mapped_bundle):
    app.session_state["map view"] = "Crowd"
    sound(app.run())
    rest = np.reshape(told(app)["moving"], (-1, 2))
    assert len(rest) == mapped_bundle.interactions.n_users
    assert told(app)["taste"] is None
    release(app, **{"concept 3": 0.8})
    now = np.reshape(told(app)["moving"], (-1, 2))
    names, tag_items = mapped_bundle.interactions.tag_matrix()
    home = np.median(mapped_bundle.projection.items[tag_items[names.index("concept 3")].indices], axis=0)
    assert np.linalg.norm(now - home, axis=1).mean() < 0.7 * np.linalg.norm(rest - home, axis=1).mean()
    assert len(app.get("plotly_chart")) == 1


def test_neurons_have_no_dials_and_open_cards(app, mapped_bundle):
    app.session_state["map view"] = "Neurons"
    sound(app.run())
    assert told(app)["taste"] is None
    assert not [element for element in app.get("bidi_component") if element.proto.component_name == "knobs_board"]
    live = next(label.neuron for label in mapped_bundle.labels if label.alive)
    say(app, card=f"#{live}")
    assert any("What activates it" in block.value for block in app.markdown)


def test_an_item_opens_its_card_and_joins_the_taste(app):
    user = choice(app).user_ids
    item = next(i for i in range(240) if i not in told(app)["taste"]["liked"])
    say(app, item=item)
    next(button for button in app.button if button.label.startswith("Like it too")).click()
    app.run()
    assert user
    assert choice(app).user_ids == user
    assert choice(app).item_ids[-1].startswith("i")


def test_without_a_map_the_page_offers_to_draw_one(planted_path, monkeypatch):
    monkeypatch.setenv("KNOBS_BUNDLE", str(planted_path))
    for jobs, offered in (("1", ["Draw the map"]), ("0", [])):
        monkeypatch.setenv("KNOBS_JOBS", jobs)
        app = sound(start().run().switch_page("pages/map.py").run())
        assert [button.label for button in app.button] == offered


def test_a_decoder_that_is_not_linear_has_a_map_too(planted_folder, tmp_path, monkeypatch, sent):
    few = {"cfae": {"dim": 16, "epochs": 4}, "sae": {"k": 8, "epochs": 4}}
    trained = bundles.train(str(planted_folder), cfae="multvae", overrides=few, device="cpu")
    bundles.save(bundles.draw_map(trained), tmp_path / "b")
    monkeypatch.setenv("KNOBS_BUNDLE", str(tmp_path / "b"))
    app = sound(start().run().switch_page("pages/map.py").run())
    key = board(app)["knobs"][0]["key"]
    release(app, **{key: 0.6})
    taste = told(app)["taste"]
    assert taste["dials"] == [{"key": key, "amount": 0.6}]
    rest, now = place_of(taste, sent, {}), place_of(taste, sent, {key: 0.6})
    assert np.linalg.norm(now - rest) > 0.01


def test_what_lies_still_names_no_decade_and_every_item_has_a_territory(app, mapped_bundle):
    sheet = atlas.points._items(f"{mapped_bundle.drawn.id} test", mapped_bundle)
    [theme, *_] = sheet.facts["modes"]
    assert theme["names"] == [one["name"] for one in sheet.facts["territories"]]
    assert 1 < len(theme["names"]) <= atlas.points.N_COLOURS
    assert set(sheet.columns["theme"].tolist()) <= set(range(len(theme["names"])))
    names = {one["name"] for one in (*sheet.facts["territories"], *sheet.facts["regions"])}
    assert not any(is_decade(name) for name in names)
    assert len(sheet.facts["ground"]["cells"]) == len(sheet.facts["ground"]["weights"])
