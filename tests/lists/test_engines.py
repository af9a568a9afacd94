"""Blocks of readers by a pool, Ray and Spark, some of whose workers are killed, against one process.

Ray and Spark are tried where they are installed: pip install -e ".[ray,spark]" && pytest tests/lists/test_engines.py
"""

import dataclasses
import multiprocessing
import os
import signal
import sys
import types
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from knobs_core import bundles
from knobs_core.base import BundleError, ConfigError, StorageError
from knobs_core.lists import HouseRules, Workers, engines, recipe_of, render
from knobs_core.lists.blocks import Job

RECIPE = recipe_of(
    {
        "slug": "evening",
        "length": 8,
        "dials": [{"knob": "concept 3", "amount": 0.4}, {"knob": "concept 1", "amount": -0.4}],
        "quotas": [{"of": "tag", "most": 2, "window": 4}],
        "arms": [{"name": "more", "share": 0.3, "dials": [{"knob": "concept 7", "amount": 0.8}]}],
    }
)
HOUSE = HouseRules(bans=("i9",))


@dataclasses.dataclass(frozen=True)
class Mortal(Job):
    """A job whose process is killed in block 1 before it writes, and in block 2 when it has written; once each."""

    def __call__(self, numbers):
        [number] = numbers["id"].to_pylist()
        marks = Path(self.folder).parent / "killed"
        marks.mkdir(exist_ok=True)
        dies = number in (1, 2) and not (marks / str(number)).exists()
        if dies and number == 1:
            (marks / "1").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        found = super().__call__(numbers)
        if dies:
            (marks / "2").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return found


def always_killed(numbers):
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture
def bundle(planted_path, monkeypatch):
    """The planted bundle, read, whose 600 readers make six blocks in two arms."""
    monkeypatch.setattr("knobs_core.lists.rendering.AT_ONCE", 130)
    # Tests of pages leave a page as the main program, which processes of a pool would run.
    monkeypatch.setitem(sys.modules, "__main__", types.ModuleType("__main__"))
    return bundles.load(planted_path)


def lists_in(folder):
    return pa.concat_tables(pq.ParquetFile(file).read() for file in sorted(folder.iterdir()))


def by(engine, bundle, planted_path, folder, monkeypatch, processes=None):
    """What workers of an engine write into a folder, after two of them were killed; beside what one process does."""
    render(bundle, RECIPE, folder / "alone.parquet", house=HOUSE)
    alone = pq.ParquetFile(folder / "alone.parquet").read()
    monkeypatch.setattr("knobs_core.lists.blocks.Job", Mortal)
    done = render(bundle, RECIPE, folder / "lists", house=HOUSE, workers=Workers(str(planted_path), engine, processes))
    assert sorted(file.name for file in (folder / "killed").iterdir()) == ["1", "2"]
    assert (done.readers, done.rows) == (600, len(alone))
    assert [file.name for file in sorted((folder / "lists").iterdir())] == [f"lists-{n:06}.parquet" for n in range(6)]
    assert lists_in(folder / "lists").equals(alone)  # every reader once, in the same order, with the same scores
    assert not list(folder.glob(".lists.partial-*"))


def test_a_pool_whose_processes_are_killed_writes_what_one_process_does(bundle, planted_path, tmp_path, monkeypatch):
    by("local", bundle, planted_path, tmp_path, monkeypatch)
    assert multiprocessing.active_children() == []


def test_processes_that_are_always_killed_are_given_up(monkeypatch):
    monkeypatch.setattr(engines, "TRIES", 1)
    with pytest.raises(ConfigError, match="one killed 1 times in a row"):
        list(engines.local(always_killed, 3, 1))


def test_what_is_wrong_in_a_process_is_said_in_one_line(bundle, planted_path, tmp_path):
    other = dataclasses.replace(bundle, manifest=bundle.manifest.model_copy(update={"seed": 99}))
    with pytest.raises(BundleError, match="render once more") as error:
        render(other, RECIPE, tmp_path / "lists", workers=Workers(str(planted_path)))
    assert bundle.id in str(error.value)
    assert [file.name for file in tmp_path.iterdir()] == [".lists.lock"]


def test_a_second_run_replaces_the_first_and_nothing_else(bundle, tmp_path):
    out, users = tmp_path / "lists", bundle.interactions.user_ids.tolist()
    assert render(bundle, RECIPE, out).readers == 600
    assert len(list(out.iterdir())) == 6
    assert render(bundle, RECIPE, out, users[:50]).readers == 50
    assert set(lists_in(out)["user_id"].to_pylist()) == set(users[:50])
    (out / "letter.txt").write_text("mine")
    with pytest.raises(StorageError, match=r"'letter.txt' in it"):
        render(bundle, RECIPE, out)
    (tmp_path / "file").write_text("mine")
    with pytest.raises(StorageError, match="found a file"):
        render(bundle, RECIPE, tmp_path / "file")
    assert ((out / "letter.txt").read_text(), (tmp_path / "file").read_text()) == ("mine", "mine")


def test_what_a_killed_run_left_is_removed(bundle, tmp_path):
    (tmp_path / ".lists.partial-0123abcd").mkdir()
    (tmp_path / ".lists.partial-0123abcd" / "lists-000000.parquet").touch()
    render(bundle, RECIPE, tmp_path / "lists")
    assert sorted(file.name for file in tmp_path.iterdir()) == [".lists.lock", "lists"]


def test_an_engine_that_is_not_installed_is_named(bundle, planted_path, tmp_path, monkeypatch):
    for engine, module in (("ray", "ray"), ("spark", "pyspark")):
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(ConfigError, match=rf"knobs-recsys\[{engine}\]"):
            render(bundle, RECIPE, tmp_path / "lists", workers=Workers(str(planted_path), engine))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_two_nodes_of_ray_write_what_one_process_does(bundle, planted_path, tmp_path, monkeypatch):
    ray = pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    try:
        cluster.add_node(num_cpus=1)
        ray.init(address=cluster.address, log_to_driver=False)
        by("ray", bundle, planted_path, tmp_path, monkeypatch)
        assert len(ray.nodes()) == 2
    finally:
        ray.shutdown()
        cluster.shutdown()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_spark_writes_what_one_process_does(bundle, planted_path, tmp_path, monkeypatch):
    cloudpickle = pytest.importorskip("pyspark.cloudpickle")
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    by("spark", bundle, planted_path, tmp_path, monkeypatch, processes=2)
