"""Two small multilayer perceptrons for points in the plane: a whole GAN that can be watched as it moves."""

import keras
from keras import layers

from ganvas.networks import compared


def generator(shape: tuple[int, ...], latent: int, width: int = 128) -> keras.Model:
    """Three hidden layers with ReLU; the output is free, not squashed, so that it can leave [-1, 1] and come back."""
    stack = [keras.Input((latent,))] + [layers.Dense(width, activation="relu") for _ in range(3)]
    return keras.Sequential([*stack, layers.Dense(shape[-1], dtype="float32")], name="toy_generator")


def discriminator(shape: tuple[int, ...], width: int = 128, minibatch: str = "none") -> keras.Model:
    """Three hidden layers with LeakyReLU 0.2, one logit."""
    points = x = keras.Input(shape)
    for _ in range(3):
        x = layers.LeakyReLU(0.2)(layers.Dense(width)(x))
    return keras.Model(points, layers.Dense(1, dtype="float32")(compared(x, minibatch)), name="toy_discriminator")
