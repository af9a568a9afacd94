"""Many people at one server: how long each waits for their list while all of them turn knobs.

    python benchmarks/sessions.py [BUNDLE]        by default a demo bundle, trained for the purpose

Starts the real app and, for 1, 5, 10 and 20 visitors, as many websocket clients without a browser. Each opens the
Panel for a user of its own; when all are there, each releases a knob four times a second for ten seconds, and times
every release to the list that the server sent for it. The lists are checked: each is the one for that visitor's own
dials, ranked here again.
"""

import asyncio
import json
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import websockets
from _app import served
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from knobs_core import bundles, data
from knobs_core.steering.dials import Dial
from knobs_core.steering.engine import Engine

SECONDS, PER_SECOND = 10, 4


class Visitor:
    """One session: its connection and what the server has told it about the board."""

    def __init__(self, server: str, user: str):
        self.server = server
        self.user, self.heard = user, asyncio.Event()
        self.id = self.fragment = ""
        self.board: dict = {}

    async def listen(self, socket) -> None:
        async for raw in socket:
            message = ForwardMsg.FromString(raw)
            component = message.delta.new_element.bidi_component
            if "knobs_board" in component.component_name:
                self.id, self.fragment = component.id, message.delta.fragment_id
                self.board = json.loads(component.json or component.mixed.json)
                self.heard.set()

    async def visit(self, all_there: asyncio.Barrier) -> list[tuple[float, float, list[int]]]:
        """Turn a knob again and again once everybody is there; (seconds waited, amount, list) of each turn."""
        address = f"ws://{self.server}/_stcore/stream"
        async with websockets.connect(address, max_size=None, subprotocols=["streamlit"]) as socket:
            listener = asyncio.create_task(self.listen(socket))
            opening = BackMsg()
            opening.rerun_script.query_string = f"user={self.user}"
            opening.rerun_script.page_name = "panel"
            await socket.send(opening.SerializeToString())
            await asyncio.wait_for(self.heard.wait(), 60)
            await all_there.wait()
            await asyncio.sleep(1 + np.random.default_rng().random())
            turns = [await self.turn(socket, n) for n in range(SECONDS * PER_SECOND)]
            listener.cancel()
        return turns

    async def turn(self, socket, n: int) -> tuple[float, float, list[int]]:
        amount, version = round(0.1 + 0.02 * (n % 20), 2), f"{n + 1}.{self.user}"
        release = BackMsg()
        release.rerun_script.query_string = f"user={self.user}"
        release.rerun_script.page_name = "panel"
        release.rerun_script.fragment_id = self.fragment
        state = release.rerun_script.widget_states.widgets.add()
        state.id = self.id
        dials = {"amounts": {self.board["knobs"][0]["key"]: amount}, "version": version, "held": False}
        state.json_value = json.dumps({"dials": dials})
        began = time.perf_counter()
        await socket.send(release.SerializeToString())
        while self.board.get("version") != version:
            self.heard.clear()
            await asyncio.wait_for(self.heard.wait(), 30)
        waited = time.perf_counter() - began
        await asyncio.sleep(max(0, 1 / PER_SECOND - waited))
        return waited, amount, self.board["after"]


def check(made: bundles.Bundle, visitor: Visitor, turns) -> None:
    """Each list is the one for this visitor's own dials."""
    engine, neuron = Engine(made.nested), int(visitor.board["knobs"][0]["key"].removeprefix("#"))
    person = engine.taste(data.history_of(made.interactions, visitor.user))
    for _, amount, items in turns:
        expected = engine.recommend(person, [Dial({neuron: 1.0}, amount)], len(items)).items
        assert items == expected.tolist(), f"user {visitor.user} got somebody else's list"


async def crowd(server: str, made: bundles.Bundle, n: int) -> np.ndarray:
    visitors = [Visitor(server, str(user)) for user in made.interactions.user_ids[:n]]
    all_there = asyncio.Barrier(n)
    results = await asyncio.gather(*(visitor.visit(all_there) for visitor in visitors))
    for visitor, turns in zip(visitors, results, strict=True):
        check(made, visitor, turns)
    return 1000 * np.array([waited for turns in results for waited, _, _ in turns])


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder) / "demo"
        if not path.exists():
            bundles.save(bundles.train("demo"), path)
        made = bundles.load(path)
        print(f"{platform.machine()}, {os.cpu_count()} cores, clients and server on the same machine")
        print(f"{made.interactions.n_items:,} items, each visitor {PER_SECOND} releases a second for {SECONDS} s")
        with served(KNOBS_BUNDLE=str(path)) as server:
            asyncio.run(crowd(server, made, 1))  # the first visit loads the bundle
            for n in (1, 5, 10, 20):
                waited = asyncio.run(crowd(server, made, n))
                print(f"{n:3} visitors: {np.median(waited):4.0f} ms median, {np.quantile(waited, 0.95):4.0f} ms at p95")


if __name__ == "__main__":
    main()
