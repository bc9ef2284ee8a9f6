"""Recipes, one file each: a docstring, `minutes` by the pace of one core, what was `expected` and measured, `recipe`.

One that a budget changes in more than its length has `suited(recipe, images)`, too.
"""

import dataclasses
import os
import sys
from pathlib import Path
from typing import Any

from ganvas.errors import WrongUseError
from ganvas.names import choices, resolve
from ganvas.recipe import Recipe


def find(recipe: str | os.PathLike[str] | Recipe) -> Recipe:
    """A recipe by its name, from a .json file, or as it is."""
    if isinstance(recipe, Recipe):
        return recipe
    name = os.fspath(recipe)
    if name.endswith(".json"):
        try:
            return Recipe.from_json(Path(name).read_text(), name).located(Path(name).parent)
        except OSError as error:
            raise WrongUseError(f"cannot read the recipe {name}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise WrongUseError(f"{name} is not a recipe: it is not text") from error
    found = resolve(name, sys.modules[__name__], "recipe")
    return found if ":" in name else dataclasses.replace(found.recipe, name=name)


def suited(recipe: Recipe, images: int) -> Recipe:
    """The recipe as a budget of so many images has it: some set more than their length by that."""
    known = dict(every())
    return known[recipe.name].suited(recipe, images) if hasattr(known.get(recipe.name), "suited") else recipe


def every() -> list[tuple[str, Any]]:
    """All recipes by name, with their modules: docstring, `minutes`, `expected`, `recipe`."""
    return [(name, resolve(name, sys.modules[__name__], "recipe")) for name in choices(sys.modules[__name__])]
