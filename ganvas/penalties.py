"""Penalties: `(discriminator, real, fake) -> scalar`, added to the discriminator's cost with the recipe's weight.

`discriminator` is a function from a batch (float32, any shape) to logits (batch, 1); `real` and `fake` have the
same shape. All arithmetic after the discriminator's own layers is float32.
"""

from collections.abc import Callable

import tensorflow as tf

Discriminator = Callable[[tf.Tensor], tf.Tensor]


def r1(discriminator: Discriminator, real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
    """Half the squared gradient at real images; the weight is gamma (Mescheder et al. 2018, equation 9)."""
    return 0.5 * tf.reduce_mean(_squared_gradient(discriminator, real))


def r2(discriminator: Discriminator, real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
    """Half the squared gradient at generated images; the weight is gamma (Mescheder et al. 2018, equation 10)."""
    return 0.5 * tf.reduce_mean(_squared_gradient(discriminator, tf.stop_gradient(fake)))


def gradient(discriminator: Discriminator, real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
    """Squared distance of the gradient's norm from 1, halfway between real and fake (WGAN-GP, Gulrajani et al. 2017).

    The mixing weight is the golden-ratio sequence over the batch rather than a draw: uniform on [0, 1), and the
    same inputs give the same penalty.
    """
    count = tf.shape(real)[0]
    weight = tf.math.floormod(0.6180339887 * (tf.cast(tf.range(count), tf.float32) + 0.5), 1.0)
    weight = tf.reshape(weight, [-1] + [1] * (real.shape.rank - 1))
    between = real + weight * (tf.stop_gradient(fake) - real)
    # the norm has no gradient at zero, so keep away from it
    norm = tf.sqrt(_squared_gradient(discriminator, between) + 1e-12)
    return tf.reduce_mean((norm - 1.0) ** 2)


def _squared_gradient(discriminator: Discriminator, images: tf.Tensor) -> tf.Tensor:
    """|d logit / d image|^2 for each image: float32 (batch,)."""
    with tf.GradientTape() as tape:
        tape.watch(images)
        logits = tf.reduce_sum(discriminator(images))
    gradient = tf.cast(tape.gradient(logits, images), tf.float32)
    return tf.reduce_sum(tf.reshape(gradient, [tf.shape(images)[0], -1]) ** 2, axis=1)
