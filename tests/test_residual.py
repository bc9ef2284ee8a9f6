"""The residual networks: how they start, what they are made of, and that they can be rebuilt layer by layer."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from ganvas.layers import GroupedConvolution
from ganvas.networks import r3gan, resnet


def noise(*shape):
    return tf.random.stateless_normal(shape, [0, 1])


@pytest.mark.parametrize("network", [resnet, r3gan])
@pytest.mark.parametrize("shape", [(28, 28, 1), (32, 48, 3), (64, 64, 3)])
def test_a_discriminator_is_rebuilt_by_clone_model(network, shape):
    judge = network.discriminator(shape, classes=3, width=4)
    copy = keras.models.clone_model(judge)
    copy.set_weights(judge.get_weights())
    batch = [noise(2, *shape), tf.constant([0, 2])]
    assert np.array_equal(copy(batch), judge(batch))
    assert not judge.non_trainable_weights  # nothing is normalised by what was seen before


@pytest.mark.parametrize("network", [resnet, r3gan])
def test_sides_are_halved_until_the_next_would_be_less_than_four(network):
    for shape, start in (((28, 28, 1), (7, 7)), ((64, 32, 3), (8, 4)), ((64, 64, 3), (4, 4))):
        dense, reshaped = network.generator(shape, 8, width=4).layers[1:3]
        assert reshaped.output.shape[1:3] == start
        assert dense.units == start[0] * start[1] * reshaped.output.shape[3]


def test_blocks_of_r3gan_start_as_the_identity():
    """So a discriminator without its last weights' help is linear at first, and no longer once blocks have learnt."""
    judge = r3gan.discriminator((28, 28, 1), width=4)
    one, other = noise(4, 28, 28, 1), noise(4, 28, 28, 1)[::-1]

    def crookedness():
        return float(tf.reduce_max(tf.abs(judge(one + other) - judge(one) - judge(other))))

    assert crookedness() < 1e-4
    last = [layer for layer in judge.layers if isinstance(layer, keras.layers.Conv2D) and not layer.use_bias]
    assert len([layer for layer in last if not np.any(layer.kernel)]) == 6  # two blocks at 28, 14 and 7
    for layer in last:
        layer.kernel.assign_add(0.1 * tf.ones(layer.kernel.shape))
    assert crookedness() > 1e-3


def test_what_r3gan_starts_with_keeps_its_size():
    """Without normalisation nothing else would: at the ends of both networks, and of all blocks' insides."""
    make, judge = r3gan.generator((28, 28, 1), 64), r3gan.discriminator((28, 28, 1))
    smooth = tf.repeat(tf.repeat(noise(64, 7, 7, 1), 4, axis=1), 4, axis=2)
    for model, inputs in ((make, noise(64, 64)), (judge, smooth)):
        values = keras.Model(model.input, [layer.output for layer in model.layers if layer.weights])(inputs)
        deviations = [float(tf.math.reduce_std(tf.cast(value, tf.float32))) for value in values]
        assert all(0.2 < deviation < 3 for deviation in deviations if deviation > 0)


def test_the_sum_over_places_reaches_the_logit_of_sngan():
    judge = resnet.discriminator((28, 28, 1), width=4)
    last = judge.layers[-1]
    last.kernel.assign(tf.ones(last.kernel.shape))
    maps = next(layer for layer in reversed(judge.layers) if isinstance(layer, keras.layers.ReLU)).output
    features = np.asarray(keras.Model(judge.input, maps)(noise(3, 28, 28, 1)))
    assert features.shape == (3, 7, 7, 16)
    np.testing.assert_allclose(judge(noise(3, 28, 28, 1))[:, 0], features.sum(axis=(1, 2, 3)), rtol=1e-5)


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_a_grouped_convolution_is_a_convolution_of_every_group(groups):
    images, layer = noise(3, 6, 5, 8), GroupedConvolution(16, 3, padding="same", groups=groups)
    layer(images)
    layer.bias.assign(noise(16))

    def dense(images, kernel):
        """The same by one convolution of all channels, with zeros between the groups."""
        rows = []
        for i, part in enumerate(tf.split(kernel, groups, -1)):
            sides = [i * part.shape[3], (groups - 1 - i) * part.shape[3]]
            rows.append(tf.pad(part, [[0, 0], [0, 0], [0, 0], sides]))
        return tf.nn.conv2d(images, tf.concat(rows, 2), 1, "SAME") + layer.bias

    def twice(convolved):
        """The outputs, and the second-order gradient of the kernel, as a penalty takes it."""
        kernel = layer.kernel.value
        with tf.GradientTape() as outer:
            outer.watch(kernel)
            with tf.GradientTape() as inner:
                inner.watch(images)
                outputs = convolved(images)
                cost = tf.reduce_sum(tf.nn.leaky_relu(outputs) ** 2)
            squared = tf.reduce_sum(inner.gradient(cost, images) ** 2)
        return outputs, outer.gradient(squared, kernel)

    for own, expected in zip(twice(layer), twice(lambda x: dense(x, layer.kernel.value)), strict=True):
        np.testing.assert_allclose(own, expected, rtol=1e-4, atol=1e-4 * float(tf.reduce_max(tf.abs(expected))))
    copy = GroupedConvolution.from_config(layer.get_config())
    assert (copy.groups, copy.filters) == (groups, 16)
