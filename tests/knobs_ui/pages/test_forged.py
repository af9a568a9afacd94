"""Component state is forged by anybody: a page ignores it or answers in one line, and never repeats it at size."""

import json
import math

import pytest

from tests.knobs_ui.driving import choice, start

HUGE, LONG, NESTED = 10**400, "x" * 20_000_000, [[[[{"a": [1]}]]]]
VALUES = [True, False, 0, -1, HUGE, math.nan, math.inf, 0.5, LONG, "<b>", NESTED, {}, {"items": LONG}, {LONG: 1}]
AMOUNTS = [HUGE, -HUGE, True, math.nan, math.inf, "0.5", NESTED, None, 1.01, LONG]
EVENTS = (
    "remove",
    "add",
    "like",
    "unpin",
    "so",
    "filter",
    "length",
    "way",
    "more",
    "map",
    "card",
    "item",
    "preview",
    "deed",
)
BOARD = [
    *({"dials": {"version": f"v{place}", "amounts": {"concept 3": amount}}} for place, amount in enumerate(AMOUNTS)),
    *({name: value} for name in EVENTS for value in VALUES),
    {"dials": {"version": LONG, "amounts": {"concept 3": 0.5}}},
    {"dials": {"version": "many", "amounts": {f"k{n}": 0.1 for n in range(20_000)}}},
    {"dials": {"version": "key", "amounts": {LONG: 0.1}}},
    {"dials": {"version": "unknown", "amounts": {"~" + 900 * "y": 0.1}}},
    {"dials": LONG},
    {"dials": [1]},
    {"filter": {"first": HUGE, "last": True, "only": [NESTED, LONG], "without": LONG, "fresh": 1}},
    {"filter": {"first": math.nan, "only": ["Drama"] * 50_000}},
    {"item": 10**6},
    {"unpin": 2**52},
    5,
    LONG,
    [1],
]
OTHERS = {
    "single": [
        {"turned": value} for value in (*VALUES, {"key": LONG, "amount": 1}, {"key": "concept 3", "amount": HUGE})
    ],
    "map": [
        {"lasso": value}
        for value in (*VALUES, [[0, 0], [1, HUGE], [1, 1]], [[0, True], [1, 0], [1, 1]], [[0, 0]] * 10**5)
    ],
    "stage": [
        {event: {"order": order, "about": about}}
        for event in ("enter", "step", "reset", "invite")
        for order, about in ((1, HUGE), (HUGE, 1), (True, 1), (2, LONG), (math.nan, NESTED), (3, -1), (4, 2**52))
    ],
    "store": [{"presets": value} for value in (*VALUES, [{"name": LONG, "dials": LONG}], [NESTED] * 10**4)],
}
WALL = [
    *({name: value} for name in ("picks", "memory", "user", "missing") for value in VALUES),
    {"picks": {"items": [HUGE, True, math.nan, "0", -1, 10**6], "version": "1"}},
    {"picks": {"items": [0] * 50_000, "version": "2"}},
    {"picks": {"items": [0], "version": LONG}},
    {"memory": {"link": {"user": LONG, "dials": NESTED, LONG: "1"}}},
    {"memory": {"link": LONG}},
]


@pytest.fixture
def app(planted_path, monkeypatch):
    monkeypatch.setenv("KNOBS_BUNDLE", str(planted_path))
    return start().run()


def forge(app, who, sent):
    """Say something once, and see what the page makes of it."""
    app.session_state[who] = sent
    app.run()
    app.session_state[who] = {}
    about = f"{who} {str(sent)[:80]}"
    assert not app.exception, about
    said = [*app.toast, *app.error]
    assert len(said) <= 1, about
    assert all(len(one.value) < 300 for one in said), about
    sizes = [len(proto.bytes or proto.json) for element in app.get("bidi_component") if (proto := element.proto)]
    assert max(sizes) < 200_000, about


def test_what_a_board_could_not_say_changes_no_dial(app):
    app.switch_page("pages/panel.py").run()
    before = choice(app)
    for sent in BOARD:
        forge(app, "board", sent)
        assert choice(app).turned == ()
    assert (choice(app).user_ids, choice(app).pins) == (before.user_ids, ())
    json.dumps(choice(app).filters.__dict__)


@pytest.mark.parametrize("who", OTHERS)
def test_what_other_components_could_not_say_changes_no_dial(app, who):
    app.switch_page("pages/panel.py").run()
    app.session_state["board"] = {"card": "concept 3"}
    app.run()
    for sent in OTHERS[who]:
        forge(app, who, sent)
    assert choice(app).turned == ()


def test_what_a_wall_could_not_say_chooses_nobody(app):
    for sent in WALL:
        forge(app, "wall", sent)
        assert len(choice(app).item_ids) <= 1
    assert choice(app).turned == ()
