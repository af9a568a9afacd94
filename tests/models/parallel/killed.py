"""Trainings that are killed: ``python killed.py FOLDER`` trains beside FOLDER with a SIGKILL at every few steps.

A child process trains and is killed by the system after some steps of a stage; the next goes on, until one comes to its
end. The last line of stdout says by how much its weights differ from those of a child that nobody killed.
"""

import json
import os
import signal
import sys
import warnings
from pathlib import Path

import torch
import torch.distributed.checkpoint  # once, and not in every child
from safetensors.torch import load_file, save_file

from knobs_core import bundles
from knobs_core.models.parallel.checkpoint import StageKeeper
from tests.small import small

KILLS = [("recommender", 3), ("recommender", 17), ("sae", 2), ("sae", 25), ("", 0)]
SETTINGS = {"cfae": {"epochs": 5, "batch_size": 20}, "sae": {"epochs": 4, "batch_size": 64}}


def child(checkpoint, out, stage, steps):
    """Train in another process, which is killed after some steps of a stage; whether it was, and where it began."""
    stepped, began = StageKeeper.stepped, out.with_suffix(".began")

    def kill(self, run):
        if self.stage == stage and run.optimizer.steps == steps:
            os.kill(os.getpid(), signal.SIGKILL)
        stepped(self, run)

    def note(self, run):
        resume(self, run)
        with began.open("a", encoding="utf-8") as file:
            file.write(f"{self.stage} {run.optimizer.steps:.0f}\n")

    began.unlink(missing_ok=True)
    pid = os.fork()
    if not pid:
        resume = StageKeeper.resume
        StageKeeper.stepped, StageKeeper.resume = kill, note
        made = bundles.train(
            small(120, 40), "elsa", dim=8, k=4, overrides=SETTINGS, device="cpu", checkpoint=checkpoint,
            checkpoint_every=0,
        )  # fmt: skip
        save_file({**made.nested.cfae.state_dict(), **_stored(made.nested.sae.state_dict())}, out)
        os._exit(0)
    ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return ended, began.read_text(encoding="utf-8").split("\n")[:-1] if began.exists() else []


def _stored(weights):
    return {name: one.contiguous() for name, one in weights.items()}


def main(folder):
    warnings.simplefilter("error")
    torch.set_num_threads(1)
    folder.mkdir()
    whole, other = folder / "whole.safetensors", folder / "other.safetensors"
    child(None, whole, "", 0)
    runs = [child(folder / "kept", other, *one) for one in KILLS]
    before, after = load_file(whole), load_file(other)
    apart = max(float((before[name] - after[name]).abs().max()) for name in before)
    left = sorted(file.name for file in (folder / "kept").iterdir())
    print(json.dumps({"runs": runs, "apart": apart, "left": left}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
