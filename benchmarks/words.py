"""What sentences come to: whether the proposed dials are right, and whether the list follows them.

    python benchmarks/words.py BUNDLE ... [--misses]

The phrases of ``tests/data/phrases`` were written without knowing the code, with every dial that a sensible person
would accept for each wish. Settings were chosen on ``tuning``; ``held_out`` was read by nobody who chose. Phrases
of which nothing is in a bundle (no wish, no title) are left out there; vague moods are counted apart.

    first    share of phrases of which the first chip, the surest, is right; none is wrong too
    p@3      share of right ones among the first three chips
    wishes   share of wishes that some chip meets, unwanted ones among them
    wrong    chips that bring what is unwanted, or push away what is wanted
    asked    share of the list of 20 that asked-for titles hold at rest, and after turning all chips; bad: unwanted ones
    ms       a phrase, median and 95th percentile, after the first; the first loads the model and embeds what knobs are
             called

Lists are those of every third test user. ``peer`` is the search by letters alone, as it was before: a chip for every
name of a knob that stands in the sentence, all of them wanted.
"""

import argparse
import json
import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from _report import report

from knobs_core import bundles
from knobs_core.base import searchable
from knobs_core.bundles import Bundle
from knobs_core.sentences import Chip, read
from knobs_core.steering import Dial, steer_all

PHRASES = Path(__file__).parent.parent / "tests" / "data" / "phrases"
SETS = ("tuning", "held_out", "german", "czech")
N = 20


class Proposed(NamedTuple):
    """A chip as phrases name it. name: of the knob, or the title of an item; title: whether it is one."""

    name: str
    amount: float
    title: bool


Ask = Callable[[str], list[Proposed]]


def phrases(name: str, bundle: Bundle) -> list[dict[str, Any]]:
    """The phrases of a set, with the wishes and titles that a bundle has."""
    knobs = {knob.name for knob in bundle.knobs.values()}
    titles = set(bundle.interactions.items["title"])
    found = []
    for line in (PHRASES / f"{name}.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        for side in ("want", "less"):
            row[side] = [wish for wish in row[side] if knobs & set(wish)]
        for side in ("titles", "titles_less"):
            row[side] = [title for title in row[side] if title in titles]
        if row["want"] or row["less"] or row["titles"] or row["titles_less"]:
            found.append(row)
    return found


def judged(row: dict[str, Any], chip: Proposed) -> tuple[bool, bool]:
    """Whether a chip is right, and whether its sign is wrong."""
    if chip.title:
        want, less = set(row["titles"]), set(row["titles_less"])
    else:
        want, less = ({name for wish in row[side] for name in wish} for side in ("want", "less"))
    same, other = (want, less) if chip.amount > 0 else (less, want)
    return chip.name in same, chip.name in other and chip.name not in same


def read_by(bundle: Bundle) -> Ask:
    """Chips as the product proposes them."""
    data = bundle.interactions

    def name(chip: Chip) -> Proposed:
        if chip.key.startswith("~"):
            return Proposed(str(data.items["title"].iat[data.column_of[chip.key[1:]]]), chip.amount, True)
        return Proposed(bundle.knobs[chip.key].name, chip.amount, False)

    return lambda sentence: [name(chip) for chip in read(bundle, sentence).chips]


def letters(bundle: Bundle) -> Ask:
    """A chip for every name of a knob in a sentence, the longest first."""
    names = sorted((knob.name for knob in bundle.knobs.values() if not knob.label), key=len, reverse=True)
    folded = [(name, f" {searchable(name)} ") for name in names]
    return lambda sentence: [Proposed(name, 0.4, False) for name, text in folded if text in f" {searchable(sentence)} "]


def accuracy(rows: Sequence[dict[str, Any]], ask: Ask, misses: bool = False) -> dict[str, Any]:
    """How right the chips of some phrases are."""
    first, three, met, wrong = [], [], [], 0
    for row in rows:
        chips = ask(row["text"])
        right = [judged(row, chip) for chip in chips]
        first.append(bool(right and right[0][0]))
        if right:
            three.append(sum(ok for ok, _ in right[:3]) / len(right[:3]))
        wrong += sum(bad for _, bad in right)
        for side, sign in (("want", 1), ("less", -1)):
            there = {chip.name for chip in chips if chip.amount * sign > 0}
            met += [bool(there & set(wish)) for wish in row[side]]
        if misses and not first[-1]:
            print(f"  {row['text']!r}: {[f'{chip.name} {chip.amount:+g}' for chip in chips]}")
    return {"phrases": len(rows), "first": _mean(first), "p@3": _mean(three), "wishes": _mean(met), "wrong": wrong}


def effects(bundle: Bundle, rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Shares of the lists of every third test user that asked-for and unwanted titles hold, at rest and after."""
    data = bundle.interactions
    tags, carried = data.tag_matrix()
    place = {tag: row for row, tag in enumerate(tags)}
    tag_of = {knob.name: knob.key for knob in bundle.knobs.values() if knob.key in place}
    users = data.matrix[bundle.split().test.users[::3]]
    rest = _lists(bundle, users, [])
    sides: dict[str, list[tuple[float, float]]] = {"asked": [], "bad": []}
    for row in rows:
        chips = read(bundle, row["text"]).chips
        if not chips:
            continue
        after = _lists(bundle, users, [bundle.knobs[chip.key].dial(chip.amount) for chip in chips])
        for side, wishes in (("asked", row["want"]), ("bad", row["less"])):
            rows_of = [place[tag_of[name]] for wish in wishes for name in wish if name in tag_of]
            if rows_of:
                about = np.asarray(carried[rows_of].sum(0)).ravel() > 0
                sides[side].append((float(about[rest].mean()), float(about[after].mean())))
    return {
        f"{side} {when}": _mean([pair[i] for pair in pairs])
        for side, pairs in sides.items()
        for i, when in enumerate(("at rest", "after"))
    } | {"rose": _mean([after > rest for rest, after in sides["asked"]])}


def timed(bundle: Bundle, rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Milliseconds of a phrase."""
    times = []
    for row in rows:
        start = time.perf_counter()
        read(bundle, row["text"])
        times.append(1000 * (time.perf_counter() - start))
    return {"ms": round(float(np.median(times)), 1), "p95": round(float(np.quantile(times, 0.95)), 1)}


def _lists(bundle: Bundle, users: Any, dials: list[Dial]) -> np.ndarray:
    return np.concatenate([block.items for block in steer_all(bundle.nested, users, dials, N)])


def _mean(values: Sequence[float]) -> float:
    return round(float(np.mean(values)), 3) if len(values) else float("nan")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundles", nargs="+", type=Path)
    parser.add_argument("--misses", action="store_true", help="Print the tuning phrases whose first chip is wrong.")
    asked = parser.parse_args()
    rows: list[dict[str, Any]] = []
    loading: dict[str, dict[str, float]] = {}
    for path in asked.bundles:
        bundle = bundles.load(path)
        began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        read(bundle, "something that keeps everybody awake")
        took, held = time.perf_counter() - began, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
        loading[path.name] = {"first ever, s": round(took, 2), "memory, MiB": held}
        for name in SETS:
            asked_for = phrases(name, bundle)
            plain = [row for row in asked_for if row["kind"] != "vague"]
            vague = [row for row in asked_for if row["kind"] == "vague"]
            where = {"bundle": path.name, "set": name}
            mine = where | accuracy(plain, read_by(bundle), asked.misses and name == "tuning")
            rows.append(mine | (effects(bundle, plain) if name in SETS[:2] else {}) | timed(bundle, asked_for))
            if vague:
                rows.append(where | {"set": f"{name}, vague"} | accuracy(vague, read_by(bundle)))
            rows.append(where | {"set": f"{name}, peer"} | accuracy(plain, letters(bundle)))
    for name, figures in loading.items():
        print(f"{name}: {figures}")
    report("words", rows, loading=loading)


if __name__ == "__main__":
    main()
