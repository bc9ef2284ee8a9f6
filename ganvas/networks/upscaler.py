"""SRGAN's generator: residual blocks at the input's size, pixels out of channels at the end (Ledig et al. 2017).

Any size at use. Fewer blocks than the paper's 16, and 3x3 convolutions throughout; nothing is normalised (as in EDSR,
Lim et al. 2017), and what is learnt is the difference from the input enlarged (VDSR, Kim et al. 2016). Images as large
as their inputs are restored instead.
"""

import keras
from keras import layers

from ganvas.layers import SubPixel
from ganvas.networks import need_sides_divisible
from ganvas.networks.patch import times


def generator(shape: tuple[int, ...], given: tuple[int, ...], width: int = 64, blocks: int = 8) -> keras.Model:
    """3x3 convolutions: `blocks` of two with `width` channels, then two, and pixels out of channels.

    Values may leave [-1, 1] a little; they are clipped where images are written.
    """
    need_sides_divisible("upscaler", shape, 1)
    factor = times("upscaler", shape, given)
    image = keras.Input((None, None, given[-1]), name="given")
    x = first = layers.Conv2D(width, 3, padding="same")(image)
    for _ in range(blocks):
        y = layers.Conv2D(width, 3, padding="same", activation="relu")(x)
        x = layers.Add()([x, layers.Conv2D(width, 3, padding="same")(y)])
    x = layers.Add()([first, layers.Conv2D(width, 3, padding="same")(x)])
    # channels enough for every pixel that comes of one: the last layer does not see beyond it at full size
    x = layers.Conv2D(width, 3, padding="same", activation="relu")(x)
    x = layers.Conv2D(shape[-1] * factor**2, 3, padding="same", kernel_initializer="zeros", dtype="float32")(x)
    x = SubPixel(factor, dtype="float32")(x) if factor > 1 else x
    own = image if given[-1] == shape[-1] else layers.Conv2D(shape[-1], 1, dtype="float32")(image)
    own = layers.UpSampling2D(factor, interpolation="bilinear", dtype="float32")(own) if factor > 1 else own
    return keras.Model(image, layers.Add(dtype="float32")([own, x]), name="upscaler_generator")
