"""What a visitor and the owner read when a page, a fragment or a callback fails."""

import re

import pytest
from streamlit.testing.v1 import AppTest


def page(where):
    import streamlit as st

    from knobs_core.base import DataError
    from knobs_ui import guard

    guard.stand()

    def fail():
        if st.session_state.get("fails", True):
            if where.startswith("line"):
                raise DataError("*one* thing", "another", "do this")
            raise ValueError("a secret of the machine")

    @st.fragment
    def part():
        st.write("a part")
        if where.endswith("fragment"):
            fail()

    st.button("Do it", on_click=fail if where.endswith("callback") else None)
    if where == "stop":
        st.stop()
    if where == "rerun" and not st.session_state.get("again"):
        st.session_state["again"] = True
        st.rerun()
    part()
    if where.endswith("page"):
        fail()
    st.write("the end")


def shown(where):
    app = AppTest.from_function(page, args=(where,), default_timeout=60).run()
    if where.endswith("callback"):
        app.button[0].click().run()
    assert not app.exception
    return app


@pytest.mark.parametrize("where", ["page", "fragment", "callback"])
def test_anything_else_is_a_number_that_the_log_has_too(where, caplog):
    app = shown(where)
    [said] = app.error
    number = re.search(r"incident ([0-9a-f]{8})\.", said.value)[1]
    assert "secret" not in said.value
    [record] = [record for record in caplog.records if record.name == "knobs"]
    assert record.getMessage() == f"incident {number}"
    assert "a secret of the machine" in str(record.exc_info[1])
    assert any('<a href="panel">' in html.proto.body for html in app.get("html"))
    app.session_state["fails"] = False
    app.run()
    assert not app.error  # and a visitor can go on


@pytest.mark.parametrize("where", ["line page", "line fragment", "line callback"])
def test_what_a_visitor_can_put_right_is_one_line(where, caplog):
    [said] = shown(where).error
    assert said.value.replace("\\", "") == "expected *one* thing, found another; do this"
    [record] = [record for record in caplog.records if record.name == "knobs"]
    assert record.exc_info is None
    assert "\n" not in record.getMessage()


@pytest.mark.parametrize("where", ["stop", "rerun"])
def test_how_a_run_ends_or_begins_anew_is_no_incident(where, caplog):
    app = shown(where)
    assert not app.error
    assert [text.value for text in app.markdown] == ([] if where == "stop" else ["a part", "the end"])
    assert not [record for record in caplog.records if record.name == "knobs"]
