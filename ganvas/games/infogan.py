"""A code that shows in the samples: the generator is told one, a reader must find it again (Chen et al. 2016).

With label=codes:10 the code is one of ten, drawn at random; what each comes to mean is found, not taught.
"""

from collections.abc import Sequence

import keras
import tensorflow as tf

from ganvas.errors import WrongUseError
from ganvas.games import Turn
from ganvas.games._players import built, hidden, network, player
from ganvas.games.synthesis import Synthesis
from ganvas.recipe import Recipe


def build(recipe: Recipe, shape: tuple[int, ...], classes: int) -> "InfoGAN":
    """The game of a recipe for samples of `shape` with so many codes."""
    return InfoGAN(recipe, shape, classes)


class InfoGAN(Synthesis):
    """Only the generator is told; it learns together with the reader, from the reader's cross-entropy, too.

    The reader is another discriminator of the recipe's kind, with a logit for every code.
    """

    def _build(self, shape: tuple[int, ...]) -> None:
        if not self.recipe.label.startswith("codes"):
            raise WrongUseError("the game infogan finds out what random codes mean: set label=codes:10")
        super()._build(shape)
        recipe = self.recipe

        def reader() -> keras.Model:
            trunk = hidden(network("discriminator", recipe, shape, 0))
            return keras.Model(trunk.inputs, keras.layers.Dense(self.classes, dtype="float32")(trunk.output))

        self.reader = built(reader, recipe.seed, recipe.precision)
        learners = {"generator": self.generator, "reader": self.reader}
        self.players = {**self.players, "generator": player(learners, recipe.generator_rate, recipe)}

    def _judged_kinds(self) -> int:
        return 0

    def _generator_cost(
        self, logits: Sequence[tf.Tensor], seen: Sequence[tf.Tensor], label: tf.Tensor, turn: Turn
    ) -> tf.Tensor:
        guesses = turn.run(self.reader, seen[1])
        surprise = tf.nn.sparse_softmax_cross_entropy_with_logits(label, guesses)
        return super()._generator_cost(logits, seen, label, turn) + tf.reduce_mean(surprise)
