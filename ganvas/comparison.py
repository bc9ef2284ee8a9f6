"""Comparison: recipes trained under one budget and scored alike, one run after the other, set beside each other.

It leaves a folder: `compare.json` is what was asked for, `runs/` holds a run for every recipe and seed, `report.html`,
`table.md` and `sheet.png` show what came of them.
"""

import gc
import json
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import filelock
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ganvas import data, figures, report
from ganvas.errors import RunFailedError, WrongUseError
from ganvas.images import enlarge, grid, pillow, save_png
from ganvas.progress import Progress, choose
from ganvas.recipe import Recipe
from ganvas.recipes import find
from ganvas.report.charts import figure
from ganvas.report.comparison import Asked, remarks
from ganvas.report.pieces import setting
from ganvas.report.record import Missing, Record
from ganvas.report.words import count, duration, listed, score_value
from ganvas.run import Run
from ganvas.scores import LEAST, OF_PAIRS, OF_TRIPS, Examiner, evaluate, name_of, over_runs
from ganvas.trainer import check_minutes, describe, prepare, resume, train
from ganvas.whole import save_text

ROOT = Path("comparisons")
REQUEST = "compare.json"
COLUMNS = (  # of the table
    "frechet", "precision", "recall", "coverage", "memorisation", "modes", "label_agreement", "class_divergence",
    *OF_PAIRS, *OF_TRIPS,
)  # fmt: skip
SHOWN, POINTS = 36, 1000  # samples a panel of the sheet
PANELS = 5  # beside each other
PANEL, GAP, NAME_SIZE = 360, 24, 20  # pixels


@dataclass(frozen=True)
class Comparison:
    """A comparison's folder, and a row for every recipe: best first, last those that failed.

    A row holds `recipe`, `scores` (as `ganvas.evaluate` gives them; of several seeds the mean, its 95% interval, and
    each run's value under `runs`) and `runs`: for each its `seed`, `run` (the folder), `steps`, `images`, `minutes`,
    `scores` (the values), and under `failed` why it failed, or None. `notes` are what else a reader of the scores
    should know, as `ganvas.evaluate` notes it.
    """

    path: Path
    rows: list[dict[str, Any]]
    notes: list[str]

    def cells(self) -> list[dict[str, str | None]]:
        """The table for people: a row a recipe, one of inputs untouched, if any, a last one of real samples."""
        scores = [row["scores"] for row in self.rows if row["scores"]]
        names = [name for name in COLUMNS if any(name in held for held in scores)]
        titles = {
            name: next(name_of(name, held[name]["features"]) for held in scores if name in held) for name in names
        }
        found = [self._cells(row, titles) for row in self.rows]
        for key, told in (("untouched", "inputs untouched"), ("floor", "real samples")):
            basis = {name: next(held[name].get(key) for held in scores if name in held) for name in names}
            values = {title: None if basis[name] is None else f"{basis[name]:.4g}" for name, title in titles.items()}
            if key == "floor" or any(values.values()):
                found.append({**dict.fromkeys(found[0]), "recipe": told, **values})
        return found

    @staticmethod
    def _cells(row: Mapping[str, Any], titles: Mapping[str, str]) -> dict[str, str | None]:
        done = [run for run in row["runs"] if run["failed"] is None]
        told = str(len(done)) if len(done) == len(row["runs"]) else f"{len(done)} of {len(row['runs'])}"
        scores = {title: score_value(row["scores"][n]) if n in row["scores"] else None for n, title in titles.items()}
        means = {key: np.mean([run[key] for run in done]) if done else None for key in ("steps", "minutes")}
        each = {"each run": ", ".join(figure(run["scores"]["frechet"]) for run in done)} if len(row["runs"]) > 1 else {}
        return {
            "recipe": row["recipe"],
            "runs": told,
            **each,
            **scores,
            "steps": None if means["steps"] is None else f"{means['steps']:,.0f}",
            "minutes": None if means["minutes"] is None else f"{means['minutes']:.3g}",
        }


def compare(
    recipes: Sequence[str | os.PathLike[str] | Recipe],
    *,
    minutes: float | None = None,
    seeds: Sequence[int] = (0,),
    out: str | os.PathLike[str] | None = None,
    n: int = 10_000,
    progress: bool = True,
    **overrides: Any,
) -> Comparison:
    """Train every recipe with every seed, one run after the other, score them alike, and set them beside each other.

    `recipes` are names, .json files or Recipes. Each run has the same budget: `minutes` of training, or `steps=` or
    `epochs=` among the `overrides`, which set fields of all recipes (`data="photos"`). `n` samples of either side are
    scored, at most. `out` is the folder; else the one in comparisons/ that the same request began, or a new one. The
    same call goes on where it was stopped: runs that are done stay as they are, a stopped one is resumed. A run that
    fails is noted, and the others go on.
    Raises WrongUseError before anything is trained, RunFailedError where no run came to its end, KeyboardInterrupt once
    everything is saved.
    """
    asked = _Request.of(recipes, minutes, seeds, n, overrides)
    with choose(progress) as shown:
        shown.say(f"checking {count(len(asked.recipes), 'recipe')}")
        asked.check()
        folder = _folder(asked, None if out is None else Path(out))
        with _alone_in(folder):
            shown.say(f"{folder}: {asked.sentence()}")
            failed = _Series(asked, folder, progress, shown).carried_out()
            if len(failed) == len(asked.entries):
                why = next(iter(failed.values()))
                raise RunFailedError(f"none of the runs in {folder} came to its end; the first: {why}")
            shown.say("writing the report")
            return _written(asked, folder, failed)


# --- what was asked for


@dataclass(frozen=True)
class _Request:
    """Recipes by the names that runs go by, the budget, the seeds, and what all recipes are set to."""

    recipes: Mapping[str, Recipe]
    minutes: float | None
    seeds: tuple[int, ...]
    n: int
    overrides: Mapping[str, Any]
    told: Mapping[str, Any]  # the overrides as they are written down

    @classmethod
    def of(
        cls, recipes: Sequence[Any], minutes: float | None, seeds: Sequence[int], n: int, overrides: Mapping[str, Any]
    ) -> "_Request":
        if isinstance(recipes, str | os.PathLike | Recipe):
            raise WrongUseError(f"a comparison takes a list of recipes, not {recipes!r} alone")
        check_minutes(minutes, overrides)
        if minutes is None and not {"steps", "epochs"} & {*overrides}:
            raise WrongUseError("a comparison needs a budget that all runs share: give minutes, or steps, or epochs")
        if "seed" in overrides:
            raise WrongUseError("a comparison takes its seeds together: write --seeds 0,1,2, not seed")
        named = [(_name_of(recipe), find(recipe)) for recipe in recipes]
        names = [name for name, _ in named]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise WrongUseError(f"two of the recipes are called {twice!r}: give them files of different names")
        if len(set(seeds)) < len(seeds):
            raise WrongUseError(f"a seed is named twice in {listed([str(seed) for seed in seeds])}")
        if n < LEAST:
            raise WrongUseError(f"n must be at least {LEAST} to score anything, not {n}")
        if len(names) * len(seeds) < 2:
            raise WrongUseError("a comparison needs two runs or more: name another recipe, or several seeds")
        kept = {name: replace(recipe, name=name) for name, recipe in named}
        told = {name: _kept(name, value) for name, value in overrides.items()}
        return cls(kept, minutes, tuple(seeds), n, dict(overrides), told)

    @property
    def entries(self) -> list[tuple[str, int]]:
        """Every run: its recipe and its seed. The recipes take turns, so that the machine's moods touch all alike."""
        return [(name, seed) for seed in self.seeds for name in self.recipes]

    def check(self) -> None:
        """Refuse what could not be trained, or not be compared, and get ready what the first run must not pay for."""
        plans = {name: self._plan(name) for name in self.recipes}
        first, *others = plans
        for other in others:
            if plans[other] != plans[first]:
                raise WrongUseError(
                    f"{first} learns {plans[first]} and {other} {plans[other]}: they can be compared only on the same "
                    "ground, so set data, size and features for all"
                )
        resolved, samples = prepare(self.recipes[first], {**self.overrides, "seed": self.seeds[0]})
        if len(samples) < 2 * LEAST:
            raise WrongUseError(f"{samples.name} has {len(samples)} samples: to score runs takes {2 * LEAST}")
        if resolved.evaluate:
            Examiner(resolved.features, samples, resolved.unseen())  # fills the cache

    def _plan(self, name: str) -> str:
        """What a recipe learns, in words; its networks are built to see that they fit."""
        try:
            for seed in self.seeds[1:]:
                self.recipes[name].but(seed=seed).check()
            plan = describe(self.recipes[name], **self.overrides, seed=self.seeds[0])
        except WrongUseError as error:
            raise WrongUseError(f"{name} cannot take part: {error}") from error
        shape = "x".join(str(side) for side in plan["data"]["shape"])
        start = f" made from {plan['recipe']['inputs']}" if plan["recipe"]["inputs"] else ""
        return f"{plan['data']['name']} of {shape}{start} (scored by {plan['recipe']['features']})"

    @property
    def plain(self) -> dict[str, Any]:
        """The request as it is kept in `compare.json`."""
        asked = {
            "recipes": {name: asdict(recipe) for name, recipe in self.recipes.items()},
            "overrides": self.told,
            "minutes": self.minutes,
            "seeds": list(self.seeds),
            "n": self.n,
        }
        return json.loads(json.dumps(asked))  # as it is read again: tuples are lists there

    def sentence(self) -> str:
        """What was asked for, in words."""
        clocks = [f"{self.told[name]} {name}" for name in ("steps", "epochs") if name in self.told]
        budget = f"{self.minutes:g} minutes of training" if self.minutes else " ".join(clocks)
        seeds = f"seed{'s' * (len(self.seeds) > 1)} {listed([str(seed) for seed in self.seeds])}"
        words = [setting(*item) for item in self.told.items() if item[0] not in ("steps", "epochs")]
        settings = f"; for all {' '.join(words)}" if words else ""
        return f"{listed(list(self.recipes))}, {budget} each, {seeds}{settings}"


def _name_of(recipe: Any) -> str:
    """What a recipe's runs are called: by its file, where it comes from one of the user's."""
    own = not isinstance(recipe, Recipe) and os.fspath(recipe).endswith(".json")
    return re.sub(r"[^\w.-]+", "_", Path(recipe).stem if own else find(recipe).name)


def _kept(name: str, value: Any) -> Any:
    """An override as it is written down, the same whether it came as text or as a value."""
    if isinstance(value, np.ndarray):
        return f"array {data.load(value).sha256[:16]}"
    try:
        json.dumps(value)
    except TypeError:
        raise WrongUseError(f"a comparison takes plain values and arrays, and {name} is neither") from None
    if name == "epochs":
        return str(value)
    field, _, key = name.partition(".")
    held = getattr(Recipe().but(**{name: value}), field)
    return held[key] if key else held


def _folder(asked: _Request, out: Path | None) -> Path:
    """The folder of the request, made if it is not there."""
    made = [path.parent for path in sorted(ROOT.glob(f"*/{REQUEST}"))] if out is None else [out]
    folder = next((path for path in made if _asked_in(path) == asked.plain), out)
    if folder is None:
        taken = [int(path.name.split("-")[0]) for path in ROOT.glob("[0-9]*-*") if path.name.split("-")[0].isdigit()]
        called = "-".join(asked.recipes) if len(asked.recipes) < 4 else f"{len(asked.recipes)}-recipes"
        folder = ROOT / f"{max(taken, default=0) + 1:04d}-{called}"
    held = _asked_in(folder)
    if held is None:
        Run.need_vacant(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WrongUseError(f"cannot make {folder}: {error.strerror or error}") from error
        save_text(json.dumps(asked.plain, indent=2) + "\n", folder / REQUEST)
    elif held != asked.plain:
        other = listed([key for key in asked.plain if held.get(key) != asked.plain[key]])
        raise WrongUseError(f"{folder} holds a comparison with other {other}: repeat its command, or name a new folder")
    return folder


def _asked_in(folder: Path) -> dict[str, Any] | None:
    try:
        return json.loads((folder / REQUEST).read_text())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise WrongUseError(f"{folder / REQUEST} cannot be read: {error}") from error


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    try:
        with filelock.FileLock(folder / "lock").acquire(timeout=0):
            yield
    except filelock.Timeout:
        raise WrongUseError(f"{folder} is being written by another process: wait for it, or stop it") from None


# --- how it is carried out


@dataclass
class _Series:
    """The runs one after the other, and what they took so far: time left is reckoned from that."""

    asked: _Request
    folder: Path
    progress: bool
    shown: Progress

    def __post_init__(self) -> None:
        self._trained: list[float] = []  # seconds
        self._scored: list[float] = []

    def carried_out(self) -> dict[tuple[str, int], str]:
        """Train and score what is not yet; which runs failed, and why."""
        failed: dict[tuple[str, int], str] = {}
        entries = self.asked.entries
        for place, entry in enumerate(entries):
            run = Run(_place(self.folder, *entry))
            if self._is_scored(run):
                continue
            title = f"run {place + 1} of {len(entries)}, {run.path.name}"
            self.shown.say(f"{title}{self._left(entries[place:])}")
            try:
                self._one(run, *entry)
            except RunFailedError as error:
                failed[entry] = str(error)
                self.shown.say(f"{run.path.name} failed: {error}")
            except KeyboardInterrupt:
                self.shown.say(f"stopped in {title}: the same command goes on with the comparison")
                raise
            gc.collect()  # networks and optimizers refer to each other in circles
        return failed

    def _one(self, run: Run, recipe: str, seed: int) -> None:
        began = time.monotonic()
        if not (run.path / "recipe.json").exists():
            shutil.rmtree(run.path, ignore_errors=True)  # stopped before anything of it was kept
            run = train(
                self.asked.recipes[recipe],
                run=run.path,
                minutes=self.asked.minutes,
                progress=self.progress,
                seed=seed,
                **self.asked.overrides,
            )
            self._trained.append(time.monotonic() - began)
        elif run.status != "done":
            resume(run, progress=self.progress)
        if run.stop_asked:
            raise KeyboardInterrupt
        began = time.monotonic()
        found = evaluate(run, features=run.recipe.features, n=self.asked.n, show=self.progress)
        self._scored.append(time.monotonic() - began)
        self.shown.say(f"{run.path.name}: Fréchet distance {score_value(found['frechet'])}")

    def _left(self, entries: Sequence[tuple[str, int]]) -> str:
        """How long the runs to come will take; nothing while nothing is known of it."""
        runs = [run for entry in entries if not self._is_scored(run := Run(_place(self.folder, *entry)))]
        training = 60 * self.asked.minutes if self.asked.minutes else _mean(self._trained)
        if training is None:
            return ""
        left = sum(max(0.0, training - _spent(run)) for run in runs)
        scoring = _mean(self._scored)
        if scoring is None:
            return f": about {duration(left)} of training left in all, and the scoring"
        return f": about {duration(left + scoring * len(runs))} left in all"

    def _is_scored(self, run: Run) -> bool:
        """Is the run done, and its last state scored as all others are?"""
        try:
            held = json.loads((run.path / "scores.json").read_text())
            basis = held["step"], held["asked"], held["by"]
        except (OSError, ValueError, KeyError):
            return False
        return basis == (run.recipe.steps, self.asked.n, run.recipe.features) and run.status == "done"


def _place(folder: Path, recipe: str, seed: int) -> Path:
    """Where the run of a recipe and seed is kept."""
    return folder / "runs" / f"{recipe}-seed{seed}"


def _spent(run: Run) -> float:
    """Seconds of training."""
    log = run.log()
    return log[-1]["seconds"] if log else 0.0


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


# --- what came of it


def _written(asked: _Request, folder: Path, failed: Mapping[tuple[str, int], str]) -> Comparison:
    rows = _rows(asked, folder, failed)
    every = [run for row in rows for run in row["runs"]]
    notes = remarks([Record(Run(run["run"])) for run in every if run["failed"] is None])
    found = Comparison(folder, rows, notes)
    machine = next(Run(run["run"]).environment["machine"] for run in every if run["failed"] is None)
    told = Asked(
        f"The recipes {asked.sentence()}. On {count(machine['cores'], 'core')} ({machine['processor']}).",
        {_place(folder, *entry).name: entry[0] for entry in asked.entries},
        {_place(folder, *entry).name: why for entry, why in failed.items()},
    )
    save_text(_markdown(found, told.sentence), folder / "table.md")
    _save_sheet(folder / "sheet.png", found.rows)
    begun = [Run(run["run"]) for run in every if (Path(run["run"]) / "recipe.json").exists()]
    report.write(begun, folder / report.NAME, told)
    return found


def _rows(asked: _Request, folder: Path, failed: Mapping[tuple[str, int], str]) -> list[dict[str, Any]]:
    rows = []
    for name in asked.recipes:
        runs = [_of_run(_place(folder, name, seed), seed, failed.get((name, seed))) for seed in asked.seeds]
        cards = [Record(Run(run["run"])).card for run in runs if run["failed"] is None]
        rows.append({"recipe": name, "scores": over_runs(cards) if cards else {}, "runs": runs})
    return sorted(rows, key=lambda row: row["scores"]["frechet"]["value"] if row["scores"] else np.inf)


def _of_run(path: Path, seed: int, failed: str | None) -> dict[str, Any]:
    record = None if failed else Record(Run(path))
    return {
        "seed": seed,
        "run": str(path),
        "steps": record and record.last["step"],
        "images": record and record.last["images"],
        "minutes": record and round(record.last["seconds"] / 60, 3),
        "scores": {name: score["value"] for name, score in record.card.items()} if record else {},
        "failed": failed,
    }


def _markdown(found: Comparison, sentence: str) -> str:
    """The table as it can be pasted into a README."""
    cells = found.cells()
    lines = [list(cells[0]), ["---"] * len(cells[0]), *([value or "" for value in row.values()] for row in cells)]
    last = 2 + len(found.rows)
    lines[2:last] = [[f"`{name}`", *rest] for name, *rest in lines[2:last]]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    failed = [
        f"* {Path(r['run']).name} failed: {r['failed']}" for row in found.rows for r in row["runs"] if r["failed"]
    ]
    below = [*failed, *(f"* {note}" for note in found.notes)]
    return "\n".join([sentence, "", table, *(["", *below] if below else []), "", _basis(found)]) + "\n"


def _basis(found: Comparison) -> str:
    """What the numbers are of."""
    scores = next(row["scores"] for row in found.rows if row["scores"])
    several = any("runs" in score for row in found.rows for score in row["scores"].values())
    of = "of the mean over the runs (Student's t)" if several else "over the samples of the one run"
    return (
        f"{scores['frechet']['n']:,} samples, {scores['frechet']['features']} features; in brackets the 95% interval "
        f"{of}."
    )


def _save_sheet(file: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Samples of each recipe's first run that did not fail, under their names, best first; real ones at the end.

    Where they are made of images, each panel shows input, output and target side by side in the place of real ones.
    """
    panels, shown = [], [next((run for run in row["runs"] if run["failed"] is None), None) for row in rows]
    records = {row["recipe"]: Record(Run(run["run"])) for row, run in zip(rows, shown, strict=True) if run}
    for row, run in zip(rows, shown, strict=True):
        if run is not None:
            name = f"{row['recipe']}, seed {run['seed']}: {figure(run['scores']['frechet'])}"
            panels.append(_panel(_samples(records[row["recipe"]]), name))
    record = next(iter(records.values()))
    if not record.recipe.inputs and not isinstance(record.real, Missing):
        panels.append(_panel(record.real[: SHOWN if len(record.shape) == 3 else POINTS], "real samples"))
    # a run may have fewer inputs to show than there are real samples
    tallest, widest = (max(panel.shape[axis] for panel in panels) for axis in (0, 1))
    sides = [[(0, tallest - len(panel)), (0, widest - panel.shape[1]), (0, 0)] for panel in panels]
    panels = [np.pad(panel, side, constant_values=255) for panel, side in zip(panels, sides, strict=True)]
    columns = -(-len(panels) // -(-len(panels) // PANELS))
    save_png(file, np.pad(grid(np.stack(panels), columns, GAP), [(GAP, GAP), (GAP, GAP), (0, 0)], constant_values=255))


def _samples(record: Record) -> np.ndarray:
    if record.recipe.inputs:
        return figures.translations(record.run.translations(SHOWN // 3, 0), SHOWN // 3)[None]
    return record.run.sample(SHOWN if len(record.shape) == 3 else POINTS)


def _panel(samples: np.ndarray, name: str) -> np.ndarray:
    """Samples with a line of text above them, uint8 (H, W, 3)."""
    picture = enlarge(grid(samples), PANEL) if samples.ndim == 4 else figures.scatter(samples)
    height, width = picture.shape[:2]
    canvas = Image.new("RGB", (width, height + 2 * NAME_SIZE), "white")
    ImageDraw.Draw(canvas).text((0, NAME_SIZE // 2), name, "black", ImageFont.load_default(NAME_SIZE))
    canvas.paste(pillow(picture).convert("RGB"), (0, 2 * NAME_SIZE))
    return np.asarray(canvas)
