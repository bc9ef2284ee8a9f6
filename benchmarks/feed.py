"""What feeding costs: the share of a step that the batch pipeline takes, at 28x28 and 64x64.

    python benchmarks/feed.py [--rounds 5]

For each recipe, alternating in one process: steps fed by the pipeline, and the same steps on one batch kept in
memory. The difference is the cost of feeding. The 64x64 data lie in a memory-mapped file, as a folder's do.
"""

import argparse
import statistics
import tempfile
import time

import numpy as np
import tensorflow as tf

from ganvas import data
from ganvas.engine import Engine
from ganvas.trainer import prepare


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rounds", type=int, default=5)
    rounds = options.parse_args().rounds
    emoji = data.load("emoji").images
    print(f"{'data':<28} {'fed':>9} {'kept':>9} {'feeding':>8}   images/s, medians; share of a step")
    with tempfile.TemporaryDirectory() as folder:
        np.save(f"{folder}/emoji.npy", np.tile(emoji, (10, 1, 1, 1)))
        for title, recipe, changes in (
            ("plain, fashion_mnist 28x28", "plain", {}),
            ("plain, 33,600 x 64x64x3", "plain", {"data": np.load(f"{folder}/emoji.npy", mmap_mode="r")}),
        ):
            fed, kept = _rates(recipe, changes, rounds)
            share = 1 - statistics.median(f / k for f, k in zip(fed, kept, strict=True))
            print(f"{title:<28} {statistics.median(fed):>9.0f} {statistics.median(kept):>9.0f} {share:>8.1%}")


def _rates(name: str, changes: dict, rounds: int) -> tuple[list[float], list[float]]:
    recipe, samples = prepare(name, changes)
    engine = Engine(recipe, samples, tf.distribute.get_strategy())
    count = 8
    with engine.feed as feed:
        chunk = feed(0, count)
        engine.advance(0, count)
        fed, kept = [], []
        for number in range(1, rounds + 1):
            engine.feed = feed
            fed.append(_rate(engine, number * count, count))
            engine.feed = _Kept(feed.batch, chunk)
            kept.append(_rate(engine, number * count, count))
    return fed, kept


class _Kept:
    """A feed that costs nothing."""

    def __init__(self, batch, chunk):
        self.batch, self.chunk = batch, chunk

    def __call__(self, step, count, following):
        return self.chunk


def _rate(engine: Engine, step: int, count: int) -> float:
    began = time.perf_counter()
    for i in range(2):
        engine.advance(step + i * count, count)
    return 2 * count * engine.feed.batch / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
