"""From an input image to the one that belongs to it: fidelity and, mostly, an adversary (Isola et al. 2017, Pix2Pix).

The recipe's `weights` say what the generator pays for: functions of `fidelity` by name, and `adversary`, 1 where it is
not named. Without an adversary (weights.adversary=0) the generator plays alone.
"""

import keras
import tensorflow as tf

from ganvas import augment, fidelity
from ganvas.errors import WrongUseError
from ganvas.games import Batch, Tensors, Turn
from ganvas.games._adversary import Adversary, penalties_for
from ganvas.games._match import Match
from ganvas.games._players import check_judge, check_translation, network, player
from ganvas.names import resolve
from ganvas.recipe import Recipe

MOVES = ("flip", "translate")  # augmentations that do to an image what they do to its input


def build(recipe: Recipe, shape: tuple[int, ...], classes: int, given: tuple[int, ...] | None = None) -> "Paired":
    """The game of a recipe for images of `shape`, made from inputs of the shape `given`."""
    if not given:
        raise WrongUseError("the game paired makes images from images: say which with inputs, such as inputs=edges")
    if not recipe.matched:
        raise WrongUseError("the game paired needs each image's own input: set matched=true, or game=unpaired")
    return Paired(recipe, shape, given)


class Paired(Match):
    """It logs each fidelity cost, and what the discriminator calls right. The discriminator may see the input, too."""

    def __init__(self, recipe: Recipe, shape: tuple[int, ...], given: tuple[int, ...]) -> None:
        refuse(recipe, "paired")
        weights = {"adversary": 1.0, **recipe.weights}
        self.adversary_weight = weights.pop("adversary")
        self.fidelity = {name: (resolve(name, fidelity, "weight"), weight) for name, weight in weights.items()}
        if not self.adversary_weight and not any(weights.values()):
            raise WrongUseError("nothing is paid for: give weights, such as weights.l1=100")
        self.augment = changes(recipe, shape, given)
        self.generator = network("generator", recipe, shape, given=given)
        delivered = network("generator", recipe, shape, given=given, precision="float32")
        players = {"generator": player({"generator": self.generator}, recipe.generator_rate, recipe)}
        adversaries: list[Adversary] = []
        if self.adversary_weight:
            discriminator = network("discriminator", recipe, shape, given=given)
            check_judge(discriminator, shape, given)
            judge: dict[str, keras.Model] = {"discriminator": discriminator}
            players = {"discriminator": player(judge, recipe.discriminator_rate, recipe, bound=recipe.clip), **players}
            adversaries = [Adversary(recipe, discriminator)]
        check_translation(self.generator, given, shape)
        super().__init__(recipe, players, adversaries, {"generator": self.generator}, {"generator": delivered})

    def costs(self, batch: Batch, turn: Turn) -> tuple[Tensors, Tensors]:
        """The loss's two sides, the generator's with what its images cost beside it."""
        real, given = batch.real, batch.given
        for i, change in enumerate(self.augment):  # both alike: the same key draws the same change
            key = turn.own_key(f"augment {i}")
            real, given = change(real, key), change(given, key)
        fake = turn.run(self.generator, given)
        costs: Tensors = {}
        facts: Tensors = {}
        meeting = self.adversaries[0].meet(real, fake, given, turn) if self.adversaries else None
        if meeting and "discriminator" in turn.learning:
            costs["discriminator"] = meeting.discriminator_cost()
            facts |= meeting.facts
        if "generator" in turn.learning:
            found = {name: function(real, fake) for name, (function, weight) in self.fidelity.items() if weight}
            paid = [self.fidelity[name][1] * cost for name, cost in found.items()]
            paid += [self.adversary_weight * meeting.generator_cost()] if meeting else []
            costs["generator"] = tf.add_n(paid)
            facts |= found
        return self._wandered(costs), facts

    def judge(self, batch: Batch) -> tf.Tensor:
        """The discriminator's logits (N,), each the mean over an image's patches."""
        return self.adversaries[0].judge(batch.real, batch.given)


def changes(recipe: Recipe, shape: tuple[int, ...], given: tuple[int, ...]) -> list:
    """The recipe's augmentations, for games that change an image and its input alike, before any network sees them."""
    allowed = MOVES if shape[:2] == given[:2] else MOVES[:1]
    for name in recipe.augment:
        if name not in allowed:
            raise WrongUseError(
                f"images and inputs are changed alike here, as data: augment takes {' and '.join(allowed)}, not {name}"
            )
    return [resolve(name, augment, "augmentation") for name in recipe.augment]


def refuse(recipe: Recipe, game: str) -> None:
    """What these games have no use for."""
    if penalties_for("generator", recipe):
        raise WrongUseError(f"the game {game} has no penalties on the generator: leave path_length out")
    if recipe.label != "none":
        raise WrongUseError(f"the game {game} is not told kinds: set label=none")
    if recipe.adapt:
        raise WrongUseError(f"the game {game} augments all images, as data: set adapt=0")
