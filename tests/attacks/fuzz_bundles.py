"""Bundles broken at random: ``python tests/attacks/fuzz_bundles.py --n 1500 --seed 1``, or ``--minutes 60``.

A case takes a whole bundle, with its map and names, and breaks it (see ``breaking.py``): half of the cases by damage,
half by deceit, whose hashes are right. The bundle is loaded, and asked for lists, a profile, all that is said of knobs,
and for places on the map.

    same         the answers of the whole bundle, or of what it is without its map or names, where that file is missing
    refused      one line
    another      deceit with valid content: another bundle, whose answers are finite
    silent       damage, and other answers: the content is not what was written, and nobody says so
    internal     any other exception, several lines, or the end of the process
    not finite   NaN or infinity in an answer
    unbounded    more than 30 seconds of the processor, or 2 GiB

Prints every case of the last four, which ``--only NUMBER`` repeats, and a line that counts all; exit code 1 if there is
any of the four.
"""

import argparse
import collections
import dataclasses
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np

from knobs_core import bundles
from knobs_core.base import KnobsError
from tests.attacks.breaking import break_bundle
from tests.attacks.two_bundles import two_bundles

GOOD, BAD = ("same", "refused", "another"), ("silent", "internal", "not finite", "unbounded")
SECONDS, MEMORY = 30, 2 << 20  # kB
STUCK = 120  # seconds after which a case ends however little of the processor it had
BATCH = 50  # cases that one process tries


def prepare(home):
    """Two bundles, and the answers that the first may give."""
    for bundle, name in zip(two_bundles(), ("whole", "other"), strict=True):
        bundles.save(bundle, home / name)
    whole = bundles.load(home / "whole")
    fewer = [whole, whole.with_names({})]
    fewer += [dataclasses.replace(one, projection=None) for one in fewer]
    (home / "answers.json").write_text(json.dumps([answers(one) for one in fewer]))


def answers(bundle):
    """What people would see of a bundle: texts, and numbers in one list."""
    user = str(bundle.interactions.user_ids[3])
    person = bundle.person(user=user)
    keys = list(bundle.knobs)
    texts, numbers = [user, bundle.words.many, bundle.credit, bundle.models, dict(bundle.names)], []
    for dials in ({}, {keys[0]: 0.4}, {keys[-1]: -0.6, keys[len(keys) // 2]: 0.5}):
        found = person.recommend(dials, n=8)
        texts += [(row["item_id"], row["title"], row["because"]) for row in found.rows]
        numbers += [row["score"] for row in found.rows]
    numbers += found.explain(found.rows[0]["item_id"]).table["part"].tolist()
    themes = person.themes(5)
    texts += [(theme.key, theme.name) for theme in themes]
    numbers += [number for theme in themes for number in (theme.strength, theme.error)]
    texts += [(knob.key, knob.name, knob.title, knob.weak) for knob in bundle.knobs.values()]
    texts += [(label.label, label.typical(bundle.interactions.items["title"].tolist())) for label in bundle.labels]
    for label in bundle.labels:
        numbers += [label.confidence, label.held_out, label.reach, label.peak, label.support, *label.histogram]
    for effect in bundle.effects:
        texts += [effect.grade, [tag for tag, _ in effect.rises]]
        numbers += [effect.bits, effect.p, effect.rest, *effect.theme, *effect.kept, *effect.popularity]
    items = bundle.interactions.items
    texts += [items[column].fillna("").tolist() for column in ("title", "genres", "image_url")]
    numbers += items["year"].fillna(0).tolist()
    if bundle.projection is not None:
        place = bundle.projection.place(bundle.nested.embeddings(bundle.interactions.matrix[:3]))
        alive = [label.alive for label in bundle.labels]
        for array in (place, bundle.projection.items, bundle.projection.neurons[alive]):
            numbers += array.ravel().tolist()
        numbers.append(bundle.projection.trustworthiness)
    numbers += [figure for row in bundle.manifest.metrics.values() for figure in row.values()]
    return json.dumps(texts), [float(number) for number in numbers]


def case(number, seed, home):
    """Run one case: its class, what was done, and what was said."""
    rng, deceive, path = np.random.default_rng([seed, number]), number % 2 == 1, home / "b"
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(home / "whole", path)
    done = break_bundle(path, home / "other", rng, deceive)
    started = time.process_time()
    try:
        found = answers(bundles.load(path))
    except KnobsError as error:
        kind, said = ("refused" if len(str(error).splitlines()) == 1 else "internal"), str(error)
    except BaseException as error:
        kind, said = "internal", f"{type(error).__name__}: {str(error)[:200]}"
    else:
        kind, said = ("another" if deceive else "silent"), ""
        if not np.isfinite(found[1]).all():
            kind = "not finite"
        elif list(found) in json.loads((home / "answers.json").read_text()):
            kind = "same"
    if time.process_time() - started > SECONDS or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > MEMORY:
        kind = "unbounded"
    return {"number": number, "class": kind, "did": [("damage", "deceit")[deceive], *done], "said": said}


def run(numbers, seed, home, until):
    """Cases one after the other, until a time, in a process of their own, which may die of one."""
    numbers = list(numbers)
    while numbers:
        reading, writing = os.pipe()
        pid = os.fork()
        if not pid:
            os.close(reading)
            try:
                with os.fdopen(writing, "w", buffering=1) as out:
                    for number in numbers:
                        signal.alarm(STUCK)
                        print(json.dumps(case(number, seed, home)), file=out)
                        if time.monotonic() > until:
                            break
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as lines:
            for line in lines:
                yield json.loads(line)
                numbers.pop(0)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        if not code:
            return
        yield {"number": numbers.pop(0), "class": "internal", "did": [], "said": f"the process ended with {code}"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--n", type=int, default=1500, help="cases")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, help="as many cases as fit into so long, instead")
    parser.add_argument("--only", type=int, metavar="NUMBER", help="one case; its bundle is kept")
    parser.add_argument("--verbose", action="store_true", help="print every case")
    chosen = parser.parse_args()
    home, found = Path(tempfile.mkdtemp(prefix="knobs-fuzz-")), collections.Counter()
    first, end = 0, 10**9 if chosen.minutes else chosen.n
    if chosen.only is not None:
        first, end = chosen.only, chosen.only + 1
    try:
        prepare(home)
        until = time.monotonic() + 60 * (chosen.minutes or 10**6)
        while first < end and time.monotonic() < until:
            for one in run(range(first, min(first + BATCH, end)), chosen.seed, home, until):
                found[one["class"]] += 1
                if one["class"] in BAD or chosen.verbose or chosen.only is not None:
                    print(json.dumps(one), flush=True)
            first += BATCH
    finally:
        if chosen.only is None:
            shutil.rmtree(home, ignore_errors=True)
        else:
            print(f"the bundle is at {home / 'b'}")
    counts = ", ".join(f"{found[kind]:,} {kind}" for kind in GOOD + BAD)
    print(f"{sum(found.values()):,} broken bundles, seed {chosen.seed}: {counts}")
    sys.exit(1 if any(found[kind] for kind in BAD) or not found else 0)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
