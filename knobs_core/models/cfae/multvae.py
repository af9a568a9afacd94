"""MultVAE: a variational autoencoder with a multinomial likelihood for collaborative filtering.

    h = tanh(W_1 x~ + b_1),   y = W_mean h + b_mean,   log v = W_var h + b_var         the embedding is the mean y
    scores = W_4 tanh(W_3 (y + e sqrt(v)) + b_3) + b_4                                 e ~ N(0, 1) in training, else 0

    loss = mean over users of  - sum over liked i of log softmax(scores)_i  +  beta KL(N(y, v) | N(0, 1))
           KL = sum over dimensions of (y^2 + v - log v - 1) / 2

x~ is the input with random likes left out in training. There are two scalings, of the publications below:

    liang   x~ = x / |x|; both terms are sums; beta rises linearly to its cap over anneal_steps steps, then stays
    paper   x~ = x; likelihood over n_items, KL over d_embed, softmax at least 1e-7; beta is 1e-6 times the steps taken

The defaults suit small data. Liang et al. take 500 users a step and 200,000 steps of annealing; the paper 1024 users a
step, lr 1e-3 and 25 epochs without early stopping.

The first layer is a weighted sum of the rows of W_1 in each bag, so the input is never a (B, n_items) matrix. The one
such matrix is the scores, which the softmax needs whole.

Liang et al. 2018, "Variational Autoencoders for Collaborative Filtering", WWW '18; "paper": Spisak et al. 2026, "From
Knots to Knobs", section 4.1, with the scaling of its authors' code.
"""

import math
from typing import Literal

import scipy.sparse as sp
import torch
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass as checked_dataclass
from torch import nn
from torch.nn import functional as F

from knobs_core.models.cfae.bags import Bags

LEAST_PROBABILITY = 1e-7  # scaling "paper"
BETA_STEP = 1e-6  # scaling "paper"


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid", allow_inf_nan=False))
class MultVAEConfig:
    """Hyperparameters of MultVAE and of its training."""

    dim: int = Field(default=128, ge=2)
    """Embedding size d_embed."""
    hidden_ratio: int = Field(default=3, ge=1)
    """Units of the hidden layers for every embedding dimension."""
    scaling: Literal["liang", "paper"] = "liang"
    """How input, likelihood and KL are scaled; see the top of this file."""
    beta: float = Field(default=0.2, ge=0)
    """Weight of the KL once annealed (scaling liang)."""
    anneal_steps: int = Field(default=200, ge=1)
    """Steps over which beta rises to its cap (scaling liang)."""
    dropout: float = Field(default=0.5, ge=0, lt=1)
    """Share of the likes left out of the input in training."""
    lr: float = Field(default=0.003, gt=0, le=1)
    """Adam's step size (betas 0.9 and 0.99)."""
    batch_size: int = Field(default=128, ge=1)
    """Users a step."""
    epochs: int = Field(default=50, ge=1)
    """Passes over the training users, at most."""
    patience: int = Field(default=10, ge=1)
    """Passes without a better validation loss before training ends."""


class MultVAE(nn.Module):
    """The model. Training noise comes from a generator of its own, drawn on the CPU whatever the device.

    Args:
        n_items: columns of the interaction matrix.
        config: hyperparameters.
        generator: random state of the initial weights and of the training noise.
    """

    linear = False  # scores must be decoded; they cannot be blended

    def __init__(self, n_items: int, config: MultVAEConfig, generator: torch.Generator | None = None):
        super().__init__()
        self.n_items, self.d_embed = n_items, config.dim
        self.config = config
        hidden = config.hidden_ratio * config.dim

        def xavier(rows: int, columns: int) -> nn.Parameter:
            return nn.Parameter(nn.init.xavier_uniform_(torch.empty(rows, columns), generator=generator))

        self.w_in, self.b_in = xavier(n_items, hidden), nn.Parameter(torch.zeros(hidden))
        self.w_mean, self.b_mean = xavier(hidden, config.dim), nn.Parameter(torch.zeros(config.dim))
        self.w_var, self.b_var = xavier(hidden, config.dim), nn.Parameter(torch.zeros(config.dim))
        self.w_dec, self.b_dec = xavier(config.dim, hidden), nn.Parameter(torch.zeros(hidden))
        self.w_out, self.b_out = xavier(hidden, n_items), nn.Parameter(torch.zeros(n_items))
        self.noise = torch.Generator().manual_seed(int(torch.randint(2**62, (), generator=generator)))
        self.steps = 0  # training steps taken; neither this nor the noise is a weight, so no bundle holds them

    @property
    def beta(self) -> float:
        """Weight of the KL at the present step."""
        if self.config.scaling == "paper":
            return BETA_STEP * self.steps
        return self.config.beta * min(1.0, self.steps / self.config.anneal_steps)

    def encode(self, x: Bags) -> torch.Tensor:
        """Embeddings (B, d_embed): the means, without dropout or noise, in training too."""
        return self._hidden(x, self._input(x)) @ self.w_mean + self.b_mean

    def decode(self, y: torch.Tensor) -> torch.Tensor:
        """Scores (B, n_items) of embeddings (B, d_embed): logits, which rank as their softmax does."""
        return self.hidden(y) @ self.w_out + self.b_out

    def hidden(self, y: torch.Tensor) -> torch.Tensor:
        """The decoder's hidden layer (B, hidden) of embeddings (B, d_embed)."""
        return torch.tanh(y @ self.w_dec + self.b_dec)

    def loss(self, x: Bags) -> torch.Tensor:
        """Training: the loss with dropout and noise; every call is one step of annealing.

        Evaluation: the likelihood term alone, of the means. The weight of the KL changes from step to step, so that the
        whole loss of two epochs could not be compared.
        """
        if not self.training:
            return self._likelihood(self.decode(self.encode(x)), x)
        self.steps += 1
        entries, place = self._input(x), x.standing  # what is drawn is drawn for the whole batch
        kept = torch.rand(place.n_items, generator=self.noise)[place.items] >= self.config.dropout
        hidden = self._hidden(x, entries * kept.to(entries) / (1 - self.config.dropout))
        mean, log_var = hidden @ self.w_mean + self.b_mean, hidden @ self.w_var + self.b_var
        noise = torch.randn(place.n_rows, self.d_embed, generator=self.noise)[place.rows].to(mean)
        kl = (mean.square() + log_var.exp() - log_var - 1).sum(1).mean() / 2
        if self.config.scaling == "paper":
            kl = kl / self.d_embed
        return self._likelihood(self.decode(mean + noise * (log_var / 2).exp()), x) + self.beta * kl

    def start(self, likes: sp.csr_matrix, generator: torch.Generator | None = None) -> None:
        """Nothing: training starts from random weights."""

    def before_step(self) -> None:
        """Nothing: the weights are free."""

    def after_step(self) -> None:
        """Nothing: the weights are free."""

    def training_state(self) -> dict[str, torch.Tensor]:
        """What training goes on from beside the weights: the state of the noise, and the steps taken."""
        return {"noise": self.noise.get_state(), "steps": torch.tensor(self.steps)}

    def set_training_state(self, state: dict[str, torch.Tensor]) -> None:
        """Go on from such a state."""
        self.noise.set_state(state["noise"])
        self.steps = int(state["steps"])

    def _input(self, x: Bags) -> torch.Tensor:
        """Non-zeros (nnz,) of the input without dropout."""
        if self.config.scaling == "paper":
            return torch.ones_like(x.items, dtype=self.w_in.dtype)
        return x.counts.to(self.w_in).clamp_min(1).rsqrt()[_rows(x)]

    def _hidden(self, x: Bags, entries: torch.Tensor) -> torch.Tensor:
        """Encoder's hidden layer (B, hidden) of the non-zeros (nnz,) of the input."""
        return torch.tanh(
            F.embedding_bag(x.items, self.w_in, x.offsets, mode="sum", per_sample_weights=entries) + self.b_in
        )

    def _likelihood(self, scores: torch.Tensor, x: Bags) -> torch.Tensor:
        """Mean over users of the negative log-likelihood of their likes under the softmax of scores (B, n_items)."""
        rows = _rows(x)
        log_p = scores[rows, x.items] - scores.logsumexp(1)[rows]
        if self.config.scaling == "paper":
            return -log_p.clamp_min(math.log(LEAST_PROBABILITY)).sum() / scores.numel()
        return -log_p.sum() / scores.shape[0]


def _rows(x: Bags) -> torch.Tensor:
    """Row (nnz,) of every entry of the bags."""
    return torch.repeat_interleave(x.counts.long(), output_size=len(x.items))
