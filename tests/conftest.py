"""Fixtures: planted data whose right answers are known, and bundles trained once for the whole run.

Nothing heavy is imported here, so that a test of plain functions starts at once. What takes seconds to make lies in a
folder that all workers of pytest-xdist share: whoever needs it first makes it, the others wait and read it.
"""

import dataclasses
import os
import signal
import time
from pathlib import Path

import pytest

from tests.given import SMALL

# Before torch and numba: thread pools of several workers, or beside a browser, wait for each other. Numba, which draws
# maps, would also give torch its own number of threads.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("NUMBA_NUM_THREADS", "1")
os.environ.setdefault("STREAMLIT_BROWSER_GATHER_USAGE_STATS", "false")

# Processes that are started in the background ignore Ctrl-C, and so would all that tests start and end by it.
for one in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(one) == signal.SIG_IGN:
        signal.signal(one, signal.default_int_handler)


# Files that take longest, from a few minutes down to a quarter of one. They start first, so that no worker is left
# alone with one of them; the first three wait for nothing that another one makes.
LONGEST = (
    "tests/browser/test_board.py",
    "tests/knobs_ui/test_hosting.py",
    "tests/bundles/test_places.py",
    "tests/browser/test_map.py",
    "tests/browser/test_stage.py",
    "tests/bundles/test_train.py",
    "tests/test_public_face.py",
    "tests/knobs_ui/test_server.py",
    "tests/browser/test_landing.py",
    "tests/browser/test_hostile.py",
    "tests/browser/test_keep.py",
    "tests/knobs_ui/test_exchange.py",
    "tests/publishing/test_database.py",
    "tests/browser/test_policy.py",
    "tests/browser/test_exchange.py",
    "tests/cli/test_train.py",
    "tests/steering/test_own.py",
    "tests/steering/test_counterfactual.py",
    "tests/cli/test_run.py",
    "tests/evaluation/test_cold_start.py",
    "tests/knobs_ui/pages/test_lab.py",
    "tests/browser/test_firefox.py",
    "tests/browser/test_lab.py",
    "tests/knobs_ui/pages/test_small.py",
    "tests/cli/test_main.py",
    "tests/knobs_ui/test_jobs.py",
    "tests/models/cfae/test_embeddings.py",
    "tests/knobs_ui/pages/test_map.py",
    "tests/bundles/test_small.py",
    "tests/attacks/test_fuzz_bundles.py",
    "tests/paper/test_cells.py",
    "tests/maps/test_layout.py",
    "tests/data/sources/test_registry.py",
)
RANK = {file: place for place, file in enumerate(LONGEST)}
BROWSER, AT_MOST = "tests/browser/", 2  # workers that drive a browser, which asks for a core of its own and more
ENDED = {}  # when each worker told its last result


def pytest_xdist_make_scheduler(config, log):
    """The tests of a file go to one worker, so that what they share is made once; the longest files start first, but
    those with a browser only beside one other at most."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return nodeid.partition("::")[0]

        def _assign_work_unit(self, node):
            left = self.workqueue
            driving = [
                any(file.startswith(BROWSER) and not all(done.values()) for file, done in files.items())
                for other, files in self.assigned_work.items()
                if other is not node
            ]
            full = sum(driving) >= AT_MOST
            order = {
                file: (full and file.startswith(BROWSER), RANK.get(file, len(RANK)), -len(tests))
                for file, tests in left.items()
            }
            left.move_to_end(min(order, key=order.get), last=False)
            super()._assign_work_unit(node)

    return ByFile(config, log)


def pytest_runtest_logreport(report):
    if hasattr(report, "node"):  # in the process that hears the workers
        ENDED[report.node.gateway.id] = time.monotonic()


def pytest_terminal_summary(terminalreporter):
    if ENDED:
        idle = (f"{name} {max(ENDED.values()) - ended:.0f} s" for name, ended in sorted(ENDED.items()))
        terminalreporter.write_line(f"idle at the end: {', '.join(idle)}")


@pytest.fixture(scope="session")
def once(tmp_path_factory):
    """``once(name, make)``: the path of something that ``make(path)`` makes, once for all workers of this run."""
    from filelock import FileLock

    own = tmp_path_factory.getbasetemp()
    root = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own

    def made(name, make) -> Path:
        path, done = root / name, root / f".{name}.done"
        with FileLock(root / f".{name}.lock"):
            if not done.exists():
                make(path)
                done.touch()
        return path

    return made


@pytest.fixture(scope="session")
def planted_folder(once):
    """Planted tables in the plain layout."""

    def write(folder):
        from knobs_core.data.planted import planted

        folder.mkdir()
        tables = planted()
        tables.interactions.to_csv(folder / "interactions.csv", index=False)
        tables.items.to_csv(folder / "items.csv", index=False)
        tables.tags.to_parquet(folder / "tags.parquet", index=False)

    return once("planted", write)


@pytest.fixture(scope="session")
def planted_bundle(planted_folder):
    """A bundle trained on the planted tables, as training leaves it: it takes a second and was never on disk.

    Its recommender is ELSA, whose item vectors are its whole model, so that NumPy rewrites are short.
    """
    from knobs_core import bundles

    return bundles.train(str(planted_folder), "elsa", overrides=SMALL, seed=3, device="cpu")


@pytest.fixture(scope="session")
def retrained_bundle(planted_folder):
    """The same tables, trained with another seed."""
    from knobs_core import bundles

    return bundles.train(str(planted_folder), "elsa", overrides=SMALL, seed=4, device="cpu")


@pytest.fixture(scope="session")
def mapped_bundle(planted_bundle, once):
    """The same bundle with its map, which takes ten seconds to draw."""
    from knobs_core import bundles

    folder = once("mapped-planted", lambda folder: bundles.save(bundles.draw_map(planted_bundle), folder / "b"))
    return dataclasses.replace(planted_bundle, projection=bundles.load(folder / "b").projection)


@pytest.fixture(scope="session")
def small_path(once):
    """``small_path(n_items, n_users)``: a bundle of so small a catalogue with its map, on disk."""

    def made(n_items, n_users):
        from knobs_core import bundles
        from tests.small import FEW_STEPS, small

        def make(folder):
            trained = bundles.train(small(n_users, n_items), overrides=FEW_STEPS, device="cpu")
            bundles.save(bundles.draw_map(trained), folder / "b")

        return once(f"small-{n_items}-{n_users}", make) / "b"

    return made


@pytest.fixture(scope="session")
def planted_path(planted_bundle, tmp_path_factory):
    """The same bundle on disk."""
    from knobs_core import bundles

    path = tmp_path_factory.mktemp("bundles") / "planted"
    bundles.save(planted_bundle, path)
    return path


@pytest.fixture(scope="session")
def demo_path(once):
    """A bundle trained on the demo with all defaults, on disk where the app looks for it."""
    from knobs_core import bundles

    home = once("home", lambda home: bundles.save(bundles.train("demo", device="cpu"), home / "bundles" / "demo"))
    return home / "bundles" / "demo"


@pytest.fixture(scope="session")
def demo_bundle(demo_path):
    """The demo's bundle, read."""
    from knobs_core import bundles

    return bundles.load(demo_path)
