"""Fully connected networks, as in the first GAN (Goodfellow et al. 2014): no idea of what an image is."""

import math
from collections.abc import Sequence

import keras
from keras import layers

from ganvas.networks import compared


def generator(
    shape: tuple[int, ...], latent: int, widths: Sequence[int] = (256, 512, 1024), momentum: float = 0.8
) -> keras.Model:
    """Dense layers, LeakyReLU 0.2 and batch norm of the given momentum; tanh at the end."""
    stack = [keras.Input((latent,))]
    for width in widths:
        stack += [layers.Dense(width), layers.LeakyReLU(0.2), layers.BatchNormalization(momentum=momentum)]
    stack += [layers.Dense(math.prod(shape)), layers.Reshape(shape), layers.Activation("tanh", dtype="float32")]
    return keras.Sequential(stack, name="dense_generator")


def discriminator(
    shape: tuple[int, ...], widths: Sequence[int] = (512, 256), dropout: float = 0.0, minibatch: str = "none"
) -> keras.Model:
    """Dense layers and LeakyReLU 0.2, dropout after each where asked for."""
    samples = keras.Input(shape)
    x = layers.Flatten()(samples)
    for width in widths:
        x = layers.LeakyReLU(0.2)(layers.Dense(width)(x))
        x = layers.Dropout(dropout)(x) if dropout else x
    return keras.Model(samples, layers.Dense(1, dtype="float32")(compared(x, minibatch)), name="dense_discriminator")
