"""From noise to samples: one generator, one discriminator (Goodfellow et al. 2014), with labels or without."""

import os
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from ganvas import augment, losses, networks, penalties
from ganvas.errors import WrongUseError
from ganvas.games import Batch, Player, Tensors, Turn
from ganvas.names import accepts, resolve
from ganvas.optimizers import FusedAdam
from ganvas.recipe import Recipe

ADAPTED = 25_000  # images that the strength of adaptive augmentation takes from none to all
EMA_RAMP = 0.05  # early on, average over this share of the steps so far (Karras et al. 2020, ADA)


def build(recipe: Recipe, shape: tuple[int, ...], classes: int) -> "Synthesis":
    """The game of a recipe for samples of `shape` with so many classes."""
    return Synthesis(recipe, shape, classes)


class Synthesis:
    """The two-player game. It logs the share of real and of generated samples that the discriminator calls right."""

    def __init__(self, recipe: Recipe, shape: tuple[int, ...], classes: int) -> None:
        self.recipe, self.classes = recipe, classes
        self.loss = _tried(_smoothed(resolve(recipe.loss, losses, "loss"), recipe), recipe.loss)
        self.penalties = [(resolve(n, penalties, "penalty"), weight) for n, weight in recipe.penalties.items()]
        self.augment = [resolve(name, augment, "augmentation") for name in recipe.augment]
        if self.augment and len(shape) != 3:
            raise WrongUseError("augment changes images, and the data are points: leave augment out")
        if recipe.adapt and _compares(self.loss):
            raise WrongUseError(
                f"adapt goes by the sign of logits, and the loss {recipe.loss!r} only compares them: set adapt=0"
            )
        self.strength = keras.Variable(0.0, trainable=False, dtype="float32", name="strength")
        self.state = [self.strength]
        policy = {"bfloat16": "mixed_bfloat16"}.get(recipe.precision, recipe.precision)
        self.generator = _network("generator", recipe, shape, classes, policy)
        self.discriminator = _network("discriminator", recipe, shape, classes, policy)
        self.delivered = _network("generator", recipe, shape, classes, "float32")
        _check_fit(self.generator, self.discriminator, recipe, shape, classes)
        self.players: Mapping[str, Player] = {
            "discriminator": _player("discriminator", self.discriminator, recipe.discriminator_rate, recipe),
            "generator": _player("generator", self.generator, recipe.generator_rate, recipe),
        }
        self.batches = recipe.discriminator_turns
        alternating = [("discriminator",)] * recipe.discriminator_turns + [("generator",)]
        self.turns = [("discriminator", "generator")] if recipe.together else alternating
        _copy(self.generator, self.delivered)

    def costs(self, batch: Batch, turn: Turn) -> tuple[Tensors, Tensors]:
        """The loss's two sides, and the penalties on the discriminator's."""
        noise = turn.latents(batch.real.shape[0], self.recipe.latent)
        fake = turn.run(self.generator, self._with(noise, batch.label))
        real_logits = turn.run(self.discriminator, self._with(self._augmented(batch.real, turn, "real"), batch.label))
        fake_logits = turn.run(self.discriminator, self._with(self._augmented(fake, turn, "fake"), batch.label))
        discriminator_cost, generator_cost = self.loss(real_logits, fake_logits)
        costs = {"discriminator": discriminator_cost, "generator": generator_cost}
        facts = {
            **({"augmented": self.strength.value} if self.recipe.adapt else {}),
            "accuracy_real": tf.reduce_mean(tf.cast(real_logits > 0, tf.float32)),
            "accuracy_fake": tf.reduce_mean(tf.cast(fake_logits < 0, tf.float32)),
        }
        if "discriminator" in turn.learning and self.penalties:
            costs["discriminator"] += self._penalty(batch, fake, turn)
        return {name: costs[name] for name in turn.learning}, facts if "discriminator" in turn.learning else {}

    def after_step(self, step: tf.Tensor, facts: Tensors) -> None:
        """Adapt the strength of augmentation; move the averaged generator, and copy batch norm's statistics to it."""
        if self.recipe.adapt:
            # towards more for a discriminator too sure of real images (Karras et al. 2020, ADA, section 3.1)
            sure = tf.sign(2.0 * facts["accuracy_real"] - 1.0 - self.recipe.adapt)
            moved = self.strength.value + sure * self.recipe.batch / ADAPTED
            self.strength.value.assign(tf.clip_by_value(moved, 0.0, 1.0))
        if not self.recipe.ema:
            return
        past = tf.cast(step, tf.float32)
        decay = tf.minimum(self.recipe.ema, 1.0 - 1.0 / (1.0 + EMA_RAMP * past))
        for mean, weight in zip(self.delivered.trainable_variables, self.generator.trainable_variables, strict=True):
            mean.value.assign(weight.value + decay * (mean.value - weight.value))
        for own, other in zip(self.delivered.non_trainable_weights, self.generator.non_trainable_weights, strict=True):
            own.value.assign(other.value)

    def deliver(self) -> keras.Model:
        """The averaged generator where the recipe keeps one, else the generator as it is."""
        if not self.recipe.ema:
            _copy(self.generator, self.delivered)
        return self.delivered

    def judge(self, batch: Batch) -> tf.Tensor:
        """The discriminator's logits (N,), as it is used, not as it learns."""
        logits = self.discriminator(self._with(batch.real, batch.label), training=False)
        return tf.cast(logits[:, 0], tf.float32)

    def _penalty(self, batch: Batch, fake: tf.Tensor, turn: Turn) -> tf.Tensor:
        """The weighted penalties on every k-th step, k times as strong (lazy regularization, Karras et al. 2020)."""
        every = self.recipe.penalty_every

        def judge(images: tf.Tensor) -> tf.Tensor:
            return turn.probe(self.discriminator, self._with(images, batch.label))

        def due() -> tf.Tensor:
            return tf.add_n([every * weight * penalty(judge, batch.real, fake) for penalty, weight in self.penalties])

        if every == 1:
            return due()
        return tf.cond(turn.step % every == 0, due, lambda: tf.constant(0.0))

    def _augmented(self, images: tf.Tensor, turn: Turn, whose: str) -> tf.Tensor:
        """What the discriminator sees; where augmentation adapts, each change is made to a share of the images."""
        for i, change in enumerate(self.augment):
            changed = change(images, turn.own_key(f"augment {whose} {i}"))
            if self.recipe.adapt:
                chosen = tf.random.stateless_uniform([images.shape[0], 1, 1, 1], turn.own_key(f"adapt {whose} {i}"))
                # a sum is faster than a choice
                changed = images + tf.cast(chosen < self.strength.value, tf.float32) * (changed - images)
            images = changed
        return images

    def _with(self, samples: tf.Tensor, label: tf.Tensor) -> Any:
        return [samples, label] if self.classes else samples


def _smoothed(loss: Callable[..., Any], recipe: Recipe) -> Callable[..., Any]:
    if not recipe.smoothing:
        return loss
    if not accepts(loss, "smoothing"):
        raise WrongUseError(f"the loss {recipe.loss!r} has no targets to smooth: set smoothing=0 or another loss")
    return lambda real, fake: loss(real, fake, smoothing=recipe.smoothing)


def _tried(loss: Callable[..., Any], name: str) -> Callable[..., Any]:
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


def _compares(loss: Callable[..., Any]) -> bool:
    """Does only the difference of real and fake logits matter to the discriminator?"""
    logits = tf.constant([[0.5], [-0.5]])
    return bool(tf.abs(loss(logits + 1.0, logits + 1.0)[0] - loss(logits, logits)[0]) < 1e-6)


def _player(name: str, network: keras.Model, rate: float, recipe: Recipe) -> Player:
    # Keras' own epsilon of 1e-7
    optimizer = FusedAdam(rate, beta_1=recipe.betas[0], beta_2=recipe.betas[1])
    optimizer.build(network.trainable_variables)
    return Player({name: network}, optimizer, rate)


def _network(side: str, recipe: Recipe, shape: tuple[int, ...], classes: int, policy: str) -> keras.Model:
    """Build one side's network under a precision policy, its initial weights a function of the recipe's seed."""
    name, options = getattr(recipe, side), dict(getattr(recipe, f"{side}_options"))
    if name.endswith(".keras"):
        return _saved_network(side, name)
    found = resolve(name, networks, f"network for {side}")
    function = found if ":" in name else getattr(found, side)
    if side == "generator":
        options["latent"] = recipe.latent
    if classes:
        if not accepts(function, "classes"):
            raise WrongUseError(f"the {side} {name!r} takes no labels: set label=none, or {side}=plain")
        options["classes"] = classes
    if side == "discriminator" and recipe.dropout is not None:
        if not accepts(function, "dropout"):
            raise WrongUseError(f"the discriminator {name!r} has no dropout: set dropout=none")
        options["dropout"] = recipe.dropout
    for option in options:
        if not accepts(function, option):
            raise WrongUseError(f"the {side} {name!r} has no option {option!r}")
    try:
        return _built(lambda: function(shape, **options), recipe.seed + (side == "discriminator"), policy)
    except (TypeError, ValueError) as error:
        if isinstance(error, WrongUseError):
            raise
        told = str(error).strip().splitlines()[0]
        raise WrongUseError(f"the {side} {name!r} cannot be built with {options}: {told}") from error


def _built(function: Callable[[], keras.Model], seed: int, policy: str) -> keras.Model:
    """Call a builder with Keras' global precision, and the generator its initializers draw seeds from, set for it."""
    precision, state = keras.config.dtype_policy(), random.getstate()
    keras.config.set_dtype_policy(policy)
    random.seed(seed)
    try:
        return function()
    finally:
        keras.config.set_dtype_policy(precision)
        random.setstate(state)


def _saved_network(side: str, path: str) -> keras.Model:
    if not os.path.exists(path):
        raise WrongUseError(f"no {side} at {path}")
    try:
        return keras.saving.load_model(Path(path), compile=False)
    except (ValueError, TypeError, OSError) as error:
        raise WrongUseError(f"cannot load the {side} {path}: {str(error).splitlines()[0]}") from error


def _check_fit(
    generator: keras.Model, discriminator: keras.Model, recipe: Recipe, shape: tuple[int, ...], classes: int
) -> None:
    """The two networks must fit each other, the latent and the data: matters for networks that users bring."""
    inputs = 2 if classes else 1
    for side, network in (("generator", generator), ("discriminator", discriminator)):
        if not getattr(network, "inputs", None):
            raise WrongUseError(f"the {side} must be a Sequential or functional keras.Model that knows its inputs")
        if len(network.inputs) != inputs:
            raise WrongUseError(
                f"with label={recipe.label} the {side} takes {inputs} inputs, not {len(network.inputs)}"
            )
    made, judged = tuple(generator.output_shape[1:]), tuple(discriminator.inputs[0].shape[1:])
    if made != shape or judged != shape:
        raise WrongUseError(
            f"the data are {shape}, but the generator makes {made} and the discriminator judges {judged}: set size, "
            "or change the networks"
        )
    width = generator.inputs[0].shape[1]
    if width != recipe.latent:
        raise WrongUseError(f"the generator takes latents of {width}, the recipe says latent={recipe.latent}")
    if tuple(discriminator.output_shape[1:]) != (1,):
        raise WrongUseError(f"a discriminator gives one logit, (batch, 1), not {discriminator.output_shape}")
    last = getattr(discriminator.layers[-1], "activation", None)
    if last is keras.activations.sigmoid:
        raise WrongUseError("the discriminator ends in a sigmoid: the losses take logits, so end it without activation")


def _copy(source: keras.Model, target: keras.Model) -> None:
    for own, other in zip(target.weights, source.weights, strict=True):
        own.assign(other)
