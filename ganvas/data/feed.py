"""The batch pipeline: a pure function of (seed, step), so that a resumed run sees exactly the batches it would have."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Self

import numpy as np
import tensorflow as tf

from ganvas.data import Samples

Chunk = tuple[np.ndarray, np.ndarray, np.ndarray]
ELSE = 1_000_003  # added to the seed that inputs which belong to no image are drawn by


class Feed:
    """Batches of samples, each epoch in an order of its own, one chunk read ahead in a thread.

    `feed(step, count, following)` is the batches of `count` steps from `step` on: samples (count, batch, ...) in the
    stored type, labels int32 (count, batch), all 0 where the samples have none, and inputs (count, batch, ...), of
    shape (count, batch, 0) where there are none. The `following` steps after them are then read ahead. `matched` says
    that each sample comes with its own input; else inputs are drawn by themselves.
    """

    def __init__(self, samples: Samples, batch: int, seed: int, matched: bool = True) -> None:
        self.samples, self.batch, self.seed, self.matched = samples, batch, seed, matched
        self._thread = _thread()
        self._ahead: tuple[tuple[int, int], Future[Chunk]] | None = None

    def __call__(self, step: int, count: int, following: int = 0) -> Chunk:
        wanted, ahead = (step, count), self._ahead
        chunk = ahead[1].result() if ahead and ahead[0] == wanted else self.read(step, count)
        upcoming = (step + count, following)
        self._ahead = (upcoming, self._thread.submit(self.read, *upcoming)) if following else None
        return chunk

    def read(self, step: int, count: int) -> Chunk:
        """The chunk itself, read now."""
        rows = self.rows(step, count)
        labels = np.zeros(len(rows), np.int32) if self.samples.labels is None else self.samples.labels[rows]
        shape = (count, self.batch)
        return (
            _read(self.samples.images, rows).reshape(*shape, *self.samples.shape),
            labels.astype(np.int32).reshape(shape),
            self._inputs(step, count, rows),
        )

    def _inputs(self, step: int, count: int, rows: np.ndarray) -> np.ndarray:
        inputs = self.samples.inputs
        if inputs is None:
            return np.zeros((count, self.batch, 0), np.uint8)
        if not self.matched:
            rows = self._order(step, count, len(inputs), (self.seed + ELSE) % 2**31)
        return _read(inputs, rows).reshape(count, self.batch, *inputs.shape[1:])

    def rows(self, step: int, count: int) -> np.ndarray:
        """Which samples the batches hold: a fresh permutation of all of them each epoch."""
        return self._order(step, count, len(self.samples), self.seed)

    def _order(self, step: int, count: int, size: int, seed: int) -> np.ndarray:
        positions = np.arange(step * self.batch, (step + count) * self.batch, dtype=np.int64)
        parts = [_shuffled(p % size, seed, int(p[0] // size), size) for p in _by_epoch(positions, size)]
        return np.concatenate(parts)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._thread.shutdown(cancel_futures=True)
        self._thread, self._ahead = _thread(), None  # it may be entered again: a remedy may turn out not to fit


def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="ganvas-feed")


def _read(stored: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Memory-mapped rows are read fastest in the order in which they lie."""
    order = np.argsort(rows)
    found = np.empty((len(rows), *stored.shape[1:]), stored.dtype)
    found[order] = stored[rows[order]]
    return found


def _by_epoch(positions: np.ndarray, size: int) -> Iterator[np.ndarray]:
    epochs = positions // size
    yield from np.split(positions, np.flatnonzero(np.diff(epochs)) + 1)


def _shuffled(index: np.ndarray, seed: int, epoch: int, size: int) -> np.ndarray:
    with tf.device("CPU"):
        key = tf.constant([seed, epoch], tf.int32)
        return tf.random.experimental.index_shuffle(tf.constant(index), key, tf.constant(size - 1, tf.int64)).numpy()
