"""Every page through Streamlit's own test runner, on the real demo bundle."""

import pytest
from streamlit.testing.v1 import AppTest

from knobs_ui import cards, lists, state


@pytest.fixture
def app(demo_path, monkeypatch):
    """The app on the demo bundle, opened at its front door."""
    monkeypatch.setenv("KNOBS_BUNDLE", str(demo_path))
    return AppTest.from_file("../app.py", default_timeout=60)


def html(app):
    return "".join(block.proto.body for block in app.get("html"))


def after(app):
    return next(block.proto.body for block in app.get("html") if "List after" in block.proto.body)


def sound(app):
    assert not app.exception
    assert not app.error
    return app


def panel(app):
    return sound(app.run().switch_page("pages/panel.py").run())


def test_front_door_leads_to_the_panel(app):
    sound(app.run())
    assert [h.value for h in app.subheader] == ["Knobs", "Before", "After"]
    assert "MovieLens by GroupLens" in html(app)


def test_a_turn_changes_the_list_and_reset_restores_it(app):
    panel(app)
    rest = after(app)
    assert "is-new" not in rest
    app.slider[0].set_value(0.6).run()
    sound(app)
    assert "is-new" in after(app)
    assert app.session_state[state.KEY].dials[0][1] == 0.6
    [reset] = [b for b in app.button if b.label == "Reset all"]
    reset.click().run()
    assert app.slider[0].value == 0
    assert after(app) == rest


def test_any_knob_can_be_added_turned_and_removed(app):
    panel(app)
    n = len(app.slider)
    app.selectbox("add a knob").set_value("horror").run()
    assert len(app.slider) == n + 1
    added = app.slider("dial horror")
    added.set_value(0.5).run()
    assert "is-new" in after(app)
    app.button("remove horror").click().run()
    assert len(sound(app).slider) == n
    assert "is-new" not in after(app)


def test_all_active_knobs_can_be_shown(app):
    panel(app)
    assert len(app.slider) == 8
    app.toggle("show all").set_value(True).run()
    assert len(sound(app).slider) == 32


def test_dials_survive_a_visit_to_another_page(app):
    panel(app)
    app.selectbox("add a knob").set_value("horror").run()
    app.slider("dial horror").set_value(0.4).run()
    app.switch_page("pages/user.py").run()
    app.switch_page("pages/panel.py").run()
    assert sound(app).slider("dial horror").value == 0.4


def test_another_user_gets_another_list(app):
    panel(app)
    first = after(app)
    app.switch_page("pages/user.py").run()
    app.selectbox("user").set_value(14).run()
    assert app.session_state[state.KEY].user_id is not None
    app.switch_page("pages/panel.py").run()
    assert after(sound(app)) != first


def test_one_title_is_enough_for_a_taste_of_ones_own(app):
    app.run()
    app.switch_page("pages/user.py").run()
    app.session_state["way"] = "Build your own"
    app.run()
    assert "Pick at least one title" in app.info[0].value
    app.multiselect("titles").set_value([100]).run()
    assert len(app.session_state[state.KEY].item_ids) == 1
    app.switch_page("pages/panel.py").run()
    assert sound(app).title[0].value == "Your own taste"
    assert app.slider


def test_two_visitors_never_see_each_others_dials(demo_path, monkeypatch):
    monkeypatch.setenv("KNOBS_BUNDLE", str(demo_path))
    one, two = (panel(AppTest.from_file("../app.py", default_timeout=60)) for _ in range(2))
    rest = after(two)
    one.slider[0].set_value(0.9).run()
    two.run()
    assert two.slider[0].value == 0
    assert after(two) == rest != after(one)


def test_a_bundle_that_cannot_be_used_says_so_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("KNOBS_BUNDLE", str(tmp_path / "none"))
    broken = AppTest.from_file("../app.py", default_timeout=60).run()
    assert not broken.exception
    assert "make one with: knobs train" in broken.error[0].value


def test_the_first_start_trains_the_demo_with_progress(tmp_path, monkeypatch):
    monkeypatch.delenv("KNOBS_BUNDLE", raising=False)
    monkeypatch.setenv("KNOBS_HOME", str(tmp_path))
    first = AppTest.from_file("../app.py", default_timeout=120).run()
    assert (tmp_path / "bundles" / "demo" / "manifest.json").exists()
    assert [h.value for h in sound(first).subheader] == ["Knobs", "Before", "After"]


def test_titles_and_names_are_untrusted():
    nasty = '<img src=x onerror="alert(1)">'
    rows = [lists.Row(1, nasty, nasty, "up", f"{nasty} places")]
    assert "<img" not in lists.ranked(rows, nasty)
    assert cards.plain("*bold* [link](x) :red[y] $x$") == "\\*bold\\* \\[link\\](x) \\:red\\[y\\] \\$x\\$"
