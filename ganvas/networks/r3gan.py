"""R3GAN's residual networks, with fewer channels (Huang et al. 2024, "The GAN is dead; long live the GAN!").

Blocks of 1x1, grouped 3x3 and 1x1 convolutions, twice as wide inside, without normalisation: each starts as the
identity (Zhang et al. 2019, Fixup). The sides grow bilinearly and shrink by means of 2x2. 28 pixels and up.
"""

import math
from typing import Any

import keras
from keras import layers

from ganvas.layers import GroupedConvolution
from ganvas.networks import conditioned_logit
from ganvas.networks.plain import conditioned, halvings

BLOCKS = 2  # a stage
INSIDE = 2  # times as many channels inside a block


def generator(shape: tuple[int, ...], latent: int, classes: int = 0, width: int = 16, group: int = 16) -> keras.Model:
    """Dense start, two blocks at each size up to the full one, 1x1 to colours, tanh.

    `width` channels at full size, twice as many at each halving below; `group` channels a group. With classes, an
    embedding of the label is concatenated to the latent (Mirza & Osindero 2014).
    """
    count = halvings("r3gan", shape)
    height, wide, channels = shape
    inputs, x = conditioned(latent, classes)
    start = (height >> count, wide >> count, width << count)
    x = layers.Reshape(start)(layers.Dense(math.prod(start), kernel_initializer=_scaled(1.0))(x))
    x = _stage(x, count, group)
    for i in reversed(range(count)):
        x = layers.UpSampling2D(interpolation="bilinear")(_mixed(x, width << i))
        x = _stage(x, count, group)
    x = layers.Activation("tanh", dtype="float32")(_mixed(x, channels))
    return keras.Model(inputs, x, name="r3gan_generator")


def discriminator(shape: tuple[int, ...], classes: int = 0, width: int = 16, group: int = 16) -> keras.Model:
    """1x1 from colours, two blocks at each size, weights of their own for each place and channel, a logit.

    Widths are the generator's. With classes, the features' product with an embedding of the label is added to the
    logit (Miyato & Koyama 2018).
    """
    count = halvings("r3gan", shape)
    image = keras.Input(shape, name="image")
    x = _stage(_mixed(image, width), count, group)
    for i in range(1, count + 1):
        x = _mixed(layers.AveragePooling2D(2)(x), width << i)
        x = _stage(x, count, group)
    # Keras takes a weight's inputs to be all channels
    start = _scaled(width << count)
    x = layers.Flatten()(layers.DepthwiseConv2D(x.shape[1:3], depthwise_initializer=start, use_bias=False)(x))
    logit = layers.Dense(1, kernel_initializer=_scaled(1.0), dtype="float32")(x)
    return conditioned_logit("r3gan_discriminator", image, x, logit, classes)


def _stage(x: Any, halvings_of_sides: int, group: int) -> Any:
    """`BLOCKS` residual blocks; their first two convolutions start the smaller, the more blocks the network has."""
    blocks, inside, slope = BLOCKS * (halvings_of_sides + 1), INSIDE * x.shape[-1], 0.2
    variance, groups = 2.0 / (1.0 + slope**2) / math.sqrt(blocks), max(1, inside // group)
    for _ in range(BLOCKS):
        y = layers.LeakyReLU(slope)(layers.Conv2D(inside, 1, kernel_initializer=_scaled(variance))(x))
        mixed = GroupedConvolution(inside, 3, padding="same", groups=groups, kernel_initializer=_scaled(variance))(y)
        y = layers.Conv2D(x.shape[-1], 1, use_bias=False, kernel_initializer="zeros")(layers.LeakyReLU(slope)(mixed))
        x = layers.Add()([x, y])
    return x


def _mixed(x: Any, channels: int) -> Any:
    return layers.Conv2D(channels, 1, kernel_initializer=_scaled(1.0))(x)


def _scaled(variance: float) -> keras.initializers.Initializer:
    """Normal weights of which come so many times the inputs' variance."""
    return keras.initializers.VarianceScaling(variance, "fan_in", "untruncated_normal")
