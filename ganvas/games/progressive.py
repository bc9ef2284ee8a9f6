"""Growing networks: the game of `synthesis`, played at one size after another (Karras et al. 2018)."""

import keras
import tensorflow as tf

from ganvas.errors import WrongUseError
from ganvas.games import Tensors, Turn
from ganvas.games._adversary import Adversary, beside
from ganvas.games._players import copy
from ganvas.games.synthesis import Synthesis, refuse_inputs
from ganvas.networks import progressive
from ganvas.recipe import Recipe

GROWN = 0.6  # the share of a run after which the last stage sets in
FADING = 0.5  # of a stage's time, at its beginning


def build(recipe: Recipe, shape: tuple[int, ...], classes: int, given: tuple[int, ...] | None = None) -> "Progressive":
    """The game of a recipe for images of `shape` with so many classes."""
    refuse_inputs(given)
    return Progressive(recipe, shape, classes)


class Progressive(Synthesis):
    """Each stage doubles the sides. It fades in, in both networks and in real images, and then settles."""

    def __init__(self, recipe: Recipe, shape: tuple[int, ...], classes: int) -> None:
        if recipe.generator != "progressive" or recipe.discriminator != "progressive":
            raise WrongUseError("the game progressive grows networks made for it: set both to progressive")
        if recipe.matching or recipe.unrolled or recipe.spectral:
            raise WrongUseError("networks that grow take no matching, unrolled or spectral: leave them out")
        super().__init__(recipe, shape, classes)
        stages = sum(layer.name.startswith("fade_") for layer in self.generator.layers)
        self.phases = [GROWN * stage / stages for stage in range(1, stages + 1)]
        self.parts = [progressive.at_stage(self.generator, self.discriminator, i) for i in range(stages + 1)]
        self._fade(tf.constant(0.0))
        copy(self.generator, self.delivered["generator"])  # which was made before

    def after_step(self, step: tf.Tensor, along: tf.Tensor, facts: Tensors) -> None:
        """Fade the stage in; then as any synthesis."""
        self._fade(along)
        super().after_step(step, along, facts)

    def _fade(self, along: tf.Tensor) -> None:
        for stage in range(1, len(self.phases) + 1):
            for network in (self.generator, self.discriminator):
                network.get_layer(f"fade_{stage}").share.value.assign(self._share(stage, along))

    def _share(self, stage: int, along: tf.Tensor | float) -> tf.Tensor:
        """How much of a stage has faded in."""
        return tf.clip_by_value((along - self.phases[stage - 1]) / (FADING * self.phases[0]), 0.0, 1.0)

    def _shown(self, real: tf.Tensor, turn: Turn) -> tf.Tensor:
        """Real images at the stage's size; while it fades in, from those of the stage before."""
        for _ in range(len(self.phases) - turn.phase):
            real = _halved(real)
        if not turn.phase:
            return real
        coarse = tf.repeat(tf.repeat(_halved(real), 2, axis=1), 2, axis=2)
        return coarse + self._share(turn.phase, turn.along) * (real - coarse)

    def _made(self, noise: tf.Tensor, label: tf.Tensor, turn: Turn) -> tf.Tensor:
        generator = self.parts[turn.phase][0]
        return turn.run(generator, beside(generator, noise, label))

    def _adversary(self, recipe: Recipe) -> Adversary:
        return _Growing(recipe, self)


class _Growing(Adversary):
    """Judged by as much of the discriminator as has grown."""

    def __init__(self, recipe: Recipe, game: Progressive) -> None:
        super().__init__(recipe, game.discriminator, kinds=game.judged)
        self.game = game

    def at(self, turn: Turn) -> keras.Model:
        return self.game.parts[turn.phase][1]


def _halved(images: tf.Tensor) -> tf.Tensor:
    return tf.nn.avg_pool2d(images, 2, 2, "VALID")
