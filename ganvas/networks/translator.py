"""CycleGAN's generator: a few halvings, residual blocks, up again (Zhu et al. 2017, after Johnson et al. 2016).

Any size at use whose sides the halvings divide. At full size there are two small convolutions at the end alone, where
the paper has 7x7 ones: what a CPU can afford.
"""

from typing import Any

import keras
from keras import layers

from ganvas.layers import SubPixel
from ganvas.networks import need_sides_divisible
from ganvas.networks.unet import painted, same_sides


def generator(
    shape: tuple[int, ...],
    given: tuple[int, ...],
    width: int = 32,
    halvings: int = 2,
    blocks: int = 6,
    residual: bool = False,
) -> keras.Model:
    """4x4 convolutions of stride 2, `halvings` of them, `blocks` of two 3x3 convolutions, up again; `unet.painted`.

    `width` channels at half the sides, twice as many at each halving; instance norm and ReLU after each.
    With `residual`, where inputs have the images' channels, what is learnt is the difference from the input, nothing
    at first, and there is no tanh.
    """
    need_sides_divisible("translator", shape, 2**halvings)
    same_sides("translator", shape, given)
    image = keras.Input((None, None, given[-1]), name="given")
    x = image
    for i in range(halvings):
        x = _normal(layers.Conv2D(width << i, 4, strides=2, padding="same", use_bias=False)(x))
    for _ in range(blocks):
        channels = x.shape[-1]
        y = _normal(layers.Conv2D(channels, 3, padding="same", use_bias=False)(x))
        y = _instance_norm()(layers.Conv2D(channels, 3, padding="same", use_bias=False)(y))
        x = layers.Add()([x, y])
    for i in reversed(range(halvings - 1)):
        x = _normal(SubPixel(2)(layers.Conv2D(4 * (width << i), 3, padding="same", use_bias=False)(x)))
    return keras.Model(image, painted(image, x, shape[-1], residual and shape == given), name="translator_generator")


def _normal(x: Any) -> Any:
    return layers.ReLU()(_instance_norm()(x))


def _instance_norm() -> layers.Layer:
    return layers.GroupNormalization(groups=-1, epsilon=1e-5)  # a group for every channel
