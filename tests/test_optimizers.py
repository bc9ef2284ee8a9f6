"""Our optimizers do what they are named after."""

import keras
import numpy as np
import tensorflow as tf

from ganvas.optimizers import FusedAdam


def test_fused_adam_is_adam():
    random, finals = np.random.RandomState(0), []
    start, gradients = random.normal(size=(5, 3)), random.normal(size=(20, 5, 3))
    for kind in (keras.optimizers.Adam, FusedAdam):
        weight = keras.Variable(start.astype(np.float32))
        optimizer = kind(1e-2, beta_1=0.3, beta_2=0.9)
        for step, gradient in enumerate(gradients):
            optimizer.learning_rate.assign(1e-2 / (1 + step))
            sliced = tf.IndexedSlices(tf.constant(gradient[:2], tf.float32), tf.constant([1, 1]), tf.constant([5, 3]))
            given = sliced if step % 2 else tf.constant(gradient, tf.float32)
            optimizer.apply([tf.convert_to_tensor(given)], [weight])
        finals.append([np.asarray(v) for v in (weight, *optimizer.variables)])
    for one, other in zip(*finals, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    assert np.abs(finals[0][0] - start).max() > 0.01


def test_looking_ahead_is_the_update_itself():
    random = np.random.RandomState(0)
    weight = keras.Variable(random.normal(size=(5, 3)).astype(np.float32))
    optimizer = FusedAdam(1e-2, beta_1=0.3, beta_2=0.9)
    optimizer.build([weight])
    ahead, moments = [weight.value], optimizer.moments()
    gradients = [tf.constant(random.normal(size=(5, 3)), tf.float32) for _ in range(3)]
    for gradient in gradients:
        ahead, moments = optimizer.ahead([gradient], ahead, moments)
    untouched = np.asarray(weight)
    for gradient in gradients:
        optimizer.apply([gradient], [weight])
    np.testing.assert_allclose(ahead[0], weight, rtol=1e-5, atol=1e-6)
    assert np.abs(untouched - np.asarray(weight)).max() > 0.01


def test_a_bound_holds_after_every_update():
    weight = keras.Variable(np.array([-0.5, 0.004, 0.5], np.float32))
    optimizer = FusedAdam(1e-3, bound=0.01)
    optimizer.build([weight])
    ahead, _ = optimizer.ahead([tf.constant([0.0, 1.0, 0.0])], [weight.value], optimizer.moments())
    np.testing.assert_allclose(ahead[0], [-0.01, 0.003, 0.01], atol=1e-5)
    optimizer.apply([tf.constant([0.0, 1.0, 0.0])], [weight])
    np.testing.assert_allclose(weight, [-0.01, 0.003, 0.01], atol=1e-5)
