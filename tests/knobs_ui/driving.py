"""Driving the app through Streamlit's own test runner: the board hears what its front end would send."""

import itertools
import json
from urllib.parse import parse_qsl

from streamlit.testing.v1 import AppTest

from knobs_ui import state
from tests.given import APP

VERSIONS = itertools.count(1)


def start():
    """The app as it is before its first run; the timeout is for a machine that is busy with other things."""
    return AppTest.from_file(APP, default_timeout=120)


def sound(app):
    assert not app.exception
    assert not app.error
    return app


def panel(app):
    return sound(app.run().switch_page("pages/panel.py").run())


def board(app):
    """What the board was last told."""
    return told(app, "knobs_board")


def wall(app):
    """What the wall of titles was last told."""
    return told(app, "knobs_wall")


def told(app, component):
    protos = [element.proto for element in app.get("bidi_component")]
    return next(json.loads(proto.bytes or proto.json) for proto in protos if proto.component_name == component)


def from_browser(app, who, **what):
    """Let a component of the session's bundle say something in the next run."""
    app.session_state[f"{who} of {app.session_state[state.BOUND].id}"] = what


def pick(app, *items):
    """Pick exactly these columns on the wall."""
    from_browser(app, "wall", picks={"items": list(items), "version": str(next(VERSIONS))})
    return sound(app.run())


def from_wall(app, **what):
    """Say what the wall's front end would say, once."""
    from_browser(app, "wall", **what)
    app.run()
    from_browser(app, "wall")
    return sound(app)


def address(app):
    """What the last run wrote into the address bar behind the question mark, as parameters; {} where it wrote none."""
    protos = [element.proto for element in app.get("bidi_component")]
    written = [json.loads(proto.json)["query"] for proto in protos if proto.component_name == "knobs_address"]
    return dict(parse_qsl("".join(written)))


def release(app, **amounts):
    """Let go of knobs at these amounts."""
    version = str(next(VERSIONS))
    return say(app, dials={"amounts": {**amounts}, "version": version})


def say(app, **what):
    """Send what the board's front end would send."""
    from_browser(app, "board", **what)
    app.run()
    from_browser(app, "board", dials=what.get("dials"))  # events last for one run
    return sound(app)


def press(app, label):
    next(button for button in app.button if label in (button.label, button.key)).click()
    return sound(app.run())


def choice(app):
    return app.session_state[state.KEY].now
