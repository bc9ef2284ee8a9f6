"""Metrics: functions of real and generated feature vectors, float (N, features) each; some of images, labels, logits.

Each gives an `Estimate`: a float that also knows its 95% interval, from the samples it was computed of alone. All
arithmetic is float64. `scores.evaluate` puts them together.
"""

from collections.abc import Callable
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

NORMAL = 1.959964  # 95% of a normal distribution lie within so many standard deviations
GROUPS = 10
PICKED = 2020  # the seed of every choice of subsets, as in torch-fidelity
BLOCK = 512
CELLS = 5_000_000  # of a block of distances
SSIM_WINDOW = 11
SSIM_PAIRS = 1000
SSIM_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)  # Wang et al. 2003


class Estimate(float):
    """A score; `interval` is its 95% interval (low, high), worked out when it is asked for."""

    _interval: Callable[[], tuple[float, float]]

    @classmethod
    def of(cls, value: float, interval: Callable[[], tuple[float, float]]) -> "Estimate":
        """A value, and how to find its interval."""
        made = cls(value)
        made._interval = interval
        return made

    @property
    def interval(self) -> tuple[float, float]:
        """Where the score would fall 95 times of 100, were other samples drawn."""
        low, high = self._interval()
        return float(low), float(high)


class Gaussian:
    """The Gaussian fitted to features (N, width): one side of a Fréchet distance, kept to measure against it again."""

    def __init__(self, samples: np.ndarray) -> None:
        samples = np.asarray(samples, np.float64)
        if len(samples) < 2:
            raise ValueError("a Fréchet distance needs at least 2 samples on each side")
        self.mean = samples.mean(axis=0)
        centred = samples - self.mean
        self.covariance = centred.T @ centred / (len(samples) - 1)

    @cached_property
    def root(self) -> np.ndarray:
        """The symmetric square root of the covariance."""
        values, vectors = np.linalg.eigh(self.covariance)
        return (vectors * np.sqrt(np.clip(values, 0.0, None))) @ vectors.T

    def distance(self, other: "Gaussian") -> float:
        """The squared Fréchet distance."""
        return self._distance(other, np.linalg.eigvalsh(self._between(other)))

    def frechet(self, fake: np.ndarray) -> Estimate:
        """The Fréchet distance to features (N, width); the interval is over these samples alone."""
        fake = np.asarray(fake, np.float64)
        other = Gaussian(fake)
        values, vectors = np.linalg.eigh(self._between(other))
        distance = self._distance(other, values)
        error = np.sqrt(self._variance(other, fake, values, vectors))
        return Estimate.of(distance, lambda: _around(distance, error, lowest=0.0))

    def variance_from(self, other: "Gaussian", samples: np.ndarray) -> float:
        """The variance that the other side's samples bring into the distance: that of their influences, over N."""
        return self._variance(other, samples, *np.linalg.eigh(self._between(other)))

    def _between(self, other: "Gaussian") -> np.ndarray:
        """R S R, where R R is this covariance and S the other: symmetric, with the eigenvalues of their product."""
        return self.root @ other.covariance @ self.root

    def _distance(self, other: "Gaussian", values: np.ndarray) -> float:
        overlap = np.sqrt(np.clip(values, 0.0, None)).sum()
        gap = self.mean - other.mean
        return max(0.0, float(gap @ gap + np.trace(self.covariance) + np.trace(other.covariance) - 2.0 * overlap))

    def _variance(self, other: "Gaussian", samples: np.ndarray, values: np.ndarray, vectors: np.ndarray) -> float:
        """The gradient of the distance with respect to the other covariance is I - R (R S R)^(-1/2) R."""
        kept = values > 1e-10 * values[-1]
        half = self.root @ vectors[:, kept]
        gradient = np.eye(len(values)) - (half / np.sqrt(values[kept])) @ half.T
        centred = samples - other.mean
        influence = np.einsum("ij,ij->i", centred @ gradient, centred) + 2.0 * centred @ (other.mean - self.mean)
        return float(influence.var() / len(samples))


# --- distances between two sets of features


def frechet(real: np.ndarray, fake: np.ndarray) -> Estimate:
    """The Fréchet distance of the Gaussians fitted to two sets of features (Heusel et al. 2017). Lower is better.

    |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2)), covariances with N - 1. It is biased upwards for small N: see
    `frechet_at_infinity`. To be called FID only with Inception features. The interval is the delta method's: the
    spread of each sample's first-order influence on the distance, on both sides.
    """
    real, fake = _pair(real, fake)
    first, second = Gaussian(real), Gaussian(fake)
    distance = first.distance(second)

    def interval() -> tuple[float, float]:
        variance = first.variance_from(second, fake) + second.variance_from(first, real)
        return _around(distance, np.sqrt(variance), lowest=0.0)

    return Estimate.of(distance, interval)


def frechet_at_infinity(real: np.ndarray, fake: np.ndarray) -> float:
    """The Fréchet distance extrapolated to infinitely many samples on both sides (Chong & Forsyth 2020).

    A line over 1/N through the distance of all samples, the mean of two halves', and of three thirds'. NaN where N is
    too small for a line: less than three times the features' width.
    """
    real, fake = _pair(real, fake)
    count = min(len(real), len(fake))
    if count < max(30, 3 * real.shape[1]):
        return float("nan")
    orders = [
        np.random.RandomState(PICKED + side).permutation(len(rows))[:count] for side, rows in enumerate((real, fake))
    ]
    distances = []
    for parts in (1, 2, 3):
        pairs = zip(*(np.array_split(order, parts) for order in orders), strict=True)
        distances.append(np.mean([Gaussian(real[one]).distance(Gaussian(fake[other])) for one, other in pairs]))
    _, at_zero = np.polyfit(np.array([1.0, 2.0, 3.0]) / count, distances, 1)
    return float(at_zero)


def kernel(real: np.ndarray, fake: np.ndarray, *, subset: int = 1000, subsets: int = 100) -> Estimate:
    """The kernel distance (Bińkowski et al. 2018): unbiased squared MMD under ((x.y)/d + 1)^3. Lower is better.

    The mean over `subsets` random subsets of `subset` samples, as torch-fidelity draws them; over all samples at once
    where there are no more. Unbiased at any N, it may fall below 0. To be called KID only with Inception features.
    """
    real, fake = _pair(real, fake)
    size = min(subset, len(real), len(fake))
    if size < 2:
        raise ValueError("a kernel distance needs at least 2 samples on each side")
    if len(real) == len(fake) == size:
        value = _squared_mmd(real, fake)
    else:
        random = np.random.RandomState(PICKED)
        # generated ones are drawn first: to torch-fidelity, they are input 1
        rows = [(random.choice(len(fake), size, False), random.choice(len(real), size, False)) for _ in range(subsets)]
        value = float(np.mean([_squared_mmd(fake[one], real[other]) for one, other in rows]))

    return Estimate.of(value, lambda: _around(value, _mmd_error(real, fake)))


def sliced_wasserstein(real: np.ndarray, fake: np.ndarray, *, directions: int = 512) -> Estimate:
    """The sliced 2-Wasserstein distance (Bonneel et al. 2015): along random directions. Lower is better.

    The root of the mean, over directions of length 1, of the squared distances between samples in sorted order. Of as
    many samples as the smaller side has. uint8 counts as shares of 255; it is held as numbers a part at a time.
    """
    _check_pair(real, fake)
    count, width = min(len(real), len(fake)), real.shape[1]
    random, lengths = np.random.RandomState(PICKED), np.zeros(directions)
    projected = [np.zeros((len(side), directions)) for side in (real, fake)]
    for start in range(0, width, BLOCK):
        columns = slice(start, min(start + BLOCK, width))
        lines = random.normal(size=(columns.stop - start, directions))
        lengths += (lines**2).sum(axis=0)
        for sums, side in zip(projected, (real, fake), strict=True):
            part = side[:, columns]
            sums += (part / 255.0 if part.dtype == np.uint8 else part.astype(np.float64)) @ lines
    one, other = (random.permutation(sums / np.sqrt(lengths))[:count] for sums in projected)

    def of(rows: np.ndarray) -> float:
        return float(np.sqrt(np.mean((np.sort(one[rows], axis=0) - np.sort(other[rows], axis=0)) ** 2)))

    value = of(np.arange(count))
    return Estimate.of(value, lambda: _around(value, _jackknife(of, count), lowest=0.0))


# --- neighbourhoods: fidelity and variety apart


def precision(real: np.ndarray, fake: np.ndarray) -> Estimate:
    """The share of generated samples within the real manifold (Kynkäänniemi et al. 2019), k = 3. Higher is better."""
    return neighbourhoods(real, fake)["precision"]


def recall(real: np.ndarray, fake: np.ndarray) -> Estimate:
    """The share of real samples within the generated manifold (Kynkäänniemi et al. 2019), k = 3. Higher is better."""
    return neighbourhoods(real, fake)["recall"]


def density(real: np.ndarray, fake: np.ndarray) -> Estimate:
    """How many real neighbourhoods a generated sample lies in, over k = 5 (Naeem et al. 2020). Higher is better."""
    return neighbourhoods(real, fake)["density"]


def coverage(real: np.ndarray, fake: np.ndarray) -> Estimate:
    """The share of real neighbourhoods with a generated sample (Naeem et al. 2020), k = 5. Higher is better."""
    return neighbourhoods(real, fake)["coverage"]


def neighbourhoods(real: np.ndarray, fake: np.ndarray) -> dict[str, Estimate]:
    """`precision`, `recall` (k = 3), `density` and `coverage` (k = 5) at once: they share all the distances.

    A neighbourhood is the ball up to the k-th nearest other sample of the same side. Distances are held in blocks:
    10,000 by 10,000 samples take some 100 MB beside the features. The intervals are over the samples counted.
    """
    real, fake = _pair(real, fake)
    if min(len(real), len(fake)) < 6:
        raise ValueError("neighbourhoods of 5 need at least 6 samples on each side")
    real_3, real_5 = _radii(real)
    fake_3, _ = _radii(fake)
    inside_real, inside_fake = np.zeros(len(fake), bool), np.zeros(len(real), bool)
    balls, held = np.zeros(len(fake)), np.zeros(len(real))
    for rows, squared in _squared_distances(real, fake):
        inside_real |= (squared <= real_3[rows, None]).any(axis=0)
        inside_fake[rows] = (squared <= fake_3[None]).any(axis=1)
        close = squared < real_5[rows, None]
        held[rows] = close.sum(axis=1)
        balls += close.sum(axis=0)
    thickness = float(balls.mean() / 5.0)
    # other generated samples, or other real ones, would have given another density
    variance = balls.var() / 25.0 / len(balls) + held.var() * len(held) / (5.0 * len(balls)) ** 2
    return {
        "precision": _share(inside_real),
        "recall": _share(inside_fake),
        "density": Estimate.of(thickness, lambda: _around(thickness, np.sqrt(variance), lowest=0.0)),
        "coverage": _share(held > 0),
    }


def memorisation(train: np.ndarray, held_out: np.ndarray | None, fake: np.ndarray) -> Estimate:
    """The share of generated samples suspiciously near a training sample. About 0.01 is healthy; lower is better.

    Near means within `suspicious_distance`. After the data-copying test of Meehan et al. 2020.
    """
    train, fake = _pair(train, fake)
    return _share(nearest(train, fake, 1)[0][:, 0] < suspicious_distance(train, held_out))


def suspicious_distance(train: np.ndarray, held_out: np.ndarray | None) -> float:
    """A distance that 99% of held-out samples keep from their nearest training sample.

    Without held-out samples: that 99% of different training samples (of 2,000) keep from their nearest other one.
    Copies within the data say nothing of distances, and do not count.
    """
    train = np.asarray(train, np.float32)
    if held_out is not None:
        known = {row.tobytes() for row in train}
        unknown = [row for row in np.asarray(held_out, np.float32) if row.tobytes() not in known]
        if unknown:
            return float(np.quantile(nearest(train, np.stack(unknown), 1)[0][:, 0], 0.01))
    different = np.unique(train, axis=0)
    chosen = different[np.random.RandomState(PICKED).permutation(len(different))[:2000]]
    return float(np.quantile(nearest(different, chosen, 2)[0][:, -1], 0.01))


def nearest(reference: np.ndarray, points: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Distances and rows, (N, k) each, of the k samples of `reference` nearest to each of `points`, nearest first.

    In float32, which ranks well enough at twice the speed.
    """
    distances, rows = [], []
    for _, squared in _squared_distances(np.asarray(points, np.float32), np.asarray(reference, np.float32)):
        if k == 1:
            best = squared.argmin(axis=1)[:, None]
        else:
            best = np.argpartition(squared, min(k, squared.shape[1] - 1), axis=1)[:, :k]
        found = np.take_along_axis(squared, best, axis=1)
        order = np.argsort(found, axis=1, kind="stable")
        rows.append(np.take_along_axis(best, order, axis=1))
        distances.append(np.sqrt(np.take_along_axis(found, order, axis=1)))
    return np.concatenate(distances), np.concatenate(rows)


# --- of class probabilities and labels


def inception_score(probabilities: np.ndarray) -> Estimate:
    """exp of the mean divergence of each sample's classes from all samples' (Salimans et al. 2016). Higher is better.

    Of probabilities (N, classes); the mean over ten splits of a fixed permutation, as torch-fidelity computes it. To
    be called Inception Score only with the Inception network's probabilities.
    """
    mixed = np.asarray(probabilities, np.float64)
    if mixed.ndim != 2 or len(mixed) < GROUPS:
        raise ValueError(f"probabilities must be (N, classes) with N of at least {GROUPS}, not {mixed.shape}")
    mixed = mixed[np.random.RandomState(PICKED).permutation(len(mixed))]
    edges = np.arange(GROUPS + 1) * len(mixed) // GROUPS
    informed = [_divergences(mixed[a:b]) for a, b in pairwise(edges)]
    value = float(np.mean([np.exp(part.mean()) for part in informed]))
    spread = value * np.std(np.concatenate(informed)) / np.sqrt(len(mixed))
    return Estimate.of(value, lambda: _around(value, spread, lowest=1.0))


def modes(real_labels: np.ndarray, fake_labels: np.ndarray) -> Estimate:
    """How many classes the generator makes at all: with a tenth of their real share or more. Higher is better."""
    classes, expected, found = _shares(real_labels, fake_labels)

    def of(rows: np.ndarray) -> float:
        share = np.bincount(np.asarray(fake_labels)[rows], minlength=len(classes)) / len(rows)
        return float(((share >= 0.1 * expected) & (expected > 0)).sum())

    value = float(((found >= 0.1 * expected) & (expected > 0)).sum())
    highest = float((expected > 0).sum())
    return Estimate.of(value, lambda: _around(value, _jackknife(of, len(fake_labels)), lowest=0.0, highest=highest))


def class_balance(real_labels: np.ndarray, fake_labels: np.ndarray) -> Estimate:
    """1 less the share of samples that would have to change class to match the real shares. Higher is better.

    Where both sides have the same shares the interval is half as wide again as it should be.
    """
    _, expected, found = _shares(real_labels, fake_labels)
    value = 1.0 - 0.5 * np.abs(expected - found).sum()
    # each generated sample weighs +1/2 where its class has too few, -1/2 where too many; each real one the other way
    sides = [0.5 * np.sign(expected - found)[np.asarray(labels)] for labels in (real_labels, fake_labels)]
    error = np.sqrt(sum(np.var(weights) / len(weights) for weights in sides))
    return Estimate.of(value, lambda: _around(value, error, lowest=0.0, highest=1.0))


def class_divergence(labels: np.ndarray, classes: int) -> Estimate:
    """The Kullback-Leibler divergence of the classes' shares from equal ones, in nats. Lower is better.

    As it is told of stacked MNIST (Metz et al. 2017; Lin et al. 2018). N samples of equally common classes score about
    (classes - 1) / (2 N).
    """

    def of(rows: np.ndarray) -> float:
        shares = np.bincount(np.asarray(labels)[rows], minlength=classes) / len(rows)
        return float((shares * np.log(np.where(shares > 0, shares, 1.0) * classes)).sum())

    value = of(np.arange(len(labels)))
    return Estimate.of(value, lambda: _around(value, _jackknife(of, len(labels)), lowest=0.0))


def accuracy(right: np.ndarray) -> Estimate:
    """The share of answers that are right, from booleans (N,)."""
    return _share(np.asarray(right, bool))


# --- of images


def similarity(images: np.ndarray, *, pairs: int = SSIM_PAIRS) -> Estimate:
    """Mean multi-scale structural similarity of random pairs of uint8 images (Odena et al. 2017): high means alike.

    As many of the five scales as the images have room for. A mode collapse shows as a value above real images'.
    """
    import tensorflow as tf

    if images.ndim != 4 or min(images.shape[1:3]) < SSIM_WINDOW or len(images) < 4:
        raise ValueError(f"similarity is of 4 or more images of {SSIM_WINDOW} pixels or more, not {images.shape}")
    order = np.random.RandomState(PICKED).permutation(len(images))[: 2 * pairs]
    half = len(order) // 2
    room = int(np.log2(min(images.shape[1:3]) / SSIM_WINDOW)) + 1
    weights = np.array(SSIM_WEIGHTS[: min(room, 5)])
    values = []
    for start in range(0, half, 250):
        one, other = (images[order[o + start : o + min(start + 250, half)]] for o in (0, half))
        values.append(tf.image.ssim_multiscale(one, other, 255, list(weights / weights.sum())).numpy())
    return _mean(np.concatenate(values))


# --- of pairs: what was made of an input, and what was meant


def l1(targets: np.ndarray, made: np.ndarray) -> Estimate:
    """Mean absolute difference of uint8 images (N, H, W, C), as a share of the full range."""
    return _mean(_by_pairs(lambda one, other: np.abs(one - other).mean(axis=(1, 2, 3)) / 255.0, targets, made))


def psnr(targets: np.ndarray, made: np.ndarray) -> Estimate:
    """Peak signal-to-noise ratio of uint8 images (N, H, W, C) in decibels, image by image, 60 at most; the mean."""
    squares = _by_pairs(lambda one, other: ((one - other) ** 2).mean(axis=(1, 2, 3)) / 255.0**2, targets, made)
    return _mean(-10.0 * np.log10(np.maximum(squares, 1e-6)))


def ssim(targets: np.ndarray, made: np.ndarray) -> Estimate:
    """Structural similarity of uint8 images (N, H, W, C), 1 where they are equal (Wang et al. 2004); the mean.

    Images of 11 pixels or more.
    """
    import tensorflow as tf

    return _mean(_by_pairs(lambda one, other: tf.image.ssim(one, other, 255.0).numpy(), targets, made))


def perceptual(targets: np.ndarray, made: np.ndarray) -> Estimate:
    """Distance of uint8 images (N, H, W, C) in a network trained on photographs (`fidelity.perceptual`): the mean.

    In the manner of LPIPS (Zhang et al. 2018), with other features and without learnt weights: do not compare it with
    theirs.
    """
    from ganvas.features.efficientnet import apart

    def judged(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return apart(one / 127.5 - 1.0, other / 127.5 - 1.0).numpy()

    return _mean(_by_pairs(judged, targets, made))


# --- how they are computed


def _by_pairs(of: Callable[[np.ndarray, np.ndarray], np.ndarray], targets: np.ndarray, made: np.ndarray) -> np.ndarray:
    """A figure of every pair of images, some at a time."""
    if targets.shape != made.shape or targets.ndim != 4:
        raise ValueError(f"pairs are uint8 images (N, H, W, C) of one shape, got {targets.shape} and {made.shape}")
    parts = [np.s_[start : start + 64] for start in range(0, len(made), 64)]
    return np.concatenate([of(targets[part].astype(np.float32), made[part].astype(np.float32)) for part in parts])


def _similar(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return (one @ other.T / one.shape[1] + 1.0) ** 3


def _squared_mmd(one: np.ndarray, other: np.ndarray) -> float:
    def within(side: np.ndarray) -> float:
        matrix = _similar(side, side)
        return (matrix.sum() - np.trace(matrix)) / (len(side) * (len(side) - 1))

    return float(within(one) + within(other) - 2.0 * _similar(one, other).mean())


def _mmd_error(real: np.ndarray, fake: np.ndarray) -> float:
    """The standard error of the squared MMD as a U-statistic of pairs (Gretton et al. 2012): of its row means.

    Of 2,000 pairs at most; never too narrow. Where both sides are alike it is 1.4 times too wide at up to 2,000 samples
    and wider still beyond.
    """
    count = min(len(real), len(fake))
    one, other = real[: min(count, 2000)], fake[: min(count, 2000)]
    across = _similar(one, other)
    matrix = _similar(one, one) + _similar(other, other) - across - across.T
    rows = (matrix.sum(axis=1) - np.diag(matrix)) / (len(matrix) - 1)
    return float(2.0 * np.std(rows) / np.sqrt(count))


def _radii(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Squared distances to the 3rd and the 5th nearest other sample, (N,) each."""
    found = np.empty((len(samples), 2))
    for rows, squared in _squared_distances(samples, samples):
        squared[np.arange(len(squared)), np.arange(rows.start, rows.start + len(squared))] = -1.0  # itself comes first
        found[rows] = np.partition(squared, (3, 5), axis=1)[:, [3, 5]]
    return found[:, 0], found[:, 1]


def _squared_distances(one: np.ndarray, other: np.ndarray) -> Any:
    """Yields (rows, squared distances (rows, M)) block by block."""
    centre = other.mean(axis=0)  # nearer the origin, less is lost to rounding
    one, other = one - centre, other - centre
    lengths = np.einsum("ij,ij->i", other, other)
    rounding = 2.0 * np.sqrt(one.shape[1]) * np.finfo(one.dtype).eps  # of a sum of so many products
    count = min(BLOCK, max(1, CELLS // len(other)))
    for start in range(0, len(one), count):
        rows = slice(start, min(start + count, len(one)))
        own = one[rows]
        both = np.einsum("ij,ij->i", own, own)[:, None] + lengths[None]
        squared = both - 2.0 * (own @ other.T)
        squared[squared < rounding * both] = 0.0  # equal ones are at no distance
        yield rows, squared


def _divergences(probabilities: np.ndarray) -> np.ndarray:
    """Each row's Kullback-Leibler divergence from the mean row."""
    mean = probabilities.mean(axis=0, keepdims=True)
    safe = np.where(probabilities > 0, probabilities, 1.0)
    return np.where(probabilities > 0, probabilities * (np.log(safe) - np.log(np.maximum(mean, 1e-300))), 0.0).sum(1)


def _shares(real_labels: np.ndarray, fake_labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    real_labels, fake_labels = np.asarray(real_labels), np.asarray(fake_labels)
    if not len(real_labels) or not len(fake_labels):
        raise ValueError("shares of classes need labels on both sides")
    count = int(max(real_labels.max(), fake_labels.max())) + 1
    expected, found = (np.bincount(side, minlength=count) / len(side) for side in (real_labels, fake_labels))
    return np.arange(count), expected, found


def _share(hits: np.ndarray) -> Estimate:
    """A share of yes and no, with Wilson's interval (1927)."""
    count, share = len(hits), float(np.mean(hits))

    def interval() -> tuple[float, float]:
        squared = NORMAL**2 / count
        middle = (share + squared / 2) / (1 + squared)
        reach = NORMAL * np.sqrt(share * (1 - share) / count + squared / (4 * count)) / (1 + squared)
        # at the ends the two are equal but for rounding
        return middle - reach if share > 0 else 0.0, middle + reach if share < 1 else 1.0

    return Estimate.of(share, interval)


def _mean(values: np.ndarray) -> Estimate:
    mean = float(np.mean(values))
    return Estimate.of(mean, lambda: _around(mean, np.std(values, ddof=1) / np.sqrt(len(values))))


def _jackknife(of: Callable[[np.ndarray], float], count: int) -> float:
    """The standard error of a figure of rows, from leaving out a tenth of them at a time (Quenouille, Tukey)."""
    groups = np.array_split(np.random.RandomState(PICKED).permutation(count), min(GROUPS, count))
    left = [of(np.concatenate([g for g in groups if g is not out])) for out in groups]
    return float(np.sqrt((len(groups) - 1) * np.var(left)))


def _around(value: float, error: float, *, lowest: float = -np.inf, highest: float = np.inf) -> tuple[float, float]:
    return max(lowest, value - NORMAL * error), min(highest, value + NORMAL * error)


def _pair(real: np.ndarray, fake: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    real, fake = np.asarray(real, np.float64), np.asarray(fake, np.float64)
    _check_pair(real, fake)
    return real, fake


def _check_pair(real: np.ndarray, fake: np.ndarray) -> None:
    if real.ndim != 2 or fake.ndim != 2 or real.shape[1] != fake.shape[1]:
        raise ValueError(f"features must be (N, same width) on both sides, got {real.shape} and {fake.shape}")
