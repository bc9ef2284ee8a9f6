"""The course notes' convolutional network for 28x28 images, layer for layer (after Radford et al. 2016)."""

import keras
from keras import layers

from ganvas.networks import compared, need_sides_divisible


def generator(shape: tuple[int, ...], latent: int, width: int = 64) -> keras.Model:
    """Quarter-size dense start of 4 x width channels, then three 5x5 transposed convolutions; LeakyReLU 0.3."""
    need_sides_divisible("dcgan", shape, 4)
    height, wide, channels = shape
    start = (height // 4, wide // 4, 4 * width)
    return keras.Sequential(
        [
            keras.Input((latent,)),
            layers.Dense(start[0] * start[1] * start[2], use_bias=False),
            layers.BatchNormalization(),
            layers.LeakyReLU(0.3),
            layers.Reshape(start),
            layers.Conv2DTranspose(2 * width, 5, strides=1, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.LeakyReLU(0.3),
            layers.Conv2DTranspose(width, 5, strides=2, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.LeakyReLU(0.3),
            layers.Conv2DTranspose(channels, 5, strides=2, padding="same", use_bias=False),
            layers.Activation("tanh", dtype="float32"),
        ],
        name="dcgan_generator",
    )


def discriminator(
    shape: tuple[int, ...], width: int = 64, dropout: float = 0.3, minibatch: str = "none"
) -> keras.Model:
    """Two 5x5 convolutions of stride 2, LeakyReLU 0.3 and dropout after each, one dense logit."""
    need_sides_divisible("dcgan", shape, 4)
    image = x = keras.Input(shape)
    for channels in (width, 2 * width):
        x = layers.LeakyReLU(0.3)(layers.Conv2D(channels, 5, strides=2, padding="same")(x))
        x = layers.Dropout(dropout)(x)
    x = compared(layers.Flatten()(x), minibatch)
    return keras.Model(image, layers.Dense(1, dtype="float32")(x), name="dcgan_discriminator")
