"""StyleGAN2 (Karras et al. 2020) in a CPU's size: styles instead of a latent, noise, sums of images, residual judge."""

from typing import Any

import keras
from keras import layers, ops

from ganvas.layers import (
    BlurDown,
    BlurUp,
    Equalized,
    LearntConstant,
    MinibatchDeviation,
    ModulatedConv,
    Noise,
    StyleMixing,
    Truncation,
)
from ganvas.networks import conditioned_logit
from ganvas.networks.plain import halvings

RATE = 0.01  # of the mapping's learning, as a share of the others' (Karras et al. 2019, appendix C)
KEPT = 2**0.5  # a gain that makes up for what LeakyReLU takes away


def generator(
    shape: tuple[int, ...], latent: int, classes: int = 0, width: int = 16, styles: int = 128, depth: int = 4
) -> keras.Model:
    """A mapping of `depth` dense layers to styles, and modulated convolutions from a constant to `width` channels.

    What comes before the layer "styles", (batch, convolutions, styles), takes latents and labels to the styles of
    every convolution, mixed while training; what comes after it knows only those. The layer "truncation" draws them
    towards their mean. Each size adds its own image to the one before, enlarged. Unlike the paper's it ends in a tanh:
    without, a discriminator knows made images by grounds that are not quite black, or white, where real ones' are.
    With classes, an embedding of the label goes through the mapping beside the latent.
    """
    count = halvings("stylegan2", shape)
    height, wide, channels = shape
    inputs, by_layer = _styles(latent, classes, styles, depth, 1 + 2 * count)
    by_layer = Truncation(name="truncation", dtype="float32")(by_layer)
    x = LearntConstant((height >> count, wide >> count, _channels(width, count)))(by_layer)
    x = _styled(x, by_layer, 0, _channels(width, count))
    image = _pixels(x, by_layer, 0, channels)
    for size in range(1, count + 1):
        x = _styled(x, by_layer, 2 * size - 1, _channels(width, count - size), up=True)
        x = _styled(x, by_layer, 2 * size, _channels(width, count - size))
        image = layers.Add(dtype="float32")([BlurUp(dtype="float32")(image), _pixels(x, by_layer, 2 * size, channels)])
    return keras.Model(inputs, layers.Activation("tanh", dtype="float32")(image), name="stylegan2_generator")


def discriminator(shape: tuple[int, ...], classes: int = 0, width: int = 16) -> keras.Model:
    """Residual blocks from `width` channels up that halve the sides with a blur, minibatch deviation, 3x3, dense.

    With classes, the features' product with an embedding of the label is added to the logit (Miyato & Koyama 2018).
    """
    count = halvings("stylegan2", shape)
    image = keras.Input(shape, name="image")
    x = _convolved(image, width, 1)
    for size in range(count):
        wider = _channels(width, size + 1)
        straight = Equalized(layers.Conv2D(wider, 1, use_bias=False), gain=KEPT / 2)(BlurDown()(x))
        x = BlurDown()(_convolved(x, _channels(width, size)))
        # the sum of two of half the variance is as large as each block's input
        x = layers.Add()([straight, _convolved(x, wider, gain=1.0)])
    x = _convolved(MinibatchDeviation()(x), _channels(width, count))
    x = Equalized(layers.Dense(4 * width), gain=KEPT)(layers.Flatten()(x))
    x = layers.LeakyReLU(0.2)(x)
    logit = Equalized(layers.Dense(1, dtype="float32"))(x)
    return conditioned_logit("stylegan2_discriminator", image, x, logit, classes)


def _styles(latent: int, classes: int, width: int, depth: int, convolutions: int) -> tuple[Any, Any]:
    """The inputs, and the styles of every convolution: float32 (batch, convolutions, width)."""
    noise = keras.Input((latent,), name="latent")
    inputs, told = noise, []
    if classes:
        label = keras.Input((), dtype="int32", name="label")
        start = keras.initializers.RandomNormal(stddev=1.0)
        inputs = [noise, label]
        told = [ops.rms_normalization(layers.Embedding(classes, latent, start, dtype="float32")(label))]
    dense = [Equalized(layers.Dense(width, dtype="float32"), gain=KEPT, rate=RATE) for _ in range(depth)]

    def mapped(x: Any) -> Any:
        x = ops.concatenate([ops.rms_normalization(x), *told], axis=-1)
        for layer in dense:
            x = layers.LeakyReLU(0.2, dtype="float32")(layer(x))
        return x

    # the other style of a sample has the same label
    both = [mapped(noise), mapped(ops.roll(noise, 1, axis=0))]
    return inputs, StyleMixing(convolutions, name="styles", dtype="float32")(both)


def _styled(x: Any, styles: Any, place: int, channels: int, up: bool = False) -> Any:
    """A modulated 3x3 convolution with the style of its place, noise, LeakyReLU 0.2."""
    x = ModulatedConv(channels, up=up)([x, _affine(styles, place, x.shape[-1])])
    # no gain: the next convolution's demodulation makes up for it
    return layers.LeakyReLU(0.2)(Noise(place)(x))


def _pixels(x: Any, styles: Any, place: int, channels: int) -> Any:
    """An image of the features' size, with the style of the convolution that made them."""
    return ModulatedConv(channels, 1, demodulate=False)([x, _affine(styles, place, x.shape[-1])])


def _affine(styles: Any, place: int, channels: int) -> Any:
    return Equalized(layers.Dense(channels, bias_initializer="ones", dtype="float32"))(styles[:, place])


def _convolved(x: Any, channels: int, size: int = 3, gain: float = KEPT) -> Any:
    return layers.LeakyReLU(0.2)(Equalized(layers.Conv2D(channels, size, padding="same"), gain=gain)(x))


def _channels(width: int, halved: int) -> int:
    """Channels after so many halvings of the sides: twice as many for each, four times at most."""
    return width * min(4, 1 << halved)
