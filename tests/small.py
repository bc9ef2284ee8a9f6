"""Every recipe, shrunk until a step takes milliseconds, its kind of game and network unchanged."""

import pytest
import tensorflow as tf

from ganvas import recipes
from ganvas.data import sets
from ganvas.names import choices

_WIDTHS = {"dcgan": 8, "plain": 8, "quick": 8, "toy": 16}
_SLOW = ("dcgan64", "progressive", "r3gan", "resnet", "stylegan2", "translator", "upscaler")  # 15 to 60 s to compile
_WIDTHS |= dict.fromkeys(["dcgan64", "r3gan", "resnet", "progressive", "stylegan2"], 4)
_WIDTHS |= dict.fromkeys(["unet", "translator", "upscaler", "patch", "projected"], 4)


def names():
    """The names of all recipes."""
    return [name for name, _ in recipes.every()]


def marked():
    """All recipes as test parameters: of those that differ in settings alone all but one, and the slowest, are long.

    A recipe on the networks of an earlier one, by another game, has tests of its own.
    """
    seen, found = set(), []
    for name in names():
        recipe = recipes.find(name)
        slow = recipe.generator in seen or recipe.generator in _SLOW
        found.append(pytest.param(name, marks=[pytest.mark.long] * slow))
        seen.add(recipe.generator)
    return found


def shrunk(name, **changes):
    """The recipe with few steps, small batches, narrow networks and data that are always there."""
    found = recipes.find(name)
    sides = {side: getattr(found, side) for side in ("generator", "discriminator")}
    options = {f"{side}_options.width": _WIDTHS[name] for side, name in sides.items() if name in _WIDTHS}
    if found.generator == "dense":
        options = {"generator_options.widths": [16, 24], "discriminator_options.widths": [24, 16]}
    size = found.size or ("32" if found.inputs else "28")  # so small that what has no size of its own fits
    data = {} if found.data in ("rings", "grid") else {"data": "digits", "size": size}
    own = found.inputs.split(":")[0] in (*choices(sets), "left", "right")
    data |= {"inputs": "edges"} if own else {}
    return found.but(
        **options, **data, steps=4, batch=8, latent=8, save=2, preview=2, evaluate=4, features="pixels"
    ).but(**changes)


def eighth_power(real_logits, fake_logits):
    """A loss without a bottom: at any rate, sooner or later, its gradient is too large to be a number."""
    apart = tf.reduce_mean(fake_logits**8) - tf.reduce_mean(real_logits**8)
    return apart, -apart


def one_number(real_logits, fake_logits):
    """A loss that forgot the generator."""
    return tf.reduce_mean(real_logits - fake_logits)


def states_differ(one, other):
    """The names under which two states are not bit-equal."""
    assert set(one) == set(other)
    return [name for name in one if one[name].tobytes() != other[name].tobytes()]
