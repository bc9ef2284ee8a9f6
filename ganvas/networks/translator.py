"""CycleGAN's generator: a few halvings, residual blocks, up again (Zhu et al. 2017, after Johnson et al. 2016).

Any size at use whose sides the halvings divide. On the way up features are enlarged bilinearly and then convolved
(Odena et al. 2016), and at full size each pixel is changed by itself, by its colour and what is known of its place:
what is flat stays flat, where pixels made out of channels leave dots. The paper has 7x7 convolutions there.
"""

from typing import Any

import keras
from keras import layers

from ganvas.networks import need_sides_divisible
from ganvas.networks.unet import finished, same_sides


def generator(
    shape: tuple[int, ...],
    given: tuple[int, ...],
    width: int = 32,
    halvings: int = 2,
    blocks: int = 6,
    residual: bool = False,
) -> keras.Model:
    """4x4 convolutions of stride 2, `halvings` of them, `blocks` of two 3x3 convolutions, up again, two of 1x1.

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
        x = _normal(layers.Conv2D(width << i, 3, padding="same", use_bias=False)(_larger(x)))
    x = _larger(layers.Conv2D(16, 3, padding="same", activation="relu")(x))
    x = layers.Conv2D(24, 1, activation="relu")(layers.Concatenate()([image, x]))
    made = finished(image, x, shape[-1], 1, residual and shape == given)
    return keras.Model(image, made, name="translator_generator")


def _larger(x: Any) -> Any:
    return layers.UpSampling2D(2, interpolation="bilinear")(x)


def _normal(x: Any) -> Any:
    return layers.ReLU()(_instance_norm()(x))


def _instance_norm() -> layers.Layer:
    return layers.GroupNormalization(groups=-1, epsilon=1e-5)  # a group for every channel
