"""Augmentations: `(images, seed) -> images`, applied to everything the discriminator sees, real and generated alike.

They are differentiable, so the generator learns through them (Zhao et al. 2020, "Differentiable Augmentation").
Images are float32 (batch, height, width, channels) in [-1, 1]; `seed` is an int32 pair; every image draws its own.
"""

import tensorflow as tf


def flip(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Mirror each image left to right with probability one half."""
    mirrored = _uniform(images, seed) < 0.5
    return tf.where(mirrored, tf.reverse(images, axis=[2]), images)


def colour(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Brightness within +-0.5, saturation 0 to 2 times, contrast 0.5 to 1.5 times (Zhao et al. 2020)."""
    brightness, saturation, contrast = (_uniform(images, seed, i) for i in range(3))
    saturation, contrast = 2.0 * saturation, 0.5 + contrast
    grey = tf.reduce_mean(images, axis=3, keepdims=True)
    mean = tf.reduce_mean(grey, axis=[1, 2], keepdims=True)
    # all three in one pass over the colours: each is linear, and leaves grey or the mean as it is
    offset = contrast * (1.0 - saturation) * grey + (1.0 - contrast) * mean + (brightness - 0.5)
    return contrast * saturation * images + offset


def translate(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Move by up to an eighth of each side, repeating the border's pixels."""
    height, width = images.shape[1], images.shape[2]
    rows = _shifted(height, _uniform(images, seed)[:, :, 0, 0])
    columns = _shifted(width, _uniform(images, seed, 1)[:, :, 0, 0])
    moved = tf.gather(images, rows, axis=1, batch_dims=1)
    return tf.gather(moved, columns, axis=2, batch_dims=1)


def cutout(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Paint a square of half the image's sides mid-grey at a random place (DeVries & Taylor 2017)."""
    rows = _outside(images.shape[1], _uniform(images, seed)[:, 0, 0, 0])
    columns = _outside(images.shape[2], _uniform(images, seed, 1)[:, 0, 0, 0])
    keep = tf.maximum(rows[:, :, None], columns[:, None, :])
    return images * keep[..., None]


def _uniform(images: tf.Tensor, seed: tf.Tensor, draw: int = 0) -> tf.Tensor:
    """One number in [0, 1) an image, shaped (batch, 1, 1, 1); another for every `draw`."""
    return tf.random.stateless_uniform([3, tf.shape(images)[0], 1, 1, 1], seed)[draw]


def _shifted(side: int, uniform: tf.Tensor) -> tf.Tensor:
    """Pixel positions (batch, side) after a shift of up to an eighth of the side either way."""
    reach = side // 8
    shift = tf.cast(tf.floor(uniform * (2 * reach + 1)), tf.int32) - reach
    return tf.clip_by_value(tf.range(side)[None, :] + shift, 0, side - 1)


def _outside(side: int, uniform: tf.Tensor) -> tf.Tensor:
    """1.0 where a row or column lies outside the square, else 0.0: (batch, side)."""
    middle = tf.floor(uniform * (side + 1))[:, None]
    distance = tf.abs(tf.range(side, dtype=tf.float32)[None, :] + 0.5 - middle)
    return tf.cast(distance > side / 4, tf.float32)
