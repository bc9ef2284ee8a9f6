"""Metrics equal their closed forms and brute force; their intervals hold what they promise."""

import inspect

import numpy as np
import pytest

from ganvas import metrics
from ganvas.features.pixels import means
from ganvas.metrics import Estimate, frechet
from ganvas.names import choices

OF_PAIRS = [
    n for n in choices(metrics) if list(inspect.signature(getattr(metrics, n)).parameters)[:2] == ["real", "fake"]
]


def _features(count=300, width=6, seed=0):
    random = np.random.RandomState(seed)
    return random.normal(size=(count, width)) @ np.random.RandomState(1).normal(size=(width, width))


@pytest.mark.parametrize("name", [n for n in OF_PAIRS if n != "neighbourhoods"])
def test_every_metric_of_pairs_is_a_number_that_does_not_mind_the_order_of_samples(name):
    metric, real, fake = getattr(metrics, name), _features(), _features(seed=2)
    value = metric(real, fake)
    if name == "sliced_wasserstein":  # of as many samples as there are: all of them
        assert metric(real[::-1], fake) == pytest.approx(value)
    elif name not in ("kernel", "frechet_at_infinity"):  # these take random subsets
        assert metric(real[::-1], fake[::-1]) == pytest.approx(value, rel=1e-9, nan_ok=True)
    if isinstance(value, Estimate):
        low, high = value.interval
        assert low <= value <= high
        assert high > low
    with pytest.raises(ValueError, match=r"got \(3, 2\) and \(3, 4\)"):
        metric(np.zeros((3, 2)), np.zeros((3, 4)))


def test_the_fixed_names_are_there():
    assert {"frechet", "kernel", "precision", "recall", "density", "coverage"} <= set(OF_PAIRS)


def test_frechet_of_gaussians_moved_and_scaled():
    features, shift = _features(500), np.arange(6.0)
    assert frechet(features, features) == pytest.approx(0, abs=1e-8)
    assert frechet(features, features + shift) == pytest.approx(shift @ shift, rel=1e-8)
    # the same directions, twice as long: sum of (2s - s)^2, and the mean moves too
    mean, variance = features.mean(axis=0), np.trace(np.cov(features, rowvar=False))
    assert frechet(features, 2 * features) == pytest.approx(mean @ mean + variance, rel=1e-8)


def test_frechet_in_one_dimension():
    one, other = np.array([[0.0], [2.0]]), np.array([[1.0], [5.0]])
    assert frechet(one, other) == pytest.approx(2.0**2 + (8**0.5 - 2**0.5) ** 2)


def test_frechet_equals_the_references_formula():
    """The root term as the sum of the roots of the product's eigenvalues (torch-fidelity)."""
    real, fake = _features(), 1.3 * _features(seed=3) + 0.2
    first, second = np.cov(real, rowvar=False), np.cov(fake, rowvar=False)
    root = np.sqrt(np.linalg.eigvals(first @ second).astype(complex)).real.sum()
    gap = real.mean(axis=0) - fake.mean(axis=0)
    assert frechet(real, fake) == pytest.approx(gap @ gap + np.trace(first + second) - 2 * root, rel=1e-9)
    assert metrics.Gaussian(real).frechet(fake) == pytest.approx(frechet(real, fake), rel=1e-9)


def test_frechet_with_fewer_samples_than_features():
    random = np.random.RandomState(0)
    assert np.isfinite(frechet(random.normal(size=(5, 40)), random.normal(size=(7, 40))))
    with pytest.raises(ValueError, match="at least 2 samples"):
        frechet(np.zeros((1, 2)), np.zeros((3, 2)))


def test_the_bias_of_few_samples_is_extrapolated_away():
    random, scales = np.random.RandomState(0), np.linspace(1, 0.1, 16)
    real, fake = random.normal(size=(2000, 16)) * scales, random.normal(size=(2000, 16)) * scales * 1.2
    truth = ((0.2 * scales) ** 2).sum()
    here, infinite = frechet(real, fake), metrics.frechet_at_infinity(real, fake)
    assert abs(infinite - truth) < abs(here - truth)
    assert np.isnan(metrics.frechet_at_infinity(real[:30], fake[:30]))


def test_a_balance_of_classes_knows_both_sides_sampling():
    random = np.random.RandomState(0)
    uneven = np.arange(1, 11) / 55
    found = [metrics.class_balance(random.choice(10, 1000), random.choice(10, 1000, p=uneven)) for _ in range(200)]
    errors = [(estimate.interval[1] - estimate.interval[0]) / (2 * metrics.NORMAL) for estimate in found]
    assert np.mean(errors) == pytest.approx(np.std(found), rel=0.35)


@pytest.mark.parametrize("name", ["frechet", "kernel", "sliced_wasserstein", "precision", "density"])
def test_intervals_hold_what_they_promise(name):
    """Of 40 draws, about 38 intervals hold the mean; fewer than 32 would be a wrong interval."""
    random, metric = np.random.RandomState(0), getattr(metrics, name)
    found = [metric(random.normal(size=(300, 8)), 1.2 * random.normal(size=(300, 8)) + 0.1) for _ in range(40)]
    mean = np.mean(found)
    inside = [estimate.interval[0] <= mean <= estimate.interval[1] for estimate in found]
    assert sum(inside) >= 32
    widths = [np.ptp(estimate.interval) for estimate in found]
    assert np.mean(widths) < 8 * np.std(found)  # nor so wide that it says nothing; 3.9 at best


def test_kernel_is_the_unbiased_mmd_written_out():
    real, fake = _features(12), _features(9, seed=2)

    def k(a, b):
        return (a @ b / 6 + 1) ** 3

    within = [sum(k(s[i], s[j]) for i in range(len(s)) for j in range(len(s)) if i != j) / (len(s) * (len(s) - 1))
              for s in (real[:9], fake)]  # fmt: skip
    across = np.mean([[k(a, b) for b in fake] for a in real[:9]])
    assert metrics.kernel(real[:9], fake) == pytest.approx(sum(within) - 2 * across, rel=1e-9)
    same = metrics.kernel(_features(400), _features(400, seed=5), subset=100)
    assert same.interval[0] < 0 < same.interval[1]


def test_neighbourhoods_equal_brute_force():
    real, fake = _features(60), 0.8 * _features(50, seed=2)

    def apart(a, b):
        return np.linalg.norm(a[:, None] - b[None], axis=-1)

    def radius(side, k):
        return np.sort(apart(side, side), axis=1)[:, k]

    cross = apart(real, fake)
    assert metrics.precision(real, fake) == (cross <= radius(real, 3)[:, None]).any(axis=0).mean()
    assert metrics.recall(real, fake) == (cross <= radius(fake, 3)[None]).any(axis=1).mean()
    close = cross < radius(real, 5)[:, None]
    assert metrics.density(real, fake) == pytest.approx(close.sum() / (5 * len(fake)))
    assert metrics.coverage(real, fake) == close.any(axis=1).mean()


def test_neighbourhoods_tell_fidelity_from_variety():
    random = np.random.RandomState(0)
    real, narrow = random.normal(size=(500, 4)), 0.2 * random.normal(size=(500, 4))
    found = metrics.neighbourhoods(real, narrow)
    assert found["precision"] > 0.95
    assert found["recall"] < 0.2
    assert metrics.neighbourhoods(narrow, real)["precision"] < 0.2


def test_sliced_wasserstein_of_a_shift():
    """Along a random direction a shift v is seen as v.d: on average |v|^2 / width, squared."""
    features = np.random.RandomState(0).normal(size=(400, 5))
    shifted = metrics.sliced_wasserstein(features, features + 3.0, directions=4096)
    assert shifted == pytest.approx(3.0, rel=0.03)
    assert metrics.sliced_wasserstein(features, features[::-1]) == pytest.approx(0, abs=1e-9)


def test_inception_score_at_its_ends():
    sure = np.eye(10)[np.arange(20_000) % 10]
    assert metrics.inception_score(sure) == pytest.approx(10, rel=0.02)
    assert metrics.inception_score(np.full((1000, 10), 0.1)) == pytest.approx(1)
    with pytest.raises(ValueError, match="probabilities must be"):
        metrics.inception_score(np.ones(5))


def test_memorisation_sees_copies_and_nothing_else():
    random = np.random.RandomState(0)
    train, held_out, fresh = (random.normal(size=(count, 8)) for count in (1000, 400, 400))
    copies = train[:400] + 1e-3 * random.normal(size=(400, 8))
    assert metrics.memorisation(train, held_out, copies) > 0.99
    for others in (held_out, None):
        assert metrics.memorisation(train, others, fresh) < 0.04
    mixed = metrics.memorisation(train, held_out, np.concatenate([copies[:100], fresh[:300]]))
    assert mixed == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize("cells", [metrics.CELLS, 1000, 1])
def test_nearest_equals_sorting_everything(cells, monkeypatch):
    monkeypatch.setattr(metrics, "CELLS", cells)
    reference, points = _features(200), _features(40, seed=4)
    distances, rows = metrics.nearest(reference, points, 3)
    apart = np.linalg.norm(points[:, None] - reference[None], axis=-1)
    assert np.array_equal(rows, np.argsort(apart, axis=1)[:, :3])
    assert distances == pytest.approx(np.sort(apart, axis=1)[:, :3], abs=1e-4)


def test_modes_and_balance():
    real = np.arange(1000) % 10
    few = real.copy()
    few[few >= 8] = 0
    assert metrics.modes(real, real) == 10
    assert metrics.modes(real, few) == 8
    assert metrics.class_balance(real, real) == 1
    assert metrics.class_balance(real, few) == pytest.approx(0.8)
    low, high = metrics.class_balance(real, few).interval
    assert low < 0.8 < high <= 1


def test_accuracy_has_wilsons_interval():
    """The textbook case: 8 of 10, 95%: 0.490 to 0.943."""
    assert metrics.accuracy(np.arange(10) < 8).interval == pytest.approx((0.4902, 0.9433), abs=1e-4)
    for count in (7, 1000, 4999):  # the ends to the bit: no 1e-19 in a table
        assert metrics.accuracy(np.zeros(count, bool)).interval[0] == 0.0
        assert metrics.accuracy(np.ones(count, bool)).interval[1] == 1.0


def test_similarity_is_high_for_images_alike():
    random = np.random.RandomState(0)
    noise = random.randint(0, 255, (60, 28, 28, 1), np.uint8)
    alike = np.clip(noise[:1].astype(int) + random.randint(-9, 9, noise.shape), 0, 255).astype(np.uint8)
    assert metrics.similarity(alike) > 0.9 > 0.3 > metrics.similarity(noise)
    with pytest.raises(ValueError, match="11 pixels or more"):
        metrics.similarity(np.zeros((9, 8, 8, 1), np.uint8))


def test_pixels_are_block_means():
    images = np.random.RandomState(0).randint(0, 255, (3, 32, 16, 1), np.uint8)
    blocks = images.reshape(3, 8, 4, 8, 2, 1).mean(axis=(2, 4)).reshape(3, -1) / 255
    assert means(images) == pytest.approx(blocks, rel=1e-5)
    points = np.zeros((3, 2), np.float32)
    assert np.array_equal(means(points), points)
    assert means(np.zeros((2, 28, 28, 1), np.uint8)).shape == (2, 49)


def test_a_sliced_distance_is_that_of_the_projections_written_out():
    real, fake = (np.random.RandomState(seed).randint(0, 256, (60, 1100), np.uint8) for seed in (0, 1))
    random = np.random.RandomState(metrics.PICKED)
    lines = random.normal(size=(1100, 64))
    lines /= np.linalg.norm(lines, axis=0)
    apart = np.subtract(*(np.sort(side / 255 @ lines, axis=0) for side in (real, fake)))
    expected = np.sqrt((apart**2).mean())
    assert metrics.sliced_wasserstein(real, fake, directions=64) == pytest.approx(expected, rel=1e-9)
    assert metrics.sliced_wasserstein(real / 255, fake / 255, directions=64) == pytest.approx(expected, rel=1e-9)


def test_equal_samples_are_at_no_distance():
    """With each real sample several times every ball has the radius 0: who lies in one is not for rounding to say."""
    real = np.repeat(np.random.RandomState(0).normal(size=(60, 40)) + 3.0, 5, axis=0)
    found = metrics.neighbourhoods(real, real[::5])
    assert found["precision"] == 1.0
    assert metrics.nearest(real, real[:50], 1)[0].max() == 0.0


def test_memorisation_does_not_mind_held_out_samples_that_were_trained_on():
    random = np.random.RandomState(0)
    train, held_out = (random.normal(size=(count, 8)) for count in (1000, 400))
    copies = train[:400] + 1e-3 * random.normal(size=(400, 8))
    held_out[:40] = train[:40]
    assert metrics.memorisation(train, held_out, copies) > 0.99
    assert metrics.memorisation(train, train[:100], copies) > 0.99  # no other one left: by the training samples' own
