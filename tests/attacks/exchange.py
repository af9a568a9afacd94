"""Sessions that turn dials while their bundle is exchanged, damaged, removed, rolled back and put back at random:
``python tests/attacks/exchange.py --n 2000 --seed 1``.

A step does something to the place of the bundle, or lets one of the sessions do something on one of the pages. What a
session then shows is held against what it did itself, and its list is ranked anew on a copy of the bundle that was the
last whole one when somebody looked. No two sessions ever turn a dial by the same amount.

    right        all that is shown follows from what this session did, in that bundle
    foreign      a dial, a person or a list that does not
    another      another bundle than the last whole one
    not told     the bundle was exchanged and nobody said so, or the other way round
    not finite   NaN or infinity in what a component was told
    broken       an error on the page

Prints every case of the last five, and a count of all; exit code 1 if there is any.
"""

import argparse
import collections
import contextlib
import dataclasses
import hashlib
import json
import logging
import os
import shutil
import sys
import tempfile
import warnings
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np

from knobs_core import bundles
from knobs_core.base import KnobsError
from knobs_core.data import Interactions
from knobs_core.data.planted import planted
from knobs_ui import place, state
from tests.knobs_ui import driving

SMALL = {"cfae": {"dim": 16}, "sae": {"k": 8}}
N_SESSIONS = 5
STEP = 1000  # the number of a session is in the last place of all its amounts: 0.230 and -0.410 are of number 0
PAGES = ("panel", "panel", "panel", "map", "user", "lab")


def trained(seed, without=()):
    """A bundle of planted data. without: ids of users and items that are left out."""
    tables = planted(n_users=120, n_items=60)
    likes = tables.interactions[~tables.interactions.isin(without).any(axis=1)]
    items, tags = (one[~one["item_id"].isin(without)] for one in (tables.items, tables.tags))
    data = Interactions.from_frames(likes, items, tags)
    return bundles.train(data, "elsa", overrides=SMALL, seed=seed, device="cpu")


def content(path):
    """What lies in a folder, by the hashes of its files."""
    with contextlib.suppress(OSError):
        return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in path.iterdir()}


class World:
    """The place of the bundle, and the bundles that come to lie there."""

    def __init__(self, home, rng):
        self.path, self._rng = home / "b", rng
        without = [f"u{n}" for n in range(0, 120, 3)] + ["i3", "i11"]
        self.made = [trained(1), trained(2), trained(3, without)]
        self._contents = []
        for number, bundle in enumerate(self.made):
            bundles.save(bundle, home / str(number))
            self._contents.append(content(home / str(number)))
        bundles.save(self.made[0], self.path)
        self.last = self.made[0]

    def look(self):
        """The last whole bundle, as a server knows it that looks now."""
        here = content(self.path)
        if here in self._contents:
            self.last = self.made[self._contents.index(here)]
        return self.last

    def happen(self):
        """Something happens to the place; returns what."""
        what = str(self._rng.choice(["exchange", "exchange", "exchange", "roll back", "damage", "remove", "touch"]))
        {
            "exchange": self.exchange,
            "roll back": self.roll_back,
            "damage": self.damage,
            "remove": lambda: shutil.rmtree(self.path, ignore_errors=True),
            "touch": lambda: [file.touch() for file in self.files()],
        }[what]()
        return what

    def files(self):
        return sorted(self.path.iterdir()) if self.path.exists() else []

    def exchange(self):
        if not (self.path / bundles.MANIFEST).exists():  # nothing of ours, which is not replaced
            shutil.rmtree(self.path, ignore_errors=True)
        bundles.save(self.made[self._rng.integers(len(self.made))], self.path, keep=2)

    def roll_back(self):
        with contextlib.suppress(KnobsError):  # there is none, or a damaged one
            bundles.rollback(self.path)

    def damage(self):
        for file in self._rng.permutation(self.files())[:1]:
            data = bytearray(file.read_bytes())
            at, way = int(self._rng.integers(max(1, len(data)))), self._rng.choice(["bit", "end", "all"])
            if way == "bit" and data:
                data[at] ^= 1 << int(self._rng.integers(8))
            elif way == "end":
                del data[at:]
            file.unlink() if way == "all" else file.write_bytes(data)


class Session:
    """A visitor, and what they did."""

    def __init__(self, number, world, rng):
        self.number, self._world, self._rng = number, world, rng
        self.user, self.themes, self.page = f"u{3 * number + 1}", {}, "panel"
        self._bundle = world.look()
        self._open(user=self.user)

    def _open(self, **link):
        self.app = driving.start()
        for name, text in link.items():
            self.app.query_params[name] = text
        self.app.run().switch_page(f"pages/{self.page}.py").run()

    def act(self):
        """Do something; returns what."""
        self._last, self._bundle = self._bundle, self._world.look()
        what = str(self._rng.choice(["turn", "turn", "turn", "neuron", "person", "page", "reload", "pin", "look"]))
        {
            "turn": self.turn,
            "neuron": self.neuron,
            "person": self.person,
            "page": self.go,
            "reload": self.reload,
            "pin": lambda: self._say("board", pin=1),
            "look": self.app.run,
        }[what]()
        return what

    def _amount(self):
        return float(self._rng.integers(-40, 40) * 10 + self.number + 1) / STEP

    def _say(self, who, **what):
        driving.from_browser(self.app, who, **what)
        self.app.run()
        driving.from_browser(self.app, who, dials=what.get("dials"))

    def _release(self, key, amount):
        self._say("board", dials={"amounts": {key: amount}, "version": str(next(driving.VERSIONS))})

    def turn(self):
        key, amount = f"concept {self._rng.integers(1, 5)}", self._amount()
        if self.page == "panel" and key in self._last.knobs:
            self._release(key, amount)
            self.themes[key] = amount
        else:
            self.app.run()

    def neuron(self):
        neurons = [key for key in self._last.knobs if key.startswith("#")]
        if self.page == "panel":
            self._release(neurons[self._rng.integers(len(neurons))], self._amount())
        else:
            self.app.run()

    def person(self):
        """Choose somebody on the wall, where it is there."""
        user = f"u{self._rng.integers(120)}"
        there = any(one.proto.component_name == "knobs_wall" for one in self.app.get("bidi_component"))
        self._say("wall", **({"user": user} if there else {}))
        if there and user in self._last.interactions.row_of:
            self.user = user
            self.page = "panel" if self._last is self._bundle else "user"

    def go(self):
        self.page = str(self._rng.choice(PAGES))
        self.app.switch_page(f"pages/{self.page}.py").run()

    def reload(self):
        choice = self.app.session_state[state.KEY].now
        bundle = self.app.session_state[state.BOUND]
        self._open(**state.to_link(bundle, choice))
        self._last = self._bundle  # what a link does not find is said in other words

    def judge(self):
        """How what is shown stands to what was done: a class, and more about it."""
        app, bundle = self.app, self._bundle
        if app.exception or app.error:
            return "broken", [one.value for one in (*app.exception, *app.error)]
        if app.session_state[state.BOUND].id != bundle.id:
            return "another", app.session_state[state.BOUND].id
        for element in app.get("bidi_component"):
            with contextlib.suppress(ValueError):
                json.loads(_text(element.proto), parse_constant=_refuse)
                continue
            return "not finite", element.proto.component_name
        told = any("The models were exchanged" in toast.value for toast in app.toast)
        if told != (self._last is not bundle):
            return "not told", [toast.value for toast in app.toast]
        return self._judge_choice(app.session_state[state.KEY].now, bundle)

    def _judge_choice(self, now, bundle):
        if self.user not in bundle.interactions.row_of:
            self.user = now.user_ids[0]  # somebody of this bundle instead
        self.themes = {key: amount for key, amount in self.themes.items() if key in bundle.knobs}
        turned = [pair for dials in (now.dials, *now.pins) for pair in dials if pair[1]]
        strangers = [pair for pair in turned if round(pair[1] * STEP) % 10 != self.number + 1]
        themes = {key: now.amount(key) for key in self.themes}
        if strangers or themes != self.themes or now.user_ids != (self.user,) or now.item_ids:
            return "foreign", {"choice": dataclasses.asdict(now), "own": (self.user, self.themes)}
        with contextlib.suppress(StopIteration):  # not on this page
            shown = driving.board(self.app)["after"]
            dials = [bundle.knobs[key].dial(amount) for key, amount in now.dials if amount]
            own = bundle.person(self.user).recommend(dials, now.n).recommendation.items
            if shown != own.tolist():
                return "foreign", {"list": shown, "own": own.tolist()}
        return "right", None


def _text(proto):
    """What a component is told as JSON; arrays travel as bytes that are none."""
    return (proto.component_name != "knobs_blob" and proto.bytes) or proto.json or "null"


def _refuse(text):
    raise ValueError(text)


def attack(n, seed, home):
    """Yield (class, more about it, what was done last) of n steps of sessions."""
    rng = np.random.default_rng(seed)
    world, place.PATIENCE = World(home, rng), 0.0
    os.environ["KNOBS_BUNDLE"] = str(world.path)
    sessions = [Session(number, world, rng) for number in range(N_SESSIONS)]
    did = collections.deque(maxlen=6)
    for _ in range(n):
        if rng.random() < 0.3:
            did.append(world.happen())
        session = sessions[rng.integers(N_SESSIONS)]
        did.append(f"session {session.number} on {session.page}: {session.act()}")
        yield (*session.judge(), list(did))


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--n", type=int, default=2000, help="steps of sessions")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    found = collections.Counter()
    with tempfile.TemporaryDirectory(prefix="knobs-exchange-") as home:
        for kind, more, did in attack(chosen.n, chosen.seed, Path(home)):
            found[kind] += 1
            if kind != "right":
                print(json.dumps({"class": kind, "more": more, "did": did}, default=str), flush=True)
    counts = ", ".join(f"{found[kind]:,} {kind}" for kind in ("right", *(kind for kind in found if kind != "right")))
    print(f"{sum(found.values()):,} steps of {N_SESSIONS} sessions, seed {chosen.seed}: {counts}")
    sys.exit(0 if found["right"] == chosen.n else 1)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    main()
