"""Names for titles that somebody put together: proposed with what speaks for them, used only where they are chosen."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.knobs_ui.driving import sound
from tests.knobs_ui.studio.editing import bare, press


def page():
    import streamlit as st

    from knobs_ui import group_names

    bundle, items = st.session_state["given"]
    group_names.offer(bundle, items, "here", lambda name: st.session_state.update(used=name))


@pytest.fixture
def group(planted_bundle):
    tags, tag_items = planted_bundle.interactions.tag_matrix()
    return planted_bundle.interactions.item_ids[tag_items[[tags.index("concept 4")]].indices].tolist()


def shown(bundle, items):
    app = AppTest.from_function(page, default_timeout=120)
    app.session_state["given"] = (bundle, items)
    return sound(app.run())


def test_names_are_proposed_when_asked_for_and_used_when_chosen(planted_bundle, group):
    app = shown(planted_bundle, group)
    assert [bare(one.label) for one in app.button] == ["Suggest a name"]
    assert not app.get("html")
    press(app, "Suggest a name")
    names = [bare(one.label) for one in app.button[1:]]
    assert names
    told, found = (one.proto.body for one in app.get("html"))
    assert "point at the right one" in told
    assert all(name.removeprefix("Call it “").removesuffix("”") in found for name in names)
    assert found.count("by luck") == len(names)
    assert "used" not in app.session_state
    press(app, names[0])
    assert f"Call it “{app.session_state['used']}”" == names[0]


def test_where_no_words_fit_better_than_by_luck_it_is_said(planted_bundle, monkeypatch):
    monkeypatch.setattr("knobs_ui.group_names._names", lambda *_: [("odds and ends", 0.55, 0.05)])
    app = shown(planted_bundle, ["anything"])
    press(app, "Suggest a name")
    assert "No words fit these" in app.get("html")[0].proto.body
    assert len(app.button) == 1


def test_too_few_are_told_and_another_group_is_asked_for_anew(planted_bundle, group):
    app = shown(planted_bundle, group[:5])
    press(app, "Suggest a name")
    assert "at least 8" in bare(app.warning[0].value)
    app.session_state["given"] = (planted_bundle, group)
    sound(app.run())
    assert not app.warning
    assert len(app.button) == 1
