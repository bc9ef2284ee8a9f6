"""From noise to samples: one generator, one discriminator (Goodfellow et al. 2014), with labels or without."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any

import keras
import tensorflow as tf

from ganvas import augment, losses, penalties
from ganvas.errors import WrongUseError
from ganvas.games import Batch, Player, Tensors, Turn, halves
from ganvas.games._players import check_fit, copy, hidden, network, player
from ganvas.losses import Costs
from ganvas.names import accepts, resolve
from ganvas.recipe import Recipe

ADAPTED = 25_000  # images that the strength of adaptive augmentation takes from none to all
EMA_RAMP = 0.05  # early on, average over this share of the steps so far (Karras et al. 2020, ADA)


def build(recipe: Recipe, shape: tuple[int, ...], classes: int) -> "Synthesis":
    """The game of a recipe for samples of `shape` with so many classes."""
    return Synthesis(recipe, shape, classes)


class Synthesis:
    """The two-player game. It logs the share of real and of generated samples that the discriminator calls right."""

    phases: Sequence[float] = ()

    def __init__(self, recipe: Recipe, shape: tuple[int, ...], classes: int) -> None:
        self.recipe, self.classes = recipe, classes
        self.loss = _tried(_smoothed(resolve(recipe.loss, losses, "loss"), recipe), recipe.loss)
        found = [(resolve(name, penalties, "penalty"), weight) for name, weight in recipe.penalties.items()]
        self.penalties = {
            side: [(function, weight) for function, weight in found if _side_of(function) == side]
            for side in ("discriminator", "generator")
        }
        self.augment = [resolve(name, augment, "augmentation") for name in recipe.augment]
        if self.augment and len(shape) != 3:
            raise WrongUseError("augment changes images, and the data are points: leave augment out")
        if recipe.adapt and _compares(self.loss):
            raise WrongUseError(
                f"adapt goes by the sign of logits, and the loss {recipe.loss!r} only compares them: set adapt=0"
            )
        self._build(shape)
        self.batches = recipe.discriminator_turns
        alternating = [("discriminator",)] * recipe.discriminator_turns + [("generator",)]
        self.turns = [("discriminator", "generator")] if recipe.together else alternating
        copy(self.generator, self.delivered)
        self.strength = keras.Variable(0.0, trainable=False, dtype="float32", name="strength")
        self.past = {name: _means_of(one) for name, one in self.players.items()} if recipe.history else {}
        self.state = [self.strength, *chain(*self.past.values())]

    def _build(self, shape: tuple[int, ...]) -> None:
        """The networks and who learns in which."""
        recipe, kinds = self.recipe, (self.classes, self._judged_kinds())
        self.generator = network("generator", recipe, shape, kinds[0])
        self.discriminator = network("discriminator", recipe, shape, kinds[1])
        self.delivered = network("generator", recipe, shape, kinds[0], "float32")
        check_fit(self.generator, self.discriminator, recipe, shape, kinds)
        judge, maker = {"discriminator": self.discriminator}, {"generator": self.generator}
        self.players: Mapping[str, Player] = {
            "discriminator": player(judge, recipe.discriminator_rate, recipe, bound=recipe.clip),
            "generator": player(maker, recipe.generator_rate, recipe),
        }
        self.features = hidden(self.discriminator) if recipe.matching else None
        self.styles = halves(self.generator) if self.penalties["generator"] else None
        if self.penalties["generator"] and not self.styles:
            raise WrongUseError(
                "a penalty on the generator, such as path_length, is for one with styles, and "
                f"{recipe.generator!r} has none: set generator=stylegan2, or leave it out"
            )

    def costs(self, batch: Batch, turn: Turn) -> tuple[Tensors, Tensors]:
        """The loss's two sides, with what the recipe adds to each."""
        noise = turn.latents(batch.real.shape[0], self.recipe.latent)
        real, fake = self._shown(batch.real, turn), self._made(noise, batch.label, turn)
        seen = self._seen(real, turn, "real"), self._seen(fake, turn, "fake")
        logits = [turn.run(self._judge(turn), with_label(self._judge(turn), images, batch.label)) for images in seen]
        costs: Tensors = {}
        facts: Tensors = {}
        if "discriminator" in turn.learning:
            costs["discriminator"] = self.loss(*self._swapped(logits, turn))[0]
            costs["discriminator"] += self._penalty("discriminator", turn, self._judged(batch.label, turn), real, fake)
            facts |= {"augmented": self.strength.value} if self.recipe.adapt else {}
            facts["accuracy_real"] = tf.reduce_mean(tf.cast(logits[0] > 0, tf.float32))
            facts["accuracy_fake"] = tf.reduce_mean(tf.cast(logits[1] < 0, tf.float32))
        if "generator" in turn.learning:
            later = self._foreseen(seen, batch.label, turn) if self.recipe.unrolled else logits
            costs["generator"] = self._generator_cost(later, seen, batch.label, turn)
            if self.styles:
                front, back = self.styles
                styles = turn.probe(front, with_label(front, noise, batch.label))
                costs["generator"] += self._penalty("generator", turn, lambda w: turn.probe(back, w), styles)
        return {name: cost + self._wandered(name) for name, cost in costs.items()}, facts

    def after_step(self, step: tf.Tensor, along: tf.Tensor, facts: Tensors) -> None:
        """Adapt the strength of augmentation; move the averages, and copy batch norm's statistics to the delivered."""
        past = tf.cast(step, tf.float32)
        for name, means in self.past.items():
            for mean, weight in zip(means, self.players[name].variables, strict=True):
                mean.value.assign_add((weight.value - mean.value) / (past + 2.0))
        if self.recipe.adapt:
            # towards more for a discriminator too sure of real images (Karras et al. 2020, ADA, section 3.1)
            sure = tf.sign(2.0 * facts["accuracy_real"] - 1.0 - self.recipe.adapt)
            moved = self.strength.value + sure * self.recipe.batch / ADAPTED
            self.strength.value.assign(tf.clip_by_value(moved, 0.0, 1.0))
        if not self.recipe.ema:
            return
        decay = tf.minimum(self.recipe.ema, 1.0 - 1.0 / (1.0 + EMA_RAMP * past))
        for mean, weight in zip(self.delivered.trainable_variables, self.generator.trainable_variables, strict=True):
            mean.value.assign(weight.value + decay * (mean.value - weight.value))
        for own, other in zip(self.delivered.non_trainable_weights, self.generator.non_trainable_weights, strict=True):
            own.value.assign(other.value)

    def deliver(self) -> keras.Model:
        """The averaged generator where the recipe keeps one, else the generator as it is."""
        if not self.recipe.ema:
            copy(self.generator, self.delivered)
        return self.delivered

    def judge(self, batch: Batch) -> tf.Tensor:
        """The discriminator's logits (N,), as it is used, not as it learns."""
        logits = self.discriminator(with_label(self.discriminator, batch.real, batch.label), training=False)
        return tf.cast(logits[:, 0], tf.float32)

    # --- what a game of this kind may do otherwise

    def _judged_kinds(self) -> int:
        """How many kinds the discriminator is told apart."""
        if self.recipe.label.startswith("codes"):
            raise WrongUseError("random codes are for a game that reads them again: set game=infogan, or another label")
        return self.classes

    def _shown(self, real: tf.Tensor, turn: Turn) -> tf.Tensor:
        """The real samples that this turn is about."""
        return real

    def _made(self, noise: tf.Tensor, label: tf.Tensor, turn: Turn) -> tf.Tensor:
        """The generated ones."""
        return turn.run(self.generator, with_label(self.generator, noise, label))

    def _judge(self, turn: Turn) -> keras.Model:
        """Who tells them apart."""
        return self.discriminator

    def _generator_cost(
        self, logits: Sequence[tf.Tensor], seen: Sequence[tf.Tensor], label: tf.Tensor, turn: Turn
    ) -> tf.Tensor:
        """The loss's other side; a share of it is the distance of the discriminator's mean features where asked for."""
        cost = self.loss(*logits)[1]
        if not self.features:
            return cost
        inputs = [with_label(self.features, images, label) for images in seen]
        # in bfloat16 a small difference of means would be rounding alone
        means = [tf.reduce_mean(tf.cast(turn.probe(self.features, side), tf.float32), axis=0) for side in inputs]
        distance = tf.reduce_sum((means[0] - means[1]) ** 2)
        return cost + self.recipe.matching * (distance - cost)

    # --- the cures

    def _judged(self, label: tf.Tensor, turn: Turn) -> Callable[[tf.Tensor], tf.Tensor]:
        return lambda images: turn.probe(self._judge(turn), with_label(self._judge(turn), images, label))

    def _penalty(self, side: str, turn: Turn, *arguments: Any) -> tf.Tensor:
        """The weighted penalties on every k-th step, k times as strong (lazy regularization, Karras et al. 2020)."""
        every, own = self.recipe.penalty_every, self.penalties[side]

        def due() -> tf.Tensor:
            return tf.add_n([every * weight * penalty(*arguments) for penalty, weight in own])

        if not own:
            return tf.constant(0.0)
        if every == 1:
            return due()
        return tf.cond(turn.step % every == 0, due, lambda: tf.constant(0.0))

    def _swapped(self, logits: Sequence[tf.Tensor], turn: Turn) -> Sequence[tf.Tensor]:
        """Noisy labels: some real samples are called generated, and those beside them real (Chintala et al. 2016)."""
        if not self.recipe.label_noise:
            return logits
        real, fake = logits
        wrong = tf.random.stateless_uniform(real.shape, turn.own_key("label noise")) < self.recipe.label_noise
        return tf.where(wrong, fake, real), tf.where(wrong, real, fake)

    def _seen(self, images: tf.Tensor, turn: Turn, whose: str) -> tf.Tensor:
        """What the discriminator sees; where augmentation adapts, each change is made to a share of the images."""
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

    def _foreseen(self, seen: Sequence[tf.Tensor], label: tf.Tensor, turn: Turn) -> list[tf.Tensor]:
        """Logits after so many more updates of the discriminator, through which gradients pass (Metz et al. 2017).

        The updates are those of its own optimizer on this turn's samples, without penalties.
        """
        judge, optimizer = self._judge(turn), self.players["discriminator"].optimizer
        weights = [tf.convert_to_tensor(v.value) for v in judge.trainable_variables]
        moments = optimizer.moments()

        def logits() -> list[tf.Tensor]:
            return [turn.probe(judge, with_label(judge, images, label), weights) for images in seen]

        for _ in range(self.recipe.unrolled):
            with tf.GradientTape() as tape:
                tape.watch(weights)
                cost = self.loss(*logits())[0]
            # an embedding's gradient comes in slices; what the cost does not reach stays
            found = tape.gradient(cost, weights, unconnected_gradients="zero")
            weights, moments = optimizer.ahead([tf.convert_to_tensor(each) for each in found], weights, moments)
        return logits()

    def _wandered(self, name: str) -> tf.Tensor:
        """How far a player's weights are from their mean so far (historical averaging, Salimans et al. 2016)."""
        if not self.past:
            return tf.constant(0.0)
        pairs = zip(self.players[name].variables, self.past[name], strict=True)
        return self.recipe.history * tf.add_n([tf.reduce_sum((v.value - mean.value) ** 2) for v, mean in pairs])


def with_label(network: keras.Model, first: tf.Tensor, label: tf.Tensor) -> Any:
    """A network's inputs: with the label where it is told labels."""
    return [first, label] if len(network.inputs) > 1 else first


def _side_of(penalty: Callable[..., Any]) -> str:
    """Whose cost a penalty is added to: that of the player it looks at, which its first parameter names."""
    return "generator" if next(iter(inspect.signature(penalty).parameters)) == "generator" else "discriminator"


def _means_of(player: Player) -> list[keras.Variable]:
    return [keras.Variable(keras.ops.convert_to_numpy(v), trainable=False, name="mean") for v in player.variables]


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
        told = f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error) else ''}"
        raise WrongUseError(f"the loss {name!r} fails on real and fake logits of shape (2, 1): {told}") from error
    if shapes != ((), ()):
        raise WrongUseError(f"the loss {name!r} must give two scalars, not shapes {shapes[0]} and {shapes[1]}")
    return loss


def _compares(loss: Callable[..., Costs]) -> bool:
    """Does only the difference of real and fake logits matter to the discriminator?"""
    logits = tf.constant([[0.5], [-0.5]])
    return bool(tf.abs(loss(logits + 1.0, logits + 1.0)[0] - loss(logits, logits)[0]) < 1e-6)
