"""Metrics: functions of real and generated feature vectors, float (N, features) each."""

import numpy as np


def frechet(real: np.ndarray, fake: np.ndarray) -> float:
    """The Fréchet distance of the Gaussians fitted to two sets of features (Heusel et al. 2017). Lower is better.

    |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2)), covariances with N - 1. It is biased upwards for small N. To be
    called FID only with Inception features.
    """
    real, fake = np.asarray(real, np.float64), np.asarray(fake, np.float64)
    if real.ndim != 2 or fake.ndim != 2 or real.shape[1] != fake.shape[1]:
        raise ValueError(f"features must be (N, same width) on both sides, got {real.shape} and {fake.shape}")
    if min(len(real), len(fake)) < 2:
        raise ValueError("a Fréchet distance needs at least 2 samples on each side")
    first, second = (np.atleast_2d(np.cov(side, rowvar=False)) for side in (real, fake))
    # the trace of the root is the sum of the roots of the product's eigenvalues
    root = np.sqrt(np.linalg.eigvals(first @ second).astype(np.complex128)).real.sum()
    gap = real.mean(axis=0) - fake.mean(axis=0)
    return float(gap @ gap + np.trace(first) + np.trace(second) - 2.0 * root)
