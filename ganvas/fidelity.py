"""Fidelity costs: `(target, made) -> scalar`, how far a made image is from the one that was meant.

Both are float32 images (batch, height, width, channels) in [-1, 1].
"""

from functools import cache

import tensorflow as tf

from ganvas.features import efficientnet


def l1(target: tf.Tensor, made: tf.Tensor) -> tf.Tensor:
    """The mean absolute difference: less blur than squares (Isola et al. 2017, section 3.1)."""
    return tf.reduce_mean(tf.abs(target - made))


def l2(target: tf.Tensor, made: tf.Tensor) -> tf.Tensor:
    """The mean squared difference, which PSNR is the logarithm of (Ledig et al. 2017, equation 4)."""
    return tf.reduce_mean((target - made) ** 2)


def perceptual(target: tf.Tensor, made: tf.Tensor) -> tf.Tensor:
    """Squared differences of deep features: those of EfficientNet-Lite0 at a half to an eighth of the sides.

    Features are scaled to unit length at every place before (Zhang et al. 2018; VGG's in Ledig et al. 2017).
    """
    return tf.reduce_mean(distances(target, made))


def distances(target: tf.Tensor, made: tf.Tensor) -> tf.Tensor:
    """What `perceptual` is the mean of: float32 (batch,)."""
    network = _network()
    pairs = zip(network.maps(_colour(target)), network.maps(_colour(made)), strict=True)
    apart = [tf.reduce_sum((_unit(one) - _unit(other)) ** 2, axis=-1) for one, other in pairs]
    return tf.add_n([tf.reduce_mean(each, axis=[1, 2]) for each in apart]) / len(apart)


@cache
def _network() -> efficientnet.EfficientNet:
    return efficientnet.EfficientNet.load()


def _colour(images: tf.Tensor) -> tf.Tensor:
    """Three channels in the units that the network was trained in."""
    images = tf.repeat(images, 3, axis=-1) if images.shape[-1] == 1 else images[..., :3]
    return ((images + 1.0) * 127.5 - 127.0) / 128.0


def _unit(features: tf.Tensor) -> tf.Tensor:
    # the length has no gradient at zero, so keep away from it
    return features * tf.math.rsqrt(tf.reduce_sum(features**2, axis=-1, keepdims=True) + 1e-6)
