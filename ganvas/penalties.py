"""Penalties: `(discriminator, real, fake) -> scalar`, added to the discriminator's cost with the recipe's weight.

`discriminator` is a function from a batch (float32, any shape) to logits (batch, 1); `real` and `fake` have the
same shape. A penalty whose first parameter is `generator` is added to the generator's cost: `(generator, latents)`,
a function from latents (batch, ...) to images, and some of them. All arithmetic after the networks' own layers is
float32.
"""

import math
from collections.abc import Callable

import tensorflow as tf

Discriminator = Callable[[tf.Tensor], tf.Tensor]
Generator = Callable[[tf.Tensor], tf.Tensor]


def r1(discriminator: Discriminator, real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
    """Half the squared gradient at real images; the weight is gamma (Mescheder et al. 2018, equation 9)."""
    return 0.5 * tf.reduce_mean(_squared_gradient(discriminator, real))


def r2(discriminator: Discriminator, real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
    """Half the squared gradient at generated images; the weight is gamma (Mescheder et al. 2018, equation 10)."""
    return 0.5 * tf.reduce_mean(_squared_gradient(discriminator, tf.stop_gradient(fake)))


def gradient(discriminator: Discriminator, real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
    """Squared distance of the gradient's norm from 1 somewhere between real and fake (WGAN-GP, Gulrajani et al. 2017).

    The mixing weights, uniform on [0, 1), are a function of the batch: the same inputs give the same penalty.
    """
    weight = tf.random.stateless_uniform(tf.shape(real)[:1], _key(real, fake))
    weight = tf.reshape(weight, [-1] + [1] * (real.shape.rank - 1))
    between = real + weight * (tf.stop_gradient(fake) - real)
    return _slope_of_one(discriminator, between)


def dragan(discriminator: Discriminator, real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
    """Squared distance of the gradient's norm from 1, around real samples (DRAGAN, Kodali et al. 2017).

    Each is moved by uniform noise of up to half the batch's deviation; the noise is a function of the batch.
    """
    noise = tf.random.stateless_uniform(real.shape, _key(real))
    return _slope_of_one(discriminator, real + 0.5 * tf.math.reduce_std(real) * noise)


def path_length(generator: Generator, latents: tf.Tensor) -> tf.Tensor:
    """Squared distance of path lengths, how far images move with their latents, from their mean (Karras et al. 2020).

    A length is the norm of the gradient of one image's product with normal noise over the root of its pixels (section
    3.2). The mean is the batch's own, held constant: it stands in for the paper's running mean. The noise is a
    function of the latents, whose place StyleGAN's styles take.
    """

    def projected(points: tf.Tensor) -> tf.Tensor:
        images = tf.cast(generator(points), tf.float32)
        noise = tf.random.stateless_normal(tf.shape(images), _key(points))
        return images * noise / math.prod(images.shape[1:-1]) ** 0.5

    # the norm has no gradient at zero, so keep away from it
    lengths = tf.sqrt(_squared_gradient(projected, latents) + 1e-12)
    return tf.reduce_mean((lengths - tf.stop_gradient(tf.reduce_mean(lengths))) ** 2)


def _key(*batches: tf.Tensor) -> tf.Tensor:
    """A seed, int32 (2,), of the batches' bits, which add up to the same in any order."""
    bits = [tf.reduce_sum(tf.bitcast(tf.cast(batch, tf.float32), tf.int32)) for batch in batches]
    return tf.stack([*bits, 0][:2])


def _slope_of_one(discriminator: Discriminator, images: tf.Tensor) -> tf.Tensor:
    # the norm has no gradient at zero, so keep away from it
    norm = tf.sqrt(_squared_gradient(discriminator, images) + 1e-12)
    return tf.reduce_mean((norm - 1.0) ** 2)


def _squared_gradient(function: Callable[[tf.Tensor], tf.Tensor], points: tf.Tensor) -> tf.Tensor:
    """|d sum / d point|^2 for each point of a batch, of the sum of what `function` makes of it: float32 (batch,)."""
    with tf.GradientTape() as tape:
        tape.watch(points)
        total = tf.reduce_sum(function(points))
    gradient = tf.cast(tape.gradient(total, points), tf.float32)
    return tf.reduce_sum(tf.reshape(gradient, [tf.shape(points)[0], -1]) ** 2, axis=1)
