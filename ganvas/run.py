"""Run: the folder that a training leaves behind. The trainer writes it; everything else reads it."""

import importlib
import json
import math
import os
import platform
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any

import filelock
import numpy as np

from ganvas import machine
from ganvas.data import Samples
from ganvas.data.labels import Clusters, Told
from ganvas.errors import RunFailedError, WrongUseError, first_line
from ganvas.latent import lerp, path
from ganvas.names import unknown
from ganvas.recipe import Recipe
from ganvas.whole import whole

KEPT_CHECKPOINTS = 2
BEST = "best"
CLUSTERS = "clusters.npz"
ALL = "all"  # the label that stands for every kind in turn
COUNT = "arrays"  # how many arrays a checkpoint holds: a damaged archive may have lost one
LOCK_SECONDS = 2.0  # whoever only asks whether a run is locked holds it for a moment
State = dict[str, np.ndarray]


class Run:
    """A run's folder, opened. `Run.find` opens one, `ganvas.train` makes one."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._lock = filelock.FileLock(self.path / "lock")
        self.stop_asked = False  # was training asked to stop when it had no more steps to take?

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r})"

    @classmethod
    def find(cls, reference: str | os.PathLike[str], root: str | os.PathLike[str] = "runs") -> "Run":
        """A run by its folder, its number, or `latest` (the one begun last under `root`)."""
        text = str(reference)
        if (Path(text) / "recipe.json").is_file():
            return cls(text)
        runs = every(root)
        if text == "latest" and runs:
            return cls(max(runs, key=lambda path: (path / "recipe.json").stat().st_mtime_ns))
        numbered = {_number(p): p for p in runs}
        if text.isdigit() and int(text) in numbered:
            return cls(numbered[int(text)])
        count = f"{len(runs)} run{'s' * (len(runs) != 1)}"
        there = f"{Path(root)} holds {count}" if runs else f"there are no runs under {Path(root)}"
        raise WrongUseError(f"no run {text!r}: give a run's folder, its number, or latest ({there})")

    @classmethod
    def create(
        cls, recipe: Recipe, path: str | os.PathLike[str] | None, root: str | os.PathLike[str] = "runs"
    ) -> "Run":
        """A new, locked folder: `path`, or the next number under `root`."""
        folder = Path(path) if path else Path(root)
        try:
            if not path:
                folder = _next_folder(recipe, folder)
            cls.need_vacant(folder)
            run = cls(folder)
            for part in (folder, folder / "samples", folder / "checkpoints"):
                part.mkdir(parents=True, exist_ok=True)
            run.lock()
        except OSError as error:
            raise WrongUseError(f"cannot make the folder {folder}: {error.strerror or error}") from error
        return run

    @staticmethod
    def need_vacant(folder: Path) -> None:
        """Refuse a folder that already holds a run, or is none."""
        if (folder / "recipe.json").exists():
            raise WrongUseError(f"{folder} already holds a run: go on with `ganvas resume {folder}`, or choose another")
        if folder.exists() and not folder.is_dir():
            raise WrongUseError(f"{folder} is a file: a run needs a folder")
        if folder.is_dir() and any(folder.iterdir()):
            raise WrongUseError(f"{folder} is not empty: name a new folder for the run, not one of your own")

    def lock(self) -> None:
        """Keep other writers out until `unlock`, or until this process ends, however it ends."""
        try:
            self._lock.acquire(timeout=LOCK_SECONDS)
        except filelock.Timeout:
            raise WrongUseError(f"{self.path} is being written by another process: wait for it, or stop it") from None

    def unlock(self) -> None:
        """Let other writers in."""
        self._lock.release()

    @property
    def locked(self) -> bool:
        """Is a process writing this run now?"""
        if not (self.path / "lock").exists():
            return False
        try:
            with filelock.FileLock(self.path / "lock").acquire(timeout=0):
                return False
        except filelock.Timeout:
            return True
        except OSError:  # a folder that we may only read
            return False

    # --- what is written

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A write that fails ends the run with one sentence that says what is left to go on from."""
        try:
            yield
        except OSError as error:
            saved = self.checkpoints()
            left = f"the checkpoint of step {int(saved[-1].stem)} is whole" if saved else "nothing was saved yet"
            raise RunFailedError(
                f"cannot write to {self.path} ({error.strerror or error}): {left}; make room, then "
                f"`ganvas resume {self.path}`"
            ) from error

    def write(self, name: str, text: str) -> None:
        """Write one of the folder's files, whole or not at all."""
        with self.writing(), whole(self.path / name) as part:
            part.write_text(text)

    def write_recipe(self, recipe: Recipe) -> None:
        """Write `recipe.json`, resolved."""
        self.write("recipe.json", recipe.to_json())
        self.recipe = recipe

    def write_environment(
        self, samples: Samples, told: Told, networks: Mapping[str, Any], devices: str | None = None
    ) -> None:
        """Write `environment.json`: versions, machine, the data's name, hash, classes, what networks are told of them.

        `networks` describes those, and `devices` what they learn on. Clusters that they are told go to `clusters.npz`.
        """
        if told.clusters is not None and not (self.path / CLUSTERS).exists():
            with self.writing(), whole(self.path / CLUSTERS) as part:
                told.clusters.save(part)
        facts = {
            "python": platform.python_version(),
            **_computing(devices),
            "data": {
                "name": samples.name,
                "sha256": samples.sha256,
                "count": len(samples),
                "shape": list(samples.shape),
                "classes": list(samples.classes),
                "class_counts": _counts(samples.labels, samples.classes),
                "duplicates": samples.duplicates,
            },
            "told": {"classes": list(told.classes), "class_counts": _counts(told.labels, told.classes)},
            "networks": networks,
        }
        self.write("environment.json", json.dumps(facts, indent=2) + "\n")
        self.environment = facts

    def computed_otherwise(self, devices: str) -> list[str]:
        """What the run began with that is another here, a phrase each: its bits may be others from now on."""
        if not (self.path / "environment.json").exists():
            return []
        began, here = self.environment, _computing(devices)
        return [
            f"{name} {began[part][name]}, now {here[part][name]}"
            for part, names in {
                "packages": ("ganvas", "tensorflow", "keras", "numpy"),
                "machine": ("processor", "cores", "oneDNN", "devices"),
            }.items()
            for name in names
            if began.get(part, {}).get(name, here[part][name]) != here[part][name]
        ]

    def write_findings(self, findings: Sequence[Mapping[str, Any]]) -> None:
        """Write `findings.json`."""
        self.write("findings.json", to_json(findings, indent=2) + "\n")

    def append(self, file: str, line: Mapping[str, Any]) -> None:
        """Add one line to `log.jsonl` or `metrics.jsonl`."""
        with self.writing(), open(self.path / file, "a") as out:
            out.write(to_json(line) + "\n")

    def forget_after(self, step: int) -> None:
        """Drop what was logged beyond `step`: a resumed run writes it anew."""
        for file in ("log.jsonl", "metrics.jsonl"):
            kept = "".join(json.dumps(line) + "\n" for line in self._lines(file) if line["step"] <= step)
            if (self.path / file).exists() and (self.path / file).read_text() != kept:
                self.write(file, kept)
        best = self.best()
        if best is None or int(best["step"]) not in [line["step"] for line in self.scores()]:
            (self.path / "checkpoints" / f"{BEST}.npz").unlink(missing_ok=True)

    def save_state(self, name: str, state: State) -> None:
        """Write all state, by name, to `checkpoints/NAME.npz`, whole or not at all; keep the last two and the best."""
        with self.writing():
            arrays: dict[str, Any] = {**state, COUNT: np.array(len(state))}
            with whole(self.path / "checkpoints" / f"{name}.npz") as part:
                np.savez(part, **arrays)
            for old in self.checkpoints()[:-KEPT_CHECKPOINTS]:
                old.unlink(missing_ok=True)

    def save_networks(self, delivered: Mapping[str, Any]) -> None:
        """Write the delivered networks to `generator.keras` and others by their names, each whole or not at all."""
        for name, model in delivered.items():
            with self.writing(), whole(self.path / f"{name}.keras") as part:
                model.save(part)

    # --- what is read

    @cached_property
    def recipe(self) -> Recipe:
        """The run's recipe, resolved."""
        file = self.path / "recipe.json"
        return Recipe.from_json(file.read_text(), str(file))

    def located(self, recipe: Recipe) -> Recipe:
        """The recipe with the full paths of what it names in this run's own folder."""
        return recipe.located(self.path)

    @cached_property
    def environment(self) -> dict[str, Any]:
        """`environment.json`: versions, machine, data."""
        return json.loads((self.path / "environment.json").read_text())

    def log(self) -> list[dict[str, Any]]:
        """The lines of `log.jsonl`."""
        return self._lines("log.jsonl")

    def scores(self) -> list[dict[str, Any]]:
        """The lines of `metrics.jsonl`."""
        return self._lines("metrics.jsonl")

    def clusters(self) -> Clusters | None:
        """The clusters that the networks are told, where they are told any."""
        file = self.path / CLUSTERS
        return Clusters.load(file) if file.exists() else None

    def findings(self) -> list[dict[str, Any]] | None:
        """`findings.json`: what the doctor found when it last looked; None before it did."""
        try:
            return json.loads((self.path / "findings.json").read_text())
        except (FileNotFoundError, ValueError):  # none yet, or a damaged one, which is none
            return None

    def rollbacks(self) -> list[dict[str, Any]]:
        """The lines of `rollbacks.jsonl`: when a cost was not a number, and where the run went back to."""
        return self._lines("rollbacks.jsonl")

    def cures(self) -> list[dict[str, Any]]:
        """The lines of `cures.jsonl`: what the doctor changed on the way."""
        return self._lines("cures.jsonl")

    def best(self) -> State | None:
        """The state that scored best; None where there is none, or it is damaged."""
        try:
            return read_state(self.path / "checkpoints" / f"{BEST}.npz")
        except Exception:
            return None

    def checkpoints(self) -> list[Path]:
        """The checkpoint files by step, oldest first; the best one is not among them."""
        return sorted(p for p in (self.path / "checkpoints").glob("*.npz") if p.stem.isdigit())

    def load_state(self) -> tuple[State, list[str]]:
        """The newest checkpoint that can be read whole, and a sentence for every newer one that cannot."""
        problems: list[str] = []
        for file in reversed(self.checkpoints()):
            try:
                return read_state(file), problems
            except Exception as error:  # a damaged archive fails in many ways
                problems.append(f"{file} is damaged ({error}): going back to the one before")
        raise RunFailedError(f"{self.path} has no readable checkpoint: train it anew ({'; '.join(problems) or 'none'})")

    @property
    def status(self) -> str:
        """`running`, `done` or `stopped`."""
        if self.locked:
            return "running"
        saved = [int(p.stem) for p in self.checkpoints()]
        return "done" if saved and max(saved) >= self.recipe.steps else "stopped"

    def generator(self, best: bool = False, back: bool = False) -> Any:
        """The delivered network: a `keras.Model` from latents (N, latent), or input images, to samples in [-1, 1].

        `best` takes the weights that scored best during training instead of the last ones. `back` is the network from
        images to inputs that the game `unpaired` trains beside it.
        """
        name = "back" if back else "generator"
        file = self.path / f"{name}.keras"
        if back and not file.exists():
            raise WrongUseError(f"{self.path} learnt one way only: there is no back without game=unpaired")
        if not file.exists():
            raise WrongUseError(f"{self.path} has no generator yet: it is written with the first checkpoint")
        import keras

        from ganvas import layers  # noqa: F401  the saved network may hold our layers

        module, colon, _ = self.recipe.generator.partition(":")
        if colon:
            with suppress(Exception):  # or those of its own module, which may have none, and be broken by now
                importlib.import_module(module)
        try:
            model = keras.saving.load_model(file, compile=False)
        except Exception as error:  # whatever a broken file leads Keras to
            raise RunFailedError(
                f"{file} cannot be loaded ({first_line(error)}): import what registers its layers, or, if the file is "
                f"damaged, delete it, and `ganvas resume {self.path}` writes it anew"
            ) from error
        if best:
            scored = self.path / "checkpoints" / f"{BEST}.npz"
            if not scored.exists():
                raise WrongUseError(f"{self.path} was never scored: train with evaluate above 0, or leave out best")
            state = self.best()
            if state is None:
                raise RunFailedError(f"{scored} is damaged: leave best out, or train anew")
            own = sorted(key for key in state if key.startswith(f"delivered/{name}/"))
            if not own:
                raise RunFailedError(f"{scored} was written by another version: train anew, or leave best out")
            model.set_weights([state[key] for key in own])
        return model

    def sample(
        self, n: int = 64, *, seed: int = 0, label: str | int | None = None, truncation: float = 1.0, best: bool = False
    ) -> np.ndarray:
        """`n` samples: uint8 (n, height, width, channels), or float32 points (n, 2).

        The same seed gives the same samples, and fewer of them are the first of more. `truncation` below 1 means less
        variety and fewer failures: styles nearer to their mean, where the generator has styles, else smaller latents.
        `label` is a class's or cluster's name or number, for runs that were told them; "all" gives as many of each.
        A run that makes images from images gives at most `n`, made from inputs of its own data (`translations`).
        """
        from ganvas.games import latents

        self.check_sampling(n, seed, truncation)
        if self.recipe.inputs:
            if label is not None or truncation < 1:
                raise WrongUseError(f"{self.path} makes images from images: leave label and truncation out")
            return self.translations(n, seed, best=best).images
        noise = latents(seed, n, self.recipe.latent)
        return self.draw(noise, self.labels(n, seed, label), best=best, truncation=truncation)

    def translations(self, n: int = 64, seed: int = 0, *, best: bool = False) -> Samples:
        """What the generator makes of at most `n` inputs of the run's data, unseen ones where there are enough.

        The samples' `inputs` are those, their `targets`, where inputs have their own, the images that were meant.
        """
        from ganvas.given import some_inputs, translated

        if not self.recipe.inputs:
            raise WrongUseError(f"{self.path} makes samples from noise: there is nothing to translate")
        recipe = self.located(self.recipe)
        return translated(self.generator(best), some_inputs(recipe.samples(), recipe.unseen(), seed, n))

    def codes(self, images: np.ndarray) -> np.ndarray:
        """An autoencoder's code of uint8 images (N, H, W, C): float32 (N, code)."""
        from ganvas.games import generate

        return generate(self._at_code()[0], images)

    def decoded(self, codes: np.ndarray) -> np.ndarray:
        """What an autoencoder makes of codes float32 (N, code): uint8 images."""
        from ganvas.games import generate

        return generate(self._at_code()[1], codes)

    def errors(self, images: np.ndarray) -> np.ndarray:
        """How far uint8 images (N, H, W, C) are from what an autoencoder makes of them: float32 (N,), a mean square.

        In units of the full range. What it has not learnt comes back badly: an anomaly's error is large.
        """
        parts = [images[start : start + 4096] for start in range(0, len(images), 4096)]
        apart = [(self.decoded(self.codes(part)) - part.astype(np.float32)) / 255.0 for part in parts]
        return np.concatenate([(each**2).mean(axis=(1, 2, 3)) for each in apart])

    def _at_code(self) -> tuple[Any, Any]:
        from ganvas.games import halves

        halved = halves(self.generator(), "code")
        if halved is None:
            raise WrongUseError(f"{self.path} is no autoencoder: train one with `ganvas train autoencoder`")
        return halved

    def returned(self, made: Samples, *, best: bool = False) -> np.ndarray:
        """Inputs made again of what was made of them, uint8, by the way back that the game `unpaired` trains."""
        from ganvas.games import generate

        return generate(self.generator(best, back=True), made.images)

    @staticmethod
    def check_sampling(n: int, seed: int, truncation: float) -> None:
        """Refuse what cannot be sampled."""
        if n < 1:
            raise WrongUseError(f"n must be at least 1, not {n}")
        if not 0 < truncation <= 1:
            raise WrongUseError(f"truncation must be above 0, at most 1, not {truncation}")
        if not 0 <= seed < 2**31:
            raise WrongUseError(f"seed must be from 0 to 2^31 - 1, not {seed}")

    def walk(
        self,
        seeds: Sequence[int],
        frames: int,
        *,
        label: str | int | None = None,
        truncation: float = 1.0,
        closed: bool = False,
        mix: int | None = None,
        best: bool = False,
    ) -> np.ndarray:
        """`frames` samples on the way from the first sample of one seed to the next one's, as `sample` gives them.

        `closed` leads back to the first. `mix` is a seed whose fine styles, the second half of them, all frames have:
        the way is then one of coarse styles alone (Karras et al. 2019).
        """
        from ganvas.games import generate, walk

        generator, stops, labels = self._stops([*seeds, *([] if mix is None else [mix])], label, truncation, best)
        if mix is None:
            kinds = 0 if labels is None else len(self.environment["told"]["classes"])
            return walk(generator, stops, labels, kinds, frames, closed)
        front, back = self._halved(generator)
        *ends, fine = generate(front, stops, labels)
        styles = path(np.stack(ends), frames, closed, between=lerp)
        styles[:, len(fine) // 2 :] = fine[len(fine) // 2 :]
        return generate(back, styles)

    def mix(
        self,
        rows: Sequence[int],
        columns: Sequence[int],
        layer: int | None = None,
        *,
        label: str | int | None = None,
        truncation: float = 1.0,
        best: bool = False,
    ) -> np.ndarray:
        """Samples with the coarse styles of one seed and the fine ones of another (Karras et al. 2019, figure 3).

        Convolutions from number `layer` on, counted from 0 (None: the second half), take their styles from the
        columns' seeds, those before it from the rows'. uint8 (1 + rows, 1 + columns, height, width, channels): the
        first column holds the rows' own samples, the first row the columns' own, the corner is white.
        """
        from ganvas.games import generate

        generator, noise, labels = self._stops([*rows, *columns], label, truncation, best)
        front, back = self._halved(generator)
        styles = generate(front, noise, labels)
        count, down, across = styles.shape[1], len(rows), len(columns)
        layer = count // 2 if layer is None else layer
        if not 0 < layer < count:
            raise WrongUseError(f"layer must be from 1 to {count - 1}, not {layer}: the generator has {count} styles")
        coarse = styles[:down, :layer].repeat(across, axis=0)
        fine = np.tile(styles[down:, layer:], (down, 1, 1))
        made = generate(back, np.concatenate([styles, np.concatenate([coarse, fine], axis=1)]))
        table = np.full((1 + down, 1 + across, *made.shape[1:]), 255, np.uint8)
        table[1:, 0], table[0, 1:] = made[:down], made[down : down + across]
        table[1:, 1:] = made[down + across :].reshape(down, across, *made.shape[1:])
        return table

    def _halved(self, generator: Any) -> tuple[Any, Any]:
        from ganvas.games import halves

        found = halves(generator)
        if found is None:
            raise WrongUseError(f"{self.path} has no styles to mix: train with generator=stylegan2")
        return found

    def draw(
        self, noise: np.ndarray, labels: np.ndarray | None = None, best: bool = False, truncation: float = 1.0
    ) -> np.ndarray:
        """The samples of given latents float32 (N, latent) and labels int (N,), as `sample` gives them."""
        from ganvas.games import generate

        return generate(*self._truncated(noise, truncation, best), labels)

    def _stops(
        self, seeds: Sequence[int], label: str | int | None, truncation: float, best: bool = False
    ) -> tuple[Any, np.ndarray, np.ndarray | None]:
        """The generator, and the latent and label of every seed's first sample."""
        from ganvas.games import latents

        if self.recipe.inputs:
            raise WrongUseError(f"{self.path} makes images from images: there are no latents between which to walk")
        if not seeds:
            raise WrongUseError("there are no seeds: give one or more")
        if label == ALL:
            raise WrongUseError("one sample of every seed has one kind: name it, or leave label out")
        for seed in seeds:
            self.check_sampling(1, seed, truncation)
        noise = np.concatenate([latents(seed, 1, self.recipe.latent) for seed in seeds])
        labels = [told for seed in seeds if (told := self.labels(1, seed, label)) is not None]
        return *self._truncated(noise, truncation, best), np.concatenate(labels) if labels else None

    def _truncated(self, noise: np.ndarray, truncation: float, best: bool) -> tuple[Any, np.ndarray]:
        """The generator, drawn towards its mean style if it has styles, and latents, smaller if it has none."""
        generator = self.generator(best)
        for layer in generator.layers:
            if layer.name == "truncation":
                layer.psi = truncation
                return generator, noise
        return generator, noise * np.float32(truncation)

    def labels(self, n: int, seed: int = 0, label: str | int | None = None) -> np.ndarray | None:
        """Labels int32 (n,) for conditional runs: the one asked for, or drawn as they occur in the data; else None.

        "all" gives every kind in turn, as many of each, as nearly as n can be shared: of more, other kinds are first.
        """
        if self.recipe.label == "none":
            if label is not None:
                raise WrongUseError(
                    f"{self.path} was trained without labels: train with label=class or kmeans:10 to choose"
                )
            return None
        told = self.environment["told"]
        classes, counts = told["classes"], told["class_counts"]
        if label is None:
            share = np.array(counts) / sum(counts)
            return np.random.RandomState([seed, 1]).choice(len(share), n, p=share).astype(np.int32)
        if label == ALL and ALL not in classes:
            return np.sort(np.arange(n, dtype=np.int32) % len(classes))
        if str(label) not in classes and not (str(label).isdigit() and int(label) < len(classes)):
            raise unknown("label", str(label), [*classes, ALL])
        chosen = classes.index(str(label)) if str(label) in classes else int(label)
        return np.full(n, chosen, np.int32)

    def _lines(self, file: str) -> list[dict[str, Any]]:
        path = self.path / file
        if not path.exists():
            return []
        found = []
        for text in path.read_text().splitlines():
            try:
                found.append(json.loads(text))
            except ValueError:  # a process that was killed may leave half a line
                continue
        return found


def every(root: str | os.PathLike[str] = "runs") -> list[Path]:
    """The folders of all runs under `root`, by number, those with names of their own first."""
    return sorted((p.parent for p in Path(root).glob("*/recipe.json")), key=lambda path: (_number(path), path.name))


def read_state(file: Path) -> State:
    """All arrays of a checkpoint; raises if any of them is damaged (the format carries checksums)."""
    with np.load(file, allow_pickle=False) as stored:
        state = {name: stored[name] for name in stored.files}
    if int(state.pop(COUNT)) != len(state):
        raise ValueError("arrays are missing")
    return state


def to_json(content: Any, indent: int | None = None) -> str:
    """JSON has no infinity: what is too large to be a number is written as null."""
    try:
        return json.dumps(content, indent=indent, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(content), indent=indent)


def _finite(content: Any) -> Any:
    if isinstance(content, Mapping):
        return {key: _finite(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_finite(value) for value in content]
    return None if isinstance(content, float) and not math.isfinite(content) else content


def _counts(labels: np.ndarray | None, classes: Sequence[str]) -> list[int]:
    return [] if labels is None else np.bincount(labels, minlength=len(classes)).tolist()


def _number(path: Path) -> int:
    found = re.match(r"(\d+)", path.name)
    return int(found[1]) if found else -1


def _next_folder(recipe: Recipe, root: Path) -> Path:
    """A new folder under `root`, by the next number: of two processes that ask at once, each gets its own."""
    data = Path(recipe.data).stem if "/" in recipe.data else recipe.data
    name, data = (re.sub(r"[^A-Za-z0-9_]+", "_", part).strip("_") for part in (recipe.name, data))
    root.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(root / ".lock"):
        taken = [_number(p) for p in root.glob("[0-9]*")]
        folder = root / f"{max(taken, default=0) + 1:04d}-{name or 'own'}-{data or 'data'}"
        folder.mkdir()
    return folder


def _computing(devices: str | None) -> dict[str, Any]:
    """What this process computes with: versions, and the machine."""
    here = {"system": platform.platform(), "processor": machine.processor(), "cores": machine.cores()}
    here |= {"oneDNN": machine.onednn(), "devices": devices}
    packages = ("ganvas", "tensorflow", "keras", "numpy")
    return {"packages": {name: _version(name) for name in packages}, "machine": here}


def _version(package: str) -> str | None:
    """Of the imported module where it is imported: TensorFlow comes under several distributions' names."""
    imported = getattr(sys.modules.get(package), "__version__", None)
    try:
        return imported or metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
