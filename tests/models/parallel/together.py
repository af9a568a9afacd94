"""What two processes come to together, beside what rank 0 comes to alone; torchrun starts this, once for all tests.

``torchrun --nproc-per-node 2 --max-restarts 5 together.py FOLDER ARGUMENTS`` writes FOLDER/found.json and then does
what ``knobs ARGUMENTS`` does. In the midst of that the system kills the second process: torchrun starts both again.
"""

import json
import os
import signal
import sys
import warnings
from pathlib import Path

import numpy as np
import scipy.sparse as sp
import torch
from torch.distributed.tensor.debug import CommDebugMode
from torch.utils._python_dispatch import TorchDispatchMode

from knobs_core.base import DataError, KnobsError, Stage, rank, silent
from knobs_core.cli import main as knobs
from knobs_core.models import CFAES, InputsConfig, Known, fit, shuffled, train_cfae, train_sae
from knobs_core.models.cfae.dlae import DLAE, DLAEConfig
from knobs_core.models.cfae.elsa import ELSA, ELSAConfig
from knobs_core.models.cfae.multvae import MultVAE, MultVAEConfig
from knobs_core.models.parallel import ALONE, Part, Ranks, Work, joined, kept_in, refuse_sae, spread_cfae, spread_sae
from knobs_core.models.parallel.checkpoint import StageKeeper
from knobs_core.models.sae import BasicSAE, BatchTopKConfig, BatchTopKSAE, MatryoshkaSAE, TopKConfig, TopKSAE

CPU = torch.device("cpu")
N_USERS, N_TRAIN, N_ITEMS, D = 240, 200, 301, 24  # no number of items that two divides
NAMES = np.arange(N_ITEMS).astype(str)


def made_up(n_items):
    """Likes of items of very unequal fame, the famous first; the last item is nobody's."""
    rng = np.random.default_rng(1)
    fame = np.append(np.geomspace(0.5, 0.02, n_items - 1), 0)
    likes = sp.csr_matrix((rng.random((N_USERS, n_items)) < fame).astype(np.float32))
    train, val = np.split(np.arange(N_USERS), [N_TRAIN])
    return Known(likes[:N_TRAIN], likes[N_TRAIN:], NAMES[:n_items], NAMES[:N_USERS], train, val)


KNOWN = made_up(N_ITEMS)


def chance(seed=3):
    return np.random.default_rng(seed), torch.Generator().manual_seed(seed)


class Noted:
    """A model in whose place the loop trains this one, which notes the losses. The last weights are the best ones."""

    def __init__(self, model):
        self.model, self.losses = model, []

    def __getattr__(self, name):
        return getattr(self.model, name)

    def loss(self, batch):
        loss = self.model.loss(batch)
        self.losses.append(loss.detach().clone())
        return loss

    def validation_loss(self):
        return -float(len(self.losses))


def cfae_of(model_class, config, ranks, dtype, known=KNOWN):
    """Weights and losses of a training."""
    rng, generator = chance()
    model = model_class(known.likes.shape[1], config, generator)
    model.start(known.likes, generator)
    model.to(dtype)
    with spread_cfae(model, known, ranks, CPU) as spread:
        noted = Noted(spread.model)
        batches = lambda: map(spread.batch, shuffled(N_TRAIN, config.batch_size, rng))  # noqa: E731
        fit(noted, config, batches, noted.validation_loss, Stage("", silent))
        losses = torch.stack(noted.losses)
        with torch.no_grad():
            validation = spread.validation_loss()
    parts = ranks.count > 1 and model_class is not ELSA
    return dict(model.state_dict()), ranks.total(losses) if parts else losses, validation


def sae_of(sae_class, ranks, dtype, by_neurons, epochs):
    """Weights and losses of a training of 12 steps an epoch, the last one of a single embedding."""
    y = torch.randn(991, D, generator=torch.Generator().manual_seed(5)).to(dtype)
    rng, generator = chance(4)
    config = TopKConfig(width_ratio=101 / D, k=6, batch_size=90, epochs=epochs, l1=1e-3)
    sae = sae_class(D, config, generator).to(dtype)
    with spread_sae(sae, ranks, by_neurons) as spread:
        noted = Noted(spread.model)

        def batches():
            for rows in shuffled(len(y), 90, rng):
                mine, weight = ranks.share(len(rows))
                yield Part(y[rows[mine]], weight) if spread.in_parts else y[rows]

        fit(noted, config, batches, noted.validation_loss, Stage("", silent))
        losses = torch.stack(noted.losses)
        with torch.no_grad():
            validation = spread.validation_loss(y)
    return dict(sae.state_dict()), ranks.total(losses) if spread.in_parts else losses, validation


def far(one, other):
    """How far two trainings are apart: the weights, the losses, the last loss of validation, and the steps."""
    weights = max(float((one[0][name] - other[0][name]).abs().max()) for name in other[0])
    return [weights, float((one[1] - other[1]).abs().max()), abs(one[2] - other[2]), len(other[1])]


class Moved(TorchDispatchMode):
    """Notes the numbers in everything that processes sum."""

    def __init__(self):
        super().__init__()
        self.sizes = []

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        if "all_reduce" in str(function) or "allreduce" in str(function):
            self.sizes.append(args[0].numel() if isinstance(args[0], torch.Tensor) else args[0][0].numel())
        return function(*args, **(kwargs or {}))


def a_step_of_elsa(ranks, n_items):
    """All-reduces of a step as torch counts them, and their sizes."""
    known = made_up(n_items)
    model = ELSA(n_items, ELSAConfig(dim=8), chance()[1])
    with spread_cfae(model, known, ranks, CPU) as spread, CommDebugMode() as counted, Moved() as moved:
        spread.model.loss(spread.batch(np.arange(32))).backward()
        spread.model.before_step()
        held = len(spread.model.item_vectors)
        likes = len(spread.batch(np.arange(N_TRAIN)).items)
    return {
        "counted": counted.get_total_counts(),
        "sizes": moved.sizes,
        "held": [int(n) for n in ranks.gathered(torch.tensor(held))],
        "likes": [int(n) for n in ranks.gathered(torch.tensor(likes))],
    }


class Broken(Exception):
    """Somebody pulled the plug."""


def trained(ranks, folder, cfae="elsa", by_neurons=False, last=10**9, stage=""):
    """The weights of a whole training, which breaks off after some steps of a stage; None then."""
    rng, generator = chance()
    cfae_class, cfae_config = CFAES[cfae]
    settings = {"dim": 16} if cfae == "dlae" else {"dim": 16, "epochs": 6, "batch_size": 50}
    stepped = StageKeeper.stepped

    def break_off(self, run):
        stepped(self, run)
        if self.stage == stage and run.optimizer.steps == last:
            raise Broken

    StageKeeper.stepped = break_off
    try:
        with kept_in(folder, lambda: {"seed": 3}, ranks, rng, generator, every=0) as checkpoints:
            work = Work(ranks, checkpoints, by_neurons)
            model, _, log = train_cfae(
                cfae_class, cfae_config(**settings), KNOWN, rng, generator, CPU, Stage("", silent), work
            )
            config = TopKConfig(width_ratio=4, k=6, epochs=8, resample_every=0 if by_neurons else 3)
            autoencoder, sae_log = train_sae(
                TopKSAE, config, InputsConfig(), model, KNOWN.likes, KNOWN.val_inputs, rng, generator, CPU,
                Stage("", silent), None, work,
            )  # fmt: skip
    except Broken:
        return None
    finally:
        StageKeeper.stepped = stepped
    weights = {**model.state_dict(), **autoencoder.state_dict()}
    return weights, torch.tensor([log.get("validation_loss", 0.0)]), sae_log["best_epoch"]


def broken_off(ranks, folder, **what):
    """A training that is broken off twice and goes on, beside one that is not: how far they are apart."""
    whole = trained(ranks, None, **what)
    for stage, last in (("recommender", 11), ("sae", 21)):
        trained(ranks, folder, stage=stage, last=last, **what)
    return far(trained(ranks, folder, **what), whole)


STAGES = ("recommender", "sae")


def alone_then_together(ranks, folder):
    """Trainings that one process has broken off and two go on with, beside one of one process."""
    alone = trained(ALONE, None)
    return {stage: far(trained(ranks, folder / f"one-{stage}"), alone) for stage in STAGES}


def together_then_alone(folder):
    """The other way round."""
    alone = trained(ALONE, None)
    return {stage: far(trained(ALONE, folder / f"two-{stage}"), alone) for stage in STAGES}


def said_by(work):
    """What a piece of work says when it fails."""
    try:
        work()
    except KnobsError as error:
        return str(error)
    except SystemExit as error:
        return f"left with {error.code}"
    return "nothing"


def fails(ranks):
    """What both ranks say where one fails or both do."""

    def on(number):
        if ranks.number == number:
            raise DataError("something", "nothing", "look again")
        return 5

    def refused(sae_class, by_neurons, every=0):
        return said_by(lambda: refuse_sae(sae_class, BatchTopKConfig(resample_every=every), ranks, by_neurons))

    said = {
        "one has not": said_by(lambda: ranks.alike(lambda: on(1))),
        "rank 0 has not": said_by(lambda: ranks.by_first(lambda: on(0))),
        "rank 0 has": said_by(lambda: ranks.by_first(lambda: on(1))),
        "far apart": said_by(lambda: ranks.agreed(1.0 + ranks.number)),
        "batchtopk": refused(BatchTopKSAE, False),
        "matryoshka": refused(MatryoshkaSAE, False),
        "basic by neurons": refused(BasicSAE, True),
        "resampling by neurons": refused(TopKSAE, True, 10),
        "topk": refused(TopKSAE, True) + refused(TopKSAE, False, 10),
    }
    return Ranks._gathered(ranks, lambda: said)


def compare(folder):
    """Everything that is found, as JSON."""
    if rank() == 0:
        for stage in STAGES:
            trained(ALONE, folder / f"one-{stage}", stage=stage, last=13)
    ranks = joined("cpu")
    for stage in STAGES:
        trained(ranks, folder / f"two-{stage}", stage=stage, last=13)
    double, single = torch.float64, torch.float32
    elsa = {"dim": 16, "batch_size": 50, "epochs": 10}
    multvae = MultVAEConfig(dim=8, batch_size=67, epochs=3)
    cases = {
        "elsa": lambda on: cfae_of(ELSA, ELSAConfig(**elsa), on, single),
        "elsa, double": lambda on: cfae_of(ELSA, ELSAConfig(**elsa), on, double),
        "elsa, spectral": lambda on: cfae_of(ELSA, ELSAConfig(**elsa, start="spectral"), on, single),
        "multvae": lambda on: cfae_of(MultVAE, multvae, on, single),
        "multvae, double": lambda on: cfae_of(MultVAE, multvae, on, double),
        "topk": lambda on: sae_of(TopKSAE, on, single, False, 1),
        "topk, double": lambda on: sae_of(TopKSAE, on, double, False, 5),
        "basic, double": lambda on: sae_of(BasicSAE, on, double, False, 5),
        "neurons": lambda on: sae_of(TopKSAE, on, single, True, 1),
        "neurons, double": lambda on: sae_of(TopKSAE, on, double, True, 5),
    }
    found = {name: far(work(ranks), work(ALONE)) for name, work in cases.items()}
    found["moved"] = [a_step_of_elsa(ranks, n) for n in (101, 301)]
    found["said"] = fails(ranks)
    dlae, _, _ = train_cfae(DLAE, DLAEConfig(dim=16), KNOWN, *chance(), CPU, Stage("", silent), Work(ranks))
    found["made"] = ranks.gathered(dlae.encoder).diff(dim=0).abs().max().item()
    found["broken"] = {
        str(what): broken_off(ranks, folder / f"broken-{number}", **what)
        for number, what in enumerate(({"by_neurons": True}, {"cfae": "multvae"}))
    }
    found["alone"] = far(trained(ranks, None), trained(ALONE, None))
    found["one, then two"] = alone_then_together(ranks, folder)
    if ranks.first:
        (folder / "found.json").write_text(json.dumps(found), encoding="utf-8")


stepped = StageKeeper.stepped


def kill(self, run):
    """In the place of a keeper's ``stepped``."""
    if self.stage == "sae" and run.optimizer.steps == 18:
        os.kill(os.getpid(), signal.SIGKILL)
    stepped(self, run)


if __name__ == "__main__":
    place, first_time = Path(sys.argv[1]), os.environ["TORCHELASTIC_RESTART_COUNT"] == "0"
    if first_time:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            compare(place)
    if first_time and rank() == 1:
        StageKeeper.stepped = kill
    knobs(sys.argv[2:])
