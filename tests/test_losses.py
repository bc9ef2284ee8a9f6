"""Every loss meets the contract; each equals its formula."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from ganvas import losses
from ganvas.names import accepts, choices

REAL = tf.constant([[2.0], [-1.0], [0.5], [0.25]])
FAKE = tf.constant([[-1.5], [0.75], [0.0], [-3.0]])


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


R, F = REAL.numpy().astype(np.float64), FAKE.numpy().astype(np.float64)
FORMULAS = {
    "nonsaturating": (
        -np.mean(np.log(_sigmoid(R))) - np.mean(np.log(1 - _sigmoid(F))),
        -np.mean(np.log(_sigmoid(F))),
    ),
    "saturating": (
        -np.mean(np.log(_sigmoid(R))) - np.mean(np.log(1 - _sigmoid(F))),
        np.mean(np.log(1 - _sigmoid(F))),
    ),
    "least_squares": (0.5 * np.mean((R - 1) ** 2) + 0.5 * np.mean((F + 1) ** 2), 0.5 * np.mean((F - 1) ** 2)),
    "hinge": (np.mean(np.maximum(0, 1 - R)) + np.mean(np.maximum(0, 1 + F)), -np.mean(F)),
    "wasserstein": (np.mean(F) - np.mean(R), -np.mean(F)),
    "relativistic": (-np.mean(np.log(_sigmoid(R - F))), -np.mean(np.log(_sigmoid(F - R)))),
}


@pytest.mark.parametrize("name", choices(losses))
def test_formula(name):
    costs = getattr(losses, name)(REAL, FAKE)
    assert [float(cost) for cost in costs] == pytest.approx(FORMULAS[name], rel=1e-6)


@pytest.mark.parametrize("name", choices(losses))
def test_costs_fall_the_right_way(name):
    """The discriminator wants real logits up and fake ones down; the generator wants fake ones up."""
    # between the targets of every loss, so that none of them is satisfied
    real, fake = tf.constant([[0.1], [0.2]]), tf.constant([[0.3], [0.4]])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([real, fake])
        discriminator, generator = getattr(losses, name)(real, fake)
    assert discriminator.shape == generator.shape == ()
    assert np.all(tape.gradient(discriminator, real) < 0)
    assert np.all(tape.gradient(discriminator, fake) > 0)
    assert np.all(tape.gradient(generator, fake) < 0)


@pytest.mark.parametrize("name", choices(losses))
def test_large_logits_stay_finite(name):
    big = tf.constant([[1e4], [-1e4]])
    assert all(np.isfinite(float(cost)) for cost in getattr(losses, name)(big, -big))


@pytest.mark.parametrize("name", [n for n in choices(losses) if accepts(getattr(losses, n), "smoothing")])
@pytest.mark.parametrize("pair", [(0.1, 0.0), (0.1, 0.2)])
def test_smoothing_moves_the_discriminators_targets_alone(name, pair):
    loss = getattr(losses, name)
    plain, smooth = loss(REAL, FAKE), loss(REAL, FAKE, smoothing=pair)
    assert float(smooth[1]) == float(plain[1])
    targets = tf.fill([4, 1], 1 - pair[0]), tf.fill([4, 1], pair[1])
    if name == "least_squares":  # of which -1 stands for 0
        expected = sum(tf.reduce_mean((x - (2 * t - 1)) ** 2) / 2 for x, t in zip((REAL, FAKE), targets, strict=True))
    else:
        cross_entropy = keras.losses.BinaryCrossentropy(from_logits=True)
        expected = cross_entropy(targets[0], REAL) + cross_entropy(targets[1], FAKE)
    assert float(smooth[0]) == pytest.approx(float(expected), rel=1e-6)
