"""Trainings that are killed go on, and go on with nothing but their own checkpoints."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from knobs_core import bundles
from knobs_core.base import ConfigError, DataError, Stage, StorageError, silent
from knobs_core.models import fit, kept_in
from knobs_core.models.cfae.bags import to_bags
from knobs_core.models.cfae.elsa import ELSA, ELSAConfig
from knobs_core.models.parallel import ALONE, checkpoint
from knobs_core.models.sae import BatchTopKConfig, BatchTopKSAE
from tests.models.made_up import N_ITEMS, generator, likes
from tests.small import small

SETTINGS = {"cfae": {"epochs": 2}, "sae": {"epochs": 2}}


def test_a_process_that_is_killed_goes_on_bit_for_bit(tmp_path):
    """SIGKILL at steps of both stages: no work is lost but that since the last checkpoint, none of a stage that is over
    is done again, and the weights are those of a training that nobody killed."""
    script, root = Path(__file__).with_name("killed.py"), Path(__file__).parents[3]
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(root)!r}); {RUN}", script, tmp_path / "k"]
    process = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)
    assert process.returncode == 0, process.stderr
    found = json.loads(process.stdout)
    assert found["apart"] == 0
    assert found["runs"] == [
        [-9, ["recommender 0"]],
        [-9, ["recommender 0"]],  # no step 8 was reached before
        [-9, ["recommender 16", "sae 0"]],
        [-9, ["sae 0"]],
        [0, ["sae 24"]],
    ]
    assert found["left"] == [".lock", "recommender-done", "sae-done", "training.json"]


RUN = "import runpy; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A folder with the checkpoints of a training that is over, and its data."""
    folder, data = tmp_path_factory.mktemp("kept") / "c", small(30, 20)
    bundles.train(data, "elsa", dim=4, k=2, overrides=SETTINGS, device="cpu", checkpoint=folder)
    return folder, data


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"seed": 43}, "one with seed 42 instead of 43; choose another folder, or remove it to begin anew"),
        ({"dim": 5}, "one with cfae.dim 4 instead of 5"),
        ({"k": 3}, "one with sae.k 2 instead of 3"),
        ({"sae": "basic"}, 'one with sae.name "topk" instead of "basic"'),
        ({"starts": ["i3"]}, 'one with starts [] instead of ["i3"]'),
        ({"data": small(30, 20, seed=1)}, 'one with data "30 users, 20 items, SHA-256'),
    ],
)
def test_a_checkpoint_of_another_training_is_refused(kept, changed, says):
    folder, data = kept
    settings = {"data": data, "cfae": "elsa", "dim": 4, "k": 2, "overrides": SETTINGS} | changed
    if changed.get("sae") == "basic":
        settings.pop("k")
    with pytest.raises(ConfigError) as error:
        bundles.train(**settings, device="cpu", checkpoint=folder)
    assert f"expected a checkpoint of this training in {folder}, found " in str(error.value)
    assert says in str(error.value)


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "photo").touch()
    with pytest.raises(ConfigError, match="a new folder for checkpoints, found photo in"):
        bundles.train(small(30, 20), checkpoint=tmp_path)
    with pytest.raises(StorageError, match="not a directory"):
        bundles.train(small(30, 20), checkpoint=tmp_path / "photo" / "c")


def test_a_folder_that_another_training_uses_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint, "PATIENCE", 0)
    with holding(tmp_path), pytest.raises(StorageError, match="to be alone with its checkpoints, found a training in"):
        holding(tmp_path).__enter__()
    with holding(tmp_path):
        pass


@pytest.mark.parametrize("damage", ["cut", "gone", "state"])
def test_a_damaged_checkpoint_says_which_folder_to_remove(kept, tmp_path, damage):
    folder, data = tmp_path / "c", kept[1]
    shutil.copytree(kept[0], folder)
    done = folder / "sae-done"
    [tensors] = done.glob("*.distcp")
    if damage == "cut":
        tensors.write_bytes(tensors.read_bytes()[:100])
    else:
        (tensors if damage == "gone" else done / "state.json").unlink()
    with pytest.raises(DataError, match=f"a whole checkpoint in {done}, found .* remove this folder"):
        bundles.train(data, "elsa", dim=4, k=2, overrides=SETTINGS, device="cpu", checkpoint=folder)


def holding(folder, every=0, seed=0):
    return kept_in(folder, lambda: {"seed": seed}, ALONE, np.random.default_rng(seed), generator(seed), every)


def trained(folder, every=0, epochs=30, breaks=None):
    """Names of checkpoints after each step of a training."""
    model, seen = ELSA(N_ITEMS, config := ELSAConfig(dim=4, epochs=epochs, patience=99), generator()), []

    def batches():
        yield to_bags(likes())
        seen.append(sorted(path.name for path in folder.iterdir() if not path.name.startswith(".")))
        if len(seen) == breaks:
            raise KeyboardInterrupt

    with holding(folder, every) as kept:
        fit(model, config, batches, lambda: 1.0 / len(seen), Stage("", silent), keeper=kept.keeper("m", model, {}, {}))
    return seen


def test_the_two_newest_are_kept_one_at_every_eighth_step(tmp_path):
    seen = trained(tmp_path)
    names = [f"m-{epoch:06}-000000001" for epoch in (8, 16, 24)]
    assert seen[6] == ["training.json"]
    assert seen[7] == [names[0], "training.json"]
    assert seen[15] == [*names[:2], "training.json"]
    assert seen[-1] == [*names[1:], "training.json"]


def test_the_clock_says_when(tmp_path):
    assert trained(tmp_path, every=3600)[-1] == ["training.json"]


def test_what_is_half_written_is_removed_and_never_read(tmp_path):
    """A checkpoint has a dot before its name until all of it is there, and again before any of it goes."""
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path, breaks=17)
    half, going = tmp_path / ".m-000017-000000001.partial", tmp_path / ".m-000008-000000001.old"
    shutil.copytree(tmp_path / "m-000016-000000001", half)
    (half / ".metadata").unlink()
    (tmp_path / "m-000008-000000001").rename(going)
    seen = trained(tmp_path)
    assert len(seen) == 30 - 15  # from the epoch whose only step was done: its validation was not
    assert not half.exists()
    assert not going.exists()


def test_what_a_model_has_beside_its_weights_is_kept(tmp_path):
    y = torch.randn(64, 8, generator=generator())

    def idle_after(epochs, folder):
        sae = BatchTopKSAE(8, BatchTopKConfig(k=1, epochs=epochs, patience=99), generator())
        with holding(folder) as kept:
            config = BatchTopKConfig(k=1, epochs=epochs, patience=99)
            fit(sae, config, lambda: y.split(8), lambda: 1.0, Stage("", silent), keeper=kept.keeper("s", sae, {}, {}))
        return sae.idle

    once = idle_after(4, tmp_path / "once")
    idle_after(2, tmp_path / "twice")
    assert torch.equal(idle_after(4, tmp_path / "twice"), once)
    assert once.max() > 0
