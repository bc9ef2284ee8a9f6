"""DCGAN at 64x64 in colour: batch norm, LeakyReLU and dropout (Radford et al. 2016, as the notes have it)."""

import keras
from keras import layers

from ganvas.networks import need_sides_divisible


def generator(shape: tuple[int, ...], latent: int, width: int = 64) -> keras.Model:
    """Dense start at a sixteenth of the size with 8 x width channels, doubled four times by 4x4 transposed kernels."""
    need_sides_divisible("dcgan64", shape, 16)
    height, wide, channels = shape
    start = (height // 16, wide // 16, 8 * width)
    stack = [keras.Input((latent,)), layers.Dense(start[0] * start[1] * start[2], use_bias=False)]
    stack += [layers.Reshape(start), layers.BatchNormalization(), layers.LeakyReLU(0.2)]
    for factor in (4, 2, 1):
        stack += [layers.Conv2DTranspose(factor * width, 4, strides=2, padding="same", use_bias=False)]
        stack += [layers.BatchNormalization(), layers.LeakyReLU(0.2)]
    stack += [layers.Conv2DTranspose(channels, 4, strides=2, padding="same")]
    stack += [layers.Activation("tanh", dtype="float32")]
    return keras.Sequential(stack, name="dcgan64_generator")


def discriminator(shape: tuple[int, ...], width: int = 64, dropout: float = 0.3) -> keras.Model:
    """Four 4x4 convolutions of stride 2, batch norm on all but the first, LeakyReLU 0.2 and dropout."""
    need_sides_divisible("dcgan64", shape, 16)
    stack = [keras.Input(shape)]
    for factor in (1, 2, 4, 8):
        stack += [layers.Conv2D(factor * width, 4, strides=2, padding="same")]
        stack += [layers.BatchNormalization()] if factor > 1 else []
        stack += [layers.LeakyReLU(0.2), layers.Dropout(dropout)]
    stack += [layers.Flatten(), layers.Dense(1, dtype="float32")]
    return keras.Sequential(stack, name="dcgan64_discriminator")
