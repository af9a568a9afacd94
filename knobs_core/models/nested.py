"""The nested autoencoder: a sparse autoencoder between the encoder and the decoder of a collaborative autoencoder.

    y = E_c(x),   z = E_s(y),   scores = D_c(y)   of the CFAE alone,   D_c(D_s(z))   through the SAE

Codes are changed, and decoded again, in ``knobs_core.steering``.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
import torch

from knobs_core.models.cfae.bags import to_bags
from knobs_core.models.cfae.base import CFAE
from knobs_core.models.sae.base import SAE
from knobs_core.models.sae.standardise import Code

PART = 4096  # rows that are encoded at once


class Encoded(NamedTuple):
    """Users as the models see them. y: (B, d_embed) embeddings; code: their sparse codes."""

    y: torch.Tensor
    code: Code


class Nested:
    """A trained CFAE with a trained SAE inside. It keeps nothing about anybody: every method is a pure function."""

    def __init__(self, cfae: CFAE, sae: SAE, device: torch.device | str = "cpu"):
        self.cfae = cfae.to(device).eval().requires_grad_(False)
        self.sae = sae.to(device).eval().requires_grad_(False)
        self.device = torch.device(device)

    @torch.inference_mode()
    def encode(self, x: sp.csr_matrix) -> Encoded:
        """Embeddings and codes of interactions (B, n_items)."""
        return self.encode_embedding(self.cfae.encode(to_bags(x, self.device)))

    @torch.inference_mode()
    def encode_embedding(self, y: torch.Tensor) -> Encoded:
        """Codes of embeddings (B, d_embed) that did not come from one history, such as a group's."""
        return Encoded(y, self.sae.encode(y))

    def codes(self, x: sp.csr_matrix) -> sp.csr_matrix:
        """Codes (B, d_sae) of interactions (B, n_items) as CSR, computed in parts so that memory stays bounded."""
        return sp.vstack(list(self.codes_in_parts(x)), format="csr")

    def codes_in_parts(self, x: sp.csr_matrix) -> Iterator[sp.csr_matrix]:
        """The same codes, some thousand rows after the other."""
        return (sp.csr_matrix(self.encode(part).code.z.cpu().numpy()) for part in _parts(x))

    def active(self, x: sp.csr_matrix) -> np.ndarray:
        """How many rows of interactions (B, n_items) activate each neuron (d_sae,)."""
        return sum((part.getnnz(axis=0) for part in self.codes_in_parts(x)), np.zeros(self.sae.d_sae, np.int64))

    @torch.inference_mode()
    def embeddings(self, x: sp.csr_matrix) -> torch.Tensor:
        """Embeddings (B, d_embed) of interactions (B, n_items), on the CPU."""
        found = torch.empty(x.shape[0], self.cfae.d_embed)
        self.embed(x, found)
        return found

    @torch.inference_mode()
    def embed(self, x: sp.csr_matrix, to: torch.Tensor) -> None:
        """Write the embeddings of interactions (B, n_items) to (B, d_embed), on the CPU."""
        for start, part in zip(range(0, len(to), PART), _parts(x), strict=True):
            to[start : start + PART] = self.cfae.encode(to_bags(part, self.device))

    @torch.inference_mode()
    def mean_embedding(self, x: sp.csr_matrix) -> torch.Tensor:
        """The mean (1, d_embed) of the embeddings of interactions (B, n_items)."""
        sums = [self.cfae.encode(to_bags(part, self.device)).double().sum(0) for part in _parts(x)]
        return (torch.stack(sums).sum(0, keepdim=True) / x.shape[0]).float()

    @torch.inference_mode()
    def scores(self, encoded: Encoded) -> torch.Tensor:
        """Scores (B, n_items) of the unmodified CFAE."""
        return self.cfae.decode(encoded.y)

    @torch.inference_mode()
    def reconstructed_scores(self, encoded: Encoded) -> torch.Tensor:
        """Scores (B, n_items) through the SAE, its reconstruction error left behind: the paper's nested model."""
        return self.cfae.decode(self.sae.decode(encoded.code))


def _parts(x: sp.csr_matrix) -> Iterator[sp.csr_matrix]:
    return (x[start : start + PART] for start in range(0, x.shape[0], PART))
