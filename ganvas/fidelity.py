"""Fidelity costs: `(target, made) -> scalar`, how far a made image is from the one that was meant.

Both are float32 images (batch, height, width, channels) in [-1, 1].
"""

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
    return tf.reduce_mean(efficientnet.apart(target, made))
