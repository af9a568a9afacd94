"""Many people at one server: how long each waits for their list while all of them turn knobs, and whether it is theirs.

    python benchmarks/sessions.py                                              1, 5, 10 and 20 for ten seconds each
    python benchmarks/sessions.py --sessions 50 --rate 4 --minutes 10          a load; under fifteen minutes
    python benchmarks/sessions.py BUNDLE ...                                   another bundle than a fresh demo's

Starts the real app and as many websocket clients without a browser. Each opens the Panel for a user of its own. When
all are there, each turns random knobs to random amounts, so many times a second, and times every turn to the list that
the server sent for it. As in the browser, a turn waits for the answer to the one before, and amounts that were passed
by then are never sent. Afterwards every list is ranked here again from that session's own dials, and every dial that
the server showed is compared with them; one that differs ends the program with code 1.
"""

import argparse
import asyncio
import dataclasses
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import websockets
from _app import PORT, served
from _report import report
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from knobs_core import bundles

MIB = 2**20


@dataclasses.dataclass(frozen=True)
class Turn:
    """One turn and what came back. at: when it was sent, in seconds of ``time.perf_counter``; waited: seconds
    own, shown: {knob key: amount}, what this session had turned, and what the server showed; items: the list."""

    at: float
    waited: float
    own: dict[str, float]
    shown: dict[str, float]
    items: list[int]


class Visitor:
    """One session: its connection and what the server has told it about the board."""

    def __init__(self, number: int, user: str):
        self.number, self.user, self.heard = number, user, asyncio.Event()
        self.id = self.fragment = ""
        self.board: dict = {}
        self.turns: list[Turn] = []

    async def listen(self, socket) -> None:
        async for raw in socket:
            if b"knobs_board" not in raw:
                continue
            message = ForwardMsg.FromString(raw)
            component = message.delta.new_element.bidi_component
            if "knobs_board" in component.component_name:
                self.id, self.fragment = component.id, message.delta.fragment_id
                self.board = json.loads(component.bytes)
                self.heard.set()

    async def visit(self, server: str, all_there: asyncio.Barrier, rate: float, seconds: float) -> None:
        """Turn knobs, so many times a second, once everybody is there."""
        address, random = f"ws://{server}/_stcore/stream", np.random.default_rng(self.number)
        async with websockets.connect(address, max_size=None, compression=None, subprotocols=["streamlit"]) as socket:
            listener = asyncio.create_task(self.listen(socket))
            await socket.send(self.message().SerializeToString())
            await asyncio.wait_for(self.heard.wait(), 300)
            keys = [knob["key"] for knob in self.board["knobs"]]
            await all_there.wait()
            began, tick, dials = time.perf_counter() + 1 + random.random() / rate, 0, {}
            while tick < seconds * rate:
                await asyncio.sleep(max(0, began + tick / rate - time.perf_counter()))
                dials = {**dials, str(random.choice(keys)): round(random.uniform(-0.4, 0.6), 4)}
                await self.turn(socket, dials)
                tick = max(tick + 1, int((time.perf_counter() - began) * rate))
            listener.cancel()

    async def turn(self, socket, dials: dict[str, float]) -> None:
        version, release = f"{len(self.turns) + 1}.{self.number}", self.message()
        release.rerun_script.fragment_id = self.fragment
        state = release.rerun_script.widget_states.widgets.add()
        state.id = self.id
        state.json_value = json.dumps({"dials": {"amounts": dials, "version": version, "held": False}})
        began = time.perf_counter()
        await socket.send(release.SerializeToString())
        while self.board.get("version") != version:
            self.heard.clear()
            await asyncio.wait_for(self.heard.wait(), 60)
        shown = {knob["key"]: knob["amount"] for knob in self.board["knobs"] if knob["amount"]}
        self.turns.append(Turn(began, time.perf_counter() - began, dials, shown, self.board["after"]))

    def message(self) -> BackMsg:
        """A run of the Panel."""
        message = BackMsg()
        message.rerun_script.query_string = f"user={self.user}"
        message.rerun_script.page_name = "panel"
        return message


def foreign(made: bundles.Bundle, visitor: Visitor) -> tuple[int, int]:
    """How many lists, and how many sets of dials, were not those of this visitor's own dials."""
    person, lists, dials = made.person(visitor.user), 0, 0
    for turn in visitor.turns:
        own = {key: amount for key, amount in turn.own.items() if amount}
        turned = [made.knobs[key].dial(amount) for key, amount in own.items()]
        lists += turn.items != person.recommend(turned, len(turn.items)).recommendation.items.tolist()
        dials += turn.shown != own
    return lists, dials


class Server:
    """The server's process, which is the only child of this one."""

    def __init__(self) -> None:
        [child] = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
        self._process = Path("/proc") / child

    def seconds(self) -> float:
        """Processor seconds so far."""
        numbers = (self._process / "stat").read_text().rpartition(")")[2].split()
        return (int(numbers[11]) + int(numbers[12])) / os.sysconf("SC_CLK_TCK")

    def mib(self) -> float:
        """Memory that it takes now."""
        return int((self._process / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / MIB


async def crowd(address: str, made: bundles.Bundle, n: int, rate: float, minutes: float) -> dict:
    """A row of figures: so many visitors for so many minutes."""
    users = made.interactions.user_ids
    visitors, process = [Visitor(i, str(users[i % len(users)])) for i in range(n)], Server()
    all_there, memory = asyncio.Barrier(n + 1), []
    async with asyncio.TaskGroup() as group:  # where one visit fails, all end
        visits = [group.create_task(one.visit(address, all_there, rate, 60 * minutes)) for one in visitors]
        await all_there.wait()
        began, spent, own = time.perf_counter(), process.seconds(), time.process_time()
        going_on = set(visits)
        while going_on:
            memory.append(process.mib())
            left = began + 60 * len(memory) - time.perf_counter()
            _, going_on = await asyncio.wait(visits, timeout=max(left, 0))
    memory.append(process.mib())
    took, spent, own = time.perf_counter() - began, process.seconds() - spent, time.process_time() - own
    turns = [turn for one in visitors for turn in one.turns]
    waited = 1000 * np.array([turn.waited for turn in turns])
    wrong = np.sum([foreign(made, one) for one in visitors], axis=0)
    return {
        "visitors": n,
        "turns": len(turns),
        "asked for": round(n * rate * 60 * minutes),
        "turns/s": round(len(turns) / (60 * minutes), 1),
        "median ms": round(float(np.median(waited)), 1),
        "p95 ms": round(float(np.quantile(waited, 0.95)), 1),
        "worst ms": round(float(waited.max()), 1),
        "server ms/turn": round(1000 * spent / len(turns), 2),
        "server cores": round(spent / took, 2),
        "client cores": round(own / took, 2),
        "foreign lists": int(wrong[0]),
        "foreign dials": int(wrong[1]),
        "memory MiB": [round(one) for one in memory],
        "MiB/1000 turns": round((memory[-1] - memory[0]) / len(turns) * 1000, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle", nargs="?", type=Path, help="by default a demo, trained for the purpose")
    parser.add_argument("--sessions", type=int, nargs="+", default=[1, 5, 10, 20])
    parser.add_argument("--rate", type=float, default=4, help="turns a second, of each")
    parser.add_argument("--minutes", type=float, default=1 / 6)
    parser.add_argument("--port", type=int, default=PORT)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = asked.bundle or Path(folder) / "demo"
        if asked.bundle is None:
            bundles.save(bundles.train("demo"), path)
        made = bundles.load(path)
        print(f"{made.interactions.n_items:,} items; clients and server on the same machine", flush=True)
        with served(asked.port, KNOBS_BUNDLE=str(path.resolve())) as address:
            asyncio.run(crowd(address, made, 1, 4, 1 / 60))  # the first visit loads the bundle
            rows = [asyncio.run(crowd(address, made, n, asked.rate, asked.minutes)) for n in asked.sessions]
    name = "load" if asked.minutes >= 1 else "sessions"
    report(f"{name}_{path.name}" if asked.bundle else name, rows, "memory: when all are there, each minute, at the end")
    wrong = sum(row["foreign lists"] + row["foreign dials"] for row in rows)
    sys.exit(f"{wrong} lists or dials of somebody else" if wrong else 0)


if __name__ == "__main__":
    main()
