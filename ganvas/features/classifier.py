"""A small network trained once on the labelled set itself, kept in the cache: its last hidden layer, and its classes.

Features that know the data, for sets unlike ImageNet's photographs; its test accuracy is stated beside every score.
"""

import hashlib
import json
from pathlib import Path

import keras
import numpy as np

from ganvas import data
from ganvas.data import Samples
from ganvas.data.fetch import cache
from ganvas.errors import WrongUseError
from ganvas.features import Extracted, Extractor, Watch
from ganvas.images import to_float
from ganvas.machine import as_written
from ganvas.whole import whole

as_written()

VERSION = 3
WIDTH = 64
IMAGES_SEEN = 240_000  # four passes over 60,000 images; for small sets at most PASSES of them
PASSES = 60
BATCH = 128


def build(samples: Samples) -> Extractor:
    """The classifier of a labelled set, trained if it is not in the cache: features (N, 64), class probabilities.

    Where each channel is an image of another set, that set's classifier reads them one by one: features
    (N, channels x 64), and the product of the channels' probabilities.
    """
    if samples.labels is None or len(samples.classes) < 2:
        raise WrongUseError(f"{samples.name} has no classes: features=classifier needs a labelled set")
    if samples.channels_of:
        return _of_channels(samples)
    file, about = prepare(samples)
    facts = json.loads(about.read_text())
    model = keras.saving.load_model(file, compile=False)
    note = f"classifier: trained on {facts['data']}, right on {facts['accuracy']:.1%} of {facts['count']} test samples"

    def function(images: np.ndarray) -> Extracted:
        features, logits = model(_inputs(images, samples), training=False)
        return Extracted(np.asarray(features), np.asarray(keras.ops.softmax(logits)))

    return Extractor("classifier", file.stem, function, (note,))


def prepare(samples: Samples, watch: Watch = iter) -> tuple[Path, Path]:
    """Train the classifier of a set if it is not in the cache: the files of the network and of its test accuracy."""
    train, test = _parts(_single(samples))
    mark = hashlib.sha256(f"{VERSION}/{train.sha256}/{test.sha256}".encode()).hexdigest()[:16]
    home = cache() / "classifiers"
    file, about = home / f"{mark}.keras", home / f"{mark}.json"
    if not (file.exists() and about.exists()):
        _train(train, test, file, about, watch)
    return file, about


def fit(samples: Samples, seed: int = 0, watch: Watch = iter) -> keras.Model:
    """A network trained on labelled samples, a function of the seed: gives hidden features (N, 64), and logits."""
    keras_policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        model = _network(samples.shape, len(samples.classes), seed)
    finally:
        keras.config.set_dtype_policy(keras_policy)
    assert samples.labels is not None
    steps = max(1, min(IMAGES_SEEN, PASSES * len(samples)) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(1e-6, steps, warmup_target=2e-3, warmup_steps=steps // 10)
    logits = keras.Model(model.input, model.outputs[1])
    logits.compile(
        keras.optimizers.Adam(rate), keras.losses.SparseCategoricalCrossentropy(from_logits=True), jit_compile=False
    )
    random = np.random.RandomState(seed)
    passes = -(-steps * BATCH // len(samples))
    order = np.concatenate([random.permutation(len(samples)) for _ in range(passes)])
    for step in watch(range(steps)):
        rows = order[step * BATCH : (step + 1) * BATCH]
        logits.train_on_batch(_inputs(samples.images[rows], samples), samples.labels[rows])
    return model


def accuracy(model: keras.Model, samples: Samples) -> np.ndarray:
    """Which of labelled samples the network gets right: booleans (N,)."""
    parts = [samples.images[i : i + 512] for i in range(0, len(samples), 512)]
    found = [np.asarray(model(_inputs(part, samples), training=False)[1]).argmax(axis=1) for part in parts]
    return np.concatenate(found) == samples.labels


def _network(shape: tuple[int, ...], classes: int, seed: int) -> keras.Model:
    """Three strided convolutions for images, two hidden layers for points."""
    keras.utils.set_random_seed(seed)
    inputs = keras.Input(shape)
    x = inputs
    if len(shape) == 3:
        for channels in (32, 64, 128):
            x = keras.layers.Conv2D(channels, 3, 2, "same", use_bias=False)(x)
            x = keras.layers.ReLU()(keras.layers.BatchNormalization()(x))
        x = keras.layers.Dropout(0.3)(keras.layers.Flatten()(x))
    else:
        x = keras.layers.Dense(64, "relu")(x)
    features = keras.layers.Dense(WIDTH, "relu")(x)
    return keras.Model(inputs, [features, keras.layers.Dense(classes)(features)])


def _parts(samples: Samples) -> tuple[Samples, Samples]:
    """What to train on and what to test on: the named parts of a named set, else a fixed tenth held out."""
    other = data.held_out(samples.name)
    if other:
        size = f"{samples.shape[0]}x{samples.shape[1]}" if len(samples.shape) == 3 else None
        return samples, data.load(other, size)
    return data.fixed_split(samples, "train"), data.fixed_split(samples, "test")


def _single(samples: Samples) -> Samples:
    """The set itself, or that of its channels."""
    height, width = samples.shape[:2] if len(samples.shape) == 3 else (0, 0)
    return data.load(samples.channels_of, f"{height}x{width}") if samples.channels_of else samples


def _of_channels(samples: Samples) -> Extractor:
    height, width, channels = samples.shape
    single = build(_single(samples))

    def function(images: np.ndarray) -> Extracted:
        _check_shape(images, samples)
        found = single.function(np.moveaxis(images, -1, 1).reshape(-1, height, width, 1))
        assert found.probabilities is not None
        together = np.ones((len(images), 1), np.float32)
        for own in found.probabilities.reshape(len(images), channels, -1).swapaxes(0, 1):
            together = (together[:, :, None] * own[:, None]).reshape(len(images), -1)
        return Extracted(found.features.reshape(len(images), -1), together)

    # nothing is kept: a thousand probabilities an image take more room than time
    return Extractor("classifier", "", function, tuple(f"{note}; asked of each channel" for note in single.notes))


def _inputs(images: np.ndarray, samples: Samples) -> np.ndarray:
    _check_shape(images, samples)
    return to_float(images) if images.ndim == 4 else images


def _check_shape(images: np.ndarray, samples: Samples) -> None:
    if images.shape[1:] != samples.shape:
        raise WrongUseError(f"the classifier of {samples.name} takes {samples.shape}, not {images.shape[1:]}")


def _train(train: Samples, test: Samples, file: Path, about: Path, watch: Watch) -> None:
    model = fit(train, watch=watch)
    right = accuracy(model, test)
    file.parent.mkdir(parents=True, exist_ok=True)
    with whole(file) as part:
        model.save(part)
    with whole(about) as part:
        part.write_text(json.dumps({"accuracy": float(right.mean()), "count": len(right), "data": train.name}))
