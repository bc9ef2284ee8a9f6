"""Networks that grow from 4 to 7 pixels a side to the whole image, stage by stage (Karras et al. 2018).

Both are whole from the start, with a `Fade` where each stage sets in. `at_stage` gives the part of them that a stage
needs, in the same layers.
"""

from collections.abc import Callable
from typing import Any

import keras
from keras import layers, ops

from ganvas.layers import Fade, MinibatchDeviation
from ganvas.networks.plain import conditioned, halvings


def generator(shape: tuple[int, ...], latent: int, classes: int = 0, width: int = 32) -> keras.Model:
    """Two 3x3 convolutions a stage with LeakyReLU 0.2 and pixel norm, down to `width` channels; tanh.

    With classes, an embedding of the label is concatenated to the latent (Mirza & Osindero 2014).
    """
    count = halvings("progressive", shape)
    start = (shape[0] >> count, shape[1] >> count, _channels(width, count, 0))
    inputs, x = conditioned(latent, classes)
    x = layers.Reshape(start)(layers.Dense(start[0] * start[1] * start[2])(_pixel_norm(x)))
    x = _convolved(_pixel_norm(layers.LeakyReLU(0.2)(x)), start[2])
    image = _pixels(x, shape[-1], 0)
    for stage in range(1, count + 1):
        x = layers.UpSampling2D()(x)
        for _ in range(2):
            x = _convolved(x, _channels(width, count, stage))
        coarse = layers.UpSampling2D(dtype="float32")(image)
        image = Fade(name=f"fade_{stage}", dtype="float32")([coarse, _pixels(x, shape[-1], stage)])
    return keras.Model(inputs, image, name="progressive_generator")


def discriminator(shape: tuple[int, ...], classes: int = 0, width: int = 32) -> keras.Model:
    """The generator's mirror: two 3x3 convolutions and a mean over 2x2 a stage, minibatch deviation, dense layers.

    With classes, the features' product with an embedding of the label is added to the logit (Miyato & Koyama 2018).
    """
    count = halvings("progressive", shape)
    wide = [_channels(width, count, stage) for stage in range(count + 1)]
    made: dict[str, layers.Layer] = {}
    for stage in range(count + 1):
        made[f"from_{stage}"] = _stack(f"from_{stage}", [layers.Conv2D(wide[stage], 1)])
        if stage:
            convolutions = [layers.Conv2D(w, 3, padding="same") for w in (wide[stage], wide[stage - 1])]
            made[f"block_{stage}"] = _stack(f"block_{stage}", convolutions, layers.AveragePooling2D(2))
            made[f"fade_{stage}"] = Fade(name=f"fade_{stage}")
    made["deviation"] = MinibatchDeviation(name="deviation")
    made["end"] = _stack("end", [layers.Conv2D(wide[0], 3, padding="same"), layers.Flatten(), layers.Dense(4 * width)])
    made["logit"] = layers.Dense(1, dtype="float32", name="logit")
    if classes:
        made["kinds"] = layers.Embedding(classes, 4 * width, dtype="float32", name="kinds")
    return _judge(made.__getitem__, shape, count, range(1, count + 1), bool(classes))


def at_stage(generator: keras.Model, discriminator: keras.Model, stage: int) -> tuple[keras.Model, keras.Model]:
    """The two networks as they are while a stage is the last one: for images of its size."""
    made = generator.get_layer(f"fade_{stage}" if stage else "pixels_0").output
    told = len(discriminator.inputs) > 1
    return (
        keras.Model(generator.inputs, made),
        _judge(discriminator.get_layer, tuple(made.shape[1:]), stage, [stage] if stage else [], told),
    )


def _judge(
    layer: Callable[[str], Any], shape: tuple[int, ...], top: int, fading: "range | list[int]", told: bool
) -> keras.Model:
    image = small = keras.Input(shape, name="image")
    x = layer(f"from_{top}")(image)
    for stage in range(top, 0, -1):
        x = layer(f"block_{stage}")(x)
        if stage in fading:
            small = layers.AveragePooling2D(2, dtype="float32")(small)
            x = layer(f"fade_{stage}")([layer(f"from_{stage - 1}")(small), x])
    x = layer("end")(layer("deviation")(x))
    logit = layer("logit")(x)
    if not told:
        return keras.Model(image, logit, name="progressive_discriminator")
    label = keras.Input((), dtype="int32", name="label")
    match = layers.Dot(1, dtype="float32")([x, layer("kinds")(label)])
    return keras.Model([image, label], layers.Add(dtype="float32")([logit, match]), name="progressive_discriminator")


def _channels(width: int, count: int, stage: int) -> int:
    return width << min(2, count - stage)


def _convolved(x: Any, channels: int) -> Any:
    return _pixel_norm(layers.LeakyReLU(0.2)(layers.Conv2D(channels, 3, padding="same")(x)))


def _pixel_norm(x: Any) -> Any:
    return ops.rms_normalization(x, axis=-1, epsilon=1e-8)


def _pixels(x: Any, channels: int, stage: int) -> Any:
    return layers.Activation("tanh", dtype="float32", name=f"pixels_{stage}")(
        layers.Conv2D(channels, 1, name=f"to_{stage}")(x)
    )


def _stack(name: str, made: list[layers.Layer], last: layers.Layer | None = None) -> keras.Sequential:
    """Layers in turn, LeakyReLU 0.2 after each that has weights to learn."""
    stack = []
    for layer in made:
        stack += [layer] if isinstance(layer, layers.Flatten) else [layer, layers.LeakyReLU(0.2)]
    return keras.Sequential([*stack, *([last] if last else [])], name=name)
