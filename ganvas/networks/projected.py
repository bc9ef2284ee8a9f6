"""A discriminator that sees images by what EfficientNet makes of them (Sauer et al. 2021, Projected GANs).

Only what reads the features learns, so few images are enough and flat places come out flat. Unlike the paper: the
features as they are, without random projections.
"""

import keras
import tensorflow as tf
from keras import layers

from ganvas.errors import WrongUseError
from ganvas.features import efficientnet
from ganvas.layers import enlarged
from ganvas.networks import need_sides_divisible

SCALE = 0.1  # features are then about 1, those of drawings as those of garments


@keras.saving.register_keras_serializable("ganvas")
class Pyramid(layers.Layer):
    """Images float32 (batch, height, width, channels) in [-1, 1] to feature maps at a 4th to a 32nd of their sides.

    The images are made `enlarge` times as large before, bilinearly, and the maps with them.
    """

    def __init__(self, enlarge: int, **options: object) -> None:
        # these features see a single grey level, which bfloat16 would take from them
        super().__init__(**options | {"dtype": "float32"})
        self.enlarge = enlarge

    def call(self, images: tf.Tensor) -> list[tf.Tensor]:
        """The maps, finest first."""
        return [SCALE * each for each in efficientnet.pyramid(enlarged(images, self.enlarge))]

    def get_config(self) -> dict[str, object]:
        """What the layer is made of."""
        return {**super().get_config(), "enlarge": self.enlarge}


def discriminator(
    shape: tuple[int, ...], given: tuple[int, ...] | None = None, width: int = 64, enlarge: int = 2
) -> keras.Model:
    """Two 3x3 convolutions over each of four feature maps, and over pixels, for games that make images from images.

    Those of maps finer than a quarter of the sides have strides that end there.

    Logits (batch, 5 h, w, 1), where h and w are a quarter of the sides: five maps, one below the other, pixels' first.
    Pixels, by two 4x4 convolutions of stride 2, know the colours that ImageNet's features make little of. `width`
    channels before the last layer. With `given`, what is seen of the input image lies beside what is seen of the one
    to judge. EfficientNet looks at images `enlarge` times as large, for it was trained on large ones and misses what is
    small. Give it spectral=true, loss=hinge and no penalties: R1 holds it back at once.
    """
    need_sides_divisible("projected", shape, 4)
    if enlarge < 1:
        raise WrongUseError(f"enlarge is 1, for images as they are, or more, not {enlarge}")
    image = keras.Input(shape, name="image")
    inputs, seen = [image], [image, *Pyramid(enlarge)(image)]
    if given:
        inputs.append(keras.Input(given, name="given"))
        larger = layers.Resizing(*shape[:2], dtype="float32")(inputs[1])
        seen = [layers.Concatenate()(both) for both in zip(seen, [larger, *Pyramid(enlarge)(larger)], strict=True)]
    pixels, *maps = seen
    for channels in (width // 2, width):
        pixels = layers.LeakyReLU(0.2)(layers.Conv2D(channels, 4, strides=2, padding="same")(pixels))
    logits = []
    for features in (pixels, *maps):
        strides = -(-features.shape[1] // (shape[0] // 4))  # no more places than there are to be logits
        x = layers.LeakyReLU(0.2)(layers.Conv2D(width, 3, strides=strides, padding="same")(features))
        logit = layers.Conv2D(1, 3, padding="same", dtype="float32")(x)
        # as many of each, so that the coarse count as much as the fine
        logits.append(layers.Resizing(shape[0] // 4, shape[1] // 4, "nearest", dtype="float32")(logit))
    judged = layers.Concatenate(axis=1, dtype="float32")(logits)
    return keras.Model(inputs if len(inputs) > 1 else image, judged, name="projected_discriminator")
