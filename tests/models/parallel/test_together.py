"""Two processes come to what one process comes to, whatever becomes of them on the way (``together.py``)."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import torch

from knobs_core import bundles
from tests.models.parallel.together import together_then_alone
from tests.small import small

ROOT = Path(__file__).parents[3]
TORCHRUN = [
    sys.executable,
    "-m",
    "torch.distributed.run",
    "--standalone",
    "--nproc-per-node",
    "2",
    "--max-restarts",
    "5",
]
FEW = {"cfae": {"dim": 8, "epochs": 3, "batch_size": 32}, "sae": {"k": 4, "epochs": 3, "batch_size": 64}}


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """Two processes that compare and then train from the command line, started once for all tests: folder, process."""
    folder, made = tmp_path_factory.mktemp("together"), small(150, 50)
    rows, columns = made.matrix.nonzero()
    (folder / "data").mkdir()
    frame = pd.DataFrame({"user_id": made.user_ids[rows], "item_id": made.item_ids[columns]})
    frame.to_csv(folder / "data" / "interactions.csv", index=False)
    train = ["train", "--data", "data", "--cfae", "elsa", "--seed", "3", "--device", "cpu", "--no-map", "--json"]
    train += [f"--set={section}.{name}={value}" for section, one in FEW.items() for name, value in one.items()]
    train += ["--out", "bundle", "--checkpoint", "kept", "--checkpoint-every", "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1"}
    process = subprocess.run(
        [*TORCHRUN, ROOT / "tests/models/parallel/together.py", folder, *train],
        capture_output=True, text=True, check=False, cwd=folder, env=environment,
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
    return folder, process


@pytest.fixture(scope="module")
def found(ran):
    """What the two processes came to."""
    return json.loads((ran[0] / "found.json").read_text(encoding="utf-8"))


def test_two_processes_write_the_bundle_that_one_writes_although_one_was_killed(ran):
    folder, process = ran
    assert json.loads(process.stdout)["bundle"] == str(folder / "bundle")  # one process prints, one document
    lines = process.stderr.splitlines()
    assert sum(line.startswith("Reading the data 1/1") for line in lines) == 2  # before the kill, and after it
    assert sum(line.startswith("Training the recommender 1/3") for line in lines) == 1
    assert sum(line.startswith("Splitting taste into knobs 1/3") for line in lines) == 1
    found = bundles.load(folder / "bundle")
    alone = bundles.train(folder / "data", "elsa", overrides=FEW, seed=3, device="cpu")
    for model in ("cfae", "sae"):
        ours, theirs = (getattr(bundle.nested, model).state_dict() for bundle in (found, alone))
        assert ours.keys() == theirs.keys()
        for name, weights in ours.items():
            assert torch.allclose(weights, theirs[name], rtol=0, atol=1e-5), name
    assert found.manifest.starts == alone.manifest.starts


@pytest.mark.parametrize("name", ["elsa", "elsa, spectral"])
def test_items_in_shards_give_the_model_of_one_process(found, name):
    weights, losses, validation, steps = found[name]
    assert steps == 40
    assert weights < 1e-5
    assert max(losses, validation) < 1e-6


@pytest.mark.parametrize("name", ["multvae", "topk", "neurons"])
def test_copies_and_neurons_in_shards_give_the_model_of_one_process(found, name):
    weights, losses, validation, steps = found[name]
    assert steps in (9, 12)
    assert weights < 1e-5
    assert max(losses, validation) < 1e-4  # of MultVAE's: some hundreds


@pytest.mark.parametrize("name", [f"{name}, double" for name in ("elsa", "multvae", "topk", "basic", "neurons")])
def test_in_double_precision_nothing_but_the_last_digits_differs(found, name):
    assert max(found[name][:3]) < 1e-10
    assert found[name][3] in (9, 40, 60)


def test_a_step_of_elsa_moves_two_sums_whose_size_does_not_depend_on_the_items(found):
    few, many = found["moved"]
    assert few["counted"] == many["counted"] == 2
    assert few["sizes"] == many["sizes"] == [32 * 8, 8 * 8]
    assert few["held"] == [51, 50]
    assert many["held"] == [151, 150]


def test_popular_items_are_on_all_ranks(found):
    one, other = found["moved"][1]["likes"]
    assert 0.8 < one / other < 1.25  # the famous half, which comes first, has four fifths of the likes


def test_a_recommender_that_is_made_is_handed_out(found):
    assert found["made"] == 0


def test_whole_trainings_are_those_of_one_process(found):
    """Batches that are drawn anew every epoch, parts of histories, and neurons that start anew among them."""
    assert max(found["alone"][:3]) < 1e-5


def test_trainings_that_were_broken_off_twice_end_bit_for_bit_as_others(found):
    assert len(found["broken"]) == 2
    assert [far[:3] for far in found["broken"].values()] == 2 * [[0, 0, 0]]


def test_another_number_of_processes_goes_on(ran, found):
    two_then_one = together_then_alone(ran[0])
    for far in (found["one, then two"], two_then_one):
        assert far.keys() == {"recommender", "sae"}
        assert max(number for four in far.values() for number in four[:3]) < 1e-5


def test_rank_0_says_what_went_wrong_and_the_others_leave(found):
    first, other = found["said"]
    assert first["one has not"].startswith("expected every process to have what this one has, found rank 1: expected")
    assert first["rank 0 has not"] == "expected something, found nothing; look again"
    assert other["one has not"] == other["rank 0 has not"] == "left with 2"
    assert first["rank 0 has"] == other["rank 0 has"] == "nothing"
    assert "processes with the same weights" in first["far apart"] == other["far apart"]


def test_what_processes_cannot_train_together_is_refused_by_name(found):
    for said in found["said"]:
        assert "batchtopk" in said["batchtopk"] == said["matryoshka"]
        assert "--sae topk for --shard-neurons" in said["basic by neurons"]
        assert "add --set sae.resample_every=0" in said["resampling by neurons"]
        assert said["topk"] == 2 * "nothing"
