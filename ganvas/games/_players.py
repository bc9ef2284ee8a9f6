"""Building a game's players from a recipe's names, and refusing what does not fit together."""

import os
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from ganvas import networks
from ganvas.errors import WrongUseError, first_line
from ganvas.games import Player
from ganvas.layers import normalised
from ganvas.names import accepts, builder
from ganvas.networks import projected  # noqa: F401  # whose layer a saved network may hold
from ganvas.optimizers import FusedAdam
from ganvas.recipe import Recipe

# what a network is for that does not take what the game tells it
_MISFIT = {
    "latent": "makes images from images: set inputs and game=paired, or another generator, such as plain",
    "given": "knows nothing of input images: set generator=unet, or leave inputs out",
}


def player(networks: Mapping[str, keras.Model], rate: float, recipe: Recipe, bound: float = 0.0) -> Player:
    """Networks that learn together, with an Adam of their own at `rate`; `bound` clips their weights."""
    # Keras' own epsilon of 1e-7
    optimizer = FusedAdam(rate, beta_1=recipe.betas[0], beta_2=recipe.betas[1], bound=bound)
    made = Player(networks, optimizer, rate)
    optimizer.build(made.variables)
    return made


def network(
    side: str,
    recipe: Recipe,
    shape: tuple[int, ...],
    *,
    classes: int = 0,
    precision: str | None = None,
    seed: int = 0,
    **told: Any,
) -> keras.Model:
    """Build one side's network in the recipe's or another precision, its first weights a function of the seed.

    `told` is what a generator must know besides the shape, `latent` or the shape of what is `given`, and a
    discriminator may know. `seed` is added to the recipe's, for a second network of its kind.
    """
    name = getattr(recipe, side)
    spectral = side == "discriminator" and recipe.spectral
    if name.endswith(".keras"):
        saved = _saved_network(side, name)
        seed += recipe.seed + (side == "discriminator")
        return built(lambda: normalised(saved), seed, precision or recipe.precision) if spectral else saved
    function = builder(name, networks, f"network for {side}", side)
    options = _options(function, side, recipe, {**told, **({"classes": classes} if classes else {})})
    try:
        return built(
            lambda: normalised(function(shape, **options)) if spectral else function(shape, **options),
            recipe.seed + (side == "discriminator") + seed,
            precision or recipe.precision,
        )
    except (TypeError, ValueError, ArithmeticError) as error:
        if isinstance(error, WrongUseError):
            raise
        raise WrongUseError(f"the {side} {name!r} cannot be built with {options}: {first_line(error)}") from error


def _options(function: Callable[..., Any], side: str, recipe: Recipe, fixed: Mapping[str, Any]) -> dict[str, Any]:
    """What a network's function is called with: the recipe's options, and what is `fixed` by the rest of it."""
    name, own = getattr(recipe, side), getattr(recipe, f"{side}_options")
    if "classes" in fixed and not accepts(function, "classes"):
        raise WrongUseError(f"the {side} {name!r} takes no labels: set label=none, or {side}=plain")
    if side == "discriminator" and recipe.dropout is not None:
        if not accepts(function, "dropout"):
            raise WrongUseError(f"the discriminator {name!r} has no dropout: set dropout=none")
        fixed = {**fixed, "dropout": recipe.dropout}
    for fact in fixed:
        if side == "generator" and not accepts(function, fact):
            raise WrongUseError(f"the generator {name!r} {_MISFIT[fact]}")
        if fact in own:
            raise WrongUseError(f"{side}_options.{fact} is not for you to set: it follows from the rest of the recipe")
    for option in own:
        if not accepts(function, option):
            raise WrongUseError(
                f"the {side} {name!r} has no option {option!r}: leave it out, or, where the recipe has it, set "
                f"{side}_options=none"
            )
    return {**own, **{fact: value for fact, value in fixed.items() if accepts(function, fact)}}


def built(function: Callable[[], keras.Model], seed: int, precision: str) -> keras.Model:
    """Call a builder with Keras' global precision, and the generator its initializers draw seeds from, set for it."""
    before, state = keras.config.dtype_policy(), random.getstate()
    keras.config.set_dtype_policy({"bfloat16": "mixed_bfloat16"}.get(precision, precision))
    random.seed(seed)
    try:
        return function()
    finally:
        keras.config.set_dtype_policy(before)
        random.setstate(state)


def _saved_network(side: str, path: str) -> keras.Model:
    if not os.path.exists(path):
        raise WrongUseError(f"no {side} at {path}")
    try:
        return keras.saving.load_model(Path(path), compile=False)
    except (ValueError, TypeError, OSError) as error:
        raise WrongUseError(f"cannot load the {side} {path}: {first_line(error)}") from error


def check_fit(
    generator: keras.Model, discriminator: keras.Model, recipe: Recipe, shape: tuple[int, ...], kinds: tuple[int, int]
) -> None:
    """The two networks must fit each other, the latent, the data and the kinds that each is told.

    Matters for networks that users bring.
    """
    sides = ("generator", "discriminator"), (generator, discriminator), kinds
    for side, network, own in zip(*sides, strict=True):
        _need_inputs(side, network)
        inputs = 2 if own else 1
        if len(network.inputs) != inputs:
            raise WrongUseError(
                f"with label={recipe.label} the {side} takes {inputs} inputs, not {len(network.inputs)}"
            )
    made, judged = tuple(generator.output_shape[1:]), tuple(discriminator.inputs[0].shape[1:])
    if made != shape or not _takes(judged, shape):
        raise WrongUseError(
            f"the data are {shape}, but the generator makes {made} and the discriminator judges {judged}: set size, "
            "or change the networks"
        )
    latent = tuple(generator.inputs[0].shape[1:])
    if len(latent) != 1:
        raise WrongUseError(f"a generator's first input is the latent, (batch, {recipe.latent}), not {latent} each")
    if latent[0] != recipe.latent:
        raise WrongUseError(f"the generator takes latents of {latent[0]}, the recipe says latent={recipe.latent}")
    if tuple(discriminator.output_shape[1:]) != (1,):
        raise WrongUseError(f"a discriminator gives one logit, (batch, 1), not {discriminator.output_shape}")
    _need_logits(discriminator)
    for side, network, own in zip(*sides, strict=True):
        if own and getattr(recipe, side).endswith(".keras"):
            _need_kinds(side, network, latent if side == "generator" else shape, own)


def _need_kinds(side: str, network: keras.Model, first: tuple[int, ...], kinds: int) -> None:
    """A network that users bring must know every kind: on a GPU one too many would be no error, and mean nothing."""
    try:
        network([np.zeros((1, *first), np.float32), np.array([kinds - 1], np.int32)], training=False)
    except Exception as error:  # whatever its layers raise
        raise WrongUseError(f"the {side} cannot take the last of {kinds} labels: {first_line(error)}") from error


def check_judge(discriminator: keras.Model, *shapes: tuple[int, ...]) -> None:
    """A discriminator of images must take those of the first shape, and may take what they are made from beside them.

    Its logits may be one or a map of them.
    """
    _need_inputs("discriminator", discriminator)
    judged = [tuple(each.shape[1:]) for each in discriminator.inputs]
    if len(judged) > len(shapes) or not all(map(_takes, judged, shapes)):
        raise WrongUseError(f"the discriminator takes {_listed(judged)}, and there are {_listed(shapes)} to be judged")
    if discriminator.output_shape[-1] != 1:
        raise WrongUseError(f"a discriminator gives logits, (batch, ..., 1), not {discriminator.output_shape}")
    _need_logits(discriminator)


def _takes(own: tuple[int | None, ...], shape: tuple[int, ...]) -> bool:
    return len(own) == len(shape) and all(side in (None, other) for side, other in zip(own, shape, strict=True))


def _listed(shapes: Sequence[tuple[int | None, ...]]) -> str:
    return " and ".join(map(str, shapes))


def _need_inputs(side: str, network: keras.Model) -> None:
    if not getattr(network, "inputs", None):
        raise WrongUseError(f"the {side} must be a Sequential or functional keras.Model that knows its inputs")
    if not network.trainable_variables:
        raise WrongUseError(f"the {side} has nothing to learn: set trainable=True before you hand it over")
    if any(isinstance(layer, keras.layers.SpectralNormalization) for layer in network._flatten_layers()):
        raise WrongUseError(
            f"the {side} has Keras' SpectralNormalization, which forgets what it divides by where a network is called "
            "without side effects: wrap the layers in ganvas.layers.Spectral"
        )
    if network.losses:
        raise WrongUseError(f"the {side} has losses of its own (regularizers, add_loss), which games do not know")


def _need_logits(discriminator: keras.Model) -> None:
    last = discriminator.layers[-1]
    last = getattr(last, "layer", last)  # beneath spectral normalization
    if getattr(last, "activation", None) is keras.activations.sigmoid:
        raise WrongUseError("the discriminator ends in a sigmoid: the losses take logits, so end it without activation")


def check_translation(generator: keras.Model, given: tuple[int, ...], shape: tuple[int, ...]) -> None:
    """A generator must make images of `shape` from inputs of the shape `given`; of other sizes, it may as well."""
    _need_inputs("generator", generator)
    if len(generator.inputs) != 1:
        raise WrongUseError(f"a generator of images from images takes one input, not {len(generator.inputs)}")
    made = tuple(generator.compute_output_shape((1, *given)))[1:]
    if made != shape:
        raise WrongUseError(f"from inputs of {given} the generator makes {made}, and the images are {shape}")


def hidden(discriminator: keras.Model) -> keras.Model:
    """The discriminator up to what its one logit is made of: features (batch, ...)."""
    try:
        last = [layer for layer in discriminator.layers if layer.output.shape[1:] == (1,) and layer.count_params()]
        return keras.Model(discriminator.inputs, last[-1].input)
    except (AttributeError, IndexError, ValueError) as error:  # AttributeError: of a layer with several outputs
        raise WrongUseError(
            "matching and infogan need a discriminator that ends in a layer with one output, such as Dense(1)"
        ) from error


def copy(source: keras.Model, target: keras.Model) -> None:
    """Give one network the weights of another of the same shape."""
    for own, other in zip(target.weights, source.weights, strict=True):
        own.assign(other)
