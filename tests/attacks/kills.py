"""Runs ended at random moments: ``python tests/attacks/kills.py --saves 200 --trains 20 --maps 60 --stops 20``.

A child process writes again and again where a bundle lies already, until a signal ends it:

    saves    SIGKILL while bundles are saved; by turns with none and two earlier ones kept, where the system can
             exchange two names in one step and where it cannot
    trains   SIGKILL in ``knobs train``, from its first moment to its last
    maps     SIGKILL while a map is written into the bundle
    stops    SIGINT, which Ctrl-C sends, while bundles are saved

Then the bundle is read, and the earlier ones that were kept: it is lost where one of them is not as it was written.
What lies there and is no part of a bundle was left over, if it is still there after the next run; after SIGINT, at
once.

Prints what was lost or left over, and a line that counts all; exit code 1 if there is anything.
"""

import argparse
import collections
import contextlib
import io
import itertools
import os
import shutil
import signal
import sys
import tempfile
import time
import warnings
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np

from knobs_core import bundles
from knobs_core.base import BundleError, places
from knobs_core.cli import main as knobs
from tests.attacks.two_bundles import TINY, mapped, tables, two_bundles

KEEP = 2  # earlier bundles, in half of the saves
LONGER = 1.5  # times that a write takes until the last moment at which its run is ended


def saving(_):
    """Saves bundles, in four ways by turns."""

    def save(bundle, path, number):
        exchange = places.exchange
        places.exchange = exchange if number // 2 % 2 else lambda *_: False
        try:
            bundles.save(bundle, path, KEEP * (number % 2))
        finally:
            places.exchange = exchange

    return save, two_bundles()


def mapping(_):
    """Writes the maps of a bundle into it."""
    bundle, _ = two_bundles()
    return lambda drawn, path, _: bundles.save_map(drawn, path), [bundle, mapped(bundle, seed=2)]


def training(home):
    """Trains bundles by the command."""
    folder, made = home / "data", tables()
    folder.mkdir()
    for name in ("interactions", "items", "tags"):
        getattr(made, name).to_csv(folder / f"{name}.csv", index=False)
    settings = [f"--set={section}.{name}={value}" for section, row in TINY.items() for name, value in row.items()]
    command = ["train", f"--data={folder}", "--cfae=elsa", "--no-map", *settings]

    def train(seed, path):
        said = contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO())
        with said[0], said[1]:
            knobs([*command, f"--out={path}", f"--seed={seed}"])
        return bundles.load(path)

    written = [train(seed, home / "trained") for seed in (1, 2)]
    return lambda bundle, path, _: train(bundle.manifest.seed, path), written


KINDS = {
    "saves": (saving, signal.SIGKILL),
    "trains": (training, signal.SIGKILL),
    "maps": (mapping, signal.SIGKILL),
    "stops": (saving, signal.SIGINT),
}


def ended(write, written, path, number, after, sent):
    """Write again and again in a process of its own, and end it after some seconds."""
    pid = os.fork()
    if not pid:
        with contextlib.suppress(BaseException):
            for bundle in itertools.cycle(reversed(written)):
                write(bundle, path, number)
        os._exit(0)
    time.sleep(after)
    for tick in itertools.count():
        if tick % 1000 == 0:  # again after ten seconds: where it has just been forked, Python cannot be interrupted
            os.kill(pid, sent)
        if os.waitpid(pid, os.WNOHANG)[0]:
            return
        time.sleep(0.01)


def content(bundle):
    """What tells bundles apart, their maps and names with them."""
    return bundle.id, bundle.projection and bundle.projection.id, tuple(bundle.names.items())


def rest(path, keep):
    """Names of what lies beside or in a bundle and is no part of one: as many are kept as were to be."""
    kept = places.kept(path)[:keep]
    beside = set(path.parent.iterdir()) - {path, path.with_name(f".{path.name}.lock"), *kept}
    inside = (file for folder in (path, *kept) for file in folder.glob(".*"))
    return sorted(file.name for file in (*beside, *inside))


def attack(kind, n, home, rng):
    """End ``n`` runs of a kind; how many there were, were ended while they wrote, and what went wrong."""
    make, sent = KINDS[kind]
    write, written = make(home)
    path, found, whole = home / "place" / "b", collections.Counter(), {content(bundle) for bundle in written}
    bundles.save(written[0], path)
    started = time.monotonic()
    write(written[1], path, 0)
    seconds = time.monotonic() - started
    for number in range(n):
        shutil.rmtree(path.parent)
        bundles.save(written[0], path)
        ended(write, written, path, number, rng.uniform(0, LONGER * seconds), sent)
        before = left = rest(path, KEEP)
        try:
            lost = {content(bundles.load(one)) for one in (path, *places.kept(path))} - whole
            if sent == signal.SIGKILL:
                write(written[0], path, number)
                left = rest(path, KEEP)
        except BundleError as error:
            lost = str(error)
        found.update({"writing": bool(before), "lost": bool(lost), "left over": bool(left)})
        if lost or left:
            print(f"{kind} {number}: lost {lost or 'nothing'}, left over {left or 'nothing'}", flush=True)
    shutil.rmtree(path.parent)
    return found


def main():
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where it runs in the background
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    for kind, n in zip(KINDS, (200, 20, 60, 20), strict=True):
        parser.add_argument(f"--{kind}", type=int, default=n, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    chosen = vars(parser.parse_args())
    found, rng = collections.Counter(), np.random.default_rng(chosen["seed"])
    with tempfile.TemporaryDirectory(prefix="knobs-kills-") as home:
        for kind in KINDS:
            if chosen[kind]:
                found += attack(kind, chosen[kind], Path(home), rng)
    tried = ", ".join(f"{chosen[kind]:,} {kind}" for kind in KINDS)
    wrong = ", ".join(f"{found[what]:,} {what}" for what in ("lost", "left over"))
    print(f"{tried} ended, seed {chosen['seed']}, {found['writing']:,} of them in the middle of a write: {wrong}")
    sys.exit(1 if found["lost"] or found["left over"] else 0)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
