"""PatchGAN: a logit for every patch of an image, not for the whole (Isola et al. 2017). Any size at use."""

import keras
from keras import layers, ops

from ganvas.errors import WrongUseError
from ganvas.networks import need_sides_divisible


def discriminator(
    shape: tuple[int, ...], given: tuple[int, ...] | None = None, width: int = 64, halvings: int = 3
) -> keras.Model:
    """4x4 convolutions, `halvings` of stride 2 and two of stride 1, LeakyReLU 0.2: logits (batch, h, w, 1).

    `width` channels first, twice as many at each layer, at most 8 times. 3 halvings see patches of 70 pixels, 2 of 34,
    1 of 16. With `given`, the input image is laid beside the one to judge. Nothing is normalised: see the recipe's
    `spectral` and its penalties.
    """
    need_sides_divisible("patch", shape, 2**halvings)
    image = keras.Input((None, None, shape[-1]), name="image")
    inputs, x = image, image
    if given:
        factor = times("patch", shape, given)
        own = keras.Input((None, None, given[-1]), name="given")
        larger = layers.UpSampling2D(factor)(own) if factor > 1 else own
        inputs, x = [image, own], ops.concatenate([image, larger], axis=-1)
    for i in range(halvings + 1):
        x = layers.Conv2D(width * min(8, 2**i), 4, strides=2 if i < halvings else 1, padding="same")(x)
        x = layers.LeakyReLU(0.2)(x)
    logits = layers.Conv2D(1, 4, padding="same", dtype="float32")(x)
    return keras.Model(inputs, logits, name="patch_discriminator")


def times(network: str, shape: tuple[int, ...], given: tuple[int, ...]) -> int:
    """How many times larger images are than their inputs: a power of two."""
    factor = max(1, shape[0] // given[0])
    if shape[:2] != (given[0] * factor, given[1] * factor) or factor & (factor - 1):
        raise WrongUseError(
            f"the network {network!r} needs images 1, 2, 4, 8 ... times as large as their inputs, not {shape[:2]} and "
            f"{given[:2]}: set size, or inputs"
        )
    return factor
