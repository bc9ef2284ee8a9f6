"""Every penalty meets the contract; each equals its closed form on a linear discriminator."""

import numpy as np
import pytest
import tensorflow as tf

from ganvas import penalties
from ganvas.names import accepts, choices

WEIGHTS = tf.constant(np.random.RandomState(0).normal(size=(12, 1)), tf.float32)
SQUARED = float(tf.reduce_sum(WEIGHTS**2))
REAL = tf.constant(np.random.RandomState(1).normal(size=(6, 2, 2, 3)), tf.float32)
FAKE = tf.constant(np.random.RandomState(2).normal(size=(6, 2, 2, 3)), tf.float32)
LINEAR = {"r1": 0.5 * SQUARED, "r2": 0.5 * SQUARED, "gradient": (SQUARED**0.5 - 1) ** 2}
OF_DISCRIMINATORS = [n for n in choices(penalties) if accepts(getattr(penalties, n), "discriminator")]
OF_GENERATORS = [n for n in choices(penalties) if n not in OF_DISCRIMINATORS]
LINEAR["dragan"] = LINEAR["gradient"]


def linear(images):
    return tf.reshape(images, [tf.shape(images)[0], 12]) @ WEIGHTS


@pytest.mark.parametrize("name", OF_DISCRIMINATORS)
def test_closed_form_on_a_linear_discriminator(name):
    assert float(getattr(penalties, name)(linear, REAL, FAKE)) == pytest.approx(LINEAR[name], rel=1e-5)


def test_each_looks_where_it_says():
    """With D(x) = |x|^2 / 2 the gradient is x itself."""

    def bowl(images):
        return 0.5 * tf.reduce_sum(images**2, axis=[1, 2, 3])[:, None]

    def mean_square(images):
        return float(tf.reduce_mean(tf.reduce_sum(images**2, axis=[1, 2, 3])))

    assert float(penalties.r1(bowl, REAL, FAKE)) == pytest.approx(0.5 * mean_square(REAL), rel=1e-5)
    assert float(penalties.r2(bowl, REAL, FAKE)) == pytest.approx(0.5 * mean_square(FAKE), rel=1e-5)
    # from nothing to an image of norm 1 the gradient's norm is the place between them: uniform, also batches of one
    ones = [image / tf.norm(image) for image in tf.random.stateless_normal((200, 1, 2, 2, 3), (0, 1))]
    places = [1 - float(penalties.gradient(bowl, tf.zeros_like(one), one)) ** 0.5 for one in ones]
    assert np.quantile(places, [0.1, 0.5, 0.9]) == pytest.approx([0.1, 0.5, 0.9], abs=0.1)
    # DRAGAN looks up to half a deviation away from real samples, elsewhere for every batch
    near = float(penalties.dragan(bowl, REAL, FAKE))
    deviation = float(tf.math.reduce_std(REAL))
    here = np.sqrt(np.sum(REAL**2, axis=(1, 2, 3)))
    reach = np.sqrt(12) * 0.5 * deviation
    assert near == float(penalties.dragan(bowl, REAL, FAKE))
    assert near != pytest.approx(np.mean((here - 1) ** 2), rel=1e-3)
    assert near < np.mean((np.abs(here - 1) + reach) ** 2)


@pytest.mark.parametrize("name", OF_DISCRIMINATORS)
def test_the_discriminator_can_learn_from_it_and_the_generator_cannot(name):
    weights, fake = tf.Variable(WEIGHTS), tf.Variable(FAKE)
    with tf.GradientTape(persistent=True) as tape:
        cost = getattr(penalties, name)(lambda x: (tf.reshape(x, [-1, 12]) @ weights) ** 2, REAL, fake)
    assert np.abs(tape.gradient(cost, weights)).sum() > 0
    assert tape.gradient(cost, fake) is None


@pytest.mark.parametrize("name", OF_DISCRIMINATORS)
def test_a_flat_discriminator_gives_finite_gradients(name):
    weights = tf.Variable(tf.zeros([12, 1]))
    with tf.GradientTape() as tape:
        cost = getattr(penalties, name)(lambda x: tf.reshape(x, [-1, 12]) @ weights, REAL, FAKE)
    assert np.isfinite(tape.gradient(cost, weights)).all()


@pytest.mark.parametrize("name", OF_GENERATORS)
def test_the_generator_can_learn_from_its_own(name):
    latents, own = tf.reshape(REAL, (6, 12)), tf.Variable(tf.reshape(FAKE, (12, 6)))
    with tf.GradientTape() as tape:
        cost = getattr(penalties, name)(lambda z: tf.reshape(tf.tanh(z @ own), (-1, 2, 1, 3)), latents)
    assert accepts(getattr(penalties, name), "generator")
    assert cost.shape == ()
    assert float(cost) > 0
    slope = np.asarray(tape.gradient(cost, own))
    assert np.isfinite(slope).all()
    assert np.abs(slope).sum() > 0
