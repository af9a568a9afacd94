"""Training in several processes, and in processes that may be killed: ranks, what each holds, checkpoints."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from knobs_core.models.fit import Forgetful, Keeper
from knobs_core.models.module import Module
from knobs_core.models.parallel.around import Part
from knobs_core.models.parallel.cfaes import spread_cfae
from knobs_core.models.parallel.checkpoint import EVERY, Checkpoints, kept_in
from knobs_core.models.parallel.ranks import ALONE, Ranks, joined
from knobs_core.models.parallel.saes import refuse_sae, spread_sae


class Work(NamedTuple):
    """How a training is done, which changes nothing about what comes out but by rounding.

    ranks: the processes that train together; checkpoints: where it is kept, if it is; shard_neurons: whether each rank
    holds a part of the SAE's neurons instead of a copy
    """

    ranks: Ranks = ALONE
    checkpoints: Checkpoints | None = None
    shard_neurons: bool = False

    def note(self, stage: str) -> dict[str, Any]:
        """How the weights of the newest checkpoint of a stage are held; {} where there is none."""
        return self.checkpoints.note(stage) if self.checkpoints else {}

    def keeper(
        self, stage: str, model: Module, sharded: Mapping[str, tuple[int, int]], notes: Mapping[str, Any]
    ) -> Keeper:
        """Who keeps a stage; see ``Checkpoints.keeper``."""
        return self.checkpoints.keeper(stage, model, sharded, notes) if self.checkpoints else Forgetful()


ONE = Work()

__all__ = [
    "ALONE",
    "EVERY",
    "ONE",
    "Checkpoints",
    "Part",
    "Ranks",
    "Work",
    "joined",
    "kept_in",
    "refuse_sae",
    "spread_cfae",
    "spread_sae",
]
