"""The processes that train together: what of a batch and of a matrix is whose, and what they say to each other.

torchrun starts them, torch.distributed carries what they say: gloo between processors, NCCL between GPUs. A process
alone says nothing to anybody, and none of it is imported then.
"""

import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import torch

from knobs_core.base import ConfigError, DataError, KnobsError, launched, rank

if TYPE_CHECKING:
    from torch.distributed.tensor import DTensor

Result = TypeVar("Result")
PATIENCE = timedelta(days=1)  # others wait while rank 0 waits for its turn; torchrun ends those whose peer has died
ALIKE = 1e-3  # relative distance of what ranks with the same weights find


class Ranks:
    """The processes that train together, and this one among them.

    Args:
        number: of this process, from 0.
        count: how many there are.
        device: ``cpu`` or ``cuda``, where their tensors are.
    """

    def __init__(self, number: int = 0, count: int = 1, device: str = "cpu"):
        self.number, self.count, self.device = number, count, device
        if count > 1:
            from torch.distributed.device_mesh import init_device_mesh

            self._mesh = init_device_mesh(device, (count,))

    @property
    def first(self) -> bool:
        """Whether this process is the one that prints, names, measures and writes."""
        return self.number == 0

    def rows(self, n: int) -> slice:
        """Which of n rows of a matrix this rank holds: a run of ceil(n / count), as DTensor cuts them."""
        size = -(-n // self.count)
        return slice(min(self.number * size, n), min((self.number + 1) * size, n))

    def share(self, n: int) -> tuple[slice, float]:
        """Which of n rows of a batch this rank works on, and their share of the batch.

        One row without any weight where there are fewer rows than ranks, so that every rank has a gradient.
        """
        start, stop = (place * n // self.count for place in (self.number, self.number + 1))
        return (slice(start, stop), (stop - start) / n) if start < stop else (slice(0, 1), 0.0)

    def total(self, part: torch.Tensor) -> torch.Tensor:
        """The sum of all ranks' parts, on each of them. Its gradient goes to each part as it is: what is made of the
        sum has to be the same on all ranks."""
        if self.count == 1:
            return part
        from torch.distributed.tensor import DTensor, Partial

        return DTensor.from_local(part, self._mesh, [Partial()], run_check=False).full_tensor()

    def shared(self, weights: torch.Tensor) -> torch.Tensor:
        """Weights that all ranks hold and each uses for a part of the result: the gradient is the sum of theirs."""
        if self.count == 1:
            return weights
        from torch.distributed.tensor import DTensor, Partial, Replicate

        held = DTensor.from_local(weights, self._mesh, [Replicate()], run_check=False)
        return held.to_local(grad_placements=[Partial()])

    def sharded(self, part: torch.Tensor, dim: int, n: int) -> "DTensor":
        """A tensor of which every one of several ranks holds ``rows(n)`` along a dimension."""
        from torch.distributed.tensor import DTensor, Shard

        size = torch.Size([*part.shape[:dim], n, *part.shape[dim + 1 :]])
        stride = torch.empty(size, device="meta").stride()
        return DTensor.from_local(part, self._mesh, [Shard(dim)], run_check=False, shape=size, stride=stride)

    def whole(self, part: torch.Tensor, dim: int, n: int) -> torch.Tensor:
        """All of such a tensor, on every rank."""
        return part.detach() if self.count == 1 else self.sharded(part.detach(), dim, n).full_tensor()

    def gathered(self, part: torch.Tensor) -> torch.Tensor:
        """What each rank has, parts of one shape, along a new first dimension (count, ...)."""
        if self.count == 1:
            return part[None]
        return self.whole(part[None], 0, self.count)

    def sum_gradients(self, gradients: list[torch.Tensor]) -> None:
        """Put the sum over all ranks in the place of each gradient; they are contiguous."""
        import torch.distributed as dist

        for wait in [dist.all_reduce(one, async_op=True) for one in gradients]:
            wait.wait()

    def hand_out(self, tensors: list[torch.Tensor]) -> None:
        """Put what rank 0 has in the place of each tensor."""
        import torch.distributed as dist

        for tensor in tensors if self.count > 1 else []:
            dist.broadcast(tensor, 0)

    def agreed(self, value: float) -> float:
        """A number that all ranks have found by themselves, as rank 0 has found it.

        Raises:
            DataError: they have found numbers that are far apart, so that their weights are not the same either.
        """
        if self.count == 1:
            return value
        found = self.gathered(torch.tensor(value, dtype=torch.float64, device=self.device)).tolist()
        if any(abs(one - found[0]) > ALIKE * abs(found[0]) for one in found):
            raise DataError("processes with the same weights", f"losses {found}", "train on machines of one kind")
        return float(found[0])

    def by_first(self, work: Callable[[], Result]) -> Result:
        """What rank 0 alone works out, on all ranks. Where it fails, the others leave and rank 0 says why."""
        return self._gathered(work)[0] if self.first else self._gathered(lambda: None)[0]

    def alike(self, work: Callable[[], Result]) -> Result:
        """What every rank works out by itself. Where it fails on one, it fails on all, and rank 0 says why."""
        kept: list[Result] = []
        self._gathered(lambda: kept.append(work()))
        return kept[0]

    def _gathered(self, work: Callable[[], Any]) -> list[Any]:
        """What all ranks' work comes to, one after the other."""
        if self.count == 1:
            return [work()]
        import torch.distributed as dist

        result, failed = None, None
        try:
            result = work()
        except KnobsError as error:
            failed = error
        told: list[Any] = [None] * self.count
        dist.all_gather_object(told, (result, failed and str(failed)))
        reasons = [f"rank {number}: {reason}" for number, (_, reason) in enumerate(told) if reason]
        if reasons and not self.first:
            raise SystemExit(2)
        if reasons:
            raise failed or DataError("every process to have what this one has", reasons[0], "put it right there")
        return [result for result, _ in told]

    def leave(self) -> None:
        """End the common work: rank 0 goes on alone, and all other processes end here, well.

        They end at once: taken apart bit by bit, threads of gloo now and then abort a process, and torchrun then begins
        a training anew that was finished.
        """
        import torch.distributed as dist

        if self.count > 1:
            dist.barrier()
        if not self.first:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(0)
        if self.count > 1:
            dist.destroy_process_group()
        self.count = 1


ALONE = Ranks()


def joined(device: str = "auto") -> Ranks:
    """This process among those that torchrun has started together, or alone.

    Args:
        device: ``auto``, ``cpu`` or ``cuda``.

    Raises:
        ConfigError: fewer GPUs on this machine than processes.
    """
    if launched() == 1:
        return ALONE
    import torch.distributed as dist

    kind = "cuda" if device != "cpu" and torch.cuda.is_available() else "cpu"
    if not dist.is_initialized():
        if kind == "cuda":
            _take_gpu()
        before = signal.signal(signal.SIGTERM, signal.SIG_DFL)  # Python answers no signal while it waits in here
        dist.init_process_group("cpu:gloo,cuda:nccl" if kind == "cuda" else "gloo", timeout=PATIENCE)
        signal.signal(signal.SIGTERM, before)
    return Ranks(rank(), launched(), kind)


def _take_gpu() -> None:
    """Give every process of this machine a GPU of its own."""
    number, there = int(os.environ["LOCAL_RANK"]), torch.cuda.device_count()
    if number >= there:
        raise ConfigError(f"a GPU for every process of a machine, {there} in all", "more processes", "start fewer")
    torch.cuda.set_device(number)
