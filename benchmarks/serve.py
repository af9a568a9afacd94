"""Lists over HTTP: how long a program waits for one, how many a second one core gives, beside making them in process.

    python benchmarks/serve.py              the demo, 300 requests a row
    python benchmarks/serve.py BUNDLE -n 100

Starts ``knobs serve`` on one core (taskset, where it is there) with a recipe on air: two dials that take turns, a quota
of decades and a pin, 20 rows. One program asks over one connection, again as soon as it is answered: for readers who
were not asked for before (cold), for one reader again and again (warm), and with the ETag of what it has (304); then
four programs at once, for the rate. Each is measured twice, the second time while two people drag: each posts a dial
and 33 ms after the answer the next amount. The peer is ``list_for`` in this process, one thread, measured just before:
cold with the reader's encoding, warm without. "times" is the median over the peer's: what HTTP, checks and JSON cost.
"""

import argparse
import http.client
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

import torch
from _report import median_ms, report

from knobs_core import bundles
from knobs_core.lists import Rules, list_for, recipe_of
from knobs_core.publishing import Database, Store

ROOT, PORT, AT_ONCE, FRAME = Path(__file__).parents[1], 8698, 4, 0.033
LIST = "/api/v1/recipes/evening/lists/"


def recipe(bundle: bundles.Bundle) -> dict:
    concepts = [knob.key for knob in bundle.knobs.values() if knob.kind == "concept"]
    return {
        "slug": "evening",
        "dials": [{"knob": concepts[0], "amount": 0.3}, {"knob": concepts[len(concepts) // 2], "amount": 0.5}],
        "quotas": [{"of": "decade", "most": 4, "window": 8}],
        "pins": [{"item": str(bundle.interactions.item_ids[0]), "place": 3}],
    }


@contextmanager
def served(bundle: Path, home: str) -> Iterator[None]:
    pinned = ["taskset", "-c", "0"] if shutil.which("taskset") else []
    command = [
        *pinned,
        sys.executable,
        "-m",
        "knobs_core",
        "serve",
        str(bundle),
        "--port",
        str(PORT),
        "--device",
        "cpu",
    ]
    environment = {**os.environ, "KNOBS_HOME": home, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        while True:
            assert process.poll() is None, f"the server ended with code {process.returncode}"
            try:
                if ask(connection(), "/api/v1/health")[0] == 200:
                    break
            except OSError:
                time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(10)


def connection() -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)


def ask(
    over: http.client.HTTPConnection, path: str, body: dict | None = None, **headers: str
) -> tuple[int, str, bytes]:
    """(status, ETag, body) of an answer."""
    said = {name.replace("_", "-"): value for name, value in {**headers, "Content_Type": "application/json"}.items()}
    over.request("POST" if body else "GET", path, json.dumps(body) if body else None, said)
    told = over.getresponse()
    return told.status, told.headers.get("ETag", ""), told.read()


def waits(n: int, path: Callable[[], str], expected: int = 200, **headers: str) -> list[float]:
    """Milliseconds of n requests, one after the other over one connection."""
    over, found = connection(), []
    for _ in range(n):
        began = time.perf_counter()
        status, *_ = ask(over, path(), **headers)
        found.append((time.perf_counter() - began) * 1e3)
        assert status == expected, status
    return sorted(found)


def rate(n: int, path: Callable[[], str], expected: int = 200, **headers: str) -> float:
    """Requests a second of several programs at once."""
    programs = [threading.Thread(target=waits, args=(n, path, expected), kwargs=headers) for _ in range(AT_ONCE)]
    began = time.perf_counter()
    for program in programs:
        program.start()
    for program in programs:
        program.join()
    return AT_ONCE * n / (time.perf_counter() - began)


@contextmanager
def dragging(readers: list[str], knob: str) -> Iterator[None]:
    """Two people who drag a dial to and fro."""
    over = threading.Event()

    def drag(reader: str) -> None:
        to, amounts = connection(), cycle([step / 20 for step in (*range(-10, 10), *range(10, -10, -1))])
        while not over.wait(FRAME):
            assert ask(to, "/api/v1/lists", {"reader": reader, "dials": {knob: next(amounts)}})[0] == 200

    people = [threading.Thread(target=drag, args=(reader,)) for reader in readers]
    for one in people:
        one.start()
    try:
        yield
    finally:
        over.set()
        for one in people:
            one.join()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("bundle", nargs="?", type=Path)
    parser.add_argument("-n", type=int, default=300)
    path, n = vars(parser.parse_args()).values()
    if path is None:
        bundles.load_demo()
        path = bundles.default_path("demo")
    torch.set_num_threads(1)
    bundle = bundles.load(path, "cpu")
    made = recipe_of(recipe(bundle))
    rules, users = Rules(bundle, made), bundle.interactions.user_ids.tolist()
    turned, fresh, same = rules.dials(made.dials), cycle(users), bundle.person(users[0])
    peers = {
        "cold": median_ms(lambda: list_for(bundle.person(next(fresh)), rules, turned), n, 20),
        "warm": median_ms(lambda: list_for(same, rules, turned), n, 20),
    }
    rows = []
    with tempfile.TemporaryDirectory() as home:
        with Database(f"sqlite:///{home}/studio.sqlite") as database:
            store = Store(database)
            store.save(made, "benchmark")
            store.publish("evening", 1, "benchmark", "To be measured.", None)
        with served(path, home):
            _, tag, _ = ask(connection(), LIST + users[0])
            waits(20, lambda: LIST + users[0])
            for drag in (False, True):
                others = cycle(users[:600:2] if drag else users[1:600:2])  # more than are kept
                kinds = {
                    "cold": (lambda others=others: LIST + next(others), 200, {}),
                    "warm": (lambda: LIST + users[0], 200, {}),
                    "304": (lambda: LIST + users[0], 304, {"If_None_Match": tag}),
                }
                for kind, (where, status, headers) in kinds.items():
                    with dragging(users[-2:], made.dials[0].knob) if drag else tempfile.TemporaryDirectory():
                        found = waits(n, where, status, **headers)
                        at_once = rate(n // AT_ONCE, where, status, **headers)
                    peer, median = peers.get(kind), statistics.median(found)
                    rows.append(
                        {
                            "list": kind,
                            "two drag": "yes" if drag else "no",
                            "p50 ms": round(median, 2),
                            "p95 ms": round(found[int(0.95 * len(found))], 2),
                            f"a second, {AT_ONCE} at once": round(at_once),
                            "in process ms": peer and round(peer, 2),
                            "times": peer and round(median / peer, 1),
                        }
                    )
    report("serve", rows, f"{bundle.models}, {bundle.interactions.n_items:,} items")


if __name__ == "__main__":
    main()
