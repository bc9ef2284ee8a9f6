"""A code that shows in the samples: the generator is told one, a reader must find it again (Chen et al. 2016).

With label=codes:10 the code is one of ten, drawn at random; what each comes to mean is found, not taught.
"""

import keras
import tensorflow as tf

from ganvas.errors import WrongUseError
from ganvas.games import Player
from ganvas.games._adversary import Meeting
from ganvas.games._players import built, hidden, network, player
from ganvas.games.synthesis import Synthesis, refuse_inputs
from ganvas.recipe import Recipe


def build(recipe: Recipe, shape: tuple[int, ...], classes: int, given: tuple[int, ...] | None = None) -> "InfoGAN":
    """The game of a recipe for samples of `shape` with so many codes."""
    refuse_inputs(given)
    return InfoGAN(recipe, shape, classes)


class InfoGAN(Synthesis):
    """Only the generator is told; it learns together with the reader, from the reader's cross-entropy, too.

    The reader is another discriminator of the recipe's kind, with a logit for every code.
    """

    def _judged_kinds(self, recipe: Recipe) -> int:
        if not recipe.label.startswith("codes"):
            raise WrongUseError("the game infogan finds out what random codes mean: set label=codes:10")
        return 0

    def _players(self, recipe: Recipe, shape: tuple[int, ...]) -> dict[str, Player]:
        def reader() -> keras.Model:
            trunk = hidden(network("discriminator", recipe, shape))
            return keras.Model(trunk.inputs, keras.layers.Dense(self.classes, dtype="float32")(trunk.output))

        self.reader = built(reader, recipe.seed, recipe.precision)
        judge = {"discriminator": self.discriminator}
        learners = {"generator": self.generator, "reader": self.reader}
        return {
            "discriminator": player(judge, recipe.discriminator_rate, recipe, bound=recipe.clip),
            "generator": player(learners, recipe.generator_rate, recipe),
        }

    def _generator_cost(self, meeting: Meeting) -> tf.Tensor:
        guesses = meeting.turn.run(self.reader, meeting.seen[1])
        surprise = tf.nn.sparse_softmax_cross_entropy_with_logits(meeting.told, guesses)
        return meeting.generator_cost() + tf.reduce_mean(surprise)
