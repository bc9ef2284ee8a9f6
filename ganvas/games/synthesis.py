"""From noise to samples: one generator, one discriminator (Goodfellow et al. 2014), with labels or without."""

import keras
import tensorflow as tf

from ganvas.errors import WrongUseError
from ganvas.games import Batch, Player, Tensors, Turn, halves
from ganvas.games._adversary import Adversary, Meeting, beside, lazily, penalties_for
from ganvas.games._match import Match
from ganvas.games._players import check_fit, network, player
from ganvas.recipe import Recipe


def build(recipe: Recipe, shape: tuple[int, ...], classes: int, given: tuple[int, ...] | None = None) -> "Synthesis":
    """The game of a recipe for samples of `shape` with so many classes."""
    refuse_inputs(given)
    return Synthesis(recipe, shape, classes)


class Synthesis(Match):
    """The two-player game. It logs the share of real and of generated samples that the discriminator calls right."""

    def __init__(self, recipe: Recipe, shape: tuple[int, ...], classes: int) -> None:
        if recipe.weights:
            raise WrongUseError("this game has no costs to weigh beside its loss: leave weights out")
        self.classes = classes
        kinds = classes, self._judged_kinds(recipe)
        self.judged = kinds[1]
        self.generator = network("generator", recipe, shape, classes=kinds[0], latent=recipe.latent)
        self.discriminator = network("discriminator", recipe, shape, classes=kinds[1])
        delivered = network("generator", recipe, shape, classes=kinds[0], latent=recipe.latent, precision="float32")
        check_fit(self.generator, self.discriminator, recipe, shape, kinds)
        self.adversary = self._adversary(recipe)
        self.adversary.augments(shape)
        self.penalties = penalties_for("generator", recipe)
        self.styles = halves(self.generator) if self.penalties else None
        if self.penalties and not self.styles:
            raise WrongUseError(
                "a penalty on the generator, such as path_length, is for one with styles, and "
                f"{recipe.generator!r} has none: set generator=stylegan2, or leave it out"
            )
        super().__init__(
            recipe,
            self._players(recipe, shape),
            [self.adversary],
            {"generator": self.generator},
            {"generator": delivered},
        )

    def costs(self, batch: Batch, turn: Turn) -> tuple[Tensors, Tensors]:
        """The loss's two sides, with what the recipe adds to each."""
        noise = turn.latents(batch.real.shape[0], self.recipe.latent)
        real, fake = self._shown(batch.real, turn), self._made(noise, batch.label, turn)
        meeting = self.adversary.meet(real, fake, batch.label, turn)
        costs: Tensors = {}
        if "discriminator" in turn.learning:
            costs["discriminator"] = meeting.discriminator_cost()
        if "generator" in turn.learning:
            costs["generator"] = self._generator_cost(meeting)
            if self.styles:
                front, back = self.styles
                styles = turn.probe(front, beside(front, noise, batch.label))
                sources = [styles, *(v.value for v in back.trainable_variables)]
                costs["generator"] += lazily(
                    self.penalties, self.recipe, turn, sources, lambda w: turn.probe(back, w), styles
                )
        return self._wandered(costs), meeting.facts

    # --- what a game of this kind may do otherwise

    def _judged_kinds(self, recipe: Recipe) -> int:
        """How many kinds the discriminator is told apart."""
        if recipe.label.startswith("codes"):
            raise WrongUseError("random codes are for a game that reads them again: set game=infogan, or another label")
        return self.classes

    def _adversary(self, recipe: Recipe) -> Adversary:
        """Who tells samples apart."""
        return Adversary(recipe, self.discriminator, kinds=self.judged)

    def _players(self, recipe: Recipe, shape: tuple[int, ...]) -> dict[str, Player]:
        """Who learns in which networks."""
        judge: dict[str, keras.Model] = {"discriminator": self.discriminator}
        return {
            "discriminator": player(judge, recipe.discriminator_rate, recipe, bound=recipe.clip),
            "generator": player({"generator": self.generator}, recipe.generator_rate, recipe),
        }

    def _shown(self, real: tf.Tensor, turn: Turn) -> tf.Tensor:
        """The real samples that this turn is about."""
        return real

    def _made(self, noise: tf.Tensor, label: tf.Tensor, turn: Turn) -> tf.Tensor:
        """The generated ones."""
        return turn.run(self.generator, beside(self.generator, noise, label))

    def _generator_cost(self, meeting: Meeting) -> tf.Tensor:
        """What the generator pays for how its samples were judged."""
        return meeting.generator_cost()


def refuse_inputs(given: tuple[int, ...] | None) -> None:
    """Games from noise have no use for them."""
    if given:
        raise WrongUseError("this game makes samples from noise: leave inputs out, or set game=paired")
