"""What a report goes by: everything that a run's folder holds, and a sentence for everything that it does not."""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np

from ganvas.data import Samples
from ganvas.doctor import SEVERITIES
from ganvas.errors import RunFailedError, WrongUseError, first_line
from ganvas.features import pixels
from ganvas.images import load_png
from ganvas.metrics import nearest
from ganvas.recipe import Recipe
from ganvas.run import Run

SHOWN = 40  # generated images beside as many real ones
POINTS = 1000
WALK = 12
PER_CLASS = 10
CLASSES = 20
STUDIED = 10  # samples shown with the training images nearest to them
NEIGHBOURS = 4
YARDSTICK = 200


@dataclass(frozen=True)
class Missing:
    """What is not there, in one sentence that says why, or what makes it."""

    sentence: str


@dataclass(frozen=True)
class Drawn:
    """What the generator made: samples, a row of samples for every class, and a walk through the latents.

    All are uint8 images (N, H, W, C), or float points (N, 2). What was made from images comes with those instead.
    """

    samples: np.ndarray
    by_class: dict[str, np.ndarray]
    walk: np.ndarray | None
    translated: Samples | None = None


@dataclass(frozen=True)
class Neighbours:
    """For some samples the nearest training samples (N, k, ...), how far off they are (N, k), and what is usual.

    `usual` is the median distance from a training sample to its own nearest neighbour.
    """

    samples: np.ndarray
    nearest: np.ndarray
    distances: np.ndarray
    usual: float


class Record:
    """One run's folder, read piece by piece when asked; every piece is there or `Missing`."""

    def __init__(self, run: Run) -> None:
        if not (run.path / "recipe.json").is_file():
            raise WrongUseError(f"{run.path} holds no run: there is no recipe.json in it")
        self.run = run
        self.name = run.path.resolve().name
        self.recipe: Recipe = run.recipe

    @cached_property
    def environment(self) -> dict[str, Any]:
        """`environment.json`, or nothing."""
        found = _read_json(self.run.path / "environment.json", dict)
        return found if isinstance(found, dict) else {}

    @cached_property
    def log(self) -> list[dict[str, Any]]:
        """The lines of `log.jsonl`."""
        return [line for line in self.run.log() if isinstance(line, dict) and is_number(line.get("step"))]

    @cached_property
    def history(self) -> list[dict[str, Any]]:
        """The lines of `metrics.jsonl`."""
        return [line for line in self.run.scores() if isinstance(line, dict) and is_number(line.get("step"))]

    @cached_property
    def findings(self) -> list[dict[str, Any]] | Missing:
        """What the doctor found, the worst first."""
        found = _read_json(self.run.path / "findings.json", list)
        if isinstance(found, Missing):
            return Missing(f"{found.sentence}: `ganvas doctor {self.run.path}` looks for what is wrong with the run.")
        found = [finding for finding in found if isinstance(finding, dict)]
        return sorted(found, key=lambda finding: severity_rank(str(finding.get("severity"))))

    @cached_property
    def scores(self) -> dict[str, Any] | Missing:
        """`scores.json`, only those of its scores that hold a number; the names of the others are under `lost`."""
        found = _read_json(self.run.path / "scores.json", dict)
        if isinstance(found, Missing):
            return Missing(f"{found.sentence}: `ganvas evaluate {self.run.path}` scores the run.")
        held = found.get("scores")
        scores = {name: score for name, score in held.items() if is_score(score)} if isinstance(held, dict) else {}
        lost = [name for name in held if name not in scores] if isinstance(held, dict) else []
        return {**found, "scores": scores, "lost": lost}

    @property
    def card(self) -> dict[str, Any]:
        """The scores of `scores.json`; none where there are none."""
        return {} if isinstance(self.scores, Missing) else self.scores["scores"]

    @property
    def frechet(self) -> dict[str, Any] | None:
        """The Fréchet distance of `scores.json`."""
        return self.card.get("frechet")

    @property
    def last(self) -> dict[str, Any]:
        """The last line of the log."""
        return self.log[-1] if self.log else {}

    @property
    def seconds(self) -> float | None:
        """How long training took."""
        return self.last["seconds"] if is_number(self.last.get("seconds")) else None

    @property
    def cores(self) -> int | None:
        """How many cores the machine had."""
        found = self.part("machine").get("cores")
        return found if isinstance(found, int) else None

    def part(self, name: str) -> dict[str, Any]:
        """One part of the environment: `packages`, `machine`, `data` or `told`."""
        found = self.environment.get(name)
        return found if isinstance(found, dict) else {}

    @cached_property
    def shape(self) -> Sequence[int]:
        """The shape of one sample: (height, width, channels), (2,) for points; () where nothing says."""
        held = self.part("data").get("shape")
        if isinstance(held, list):
            return held
        return self.data.shape if isinstance(self.data, Samples) else ()

    @cached_property
    def stills(self) -> dict[int, Path]:
        """The previews by step."""
        found = (self.run.path / "samples").glob("*.png")
        return {int(path.stem): path for path in sorted(found) if path.stem.isdigit()}

    def still(self, step: int) -> np.ndarray | None:
        """The preview of a step; None where it cannot be read."""
        try:
            return load_png(self.stills[step])
        except (OSError, ValueError, SyntaxError):  # Pillow raises the last for a broken PNG
            return None

    @cached_property
    def data(self) -> Samples | Missing:
        """The training data."""
        try:
            return self.run.located(self.recipe).samples()
        except (WrongUseError, RunFailedError, OSError) as error:
            return Missing(f"The data set {self.recipe.data} cannot be read here ({first_line(error)}).")

    @property
    def data_changed(self) -> bool:
        """Is the data other than what the run was trained on?"""
        hashed = self.part("data").get("sha256")
        return isinstance(self.data, Samples) and hashed is not None and hashed != self.data.sha256

    @cached_property
    def drawn(self) -> Drawn | Missing:
        """What the generator makes of fixed latents; drawn all at once, since loading it takes a while."""
        try:
            return self._draw()
        except (WrongUseError, RunFailedError) as error:
            return Missing(f"No pictures could be drawn: {first_line(error)}.")
        except Exception as error:  # a generator that fails as it is called, a damaged file beside it
            return Missing(f"No pictures could be drawn: generator.keras cannot be used ({first_line(error)}).")

    def _draw(self) -> Drawn:
        from ganvas.games import latents

        recipe = self.recipe
        if recipe.inputs:
            made = self.run.translations(SHOWN, recipe.seed + 1)
            return Drawn(made.images, {}, None, made)
        count, steps = (POINTS, POINTS) if len(self.shape) == 1 else (SHOWN, WALK)
        classes = self.part("told").get("classes", [])[:CLASSES]
        seed = recipe.seed + 1  # the latents that the trainer's own picture shows
        noise = [latents(seed, count, recipe.latent), *[latents(seed, PER_CLASS, recipe.latent)] * len(classes)]
        labels = self.run.labels(count, seed)
        if labels is not None:
            labels = np.concatenate([labels, np.arange(len(classes)).repeat(PER_CLASS)])
        edges = np.cumsum([len(part) for part in noise])[:-1]
        samples, *rows = np.split(self.run.draw(np.concatenate(noise), labels), edges)
        walk = self.run.walk(range(4), steps)
        return Drawn(samples, dict(zip(classes, rows, strict=True)), walk)

    @cached_property
    def real(self) -> np.ndarray | Missing:
        """Some training samples, as many as are drawn."""
        if isinstance(self.data, Missing):
            return self.data
        count = SHOWN if self.data.images.ndim == 4 else POINTS
        rows = np.random.RandomState(self.recipe.seed).permutation(len(self.data))[:count]
        return np.asarray(self.data.images[np.sort(rows)])

    @cached_property
    def neighbours(self) -> Neighbours | Missing:
        """The training samples nearest to some generated ones, by block means of pixels, or by the points' places."""
        if isinstance(self.drawn, Missing):
            return self.drawn
        if isinstance(self.data, Missing):
            return self.data
        images, samples = self.data.images, self.drawn.samples
        samples = samples[:STUDIED] if samples.ndim == 4 else samples
        if images.shape[1:] != samples.shape[1:]:
            return Missing(f"The data's samples are {images.shape[1:]} now, and the generator's {samples.shape[1:]}.")
        known = pixels.means(images)
        distances, rows = nearest(known, pixels.means(samples), NEIGHBOURS)
        some = np.random.RandomState(self.recipe.seed).permutation(len(known))[:YARDSTICK]
        usual = nearest(known, known[some], 2)[0][:, -1]
        return Neighbours(samples, np.asarray(images)[rows], distances, float(np.median(usual)))


def severity_rank(severity: str) -> int:
    """0 for the worst; what is not known comes last."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def is_number(value: Any) -> TypeGuard[float]:
    """Is this a finite number?"""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def is_score(value: Any) -> TypeGuard[dict[str, Any]]:
    """Is this a score: a dict with a number under `value`?"""
    return isinstance(value, dict) and is_number(value.get("value"))


def interval(score: dict[str, Any]) -> tuple[float, float] | None:
    """A score's interval, where it has one."""
    found = score.get("interval")
    if isinstance(found, list | tuple) and len(found) == 2 and all(is_number(end) for end in found):
        return found[0], found[1]
    return None


def _read_json(path: Path, kind: Callable[..., Any]) -> Any:
    """What a file holds, or Missing, its sentence still to be ended by what makes the file."""
    try:
        found = json.loads(path.read_text())
    except FileNotFoundError:
        return Missing(f"There is no {path.name} yet")
    except (OSError, ValueError) as error:
        return Missing(f"{path.name} cannot be read ({first_line(error)})")
    return found if isinstance(found, type(kind())) else Missing(f"{path.name} does not hold what it should")
