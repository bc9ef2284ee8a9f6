"""Pix2Pix's generator: down to a few pixels and up again, what was seen on the way beside it (Isola et al. 2017).

Any size at use whose sides the halvings divide. Unlike the paper's it is used as any network is, without dropout and
with the running statistics of batch norm: the same input gives the same image; and it has two small convolutions more
at full size, which see the input.
"""

from typing import Any

import keras
from keras import layers

from ganvas.errors import WrongUseError
from ganvas.layers import FusedBatchNormalization, SubPixel
from ganvas.networks import need_sides_divisible


def generator(
    shape: tuple[int, ...],
    given: tuple[int, ...],
    width: int = 64,
    most: int = 8,
    depth: int = 0,
    dropout: float = 0.5,
    residual: bool = False,
) -> keras.Model:
    """4x4 convolutions of stride 2, `depth` of them, and transposed ones, one fewer; batch norm; two of 3x3.

    `width` channels at half the sides, twice as many at each halving, at most `most` times that. `depth` 0 halves
    until 2 pixels are left, at most 7 times. Dropout of `dropout` in the three innermost layers on the way up. With
    `residual`, where inputs have the images' channels, what is learnt is the difference from the input, nothing at
    first, and there is no tanh.
    """
    need_sides_divisible("unet", shape, 4)
    same_sides("unet", shape, given)
    depth = depth or _halvings(shape)
    need_sides_divisible("unet", shape, 2**depth)
    image = keras.Input((None, None, given[-1]), name="given")
    x, seen = image, []
    for i in range(depth):
        x = layers.Conv2D(width * min(most, 2**i), 4, strides=2, padding="same", use_bias=i == 0)(x)
        x = layers.LeakyReLU(0.2)(FusedBatchNormalization()(x) if i else x)
        seen.append(x)
    for i in reversed(range(depth - 1)):
        x = layers.Conv2DTranspose(width * min(most, 2**i), 4, strides=2, padding="same", use_bias=False)(x)
        x = FusedBatchNormalization()(x)
        x = layers.Dropout(dropout)(x) if dropout and i >= depth - 4 and depth > 3 else x
        x = layers.Concatenate()([layers.ReLU()(x), seen[i]])
    # pixels made at half the sides are chequered long into training, and edges frayed: what lies between neighbours has
    # then to agree by itself
    x = layers.ReLU()(SubPixel(2)(layers.Conv2D(4 * 8, 3, padding="same")(x)))
    x = layers.Conv2D(16, 3, padding="same", activation="relu")(layers.Concatenate()([image, x]))
    return keras.Model(image, finished(image, x, shape[-1], 3, residual and shape == given), name="unet_generator")


def finished(image: Any, x: Any, channels: int, size: int, adds: bool) -> Any:
    """The last convolution. Tanh; or, with `adds`, the input and what is added to it, nothing at first.

    The sum is clipped where images are written.
    """
    start = "zeros" if adds else "glorot_uniform"
    x = layers.Conv2D(channels, size, padding="same", kernel_initializer=start)(x)
    return layers.Add(dtype="float32")([image, x]) if adds else layers.Activation("tanh", dtype="float32")(x)


def same_sides(network: str, shape: tuple[int, ...], given: tuple[int, ...]) -> None:
    """Refuse inputs of another size."""
    if shape[:2] != given[:2]:
        raise WrongUseError(
            f"the network {network!r} makes images as large as its inputs, and here they are {_sides(shape)} and "
            f"{_sides(given)}: use generator=upscaler"
        )


def _halvings(shape: tuple[int, ...]) -> int:
    count = 2
    while count < 7 and all(side % 2 ** (count + 1) == 0 and side >> (count + 1) >= 2 for side in shape[:2]):
        count += 1
    return count


def _sides(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape[:2]))
