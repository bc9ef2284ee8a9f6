"""A benchmark's runs: each is trained once, and a stopped one goes on when the command is given again."""

from pathlib import Path
from typing import Any

import ganvas
from ganvas.recipe import Recipe
from ganvas.run import Run


def trained(path: Path, recipe: str | Recipe, **settings: Any) -> Run:
    """The run in the folder `path`, trained to its end as `ganvas.train` would. One folder, one set of settings."""
    run = Run(path)
    if not (path / "recipe.json").exists():
        return ganvas.train(recipe, run=path, **settings)
    return run if run.status == "done" else ganvas.resume(run, progress=settings.get("progress", True))
