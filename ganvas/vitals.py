"""Vital signs: plain figures of real and generated samples that tell one illness of a GAN from another.

Each takes uint8 images (N, H, W, C), or features (N, width), real ones first, and gives a dict of floats; for points in
the plane those about images give nothing.
"""

import numpy as np

from ganvas.metrics import nearest

DARK, BRIGHT = 10, 245  # pixels at or beyond these count as black and white


def tones(real: np.ndarray, fake: np.ndarray) -> dict[str, float]:
    """The share of pixels that are neither black nor white, and of places that never change though real ones do."""
    deviation = _deviation(real)
    varied = deviation > 8
    stiff = (_deviation(fake) < 0.05 * deviation) & varied
    return {
        "midtones_real": float(((real > DARK) & (real < BRIGHT)).mean()),
        "midtones_fake": float(((fake > DARK) & (fake < BRIGHT)).mean()),
        "dead_pixels": float(stiff.sum() / max(1, varied.sum())),
    }


def checkerboard(real: np.ndarray, fake: np.ndarray) -> dict[str, float]:
    """How far the power at the highest frequencies stands out over its neighbours: about 1 without a regular pattern.

    Strided transposed convolutions leave a pattern of period 2 (Odena et al. 2016), which shows as a peak there.
    """
    return {"checkerboard_real": _peak(real), "checkerboard_fake": _peak(fake)}


def variety(real: np.ndarray, fake: np.ndarray) -> dict[str, float]:
    """Of features: their spread against real ones', and the share of near-identical twins among the generated.

    A twin is nearer to another generated sample than 99% of real samples are to another real one; of equally many.
    """
    count = min(len(real), len(fake))
    real, fake = real[:count], fake[:count]
    usual = nearest(real, real, 2)[0][:, 1]
    twins = nearest(fake, fake, 2)[0][:, 1] <= np.quantile(usual, 0.01)
    return {"spread": _spread(fake) / max(_spread(real), 1e-12), "twins": float(twins.mean())}


def class_shares(
    real: np.ndarray, real_labels: np.ndarray, fake: np.ndarray, classes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Of features: the share of each class among real samples, and among generated ones by their nearest real one."""
    found = real_labels[nearest(real, fake, 1)[1][:, 0]]
    real_share, fake_share = (np.bincount(labels, minlength=classes) / len(labels) for labels in (real_labels, found))
    return real_share, fake_share


def class_spreads(
    real: np.ndarray, real_labels: np.ndarray, fake: np.ndarray, fake_labels: np.ndarray, classes: int
) -> np.ndarray:
    """Of features: each class's spread among generated samples against real ones'; NaN where too few to tell."""
    spreads = np.full(classes, np.nan)
    for kind in range(classes):
        own, made = real[real_labels == kind], fake[fake_labels == kind]
        if min(len(own), len(made)) >= 10:
            spreads[kind] = _spread(made) / max(_spread(own), 1e-12)
    return spreads


def _spread(features: np.ndarray) -> float:
    return float(np.sqrt(features.astype(np.float64).var(axis=0).sum()))


def _deviation(images: np.ndarray) -> np.ndarray:
    """Of each value over the images; a few at a time, as whole sets would be eight times as large."""
    sums, squares = (np.zeros(images.shape[1:]) for _ in range(2))
    for start in range(0, len(images), 64):
        part = images[start : start + 64].astype(np.float64)
        sums += part.sum(axis=0)
        squares += (part**2).sum(axis=0)
    return np.sqrt(np.maximum(squares / len(images) - (sums / len(images)) ** 2, 0.0))


def _peak(images: np.ndarray) -> float:
    images = images[:512, : images.shape[1] // 2 * 2, : images.shape[2] // 2 * 2]
    if min(images.shape[1:3]) < 8:
        return 1.0
    power: np.ndarray = np.zeros(images.shape[1:3])
    for start in range(0, len(images), 64):
        grey = images[start : start + 64].mean(axis=-1)
        power += (np.abs(np.fft.fft2(grey - grey.mean(axis=(1, 2), keepdims=True))) ** 2).sum(axis=0)
    power /= len(images)
    rows, columns = power.shape[0] // 2, power.shape[1] // 2
    highest = power[rows, 0] + power[0, columns] + power[rows, columns]
    beside = power[rows - 1, 0] + power[0, columns - 1] + power[rows - 1, columns - 1]
    return float(highest / max(beside, 1e-9))
