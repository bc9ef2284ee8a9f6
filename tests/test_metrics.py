"""Metrics equal their closed forms."""

import numpy as np
import pytest

from ganvas.features import pixels
from ganvas.metrics import frechet


def test_frechet_of_gaussians_moved_and_scaled():
    random = np.random.RandomState(0)
    features = random.normal(size=(500, 6)) @ random.normal(size=(6, 6))
    shift = np.arange(6.0)
    assert frechet(features, features) == pytest.approx(0, abs=1e-8)
    assert frechet(features, features + shift) == pytest.approx(shift @ shift, rel=1e-9)
    # the same directions, twice as long: sum of (2s - s)^2, and the mean moves too
    mean, variance = features.mean(axis=0), np.trace(np.cov(features, rowvar=False))
    assert frechet(features, 2 * features) == pytest.approx(mean @ mean + variance, rel=1e-9)


def test_frechet_in_one_dimension():
    one, other = np.array([[0.0], [2.0]]), np.array([[1.0], [5.0]])
    assert frechet(one, other) == pytest.approx(2.0**2 + (8**0.5 - 2**0.5) ** 2)


def test_frechet_with_fewer_samples_than_features():
    random = np.random.RandomState(0)
    assert np.isfinite(frechet(random.normal(size=(5, 40)), random.normal(size=(7, 40))))


def test_frechet_refuses_what_cannot_be_compared():
    with pytest.raises(ValueError, match=r"got \(3, 2\) and \(3, 4\)"):
        frechet(np.zeros((3, 2)), np.zeros((3, 4)))
    with pytest.raises(ValueError, match="at least 2 samples"):
        frechet(np.zeros((1, 2)), np.zeros((3, 2)))


def test_pixels_are_block_means():
    images = np.random.RandomState(0).randint(0, 255, (3, 32, 16, 1), np.uint8)
    blocks = images.reshape(3, 8, 4, 8, 2, 1).mean(axis=(2, 4)).reshape(3, -1) / 255
    assert pixels(images) == pytest.approx(blocks)
    points = np.zeros((3, 2), np.float32)
    assert np.array_equal(pixels(points), points)
    assert pixels(np.zeros((2, 28, 28, 1), np.uint8)).shape == (2, 49)
