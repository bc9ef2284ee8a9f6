"""Networks: each file has `generator(shape, latent, ...)`, `discriminator(shape, ...)` or both: `keras.Model`s.

`shape` is one sample's shape: (height, width, channels), or (coordinates,) for points. A generator maps latents
float32 (batch, latent) to samples in [-1, 1]; a discriminator maps samples to logits float32 (batch, 1), or
(batch, height, width, 1) of an image's patches. A generator of images from images takes their shape as `given` in the
place of `latent`, and a discriminator that takes `given` sees the input as a second one. A network that can use class
labels takes `classes` (0: none) and then has a second input, int32 (batch,). Further parameters are the network's
options: `generator_options` and `discriminator_options` of a recipe. `minibatch` is how a discriminator compares the
samples of a batch: not at all, by their "deviation", or by learnt "discrimination".
"""

from typing import Any

import keras
from keras import layers

from ganvas.errors import WrongUseError
from ganvas.layers import MinibatchDeviation, MinibatchDiscrimination


def need_sides_divisible(network: str, shape: tuple[int, ...], by: int) -> None:
    """Refuse samples that the network's strides cannot halve evenly."""
    if len(shape) != 3:
        raise WrongUseError(f"the network {network!r} makes images, and the data are points: use networks 'toy'")
    height, width, _ = shape
    if height % by or width % by:
        nearest = "x".join(str(max(by, round(side / by) * by)) for side in (height, width))
        raise WrongUseError(
            f"the network {network!r} needs image sides divisible by {by}, got {height}x{width}: try size={nearest}"
        )


def compared(features: Any, minibatch: str) -> Any:
    """Features with what sets a sample apart from its batch beside them, after the option `minibatch`."""
    kinds = {"deviation": MinibatchDeviation, "discrimination": MinibatchDiscrimination}
    if minibatch == "none":
        return features
    if minibatch not in kinds:
        raise WrongUseError(f"minibatch is one of none, {', '.join(kinds)}, not {minibatch!r}")
    return kinds[minibatch]()(layers.Flatten()(features) if minibatch == "discrimination" else features)


def conditioned_logit(name: str, image: Any, features: Any, logit: Any, classes: int, label: Any = None) -> keras.Model:
    """A discriminator from an image to the logit of its features (batch, width).

    With classes, the features' product with an embedding of the label is added to it (Miyato & Koyama 2018); `label` is
    the input where there is one already.
    """
    if not classes:
        return keras.Model(image, logit, name=name)
    label = keras.Input((), dtype="int32", name="label") if label is None else label
    kinds = layers.Embedding(classes, features.shape[-1], dtype="float32")(label)
    match = layers.Dot(1, dtype="float32")([features, kinds])
    return keras.Model([image, label], layers.Add(dtype="float32")([logit, match]), name=name)
