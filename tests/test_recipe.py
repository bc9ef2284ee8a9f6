"""Recipes: plain values in and out, overrides, and errors that name the field."""

import dataclasses
import json

import numpy as np
import pytest
import small

from ganvas import losses, networks, penalties, recipes
from ganvas.errors import WrongUseError
from ganvas.names import choices
from ganvas.recipe import Recipe, parse_overrides


@pytest.mark.parametrize("name", small.names())
def test_every_recipe_is_sound_and_says_what_it_is(name):
    module = dict(recipes.every())[name]
    module.recipe.check()
    assert module.minutes > 0
    assert module.expected
    assert module.__doc__.splitlines()[0].endswith(".")
    assert f"ganvas train {name}" in module.__doc__
    recipe = recipes.find(name)
    assert recipe.name == name
    assert Recipe.from_json(recipe.to_json(), "text") == recipe
    assert {recipe.generator, recipe.discriminator} <= set(choices(networks))
    assert recipe.loss in choices(losses)
    assert set(recipe.penalties) <= set(choices(penalties))


def test_about_thirty_fields_and_a_few_cures():
    assert len(dataclasses.fields(Recipe)) <= 44


def test_overrides_are_brought_to_their_fields_types():
    words = (
        "steps=2_000 batch=1e2 generator_rate=5e-4 together=true size=64 dropout=none betas=0,0.99 penalties.r1=0.1 "
        "augment=flip,colour generator_options.width=16 data=./photos"
    )
    recipe = Recipe().but(**parse_overrides(words.split()))
    assert (recipe.steps, recipe.batch, recipe.generator_rate, recipe.together) == (2000, 100, 5e-4, True)
    assert (recipe.size, recipe.dropout, recipe.betas, recipe.augment) == ("64", None, (0.0, 0.99), ("flip", "colour"))
    assert recipe.penalties == {"r1": 0.1}
    assert recipe.generator_options == {"width": 16}
    worded = recipe.but(**{"generator_options.residual": "False"}).but(discriminator_options="minibatch:none")
    assert worded.generator_options["residual"] is False
    assert worded.discriminator_options == {"minibatch": "none"}
    assert recipe.but(penalties="none", augment="none").penalties == {}
    assert recipe.but(penalties="r1:1,r2:2").penalties == {"r1": 1, "r2": 2}
    numbers = recipe.but(generator_options={"width": np.int64(8), "widths": np.arange(2)})
    numbers = numbers.but(**{"penalties.r1": np.float32(0.5)})
    numbers.check()
    assert json.loads(numbers.to_json())["generator_options"] == {"width": 8, "widths": [0, 1]}


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("stesp=5", r"unknown setting 'stesp': did you mean 'steps'\?"),
        ("steps=many", "steps takes a whole number, not 'many'"),
        ("steps=1.5", "steps takes a whole number, not '1.5'"),
        ("steps=0", "steps must be at least 1, not 0"),
        ("together=perhaps", "together takes true or false, not 'perhaps'"),
        ("generator_rate=-1", "generator_rate must be above 0, at most 1, not -1.0"),
        ("generator_rate=nan", "generator_rate must be above 0"),
        ("batch=inf", "batch takes a whole number"),
        ("betas=0.5", "betas must be two numbers"),
        ("penalties.r1=high", "penalties.r1 must be 0 or more, not 'high'"),
        ("penalties.r1=-1", "penalties.r1 must be 0 or more"),
        ("history=inf", "history must be 0 or more"),
        ("penalties=r1", "penalties takes name:value pairs"),
        ("steps.x=1", "steps holds a single value"),
        ("precision=float64", "precision must be one of auto, float32, bfloat16, not 'float64'"),
        ("label=colour", "label must be none, class, kmeans"),
        ("size=huge", "size is a side such as 64"),
        ("smoothing=1", "smoothing must be one or two numbers from 0 to below 0.5"),
        ("dropout=1", "dropout must be none, or from 0"),
        ("steps", "'steps' is not a setting: write field=value"),
    ],
)
def test_wrong_settings_are_named(word, sentence):
    with pytest.raises(WrongUseError, match=sentence):
        Recipe().but(**parse_overrides([word])).check()


def test_turns_cannot_be_both_together_and_several():
    with pytest.raises(WrongUseError, match="together=true leaves no room"):
        Recipe(together=True, discriminator_turns=2).check()


def test_recipe_files(tmp_path):
    file = tmp_path / "mine.json"
    file.write_text(Recipe(name="mine", steps=7).to_json())
    assert recipes.find(file).steps == 7
    (tmp_path / "data.npy").touch()  # what a run was given in Python lies beside its recipe
    file.write_text(Recipe(generator="plain", discriminator="plain", data="data.npy").to_json())
    assert recipes.find(file).data == str(tmp_path / "data.npy")
    file.write_text('{"steps": 7')
    with pytest.raises(WrongUseError, match=r"mine\.json is not a recipe"):
        recipes.find(file)
    with pytest.raises(WrongUseError, match="cannot read the recipe"):
        recipes.find("nowhere.json")
    with pytest.raises(WrongUseError, match=r"did you mean 'dcgan'\?"):
        recipes.find("dcgna")


def test_what_waits_for_the_data_is_chosen_by_their_number():
    quick = recipes.find("quick")
    few, many = quick.fitted(1_000), quick.fitted(60_000)
    assert (few.label, few.augment, few.adapt) == ("kmeans:33", ("colour", "translate", "cutout"), 0.6)
    assert (many.label, many.augment, many.adapt) == ("kmeans:512", (), 0.0)
    assert quick.fitted(1_000, images=False).augment == ()
    assert quick.but(inputs="edges").fitted(1_000).augment == ("flip",)
    assert Recipe().fitted(10) == Recipe()
    with pytest.raises(WrongUseError, match="label must be none, class, kmeans, kmeans:K or codes:K"):
        Recipe(label="kmeans:1").check()
