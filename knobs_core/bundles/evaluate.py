"""Measuring a bundle: ``knobs.evaluate`` gathers what each measurement of ``knobs_core.evaluation`` needs from it."""

import dataclasses
from typing import Any

import numpy as np
import pandas as pd

from knobs_core import evaluation
from knobs_core.base import ProgressCallback, silent
from knobs_core.bundles.bundle import Bundle
from knobs_core.bundles.sets import TitleSets, sets
from knobs_core.bundles.train import second_sae
from knobs_core.evaluation import Interpretability

__all__ = ["TitleSets", "Tradeoff", "accuracy", "interpretability", "sets", "stability", "tradeoff"]


@dataclasses.dataclass(frozen=True)
class Tradeoff:
    """What steering brings and what it costs, all methods side by side; see ``evaluation/tradeoff.py``.

    document: all of it, as ``knobs steer-eval --json`` prints it
    """

    document: dict[str, Any]

    @property
    def points(self) -> pd.DataFrame:
        """A row a method and amount: method, alpha, personal, segment and held-out segment nDCG@20."""
        return pd.DataFrame(self.document["points"])

    @property
    def summary(self) -> pd.DataFrame:
        """A row a method and kind of tag: method, segments, segment_at_95, segment_at_90, hypervolume, ratios, ..."""
        return pd.DataFrame(self.document["summary"])

    def _repr_html_(self) -> str:
        return self.summary.to_html(index=False, notebook=True, float_format="{:.3f}".format)


def accuracy(bundle: Bundle) -> dict[str, dict[str, float]]:
    """Recall@20 and nDCG@20 on test users: popularity, the recommender alone, through the code; dead neurons."""
    return evaluation.accuracy(bundle.nested, bundle.interactions, bundle.split())


def interpretability(bundle: Bundle) -> Interpretability:
    """How well neurons and tags go together, on items that were not used to choose the neuron."""
    return evaluation.interpretability(
        bundle.nested, bundle.interactions, bundle.split(), bundle.recipes, bundle.manifest.seed
    )


def stability(bundle: Bundle, progress: ProgressCallback = silent) -> dict[str, float]:
    """How many neurons come back when a second SAE is trained from another seed; see ``evaluation.stability``."""
    again = second_sae(bundle, bundle.manifest.seed + 1, progress)
    codes = bundle.nested.codes_in_parts(bundle.interactions.matrix)
    use = np.sum([np.asarray(part.sum(0)).ravel() for part in codes], axis=0)
    return evaluation.stability(bundle.nested.sae.w_dec, again.sae.w_dec, use)


def tradeoff(bundle: Bundle, seeds: int = 1, progress: ProgressCallback = silent) -> Tradeoff:
    """Steer held-out people by every method and baseline, towards titles that none of them was told about.

    Args:
        seeds: draws of people, tags and halves to average over.
    """
    return Tradeoff(
        evaluation.tradeoff_over_seeds(bundle.nested, bundle.interactions, bundle.split(), range(seeds), progress)
    )
