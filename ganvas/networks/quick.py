"""`quick`: a generator without a layer at full resolution, so that a CPU sees more images in its minutes.

Its discriminator is `plain`'s, with another beside it that is shown the patterns of grey images.
"""

from typing import Any

import keras
from keras import layers

from ganvas.layers import FeatureDeviation, FusedBatchNormalization, SubPixel, WaveStrengths
from ganvas.networks import conditioned_logit
from ganvas.networks.plain import conditioned, features, halvings, rectified
from ganvas.waves import SMALLEST


def generator(shape: tuple[int, ...], latent: int, classes: int = 0, width: int = 48) -> keras.Model:
    """Dense start, 4x4 transposed convolutions to half the sides, a 3x3 convolution there, pixels out of channels.

    `width` channels at half the sides, 4/3 of that one halving below, then twice as many at each. With classes, an
    embedding of the label is concatenated to the latent (Mirza & Osindero 2014). Both scale and shift the channels of
    every later layer.
    """
    count = halvings("quick", shape)
    height, wide, channels = shape
    widths = [width, *(4 * width // 3 << i for i in range(count - 1))]
    inputs, code = conditioned(latent, classes)
    start = (height >> count, wide >> count, widths.pop())
    x = layers.Dense(start[0] * start[1] * start[2], use_bias=False)(code)
    x = layers.ReLU()(FusedBatchNormalization()(layers.Reshape(start)(x)))
    while widths:
        x = _bent(layers.Conv2DTranspose(widths.pop(), 4, strides=2, padding="same", use_bias=False)(x), code)
    x = _bent(layers.Conv2D(width, 3, padding="same", use_bias=False)(x), code)
    x = SubPixel(2)(layers.Conv2D(4 * channels, 3, padding="same")(x))
    x = layers.Activation("tanh", dtype="float32")(x)
    return keras.Model(inputs, x, name="quick_generator")


def discriminator(
    shape: tuple[int, ...], classes: int = 0, width: int = 32, minibatch: str = "deviation"
) -> keras.Model:
    """`plain`'s, and of grey images another that sees waves: the logit is the sum of what both make of an image.

    The other sees how strong each wave is in windows of half and of a quarter of the sides, and nothing else, so that
    patterns are told at once, wherever they lie. For either size 2 x width units look at every window alike, and dense
    layers of 4 x width, added up, at what they found in all; to it is added how much each of these outputs differs
    among four samples. Images of fewer than 16 pixels a side have no windows, and ones in colour came out worse for it
    (docs/log.md): their discriminator is `plain`'s.
    """
    image = keras.Input(shape, name="image")
    label = keras.Input((), dtype="int32", name="label") if classes else None
    x = features(image, label, classes, width, minibatch)
    logit = layers.Dense(1, dtype="float32")(x)
    if shape[2] == 1 and min(shape[:2]) >= SMALLEST:
        patterns = layers.Add()([_patterns(image, parts, width) for parts in (2, 4)])
        if minibatch == "deviation":  # what all samples have alike is seen, pattern by pattern
            patterns = layers.Add()([patterns, layers.Dense(4 * width)(FeatureDeviation()(patterns))])
        told = layers.Dense(1, dtype="float32")(rectified(patterns, label, classes))
        logit = layers.Add(dtype="float32")([told, logit])  # last the features of pixels, which feature matching takes
    return conditioned_logit("quick_discriminator", image, x, logit, classes, label)


def _patterns(image: Any, parts: int, width: int) -> Any:
    """What windows that are one in so many parts of an image's sides are to 2 x width units, and these to 4 x width."""
    x = layers.LeakyReLU(0.2)(layers.Conv2D(2 * width, 1)(WaveStrengths(parts)(image)))
    return layers.Dense(4 * width)(layers.Flatten()(x))


def _bent(x: Any, code: Any) -> Any:
    """Batch norm, a scale and a shift of each channel by the code (Brock et al. 2019; none as built), rectified."""
    channels = x.shape[-1]
    x = FusedBatchNormalization()(x)
    for bend, start in ((layers.Multiply, "ones"), (layers.Add, "zeros")):
        by = layers.Dense(channels, kernel_initializer="zeros", bias_initializer=start)(code)
        x = bend()([x, layers.Reshape((1, 1, channels))(by)])
    return layers.ReLU()(x)
