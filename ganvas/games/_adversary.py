"""A discriminator against whoever makes samples: the loss, and all that a recipe does to how it judges and learns."""

import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import tensorflow as tf

from ganvas import augment, losses, penalties
from ganvas.errors import WrongUseError, first_line
from ganvas.games import Tensors, Turn
from ganvas.games._players import hidden
from ganvas.layers import GROUP, MinibatchDiscrimination, bare
from ganvas.losses import Costs
from ganvas.names import accepts, resolve
from ganvas.optimizers import FusedAdam
from ganvas.recipe import Recipe

ADAPTED = 25_000  # images that the strength of adaptive augmentation takes from none to all
Penalty = tuple[Callable[..., tf.Tensor], float]


class Adversary:
    """A discriminator and its side of a recipe. `optimizer` is the one that moves it, which unrolling looks ahead by.

    `of` sets the randomness of several adversaries in one game apart; `kinds` are those it is told apart by label.
    """

    optimizer: FusedAdam

    def __init__(self, recipe: Recipe, discriminator: keras.Model, of: str = "", kinds: int = 0) -> None:
        self.recipe, self.discriminator, self.of, self.kinds = recipe, discriminator, of, kinds
        self.loss = _tried(_smoothed(resolve(recipe.loss, losses, "loss"), recipe), recipe.loss)
        self.penalties = penalties_for("discriminator", recipe)
        self.features = hidden(discriminator) if recipe.matching else None
        if recipe.mismatch:
            self._check_mismatch()
        self.augment: list[Callable[..., tf.Tensor]] = []
        self.strength = keras.Variable(0.0, trainable=False, dtype="float32", name="strength")

    def _check_mismatch(self) -> None:
        """Refuse it where no label is wrong, and where it would be told by something else than its label."""
        if self.kinds < 2:
            raise WrongUseError("mismatch shows samples beside wrong labels, and here are none: set mismatch=0")
        if any(isinstance(bare(layer), MinibatchDiscrimination) for layer in self.discriminator.layers):
            raise WrongUseError(
                "mismatch shows fewer samples at once, by which minibatch discrimination would know: set mismatch=0"
            )
        try:
            self.loss(tf.zeros((4, 1)), tf.zeros((6, 1)))
        except Exception as error:  # a loss of one's own may raise anything
            raise WrongUseError(
                f"mismatch makes the fake side longer, and the loss {self.recipe.loss!r} takes as many real ones: set "
                "mismatch=0"
            ) from error

    def augments(self, shape: tuple[int, ...]) -> None:
        """Change all that the discriminator sees as the recipe's `augment` says, as often as `adapt` finds right."""
        self.augment = [resolve(name, augment, "augmentation") for name in self.recipe.augment]
        if self.augment and len(shape) != 3:
            raise WrongUseError("augment changes images, and the data are points: leave augment out")
        if self.recipe.adapt and compares(self.loss):
            raise WrongUseError(
                f"adapt goes by the sign of logits, and the loss {self.recipe.loss!r} only compares them: set adapt=0"
            )

    def at(self, turn: Turn) -> keras.Model:
        """The discriminator as it plays in this turn."""
        return self.discriminator

    def meet(self, real: tf.Tensor, fake: tf.Tensor, told: tf.Tensor, turn: Turn) -> "Meeting":
        """Show it real and generated samples, and what it is told of them, where it takes a second input."""
        seen = self._seen(real, turn, "real"), self._seen(fake, turn, "fake")
        judge = self.at(turn)
        return Meeting(self, told, turn, seen, [turn.run(judge, beside(judge, x, told)) for x in seen])

    def after_step(self, facts: Tensors) -> None:
        """Adapt the strength of augmentation."""
        if self.recipe.adapt:
            # towards more for a discriminator too sure of real images (Karras et al. 2020, ADA, section 3.1)
            sure = tf.sign(2.0 * facts["accuracy_real"] - 1.0 - self.recipe.adapt)
            moved = self.strength.value + sure * self.recipe.batch / ADAPTED
            self.strength.value.assign(tf.clip_by_value(moved, 0.0, 1.0))

    def judge(self, images: tf.Tensor, told: tf.Tensor) -> tf.Tensor:
        """Its logits (N,), as it is used, not as it learns; of several places in an image, their mean."""
        logits = self.discriminator(beside(self.discriminator, images, told), training=False)
        return tf.reduce_mean(tf.cast(logits, tf.float32), axis=list(range(1, logits.shape.rank)))

    def _seen(self, images: tf.Tensor, turn: Turn, whose: str) -> tf.Tensor:
        """What the discriminator sees; where augmentation adapts, each change is made to a share of the images."""
        whose = f"{whose}{self.of}"
        for i, change in enumerate(self.augment):
            changed = change(images, turn.own_key(f"augment {whose} {i}"))
            if self.recipe.adapt:
                chosen = tf.random.stateless_uniform([images.shape[0], 1, 1, 1], turn.own_key(f"adapt {whose} {i}"))
                # a sum is faster than a choice
                changed = images + tf.cast(chosen < self.strength.value, tf.float32) * (changed - images)
            images = changed
        if self.recipe.instance_noise:
            # less and less of it, none in the end (Sonderby et al. 2017; Arjovsky & Bottou 2017)
            noise = tf.random.stateless_normal(images.shape, turn.own_key(f"instance noise {whose}"))
            images += self.recipe.instance_noise * (1.0 - turn.along) * noise
        return images


@dataclass
class Meeting:
    """One batch before a discriminator: what it saw, real and generated, and its logits of both."""

    adversary: Adversary
    told: tf.Tensor
    turn: Turn
    seen: Sequence[tf.Tensor]
    logits: Sequence[tf.Tensor]
    facts: Tensors = field(default_factory=dict)

    def discriminator_cost(self) -> tf.Tensor:
        """The loss's one side and the penalties; `facts` then hold the shares of real and fake that it calls right."""
        adversary, judge = self.adversary, self.adversary.at(self.turn)
        real, fake = self.logits
        self.facts = {
            "accuracy_real": tf.reduce_mean(tf.cast(real > 0, tf.float32)),
            "accuracy_fake": tf.reduce_mean(tf.cast(fake < 0, tf.float32)),
            **({"augmented": adversary.strength.value} if adversary.recipe.adapt else {}),
        }

        def judged(images: tf.Tensor) -> tf.Tensor:
            logits = self.turn.probe(judge, beside(judge, images, self.told))
            # patches are judged for themselves: a penalty is the mean of theirs, however many an image has
            places = math.prod(logits.shape[1:])
            return tf.reshape(logits, (images.shape[0], places)) / math.sqrt(places)

        real, fake = self._swapped()
        cost = adversary.loss(real, tf.concat([fake, *self._mismatched()], axis=0))[0]
        # on what the discriminator sees: augmented, and with noise (Karras et al. 2020, 2.2)
        weights = [v.value for v in judge.trainable_variables]
        return cost + lazily(adversary.penalties, adversary.recipe, self.turn, weights, judged, *self.seen)

    def generator_cost(self) -> tf.Tensor:
        """The loss's other side; a share of it is the distance of the discriminator's mean features where asked for."""
        adversary, recipe = self.adversary, self.adversary.recipe
        cost = adversary.loss(*(self._foreseen() if recipe.unrolled else self.logits))[1]
        if not adversary.features:
            return cost
        inputs = [beside(adversary.features, images, self.told) for images in self.seen]
        # in bfloat16 a small difference of means would be rounding alone
        found = [tf.cast(self.turn.probe(adversary.features, side), tf.float32) for side in inputs]
        means = [tf.reduce_mean(side, axis=0) for side in found]
        return cost + recipe.matching * (tf.reduce_sum((means[0] - means[1]) ** 2) - cost)

    def _swapped(self) -> Sequence[tf.Tensor]:
        """Noisy labels: some real samples are called generated, and those beside them real (Chintala et al. 2016)."""
        real, fake = self.logits
        share = self.adversary.recipe.label_noise
        if not share:
            return self.logits
        key = self.turn.own_key(f"label noise{self.adversary.of}")
        wrong = tf.random.stateless_uniform(real.shape, key) < share
        return tf.where(wrong, fake, real), tf.where(wrong, real, fake)

    def _mismatched(self) -> list[tf.Tensor]:
        """Logits of some real samples beside another kind's label, which count as generated (Reed et al. 2016)."""
        adversary = self.adversary
        if not adversary.recipe.mismatch:
            return []
        batch = self.seen[0].shape[0]
        # in whole groups, as all of them are compared: otherwise their number would tell
        count = batch if batch % GROUP else max(GROUP, GROUP * round(adversary.recipe.mismatch * batch / GROUP))
        real, told = self.seen[0][:count], self.told[:count]
        shift = tf.random.stateless_uniform(
            told.shape, self.turn.own_key("mismatch"), minval=1, maxval=adversary.kinds, dtype=told.dtype
        )
        judge = adversary.at(self.turn)
        return [self.turn.run(judge, [real, (told + shift) % adversary.kinds])]

    def _foreseen(self) -> list[tf.Tensor]:
        """Logits after so many more updates of the discriminator, through which gradients pass (Metz et al. 2017).

        The updates are those of its own optimizer on this turn's samples, without penalties, noisy or wrong labels.
        """
        adversary, judge = self.adversary, self.adversary.at(self.turn)
        weights = [tf.convert_to_tensor(v.value) for v in judge.trainable_variables]
        moments = adversary.optimizer.moments()

        def logits() -> list[tf.Tensor]:
            return [self.turn.probe(judge, beside(judge, images, self.told), weights) for images in self.seen]

        for _ in range(adversary.recipe.unrolled):
            with tf.GradientTape() as tape:
                tape.watch(weights)
                cost = adversary.loss(*logits())[0]
            # an embedding's gradient comes in slices; what the cost does not reach stays
            found = tape.gradient(cost, weights, unconnected_gradients="zero")
            ahead = [tf.convert_to_tensor(each) for each in found]
            weights, moments = adversary.optimizer.ahead(ahead, weights, moments)
        return logits()


def beside(network: keras.Model, first: tf.Tensor, told: tf.Tensor) -> Any:
    """A network's inputs: with what it is told of the first, a label or an image, where it takes a second one."""
    return [first, told] if len(network.inputs) > 1 else first


def penalties_for(side: str, recipe: Recipe) -> list[Penalty]:
    """The recipe's penalties on one player: that which a penalty looks at, and its first parameter names."""
    found = [(resolve(name, penalties, "penalty"), weight) for name, weight in recipe.penalties.items()]
    return [(function, weight) for function, weight in found if weight and _side_of(function) == side]


def lazily(own: Sequence[Penalty], recipe: Recipe, turn: Turn, sources: Sequence[Any], *arguments: Any) -> tf.Tensor:
    """The weighted penalties on every k-th step, k times as strong (lazy regularization, Karras et al. 2020).

    `sources` are the variables and tensors that they have gradients for.
    """
    every = recipe.penalty_every

    def due() -> tf.Tensor:
        return tf.add_n([every * weight * penalty(*arguments) for penalty, weight in own])

    def with_gradients() -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(sources)
            penalty = due()
        found = tape.gradient(penalty, sources, unconnected_gradients="zero")
        return [penalty, *map(tf.convert_to_tensor, found)]  # an embedding's gradient comes in slices

    if not own:
        return tf.constant(0.0)
    if every == 1:
        return due()

    def idle() -> list[tf.Tensor]:
        return [tf.constant(0.0), *map(tf.zeros_like, sources)]

    # a choice on a tape is traced again for second derivatives, which nobody needs: half of all tracing
    with turn.unrecorded():
        found = tf.cond(turn.step % every == 0, with_gradients, idle)
    penalty, *gradients = map(tf.stop_gradient, found)  # where a caller's tape did record
    # nothing as a number; as a gradient, the penalty's
    slope = tf.add_n([tf.reduce_sum(g * s) for g, s in zip(gradients, sources, strict=True)])
    return penalty + (slope - tf.stop_gradient(slope))


def compares(loss: Callable[..., Costs]) -> bool:
    """Does only the difference of real and fake logits matter to the discriminator?"""
    logits = tf.constant([[0.5], [-0.5]])
    return bool(tf.abs(loss(logits + 1.0, logits + 1.0)[0] - loss(logits, logits)[0]) < 1e-6)


def _side_of(penalty: Callable[..., Any]) -> str:
    return "generator" if next(iter(inspect.signature(penalty).parameters)) == "generator" else "discriminator"


def _smoothed(loss: Callable[..., Costs], recipe: Recipe) -> Callable[..., Costs]:
    if not any(recipe.smoothing):
        return loss
    if not accepts(loss, "smoothing"):
        raise WrongUseError(f"the loss {recipe.loss!r} has no targets to smooth: set smoothing=0 or another loss")
    pair = (*recipe.smoothing, 0.0)[:2]
    return lambda real, fake: loss(real, fake, smoothing=pair)


def _tried(loss: Callable[..., Costs], name: str) -> Callable[..., Costs]:
    """A loss of one's own that fails is found here, not in the middle of a compiled step."""
    logits = tf.zeros((2, 1))
    try:
        discriminator, generator = loss(logits, logits)
        shapes = tf.convert_to_tensor(discriminator).shape, tf.convert_to_tensor(generator).shape
    except Exception as error:
        told = f"{type(error).__name__}: {first_line(error)}"
        raise WrongUseError(f"the loss {name!r} fails on real and fake logits of shape (2, 1): {told}") from error
    if shapes != ((), ()):
        raise WrongUseError(f"the loss {name!r} must give two scalars, not shapes {shapes[0]} and {shapes[1]}")
    return loss
