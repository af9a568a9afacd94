"""One training step of a TopK SAE at the paper's shape: ours, the plain dense form, eai-sparsify and SAELens.

    python benchmarks/sae_step.py            1024 -> 8192, k 16, batch 1024
    python benchmarks/sae_step.py --small    256 -> 1024, k 16, batch 256

A step is loss, gradients, decoder rows kept at unit length, Adam. Steps of all contenders alternate, so that whatever
else the machine does meets all of them alike. Peers come with ``pip install -e ".[bench]"``; a missing one is left out.
"""

import statistics
import sys
import time
from collections.abc import Callable

import torch
from _report import report
from torch.nn import functional as F

from knobs_core.models.fit import Adam
from knobs_core.models.sae.standardise import standardise
from knobs_core.models.sae.topk import TopKConfig, TopKSAE, reconstruction_loss

SHAPES = {False: (1024, 8192, 16, 1024), True: (256, 1024, 16, 256)}  # d_embed, d_sae, k, batch
LR, BETAS = 1e-4, (0.9, 0.99)


def model_of(d: int, d_sae: int, k: int) -> TopKSAE:
    return TopKSAE(d, TopKConfig(width_ratio=d_sae / d, k=k), torch.Generator().manual_seed(0))


def ours(d: int, d_sae: int, k: int) -> Callable[[torch.Tensor], float]:
    model = model_of(d, d_sae, k)
    optimizer = Adam(model.parameters(), LR)

    def step(y: torch.Tensor) -> float:
        optimizer.zero_grad()
        loss = model.loss(y)
        loss.backward()
        model.before_step()
        optimizer.step()
        model.after_step()
        return loss.item()

    return step


def dense(d: int, d_sae: int, k: int, fused: bool = False) -> Callable[[torch.Tensor], float]:
    """The same model and loss as one writes them down in PyTorch, from the same initial weights."""
    start = model_of(d, d_sae, k)
    w_enc, b_enc, w_dec, b_dec = (
        torch.nn.Parameter(p.detach().clone(memory_format=torch.contiguous_format))
        for p in (start.w_enc, start.b_enc, start.w_dec, start.b_dec)
    )
    optimizer = torch.optim.Adam([w_enc, b_enc, w_dec, b_dec], lr=LR, betas=BETAS, fused=fused)

    def step(y: torch.Tensor) -> float:
        optimizer.zero_grad()
        x, _, _ = standardise(y)
        pre = F.relu((x - b_dec) @ w_enc + b_enc)
        top, index = pre.topk(k, dim=1)
        z = torch.zeros_like(pre).scatter(1, index, top)
        loss = reconstruction_loss(z @ w_dec + b_dec, x, "l2") + start.l1 * z.sum(1).mean()
        loss.backward()
        with torch.no_grad():
            w_dec.grad -= (w_dec.grad * w_dec).sum(1, keepdim=True) * w_dec
            optimizer.step()
            w_dec.copy_(F.normalize(w_dec, dim=1))
        return loss.item()

    return step


def eai_sparsify(d: int, d_sae: int, k: int) -> Callable[[torch.Tensor], float]:
    from sparsify import SparseCoder, SparseCoderConfig

    torch.manual_seed(0)
    model = SparseCoder(d, SparseCoderConfig(num_latents=d_sae, k=k))
    optimizer = torch.optim.Adam(model.parameters(), lr=LR, betas=BETAS)

    def step(y: torch.Tensor) -> float:
        optimizer.zero_grad()
        loss = model(standardise(y)[0]).fvu
        loss.backward()
        model.remove_gradient_parallel_to_decoder_directions()
        optimizer.step()
        model.set_decoder_norm_to_unit_norm()
        return loss.item()

    return step


def saelens(d: int, d_sae: int, k: int, sparse: bool) -> Callable[[torch.Tensor], float]:
    from sae_lens.saes.sae import TrainStepInput
    from sae_lens.saes.topk_sae import TopKTrainingSAE, TopKTrainingSAEConfig

    torch.manual_seed(0)
    # With sparse activations its rescaling by the decoder's norms has no gradient on the CPU.
    config = TopKTrainingSAEConfig(
        d_in=d, d_sae=d_sae, k=k, use_sparse_activations=sparse, rescale_acts_by_decoder_norm=not sparse
    )
    model = TopKTrainingSAE(config)
    optimizer = torch.optim.Adam(model.parameters(), lr=LR, betas=BETAS)

    def step(y: torch.Tensor) -> float:
        optimizer.zero_grad()
        output = model.training_forward_pass(TrainStepInput(standardise(y)[0], {}, None, 0, False))
        output.loss.backward()
        optimizer.step()
        return output.loss.item()

    return step


def main() -> None:
    d, d_sae, k, batch = SHAPES["--small" in sys.argv]
    makers = {
        "ours": lambda: ours(d, d_sae, k),
        "plain dense, torch's default Adam": lambda: dense(d, d_sae, k),
        "plain dense, fused Adam": lambda: dense(d, d_sae, k, fused=True),
        "eai-sparsify": lambda: eai_sparsify(d, d_sae, k),
        "SAELens": lambda: saelens(d, d_sae, k, sparse=False),
        "SAELens, sparse activations": lambda: saelens(d, d_sae, k, sparse=True),
    }
    steps, missing = {}, []
    for name, make in makers.items():
        try:
            steps[name] = make()
        except ImportError as error:
            missing.append(f"{name} not installed ({error.name})")
    # Embeddings made of a few directions each, so that there is something to find.
    generator = torch.Generator().manual_seed(1)
    directions = torch.randn(4 * d, d, generator=generator)
    batches = [torch.rand(batch, 4 * d, generator=generator).sub_(0.99).clamp_min_(0) @ directions for _ in range(12)]
    times, losses = {name: [] for name in steps}, {name: [] for name in steps}
    for y in batches:
        for name, step in steps.items():
            began = time.perf_counter()
            losses[name].append(step(y))
            times[name].append(time.perf_counter() - began)
    mine = statistics.median(times["ours"][2:])
    rows = [
        {
            "step": name,
            "ms": round(statistics.median(seconds[2:]) * 1e3, 1),
            "times ours": round(statistics.median(seconds[2:]) / mine, 2),
            "first loss": losses[name][0],
            "last loss": losses[name][-1],
        }
        for name, seconds in times.items()
    ]
    report(
        "sae_step" + ("_small" if "--small" in sys.argv else ""),
        rows,
        f"{d} -> {d_sae}, k {k}, batch {batch}, {torch.get_num_threads()} threads; peers scale losses otherwise. "
        + "; ".join(missing),
    )


if __name__ == "__main__":
    main()
