"""Fixtures: planted data whose right answers are known, and bundles trained once for the whole run.

Nothing heavy is imported here, so that a test of plain functions starts at once. What takes seconds to make lies in a
folder that all workers of pytest-xdist share: whoever needs it first makes it, the others wait and read it.
"""

import dataclasses
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.given import ROOT, SMALL

# Before torch and numba: thread pools of several workers, or beside a browser, wait for each other. Numba, which draws
# maps, would also give torch its own number of threads.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("NUMBA_NUM_THREADS", "1")
os.environ.setdefault("STREAMLIT_BROWSER_GATHER_USAGE_STATS", "false")

# On a busy machine nothing is wrong with a test that takes long; fixtures here keep what they give between examples.
settings.register_profile(
    "knobs", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
settings.load_profile("knobs")

# Processes that are started in the background ignore Ctrl-C, and so would all that tests start and end by it.
for one in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(one) == signal.SIG_IGN:
        signal.signal(one, signal.default_int_handler)


# Files that take longest, from a few minutes down to a quarter of one. They start first, so that no worker is left
# alone with one of them.
LONGEST = (
    "tests/browser/test_map.py",
    "tests/test_public_face.py",
    "tests/browser/test_board.py",
    "tests/browser/test_exchange.py",
    "tests/bundles/test_train.py",
    "tests/knobs_ui/test_jobs.py",
    "tests/browser/test_stage.py",
    "tests/browser/test_studio.py",
    "tests/browser/test_words.py",
    "tests/knobs_ui/test_server.py",
    "tests/knobs_ui/test_exchange.py",
    "tests/browser/test_hostile.py",
    "tests/knobs_ui/test_hosting.py",
    "tests/steering/test_counterfactual.py",
    "tests/cli/test_train.py",
    "tests/models/parallel/test_together.py",
    "tests/models/parallel/test_checkpoint.py",
    "tests/browser/test_keep.py",
    "tests/test_notebooks.py",
    "tests/paper/test_run.py",
    "tests/knobs_ui/pages/test_lab.py",
    "tests/attacks/test_exchange.py",
    "tests/cli/test_main.py",
    "tests/browser/test_landing.py",
    "tests/bundles/test_places.py",
    "tests/maps/test_placement.py",
    "tests/evaluation/test_cold_start.py",
    "tests/browser/test_sign_in.py",
    "tests/paper/test_cells.py",
    "tests/bundles/test_names.py",
    "tests/knobs_ui/pages/test_forged.py",
    "tests/knobs_ui/pages/test_panel.py",
    "tests/knobs_ui/studio/test_recipe.py",
    "tests/test_replicas.py",
    "tests/browser/test_lab.py",
    "tests/knobs_ui/pages/test_small.py",
    "tests/attacks/test_kills.py",
    "tests/cli/test_look.py",
    "tests/bundles/test_small.py",
    "tests/cli/test_run.py",
    "tests/bundles/test_evaluate.py",
    "tests/maps/test_layout.py",
    "tests/cli/test_export.py",
    "tests/browser/test_firefox.py",
    "tests/attacks/test_fuzz_bundles.py",
    "tests/knobs_ui/studio/test_mood.py",
    "tests/browser/test_policy.py",
    "tests/cli/test_lists.py",
    "tests/bundles/test_person.py",
    "tests/bundles/test_interrupted.py",
    "tests/knobs_ui/test_words.py",
    "tests/knobs_ui/studio/test_rules.py",
    "tests/knobs_ui/pages/test_map.py",
    "tests/knobs_ui/cards/test_ask.py",
    "tests/language/test_encoder.py",
    "tests/knobs_ui/test_sign_in.py",
    "tests/cli/test_serve.py",
    "tests/publishing/test_database.py",
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
def planted_again(once, planted_folder):
    """``planted_again(cfae, seed)``: the path of a bundle trained once more on the same tables; start: of neurons."""

    def made(cfae, seed, start="items"):
        from knobs_core import bundles

        settings = {**SMALL, "sae": {**SMALL["sae"], "start": start}}

        def make(folder):
            trained = bundles.train(str(planted_folder), cfae, overrides=settings, seed=seed, device="cpu")
            bundles.save(trained, folder / "b")

        return once(f"planted-{cfae}-{seed}-{start}", make) / "b"

    return made


@pytest.fixture(scope="session")
def retrained_bundle(planted_again):
    """The same tables, trained with another seed."""
    from knobs_core import bundles

    return bundles.load(planted_again("elsa", 4))


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
def ten_lines(once):
    """A folder with what the script among the examples said, and the bundle that it trained where the app looks for it.

    It trains on the demo with all defaults, which takes half a minute; whoever needs such a bundle reads this one.
    """
    program = (
        "import runpy, sys\nran = runpy.run_path(sys.argv[1], run_name='__main__')\n"
        "ran['knobs'].save(ran['bundle'], sys.argv[2])"
    )

    def make(home):
        home.mkdir()
        result = subprocess.run(
            [sys.executable, "-c", program, str(ROOT / "examples" / "ten_lines.py"), "bundles/demo"],
            cwd=home,
            env={**os.environ, "PYTHONPATH": str(ROOT), "KNOBS_HOME": str(home), "CUDA_VISIBLE_DEVICES": ""},
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        (home / "said.txt").write_text(result.stdout, encoding="utf-8")

    return once("home", make)


@pytest.fixture(scope="session")
def demo_path(ten_lines):
    """A bundle trained on the demo with all defaults, on disk where the app looks for it."""
    return ten_lines / "bundles" / "demo"


@pytest.fixture(scope="session")
def demo_bundle(demo_path):
    """The demo's bundle, read."""
    from knobs_core import bundles

    return bundles.load(demo_path)
