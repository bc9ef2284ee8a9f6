"""Games: the players, what a batch costs each, what to preview.

Each file has `build(recipe, shape, classes, given) -> Game`: for samples of `shape` of so many classes, made from
inputs of the shape `given` (None: from noise). The trainer knows nothing else of what is being learnt.
"""

import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import keras
import numpy as np
import tensorflow as tf

from ganvas import latent
from ganvas.images import to_float, to_uint8
from ganvas.machine import as_written

as_written()

PIXELS = 1_000_000  # numbers in a batch of input images: what networks make of them on the way is many times as much

Tensors = dict[str, tf.Tensor]


class Batch(NamedTuple):
    """Real samples, float32 (batch, ...), images in [-1, 1]; their labels, int32 (batch,); inputs, if there are any.

    Inputs are float32 images (batch, ...) in [-1, 1], each the real sample's own where the recipe matches them; where
    there are none the engine gives (batch, 0).
    """

    real: tf.Tensor
    label: tf.Tensor
    given: tf.Tensor | None = None


@dataclass
class Player:
    """Networks that share one cost and one optimizer. `rate` is the learning rate before any decay."""

    networks: Mapping[str, keras.Model]
    optimizer: keras.optimizers.Optimizer
    rate: float

    @property
    def variables(self) -> list[keras.Variable]:
        """What the optimizer moves."""
        return [v for network in self.networks.values() for v in network.trainable_variables]


class Game(Protocol):
    """Cost functions, one a player, over shared networks.

    `turns` names, turn by turn, the players that learn in it, each from its own cost, at the same moment;
    `batches` is how many fresh batches one step takes (the k-th turn uses the k-th, or the last); `phases` are the
    shares of a run at which what a step computes changes shape, and optimizers start anew; `state` is what the next
    step depends on besides the players; `delivered` are the networks that users get; `judges` says whether there is
    anyone to `judge`.
    """

    players: Mapping[str, Player]
    turns: Sequence[tuple[str, ...]]
    batches: int
    phases: Sequence[float]
    delivered: Mapping[str, keras.Model]
    judges: bool
    state: Sequence[keras.Variable]

    def costs(self, batch: Batch, turn: "Turn") -> tuple[Tensors, Tensors]:
        """Each learning player's cost, and other figures worth logging, all float32 scalars."""

    def after_step(self, step: tf.Tensor, along: tf.Tensor, facts: Tensors) -> None:
        """What follows the last turn of a step, whose figures are `facts`: the delivered network's moving average.

        `along` is the share of the run that is behind it once the step is done.
        """

    def deliver(self) -> Mapping[str, keras.Model]:
        """The networks that users get, float32, as of now: `generator`, and others by name."""

    def judge(self, batch: Batch) -> tf.Tensor:
        """How real the game finds the samples of a batch: float32 logits (batch,), above 0 is real."""


@dataclass
class Turn:
    """One turn as it is played: its randomness, a function of (seed, step, turn), and what batch norm learns in it.

    Networks are called in training mode as pure functions. Their running statistics move only if they belong to a
    player who learns in this turn, and only when the turn is settled; so one player's turn leaves the others'
    weights as they were, to the bit.
    """

    seed: int
    step: tf.Tensor
    number: int
    learning: Mapping[str, Player]
    replica: tuple[tf.Tensor | int, int] = (0, 1)  # which, of how many
    along: tf.Tensor | float = 0.0  # the share of the run's steps that lie behind
    phase: int = 0  # which of the game's phases this is
    unrecorded: Callable[[], AbstractContextManager[None]] = nullcontext  # what is computed in it has no gradients
    _passes: int = 0
    _kept: list[tuple[keras.Variable, tf.Tensor]] = field(default_factory=list)
    _moved: dict[int, tuple[keras.Variable, tf.Tensor]] = field(default_factory=dict)

    def key(self, purpose: str) -> tf.Tensor:
        """A seed for stateless random operations: int32 (2,), another for every purpose, step and turn."""
        mixed = zlib.crc32(f"{self.seed}/{self.number}/{purpose}".encode()) & 0x7FFFFFFF
        return tf.stack([tf.constant(mixed, tf.int32), tf.cast(self.step, tf.int32)])

    def own_key(self, purpose: str) -> tf.Tensor:
        """A key that also differs from replica to replica: each sees other images, and treats them otherwise."""
        return self.key(purpose) + tf.stack([tf.cast(self.replica[0], tf.int32), 0])

    def latents(self, batch: int, width: int) -> tf.Tensor:
        """Fresh standard normal latents: float32 (batch, width), this replica's share of the whole batch's."""
        replica, replicas = self.replica
        whole = tf.random.stateless_normal((batch * replicas, width), self.key("latents"))
        return tf.reshape(whole, (replicas, batch, width))[replica]

    def run(self, network: keras.Model, inputs: Any) -> tf.Tensor:
        """A training-mode pass; statistics that move are kept until `settle`."""
        learns = any(network is own for player in self.learning.values() for own in player.networks.values())
        outputs, moved = self._pure(network, inputs)
        if learns:
            self._moved |= {id(v): (v, value) for v, value in zip(_statistics(network), moved, strict=True)}
        return outputs

    def probe(self, network: keras.Model, inputs: Any, weights: list[tf.Tensor] | None = None) -> Any:
        """A training-mode pass from which nothing is learnt: for penalties, which look at a network from outside.

        `weights` stand in for the network's trainable ones.
        """
        return self._pure(network, inputs, weights)[0]

    def keep(self, variable: keras.Variable, value: tf.Tensor) -> None:
        """Give a variable of the game's state a value once the turn is settled; of several replicas the first's."""
        first = tf.cast(self.replica[0], tf.int32) == 0
        self._kept.append((variable, self.replica[1] * tf.where(first, value, tf.zeros_like(value))))

    def settle(self) -> None:
        """Give the learning players' networks the statistics of this turn, averaged over replicas."""
        moved = [*self._moved.values(), *self._kept]
        if not moved:
            return
        variables, values = zip(*moved, strict=True)
        context = tf.distribute.get_replica_context()
        means = context.all_reduce(tf.distribute.ReduceOp.MEAN, list(values))
        context.merge_call(_assign, args=([v.value for v in variables], means))

    def _pure(
        self, network: keras.Model, inputs: Any, weights: list[tf.Tensor] | None = None
    ) -> tuple[Any, list[tf.Tensor]]:
        self._passes += 1
        statistics = {id(v) for v in network.non_trainable_weights}
        state = []
        for i, variable in enumerate(network.non_trainable_variables):
            if id(variable) in statistics:
                state.append(self._moved[id(variable)][1] if id(variable) in self._moved else variable.value)
            else:  # the seed of a dropout or noise layer
                state.append(tf.cast(self.own_key(f"layer {self._passes}.{i}"), variable.value.dtype))
        trainable = weights or [v.value for v in network.trainable_variables]
        outputs, after = network.stateless_call(trainable, state, inputs, training=True)
        outputs = keras.tree.map_structure(_in_float32, outputs)  # costs are computed in it
        moved = [value for v, value in zip(network.non_trainable_variables, after, strict=True) if id(v) in statistics]
        return outputs, moved


def _in_float32(output: tf.Tensor) -> tf.Tensor:
    return tf.cast(output, tf.float32) if output.dtype.is_floating else output


def _statistics(network: keras.Model) -> list[keras.Variable]:
    return network.non_trainable_weights


def _assign(strategy: tf.distribute.Strategy, variables: list[tf.Variable], values: list[tf.Tensor]) -> None:
    for variable, value in zip(variables, values, strict=True):
        strategy.extended.update(variable, lambda v, x: v.assign(x), args=(value,), group=False)


def latents(seed: int, count: int, width: int) -> np.ndarray:
    """The latents that `seed` stands for, float32 (count, width); fewer of them are the first of more."""
    return np.random.RandomState(seed).normal(size=(count, width)).astype(np.float32)


def generate(generator: keras.Model, noise: np.ndarray, labels: np.ndarray | None = None) -> np.ndarray:
    """Run a generator over latents, or uint8 input images, in batches: images uint8 (N, H, W, C), else float32.

    `labels` are kinds (N,), or shares of kinds (N, kinds): something between them, for a generator that embeds its
    label, else the kind with the largest share.
    """
    if labels is not None and labels.ndim == 2:
        generator, labels = _embedded(generator, labels)
    parts = []
    images = noise.ndim == 4
    batch = max(1, min(250, PIXELS // max(1, noise[0].size))) if images else 250
    for start in range(0, len(noise), batch):
        rows = slice(start, start + batch)
        given = to_float(noise[rows]) if images else noise[rows]
        inputs = [given, labels[rows]] if labels is not None and len(generator.inputs) > 1 else given
        made = np.asarray(generator(inputs, training=False), np.float32)
        parts.append(to_uint8(made) if made.ndim == 4 else made)
    return np.concatenate(parts)


def halves(generator: keras.Model, at: str = "styles") -> tuple[keras.Model, keras.Model] | None:
    """A generator cut in two at the layer of this name, which both halves share the weights of; None where none is.

    "styles": what takes latents to styles, float32 (N, layers, width), and what takes styles to samples. "code": an
    autoencoder's way to its code, float32 (N, code), and the way back.
    """
    found = [layer.output for layer in generator.layers if layer.name == at]
    return (keras.Model(generator.input, found[0]), keras.Model(found[0], generator.output)) if found else None


def walk(
    generator: keras.Model, stops: np.ndarray, labels: np.ndarray | None, kinds: int, frames: int, closed: bool = False
) -> np.ndarray:
    """Samples on a way through latents (K, latent) and their labels (K,) of so many kinds, as `generate` gives them.

    Between styles, where a generator has them, the way is straight (Karras et al. 2019). `closed` leads back to the
    first stop.
    """
    halved = halves(generator)
    if halved is None:
        return generate(generator, *latent.way(stops, labels, kinds, frames, closed))
    front, back = halved
    return generate(back, latent.path(generate(front, stops, labels), frames, closed, between=latent.lerp))


def _embedded(generator: keras.Model, shares: np.ndarray) -> tuple[keras.Model, np.ndarray]:
    """A generator that takes vectors in the place of labels, and the mean vector of every mixture of kinds."""
    embeddings = [layer for layer in generator.layers if isinstance(layer, keras.layers.Embedding)]
    try:
        (embedding,) = embeddings
        inner = keras.Model([generator.inputs[0], embedding.output], generator.outputs[0])
    except ValueError:  # the label is used otherwise, too
        return generator, shares.argmax(axis=1)
    vectors = shares @ np.asarray(embedding.get_weights()[0])
    return inner, vectors.reshape(-1, *embedding.output.shape[1:])
