"""Inputs for a generator that makes images from images, and what it makes of them."""

from dataclasses import replace

import keras
import numpy as np

from ganvas.data import FEWEST_INPUTS, Samples
from ganvas.games import generate


def some_inputs(seen: Samples, unseen: Samples | None, seed: int, count: int) -> Samples:
    """At most `count` inputs with their images: unseen ones if there are enough. The same seed gives the same.

    Fewer are the first of more.
    """
    source = (
        unseen if unseen is not None and unseen.inputs is not None and len(unseen.inputs) >= FEWEST_INPUTS else seen
    )
    assert source.inputs is not None
    rows = np.random.RandomState(seed).permutation(len(source.inputs))[:count]
    return source.take(rows) if source.aligned else replace(source, inputs=source.inputs[rows])


def translated(generator: keras.Model, chosen: Samples) -> Samples:
    """What a generator makes of inputs: with those as `inputs`, and, where they have their own, images as `targets`."""
    assert chosen.inputs is not None
    made = generate(generator, chosen.inputs)
    targets = chosen.images if chosen.aligned else None
    names = chosen.names if chosen.aligned else None
    return Samples("generated", made, inputs=chosen.inputs, names=names, targets=targets)
