"""SNGAN's residual networks, with fewer channels (Gulrajani et al. 2017; Miyato et al. 2018). 28 pixels and up."""

from typing import Any

import keras
from keras import layers

from ganvas.layers import FusedBatchNormalization
from ganvas.networks import conditioned_logit
from ganvas.networks.plain import conditioned, halvings


def generator(shape: tuple[int, ...], latent: int, classes: int = 0, width: int = 32) -> keras.Model:
    """Dense start, residual blocks that double the sides, batch norm, ReLU, a 3x3 convolution, tanh.

    `width` channels at full size, twice as many at each halving below. With classes, an embedding of the label is
    concatenated to the latent (Mirza & Osindero 2014).
    """
    count = halvings("resnet", shape)
    height, wide, channels = shape
    inputs, x = conditioned(latent, classes)
    start = (height >> count, wide >> count, width << count)
    x = layers.Reshape(start)(layers.Dense(start[0] * start[1] * start[2])(x))
    for i in reversed(range(count)):
        x = _doubled(x, width << i)
    x = layers.ReLU()(FusedBatchNormalization()(x))
    x = layers.Conv2D(channels, 3, padding="same")(x)
    x = layers.Activation("tanh", dtype="float32")(x)
    return keras.Model(inputs, x, name="resnet_generator")


def discriminator(shape: tuple[int, ...], classes: int = 0, width: int = 32) -> keras.Model:
    """Residual blocks that halve the sides, one that does not, ReLU, the sum over all places, a logit.

    `width` channels in the first block, twice as many in each that follows; nothing is normalised (see the recipe's
    `spectral`). With classes, the features' product with an embedding of the label is added to the logit
    (Miyato & Koyama 2018).
    """
    count = halvings("resnet", shape)
    image = keras.Input(shape, name="image")
    x = image
    for i in range(count + 1):
        x = _judged(x, width << i, first=i == 0, halve=i < count)
    _, height, wide, _ = x.shape
    x = layers.GlobalAveragePooling2D(dtype="float32")(layers.ReLU()(x))
    x = layers.Rescaling(height * wide, dtype="float32")(x)
    logit = layers.Dense(1, dtype="float32")(x)
    return conditioned_logit("resnet_discriminator", image, x, logit, classes)


def _doubled(x: Any, channels: int) -> Any:
    """Two 3x3 convolutions after batch norm and ReLU each, the first at twice the sides; 1x1 beside them."""
    y = layers.UpSampling2D()(layers.ReLU()(FusedBatchNormalization()(x)))
    y = layers.Conv2D(channels, 3, padding="same", use_bias=False)(y)
    y = layers.ReLU()(FusedBatchNormalization()(y))
    y = layers.Conv2D(channels, 3, padding="same", use_bias=False)(y)
    return layers.Add()([y, layers.UpSampling2D()(layers.Conv2D(channels, 1, use_bias=False)(x))])


def _judged(x: Any, channels: int, first: bool, halve: bool) -> Any:
    """Two 3x3 convolutions after ReLU each, except on the image itself, then half the sides; 1x1 beside them."""
    y = layers.Conv2D(channels, 3, padding="same")(x if first else layers.ReLU()(x))
    y = layers.Conv2D(channels, 3, padding="same")(layers.ReLU()(y))
    if halve:
        x, y = layers.AveragePooling2D(2)(x), layers.AveragePooling2D(2)(y)
    return layers.Add()([y, layers.Conv2D(channels, 1)(x)])
