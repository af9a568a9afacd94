"""A session without a browser: what a script of somebody's own can send over the websocket."""

import contextlib
import json
import time

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect


class Session:
    """One connection. elements: everything a page has put on screen; buttons: {label: id}; id: of the session."""

    def __init__(self, socket, page, query=""):
        self.socket, self.page, self.query = socket, page, query
        self.id, self.elements, self.board = "", [], {}
        self.component = self.fragment = ""
        self.run()

    def run(self, **widgets):
        """Run the page with what widgets say: {id: trigger} for buttons; the page's elements are read anew."""
        message = BackMsg()
        message.rerun_script.query_string = self.query
        message.rerun_script.page_name = self.page
        for name, value in widgets.items():
            state = message.rerun_script.widget_states.widgets.add()
            state.id = name
            if isinstance(value, str):
                state.json_value = value
            else:
                state.trigger_value = value
        self.elements = []
        self.socket.send(message.SerializeToString())
        self.hear()

    def hear(self, seconds=60):
        """Take in what the server says until the page is done, and has gone on to another one where it does."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            message = ForwardMsg.FromString(self.socket.recv(seconds))
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.id = message.new_session.initialize.session_id or self.id
            elif kind == "delta":
                self._element(message.delta)
            elif kind == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                return
        raise AssertionError(f"the page did not end within {seconds} s")

    def _element(self, delta):
        element = delta.new_element
        self.elements.append(element)
        component = element.bidi_component
        if "knobs_board" in component.component_name:
            self.component, self.fragment = component.id, delta.fragment_id
            self.board = json.loads(component.json or component.mixed.json)

    @property
    def buttons(self):
        return {one.button.label: one.button.id for one in self.elements if one.WhichOneof("type") == "button"}

    @property
    def text(self):
        return "\n".join(one.html.body for one in self.elements if one.WhichOneof("type") == "html")


@contextlib.contextmanager
def session(url, page="panel", query="", **headers):
    """A session on a page of a server, with headers of its own: named by their names with _ for -."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    address = url.replace("http", "ws") + "/_stcore/stream"
    with connect(address, max_size=None, subprotocols=["streamlit"], additional_headers=named) as socket:
        yield Session(socket, page, query)
