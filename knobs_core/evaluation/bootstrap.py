"""Bootstrap intervals: people and tags are drawn anew, with replacement, and the figure is worked out for each draw.

Efron 1979, "Bootstrap Methods: Another Look at the Jackknife".
"""

import numpy as np

N_BOOT = 500


def resamples(person: np.ndarray, tag: np.ndarray, seed: int) -> np.ndarray:
    """Weights (N_BOOT, P) of bootstrap samples over people and over tags, the two drawn on their own."""
    rng, weights = np.random.default_rng(seed), np.ones((N_BOOT, len(person)))
    for group in (person, tag):
        names, place = np.unique(group, return_inverse=True)
        drawn = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=N_BOOT)
        weights = weights * drawn[:, place]
    return weights


def weighted_means(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted means (N, columns) of values (P, columns) under weights (N, P), missing values left out."""
    known = ~np.isnan(values)
    return (weights @ np.nan_to_num(values)) / np.maximum(weights @ known, 1e-12)


def interval(values: np.ndarray) -> list[float]:
    """2.5% and 97.5% of a figure (N,) over bootstrap samples; empty where it is missing in all of them."""
    return [float(value) for value in np.nanquantile(values, (0.025, 0.975))] if np.isfinite(values).any() else []
