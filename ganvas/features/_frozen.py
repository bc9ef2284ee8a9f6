"""A network with fixed weights, run fast on batches of one size."""

from collections.abc import Callable, Iterator

import numpy as np
import tensorflow as tf

from ganvas.errors import WrongUseError
from ganvas.images import coloured
from ganvas.machine import as_written

as_written()

Network = Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]


def frozen(network: Network, batch: int) -> Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """`network`, from uint8 RGB (batch, H, W, 3) to two tensors, made to take uint8 images (N, H, W, 1, 3 or 4).

    Grey is repeated, what is transparent laid over white. The last batch is filled up, so that the graph is traced
    once for each image size, and an image's features come from the same arithmetic whichever images are beside it.
    """

    def halves(images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Side by side, as TensorFlow runs what does not depend on each other."""
        sizes = [batch // 2, batch - batch // 2] if batch > 1 else [batch]
        one, other = zip(*(network(half) for half in tf.split(images, sizes)), strict=True)
        return tf.concat(one, 0), tf.concat(other, 0)

    graph = tf.function(halves, autograph=False)  # there is no control flow to convert

    def function(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        one, other = zip(*(graph(tf.constant(part)) for part in _batches(_coloured(images), batch)), strict=True)
        return np.concatenate(one)[: len(images)], np.concatenate(other)[: len(images)]

    return function


def _batches(images: np.ndarray, batch: int) -> Iterator[np.ndarray]:
    for start in range(0, len(images), batch):
        part = images[start : start + batch]
        yield np.concatenate([part, np.zeros((batch - len(part), *part.shape[1:]), np.uint8)])


def _coloured(images: np.ndarray) -> np.ndarray:
    if images.ndim != 4 or images.shape[-1] not in (1, 3, 4):
        raise WrongUseError(f"these features are of images with 1, 3 or 4 channels, not of {images.shape[1:]}")
    return coloured(images)
