"""Small convolutional networks without ornament: few channels, strides of 2, minibatch deviation. 28 pixels and up."""

from typing import Any

import keras
from keras import layers, ops

from ganvas.networks import compared, conditioned_logit, need_sides_divisible


def generator(shape: tuple[int, ...], latent: int, classes: int = 0, width: int = 32) -> keras.Model:
    """Dense start, 4x4 transposed convolutions down to `width` channels, a 3x3 convolution, tanh.

    With classes, an embedding of the label is concatenated to the latent (Mirza & Osindero 2014).
    """
    count = halvings("plain", shape)
    height, wide, channels = shape
    factors = [2**i for i in reversed(range(count))]
    start = (height >> count, wide >> count, 4 * factors[0] * width // 3)
    inputs, x = conditioned(latent, classes)
    x = layers.Dense(start[0] * start[1] * start[2], use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization()(layers.Reshape(start)(x)))
    for factor in factors:
        x = layers.Conv2DTranspose(factor * width, 4, strides=2, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Conv2D(channels, 3, padding="same")(x)
    x = layers.Activation("tanh", dtype="float32")(x)
    return keras.Model(inputs, x, name="plain_generator")


def discriminator(
    shape: tuple[int, ...], classes: int = 0, width: int = 32, minibatch: str = "deviation"
) -> keras.Model:
    """4x4 convolutions of stride 2 from `width` channels up, one 3x3, minibatch deviation, dense 4 x width, a logit.

    With classes, an embedding of the label is added to the dense layer's outputs before they are rectified, so that
    each unit can have its threshold in the middle of a kind; and their product with another embedding to the logit
    (Miyato & Koyama 2018).
    """
    image = keras.Input(shape, name="image")
    label = keras.Input((), dtype="int32", name="label") if classes else None
    x = features(image, label, classes, width, minibatch)
    logit = layers.Dense(1, dtype="float32")(x)
    return conditioned_logit("plain_discriminator", image, x, logit, classes, label)


def features(image: Any, label: Any, classes: int, width: int, minibatch: str) -> Any:
    """What the discriminator's last layer sees of images, (batch, 4 x width)."""
    count = halvings("plain", image.shape[1:])
    x = image
    for i in range(count):
        x = layers.LeakyReLU(0.2)(layers.Conv2D(width << i, 4, strides=2, padding="same")(x))
    x = layers.LeakyReLU(0.2)(layers.Conv2D(width << count, 3, strides=2, padding="same")(x))
    x = layers.Dense(4 * width)(layers.Flatten()(compared(x, minibatch)))
    return rectified(x, label, classes)


def rectified(x: Any, label: Any, classes: int) -> Any:
    """Features (batch, width), each with its own threshold for each kind where there are any."""
    if label is not None:
        x = layers.Add()([x, layers.Embedding(classes, x.shape[-1])(label)])
    return layers.LeakyReLU(0.2)(x)


def conditioned(latent: int, classes: int) -> tuple[Any, Any]:
    """A generator's inputs, and what its first layer sees: the latent, with the label's embedding where classes are."""
    noise = keras.Input((latent,), name="latent")
    if not classes:
        return noise, noise
    label = keras.Input((), dtype="int32", name="label")
    return [noise, label], ops.concatenate([noise, layers.Embedding(classes, latent)(label)], axis=-1)


def halvings(network: str, shape: tuple[int, ...]) -> int:
    """How often both sides can be halved while both stay at 4 or more: two at least, four at most."""
    need_sides_divisible(network, shape, 4)
    count = 2
    while count < 4 and all(side % 2 ** (count + 1) == 0 and side >> (count + 1) >= 4 for side in shape[:2]):
        count += 1
    return count
