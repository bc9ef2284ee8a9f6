"""An autoencoder: images through a few numbers and back (Hinton & Salakhutdinov 2006). Dense, or with convolutions.

The layer "code" is the bottleneck.
"""

from typing import Any

import keras
from keras import layers

from ganvas.layers import SubPixel
from ganvas.networks import need_sides_divisible
from ganvas.networks.unet import same_sides


def generator(
    shape: tuple[int, ...], given: tuple[int, ...], code: int = 32, widths: tuple[int, ...] = (128,), width: int = 0
) -> keras.Model:
    """Dense layers of `widths` units down to `code` numbers, the same back up, tanh: 784 to 32 to 784 for MNIST.

    `width` above 0 puts two 4x4 convolutions of stride 2 with so many and twice as many channels before them, and
    after them convolutions that make pixels out of channels.
    """
    need_sides_divisible("autoencoder", shape, 4 if width else 1)
    same_sides("autoencoder", shape, given)
    image = keras.Input(given, name="given")
    x: Any = image
    for i in range(2 if width else 0):
        x = layers.ReLU()(layers.Conv2D(width << i, 4, strides=2, padding="same")(x))
    start = (shape[0] // 4, shape[1] // 4, 2 * width) if width else shape
    x = layers.Flatten()(x)
    for units in widths:
        x = layers.Dense(units, activation="relu")(x)
    x = layers.Dense(code, name="code", dtype="float32")(x)
    for units in reversed(widths):
        x = layers.Dense(units, activation="relu")(x)
    x = layers.Reshape(start)(layers.Dense(start[0] * start[1] * start[2], activation="relu" if width else None)(x))
    if width:
        x = layers.ReLU()(SubPixel(2)(layers.Conv2D(4 * width, 3, padding="same")(x)))
        x = SubPixel(2)(layers.Conv2D(4 * shape[-1], 3, padding="same")(x))
    return keras.Model(image, layers.Activation("tanh", dtype="float32")(x), name="autoencoder")
