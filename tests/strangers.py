"""A session without a browser: what a script of somebody's own can send over the websocket."""

import contextlib
import json
import time

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect


class Session:
    """One connection. id: of the session; buttons: {label: id} of those on screen; tabs: id of what holds the tabs;
    text: what else is to be read; raw: all that was said; board: what the board was told last; fragment: of each
    button, the part of the page that it runs."""

    def __init__(self, socket, page, query=""):
        self._socket, self._page, self._query = socket, page, query
        self.id, self.tabs, self.board = "", "", {}
        self.run()

    def run(self, fragment="", **said):
        """Run the page, or a fragment of it, with what widgets say: True for a button that is pressed, else text."""
        self.buttons, self.fragment, self.text, self.raw = {}, {}, "", b""
        message = BackMsg()
        rerun = message.rerun_script
        rerun.query_string, rerun.page_name, rerun.fragment_id = self._query, self._page, fragment
        for name, value in said.items():
            state = rerun.widget_states.widgets.add(id=name)
            if value is True:
                state.trigger_value = True
            else:
                state.string_value = value
        self._socket.send(message.SerializeToString())
        self._hear()
        return self

    def press(self, label, tab):
        """Press a button on a tab."""
        button = self.buttons[label]
        return self.run(self.fragment[label], **{self.tabs: tab, button: True})

    def _hear(self, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            said = self._socket.recv(seconds)
            self.raw += said
            message = ForwardMsg.FromString(said)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.id = message.new_session.initialize.session_id or self.id
            elif kind == "delta":
                self._element(message.delta)
            elif kind == "script_finished" and message.script_finished in (
                ForwardMsg.FINISHED_SUCCESSFULLY,
                ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
            ):
                return
        raise AssertionError(f"the page did not end within {seconds} s")

    def _element(self, delta):
        self.tabs = delta.add_block.tab_container.id or self.tabs
        element = delta.new_element
        if element.WhichOneof("type") == "button":
            self.buttons[element.button.label] = element.button.id
            self.fragment[element.button.label] = delta.fragment_id
        self.text += element.html.body + element.progress.text + element.alert.body
        if "knobs_board" in element.bidi_component.component_name:
            self.board = json.loads(element.bidi_component.bytes or element.bidi_component.mixed.json)


@contextlib.contextmanager
def session(url, page="panel", query="", token=None, **headers):
    """A session on a page of a server, with headers of its own: named by their names with _ for -. token: that shows a
    server which knows people by their cookies that no other site has opened this."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    address = url.replace("http", "ws") + "/_stcore/stream"
    with connect(
        address, max_size=None, subprotocols=["streamlit", *([token] if token else [])], additional_headers=named
    ) as socket:
        yield Session(socket, page, query)
