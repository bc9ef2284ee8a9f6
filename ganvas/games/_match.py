"""What games of generators against discriminators share: turns, averages, memory, and what is delivered."""

from collections.abc import Mapping, Sequence
from itertools import chain

import keras
import tensorflow as tf

from ganvas.games import Batch, Player, Tensors
from ganvas.games._adversary import Adversary
from ganvas.games._players import copy
from ganvas.recipe import Recipe

EMA_RAMP = 0.05  # early on, average over this share of the steps so far (Karras et al. 2020, ADA)


class Match:
    """Players `discriminator` and `generator`, or the generator alone where there is no adversary.

    `delivered` holds a float32 twin of every generator in `made`, by its name, for users.
    """

    phases: Sequence[float] = ()

    def __init__(
        self,
        recipe: Recipe,
        players: Mapping[str, Player],
        adversaries: Sequence[Adversary],
        made: Mapping[str, keras.Model],
        delivered: Mapping[str, keras.Model],
    ) -> None:
        self.recipe, self.players, self.adversaries = recipe, players, adversaries
        self.made, self.delivered = made, delivered
        for name, network in made.items():
            copy(network, delivered[name])
        for adversary in adversaries:
            adversary.optimizer = players["discriminator"].optimizer
        self.batches = recipe.discriminator_turns if adversaries else 1
        alternating = [("discriminator",)] * recipe.discriminator_turns + [("generator",)]
        self.turns = [tuple(players)] if recipe.together or not adversaries else alternating
        self.past = {name: _means_of(one) for name, one in players.items()} if recipe.history else {}
        self.state = [*(adversary.strength for adversary in adversaries), *chain(*self.past.values())]

    def after_step(self, step: tf.Tensor, along: tf.Tensor, facts: Tensors) -> None:
        """Adapt the strength of augmentation; move the averages, and copy batch norm's statistics to the delivered."""
        past = tf.cast(step, tf.float32)
        for name, means in self.past.items():
            for mean, weight in zip(means, self.players[name].variables, strict=True):
                mean.value.assign_add((weight.value - mean.value) / (past + 2.0))
        for adversary in self.adversaries:
            adversary.after_step(facts)
        if not self.recipe.ema:
            return
        decay = tf.minimum(self.recipe.ema, 1.0 - 1.0 / (1.0 + EMA_RAMP * past))
        for name, generator in self.made.items():
            delivered = self.delivered[name]
            for mean, weight in zip(delivered.trainable_variables, generator.trainable_variables, strict=True):
                mean.value.assign(weight.value + decay * (mean.value - weight.value))
            for own, other in zip(delivered.non_trainable_weights, generator.non_trainable_weights, strict=True):
                own.value.assign(other.value)

    def deliver(self) -> Mapping[str, keras.Model]:
        """The averaged generators where the recipe keeps averages, else the generators as they are."""
        if not self.recipe.ema:
            for name, generator in self.made.items():
                copy(generator, self.delivered[name])
        return self.delivered

    @property
    def judges(self) -> bool:
        """Is there anyone to judge?"""
        return bool(self.adversaries)

    def judge(self, batch: Batch) -> tf.Tensor:
        """The discriminator's logits (N,)."""
        return self.adversaries[0].judge(batch.real, batch.label)

    def _wandered(self, costs: Tensors) -> Tensors:
        """Costs with how far players' weights are from their mean so far (history; Salimans et al. 2016)."""
        return {name: cost + self._distance(name) for name, cost in costs.items()} if self.past else costs

    def _distance(self, name: str) -> tf.Tensor:
        pairs = zip(self.players[name].variables, self.past[name], strict=True)
        return self.recipe.history * tf.add_n([tf.reduce_sum((v.value - mean.value) ** 2) for v, mean in pairs])


def _means_of(player: Player) -> list[keras.Variable]:
    return [keras.Variable(keras.ops.convert_to_numpy(v), trainable=False, name="mean") for v in player.variables]
