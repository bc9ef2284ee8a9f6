"""The training loop: one for every game, with everything that happens to a run in sight."""

import gc
import math
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ganvas import data, features, figures, games
from ganvas.data import Samples, labels, pairs
from ganvas.doctor import Evidence, Finding, diagnose, told
from ganvas.engine import Engine, is_chief, precision_here, strategy_here, workers_of
from ganvas.errors import RunFailedError, WrongUseError
from ganvas.images import enlarge, grid, load_png, save_animation, save_png
from ganvas.names import builder
from ganvas.progress import Progress, choose
from ganvas.recipe import Recipe
from ganvas.recipes import find, suited
from ganvas.run import BEST, Run, State
from ganvas.scores import default_features

ROLLBACKS = 3
CURES = 4  # remedies tried in one run
LEAST_SCORES = 5  # of a run with cures
LAST_CURE = 0.9  # of the steps: after that a remedy could not be seen to work
GOOD = 0.5  # a state is worth going back to if it halved an untrained network's distance
IN_MEMORY = "array"  # the name of data until they are kept with the run


def train(
    recipe: str | os.PathLike[str] | Recipe = "plain",
    *,
    run: str | os.PathLike[str] | None = None,
    minutes: float | None = None,
    strategy: tf.distribute.Strategy | None = None,
    progress: bool = True,
    cure: bool = False,
    **overrides: Any,
) -> Run:
    """Train a recipe and return its run.

    `recipe` is a recipe's name, a .json file or a Recipe; `overrides` set its fields (`steps=2000, data="photos"`;
    `epochs=` is converted to steps; `data` may be an array; `generator` and `discriminator` may be `keras.Model`s).
    `minutes` plans the steps from the speed measured in the first seconds, and of a short `quick` the batch and the
    discriminator, where no override sets them. `run` is the folder to make.
    `cure` lets the doctor apply its remedies on the way: from the best state so far, written down in `cures.jsonl`.
    `strategy` is a `tf.distribute` strategy; by default all GPUs, and the workers of TF_CONFIG, are used.
    Raises WrongUseError, RunFailedError, and KeyboardInterrupt once everything is saved.
    """
    strategy = strategy or strategy_here()  # before anything else touches TensorFlow: workers must meet first
    began = time.monotonic()
    chief = is_chief(strategy)
    if workers_of(strategy) > 1 and (minutes or run is None):
        raise WrongUseError("several workers need the same plan: give steps instead of minutes, and one run folder")
    if cure:
        _check_curable(strategy, scored=str(overrides.get("evaluate")) != "0")
    check_minutes(minutes, overrides)
    if chief and run:
        Run.need_vacant(Path(run))
    recipe = _of_text(recipe, overrides)
    own = _Own.taken_from(overrides)
    resolved, samples = prepare(recipe, overrides)
    if workers_of(strategy) > 1 and resolved.label.startswith("kmeans"):
        raise WrongUseError("several workers may find different clusters: set label=none, or label=class")

    def built(recipe: Recipe, told: labels.Told | None = None) -> Engine:
        with tempfile.TemporaryDirectory(prefix="ganvas-") as folder:
            own.write(Path(folder))
            return Engine(own.named(recipe, Path(folder)), samples, strategy, told)

    with choose(progress and chief) as shown:
        if minutes:
            shown.say(f"measuring this machine's speed, to plan {minutes:g} minutes")
            least = LEAST_SCORES if cure else 0
            resolved, engine = _planned(resolved, built, began + 60 * minutes, least, {*overrides, *own.models}, shown)
        else:
            resolved = _watched(resolved) if cure else resolved
            engine = built(resolved)
        made = Run.create(resolved, run) if chief else Run(str(run))
        with _unlocked_after(made):
            _begin(made, resolved, own, engine, chief, shown, cure)
    return made


def _check_curable(strategy: tf.distribute.Strategy, scored: bool) -> None:
    """Refuse cures where they cannot be."""
    if workers_of(strategy) > 1:
        raise WrongUseError("several workers cannot change course together: leave cure out")
    if not scored:
        raise WrongUseError("the doctor sees a run when it is scored, and this one has evaluate=0: leave cure out")


def _watched(recipe: Recipe) -> Recipe:
    """The recipe scored as often as cures need: the doctor sees a run when it is scored."""
    return replace(recipe, evaluate=min(recipe.evaluate or recipe.steps, math.ceil(recipe.steps / LEAST_SCORES)))


def _planned(
    recipe: Recipe, built: Callable[..., Engine], until: float, least: int, asked: Container[str], shown: Progress
) -> tuple[Recipe, Engine]:
    """The recipe with a schedule that ends at `until` on the monotonic clock and has `least` scores, and its engine.

    A short one may have what suits it in the place of what was not asked for; then it is measured anew.
    """
    began = time.monotonic()
    engine = built(recipe)
    planned = engine.plan(until - time.monotonic(), least)
    short = suited(recipe, planned.steps * engine.feed.batch)
    better = {name: it for name, it in vars(short).items() if it != getattr(recipe, name) and name not in asked}
    now = time.monotonic()
    if better and until - now > now - began:
        settings = " ".join(f"{name}={value}" for name, value in better.items())
        shown.say(f"few images fit: going over to {settings}, and measuring that")
        recipe, told = replace(recipe, **better), engine.told
        del engine  # two at once would take twice the memory
        gc.collect()
        engine = built(recipe, told)
        planned = engine.plan(until - time.monotonic(), least)
    return replace(recipe, steps=planned.steps, evaluate=planned.evaluate), engine


def _begin(run: Run, recipe: Recipe, own: "_Own", engine: Engine, chief: bool, shown: Progress, cure: bool) -> None:
    if chief:
        with run.writing():
            own.write(run.path, with_data=True)
        run.write_environment(engine.samples, engine.told, engine.networks(), engine.devices)
        run.write_recipe(own.named(recipe))
    _loop(run, engine, chief, shown, cure)


def check_minutes(minutes: float | None, overrides: Mapping[str, Any]) -> None:
    """Refuse a budget that is none, or is given twice."""
    if minutes is not None and not 0 < minutes < math.inf:
        raise WrongUseError(f"minutes must be above 0, not {minutes}")
    if minutes is not None and ("steps" in overrides or "epochs" in overrides):
        raise WrongUseError("minutes plans the steps: give minutes, or steps, or epochs")


def resume(
    run: str | os.PathLike[str] | Run,
    *,
    strategy: tf.distribute.Strategy | None = None,
    progress: bool = True,
    cure: bool = False,
) -> Run:
    """Go on with a run from its last whole checkpoint, to the bit as if it had never stopped (on the same machine)."""
    strategy = strategy or strategy_here()
    found = run if isinstance(run, Run) else Run.find(run)
    if cure:
        _check_curable(strategy, scored=found.recipe.evaluate > 0)
    chief = is_chief(strategy)
    if chief:
        found.lock()
    with choose(progress and chief) as shown, _unlocked_after(found):
        recipe = found.located(found.recipe)
        samples = recipe.samples()
        _check_same_data(found, samples)
        told = labels.tell(recipe.label, samples, found.clusters())
        engine = Engine(recipe, samples, strategy, told)
        for change in found.computed_otherwise(engine.devices):
            shown.say(f"note: the run began with {change}: from here on its bits may be others")
        _loop(found, engine, chief, shown, cure)
    return found


# settings that were asked for, where they do nothing, and why
_IDLE: dict[str, tuple[Callable[[Recipe], bool], str]] = {
    "adapt": (
        lambda recipe: not recipe.augment,
        "adapt says how often to augment, and nothing is augmented: leave it out, or give augment, too",
    ),
    "mismatch": (
        lambda recipe: recipe.label == "none",
        "mismatch shows samples beside a wrong label, and none is told: leave it out, or give label, too",
    ),
    "decay_to": (
        lambda recipe: recipe.decay_from >= 1,
        "decay_to is what the rates fall to, and they do not fall: leave it out, or give decay_from below 1, too",
    ),
}


def prepare(recipe: str | os.PathLike[str] | Recipe, overrides: Mapping[str, Any]) -> tuple[Recipe, Samples]:
    """The recipe with every choice made and checked, and its data."""
    if keras.backend.backend() != "tensorflow":
        raise WrongUseError(
            f"Keras runs on {keras.backend.backend()}: set KERAS_BACKEND=tensorflow before importing it"
        )
    changes = dict(overrides)
    epochs, given = changes.pop("epochs", None), changes.get("data", "")
    if epochs is not None and "steps" in changes:
        raise WrongUseError("epochs and steps both say how long: give one of them")
    if not isinstance(given, str | os.PathLike | np.ndarray):
        raise WrongUseError(f"data is a set's name, a path or a NumPy array, not a {type(given).__name__}")
    array = given if isinstance(given, np.ndarray) else None
    if array is not None:
        changes["data"] = IN_MEMORY
    resolved = find(recipe).but(**changes)
    resolved.check()
    samples = resolved.samples(array)
    if resolved.evaluate and len(samples) < 2:
        raise WrongUseError(f"{samples.name} has one sample, too few to score by: set evaluate=0, without cures")
    if epochs is not None:
        resolved = replace(resolved, steps=_steps_of(epochs, len(samples), resolved))
    asked, resolved = resolved, resolved.fitted(len(samples), images=len(samples.shape) == 3)
    for name, (idle, why) in _IDLE.items():
        if name in changes and getattr(asked, name) and idle(resolved):
            raise WrongUseError(why)
    for side in ("generator", "discriminator"):
        if getattr(resolved, side).endswith(".keras"):
            _need_unset(side, changes)
            resolved = resolved.but(**{f"{side}_options": {}})
    labels.check(resolved.label, samples)
    if resolved.precision == "auto":
        resolved = replace(resolved, precision=precision_here())
    if resolved.features == "auto":
        resolved = replace(resolved, features=default_features(samples))
    features.check(resolved.features, samples)
    return _with_full_paths(resolved, in_memory=array is not None), samples


def _need_unset(side: str, changes: Mapping[str, Any]) -> None:
    """Refuse options of a network that is built already."""
    for name, value in changes.items():
        own = name.split(".")[0] == f"{side}_options" or (name == "dropout" and side == "discriminator")
        if own and value not in (None, "none", {}):
            raise WrongUseError(f"{name} cannot change a {side} that is built already: leave it out")


def _with_full_paths(recipe: Recipe, in_memory: bool) -> Recipe:
    """A run is resumed from wherever one stands."""
    place, part = (None, None) if in_memory else data.split_spec(recipe.data)
    changes = {} if place is None else {"data": f"{place.resolve()}{f':{part}' if part else ''}"}
    place, part = pairs.place(recipe.inputs) if recipe.inputs else (None, None)
    changes |= {} if place is None else {"inputs": f"{place.resolve()}{f':{part}' if part else ''}"}
    for side in ("generator", "discriminator", "features"):
        if getattr(recipe, side).endswith((".keras", ".pth")):
            changes[side] = str(Path(getattr(recipe, side)).expanduser().resolve())
    return recipe.but(**changes)


def describe(recipe: str | os.PathLike[str] | Recipe, **overrides: Any) -> dict[str, Any]:
    """What `train` would do: the resolved recipe, the data, the networks' sizes. Nothing is written."""
    recipe = _of_text(recipe, overrides)
    own = _Own.taken_from(overrides)
    if own.models:
        raise WrongUseError("a dry run takes networks by name or file")
    resolved, samples = prepare(recipe, overrides)
    kinds = labels.check(resolved.label, samples)
    build = builder(resolved.game, games, "game", "build")
    game = build(resolved, samples.shape, kinds, samples.input_shape)
    networks = {k: n.count_params() for player in game.players.values() for k, n in player.networks.items()}
    return {
        "recipe": asdict(resolved),
        "data": {"name": samples.name, "count": len(samples), "shape": samples.shape, "notes": samples.notes},
        "parameters": networks,
        "epochs": round(resolved.steps * resolved.batch * game.batches / len(samples), 2),
    }


def _loop(run: Run, engine: Engine, chief: bool, shown: Progress, cure: bool) -> None:
    """From the last checkpoint to the last step; with `cure`, remedies are applied on the way."""
    while illness := _until_ill(run, engine, chief, shown, cure):
        try:
            engine = _cured(run, engine, illness, shown)
        except WrongUseError as error:  # the networks or the data cannot take the remedy
            shown.say(f"doctor: {illness.name} cannot be treated here: {error}")
            _note_cure(run, illness, engine.restore(_last_state(run, shown)), f"could not be applied ({error})")
    if chief:
        _pictures(run, engine)
        _last_words(run, shown)


def _until_ill(run: Run, engine: Engine, chief: bool, shown: Progress, cure: bool) -> Finding | None:
    try:
        return _steps(run, engine, chief, shown, cure)
    except RunFailedError:
        gave_up = engine.rollbacks >= ROLLBACKS  # over costs that are no numbers: nothing else can be cured so
        illness = _curable(run, diagnose(Evidence.of(run)), 0) if cure and gave_up else None
        if illness is None:
            raise
        return illness


def _steps(run: Run, engine: Engine, chief: bool, shown: Progress, cure: bool) -> Finding | None:
    """The loop: it ends at the last step, or, where cures are asked for, at a finding that has one."""
    recipe = engine.recipe
    step = engine.restore(_last_state(run, shown))
    if chief:
        run.forget_after(step)
    log = _Log(run if chief else None, shown)
    shown.start(_title(run, engine, step), step, recipe.steps)
    for note in engine.samples.notes:
        shown.say(f"note: {note}")
    if step == 0 and chief:
        _save(run, engine, step)
        _preview(run, engine, step)
        if recipe.evaluate and not run.scores():
            illness = _evaluate(run, engine, step, log, shown)
            if cure and illness:
                return illness
    if step == recipe.steps and chief:
        run.save_networks(engine.game.deliver())
    with _stop_requests(engine.workers) as stop, engine.feed:
        while step < recipe.steps:
            count = engine.count(step)
            began = time.monotonic()
            facts = engine.advance(step, count)
            if not _finite(facts):
                step = _roll_back(run, engine, step, chief, shown)
                continue
            step += count
            log.tick(step, facts, count, time.monotonic() - began, engine)
            done, stopping = step == recipe.steps, stop.is_set()
            due = {k: done or _due(step, getattr(recipe, k)) for k in ("evaluate", "preview", "save")}
            if (any(due.values()) or stopping) and not engine.finite():
                step = _roll_back(run, engine, step, chief, shown)
                continue
            illness = None
            if chief and due["evaluate"] and recipe.evaluate:
                illness = _evaluate(run, engine, step, log, shown)
            if chief and due["preview"]:
                _preview(run, engine, step)
            if chief and (due["save"] or stopping):
                _save(run, engine, step)
            if stopping and not done:
                shown.end()
                shown.say(f"stopped at step {step}, all saved: go on with `ganvas resume {run.path}{' --cure' * cure}`")
                raise KeyboardInterrupt
            if cure and illness:
                _save(run, engine, step)
                return illness
        run.stop_asked = stop.is_set()
    return None


# --- what happens along the way


@dataclass
class _Log:
    """`log.jsonl` and the display, tick by tick; seconds go on where an earlier process left off."""

    run: Run | None
    shown: Progress

    def __post_init__(self) -> None:
        # what went before a cure is dropped from the log, and took its time all the same
        lines = [*self.run.log()[-1:], *self.run.cures()] if self.run else []
        self.told: set[str] = set()  # what the doctor has said already
        self._before, self._before_cpu = (
            max((line.get(clock, 0.0) for line in lines), default=0.0) for clock in ("seconds", "cpu_seconds")
        )
        self._began, self._began_cpu = time.monotonic(), time.process_time()
        # a cure may have changed the batch
        last = self.run.log()[-1:] if self.run else []
        self._step, self._images = (int(last[0][key]) if last else 0 for key in ("step", "images"))

    @property
    def seconds(self) -> float:
        return round(self._before + time.monotonic() - self._began, 2)

    def tick(self, step: int, facts: Mapping[str, float], count: int, took: float, engine: Engine) -> None:
        line = {
            "step": step,
            "images": self._images + (step - self._step) * engine.feed.batch,
            "seconds": self.seconds,
            "cpu_seconds": round(self._before_cpu + time.process_time() - self._began_cpu, 2),
            "images_per_second": round(count * engine.feed.batch / took, 1),
            "rate_scale": round(engine.rate_scale(step), 6),
            **{name: round(value, 6) for name, value in facts.items()},
        }
        if self.run:
            self.run.append("log.jsonl", line)
        self.shown.tick(line)


def _last_state(run: Run, shown: Progress) -> State | None:
    """The newest whole checkpoint, or None where none was written yet."""
    if not run.checkpoints():
        return None
    state, problems = run.load_state()
    for problem in problems:
        shown.say(problem)
    return state


def _due(step: int, every: int) -> bool:
    return every > 0 and step % every == 0


def _finite(facts: Mapping[str, float]) -> bool:
    return all(math.isfinite(value) for value in facts.values())


def _roll_back(run: Run, engine: Engine, step: int, chief: bool, shown: Progress) -> int:
    """Back to the last good state at half the rates; after three times, give up."""
    rollbacks = engine.rollbacks + 1
    if chief:
        run.append("rollbacks.jsonl", {"step": step, "rates": 0.5 ** (rollbacks - 1)})
        run.write_findings([finding.plain() for finding in diagnose(Evidence.of(run))])
    if rollbacks > ROLLBACKS:
        raise RunFailedError(
            f"a cost is not a number after step {step}, for the {rollbacks}th time, at "
            f"{0.5 ** (rollbacks - 1):g} of the learning rates: set generator_rate and discriminator_rate lower"
        )
    state, _ = run.load_state()
    back = engine.restore(state)
    engine.rollbacks = rollbacks
    shown.say(f"a cost is not a number after step {step}: back to step {back} at {0.5**rollbacks:g} of the rates")
    if chief:
        run.forget_after(back)
        run.save_state(f"{back:08d}", engine.state(back))  # a resumed run must know the rates, too
    return back


def _save(run: Run, engine: Engine, step: int) -> None:
    run.save_networks(engine.game.deliver())  # first: the checkpoint says that this step is behind us
    run.save_state(f"{step:08d}", engine.state(step))


def _evaluate(run: Run, engine: Engine, step: int, log: "_Log", shown: Progress) -> Finding | None:
    """Score, keep the state that scored best, and ask the doctor: a finding that can be cured."""
    line = {"step": step, "seconds": log.seconds, **engine.score()}
    kept, earlier = run.best(), {other["step"]: other["frechet"]["value"] for other in run.scores()}
    run.append("metrics.jsonl", line)
    # against the state that is kept, not against the best score ever: that one's state may be lost to a rollback
    better = kept is None or line["frechet"]["value"] < earlier.get(int(kept["step"]), math.inf)
    if step > 0 and better:  # an untrained network's state is no one's best
        run.save_state(BEST, engine.state(step))
    shown.score(line)
    findings = diagnose(Evidence.of(run))
    run.write_findings([finding.plain() for finding in findings])
    for finding in findings:
        if finding.severity != "note" and finding.name not in log.told:
            log.told.add(finding.name)
            shown.say(f"doctor, step {step}: {told(finding)}")
    return _curable(run, findings, step)


def _curable(run: Run, findings: Sequence[Finding], step: int) -> Finding | None:
    """The first serious finding with a remedy in settings that was not treated yet, while there is time left."""
    tried = [line["finding"] for line in run.cures()]
    if len(tried) >= CURES or step > LAST_CURE * run.recipe.steps:
        return None
    curable = (
        f for f in findings if f.severity == "serious" and f.remedy and f.remedy.settings and f.name not in tried
    )
    return next(curable, None)


def _cured(run: Run, engine: Engine, illness: Finding, shown: Progress) -> Engine:
    """An engine with the remedy's settings, at the best state so far if that was any good, else at the beginning."""
    assert illness.remedy is not None
    before = run.recipe
    recipe = before.but(**illness.remedy.settings)
    recipe.check()
    scores, best = run.scores(), run.best()
    good = best is not None and min(s["frechet"]["value"] for s in scores) < GOOD * scores[0]["frechet"]["value"]
    fresh = Engine(run.located(recipe), engine.samples, engine.strategy, engine.told)
    back = fresh.restore(best) if good and engine.networks() == fresh.networks() else 0
    fresh.rollbacks = 0
    if recipe.batch != before.batch:  # the images stay as many, and so the time, about
        steps = back + math.ceil((before.steps - back) * before.batch / recipe.batch)
        recipe = _watched(replace(recipe, steps=steps))
        fresh.recipe = replace(fresh.recipe, steps=steps, evaluate=recipe.evaluate)
    words = illness.remedy.words()
    shown.say(f"doctor: {illness.name} is treated with {words}; on from step {back}")
    for checkpoint in run.checkpoints()[:-1]:  # the newest stays until there is another to go on from
        checkpoint.unlink()
    _save(run, fresh, back)
    run.write_recipe(recipe)
    for checkpoint in run.checkpoints():
        if int(checkpoint.stem) > back:
            checkpoint.unlink()
    _note_cure(run, illness, back, words)
    run.write_environment(fresh.samples, fresh.told, fresh.networks(), fresh.devices)
    for still in _stills(run):
        if int(still.stem) > back:
            still.unlink()
    run.forget_after(back)
    return fresh


def _note_cure(run: Run, illness: Finding, back: int, words: str) -> None:
    last = run.log()[-1] if run.log() else {"step": 0, "seconds": 0.0, "cpu_seconds": 0.0}
    spent = {key: last[key] for key in ("step", "seconds", "cpu_seconds")}
    treated = {"back_to": back, "finding": illness.name, "sentence": illness.sentence, "words": words}
    run.append("cures.jsonl", {**spent, **treated})


def _last_words(run: Run, shown: Progress) -> None:
    """What the doctor says in the end, briefly."""
    findings = run.findings() or []
    if findings and run.scores():
        shown.say("; ".join(f"{f['severity']}: {f['name']}" for f in findings) + f" (ganvas doctor {run.path})")


def _preview(run: Run, engine: Engine, step: int) -> None:
    with run.writing():
        save_png(run.path / "samples" / f"{step:08d}.png", engine.picture())


def _stills(run: Run) -> list[Path]:
    """The pictures of the fixed latents, by step; what else lies beside them is the user's."""
    return sorted(file for file in (run.path / "samples").glob("*.png") if file.stem.isdigit())


def _pictures(run: Run, engine: Engine) -> None:
    """What a person wants to see at the end: curves, real above generated, the fixed latents through time, a walk."""
    recipe, real = engine.recipe, engine.samples.images
    images = real.ndim == 4
    rows = np.random.RandomState(recipe.seed).permutation(len(real))[: 30 if images else 1000]
    with run.writing():
        figures.save_curves(run.path / "curves.png", run.log(), run.scores())
        made = engine.drawn(recipe.seed + 1, len(rows)).images
        save_png(run.path / "real_above_generated.png", figures.beside(real[np.sort(rows)], made))
        stills = _stills(run)
        chosen = [stills[i] for i in np.unique(np.linspace(0, len(stills) - 1, min(60, len(stills))).astype(int))]
        save_animation(run.path / "training.gif", [load_png(still) for still in chosen], 0.2)
        if images and (walk := engine.walk(4, 10)) is not None:
            save_png(run.path / "interpolation.png", enlarge(grid(walk, columns=10)))


def _title(run: Run, engine: Engine, step: int) -> str:
    recipe = engine.recipe
    shape = "x".join(str(side) for side in engine.samples.shape)
    start = f"from step {step} " if step else ""
    devices = engine.strategy.num_replicas_in_sync
    return (
        f"{run.path}: {recipe.name} on {engine.samples.name} ({len(engine.samples)} x {shape}), {start}"
        f"to step {recipe.steps}, {recipe.precision}, {devices} device{'s' * (devices > 1)}; pictures in samples/"
    )


# --- around the loop


@contextmanager
def _stop_requests(workers: int) -> Iterator[threading.Event]:
    """Turn the first Ctrl-C or SIGTERM into a request to stop after this call; the second one stops at once.

    One of several workers cannot leave alone: there a signal does what it always does, and the last checkpoint stands.
    """
    asked = threading.Event()
    if workers > 1 or threading.current_thread() is not threading.main_thread():
        yield asked
        return
    before = {kind: signal.getsignal(kind) for kind in (signal.SIGINT, signal.SIGTERM)}

    def ask(*_: object) -> None:
        asked.set()
        os.write(2, b"\nstopping after the steps under way; Ctrl-C again stops at once\n")
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, before[signal.SIGTERM])

    for kind in before:
        signal.signal(kind, ask)
    try:
        yield asked
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)


@contextmanager
def _unlocked_after(run: Run) -> Iterator[None]:
    try:
        yield
    finally:
        run.unlock()


# --- what users bring


def _of_text(recipe: str | os.PathLike[str] | Recipe, overrides: dict[str, Any]) -> str | os.PathLike[str] | Recipe:
    """A Recipe without what is no text: an array or a model that it holds is moved to the overrides."""
    if isinstance(recipe, Recipe):
        for name in ("data", "generator", "discriminator"):
            if not isinstance(held := getattr(recipe, name), str):
                overrides.setdefault(name, held)
                recipe = replace(recipe, **{name: getattr(Recipe, name)})
    return recipe


@dataclass(frozen=True)
class _Own:
    """Arrays and models given in memory: kept in the run's folder, so that the run can be resumed from it alone."""

    array: np.ndarray | None
    models: dict[str, keras.Model]

    @classmethod
    def taken_from(cls, overrides: dict[str, Any]) -> "_Own":
        """Take models out of the overrides; arrays are only noted."""
        sides = ("generator", "discriminator")
        models = {side: overrides.pop(side) for side in sides if isinstance(overrides.get(side), keras.Model)}
        for side in models:
            _need_unset(side, overrides)
        array = overrides.get("data")
        return cls(array if isinstance(array, np.ndarray) else None, models)

    def write(self, folder: Path, with_data: bool = False) -> None:
        """Save the models, and the array if asked, into a folder."""
        if with_data and self.array is not None:
            np.save(folder / "data.npy", self.array)
        for side, model in self.models.items():
            model.save(folder / f"own_{side}.keras")

    def named(self, recipe: Recipe, folder: Path | None = None) -> Recipe:
        """The recipe that names the files: alone as a run's own recipe does, or with the folder they are in."""
        changes: dict[str, Any] = {}
        if self.array is not None and folder is None:
            changes["data"] = "data.npy"
        for side in self.models:
            changes[side] = str(folder / f"own_{side}.keras") if folder else f"own_{side}.keras"
            changes[f"{side}_options"] = {}
        return replace(recipe, **changes)


def _steps_of(epochs: Any, count: int, recipe: Recipe) -> int:
    try:
        wanted = float(epochs)
    except (TypeError, ValueError):
        wanted = 0.0
    if not 0 < wanted < math.inf:
        raise WrongUseError(f"epochs takes a number above 0, not {epochs!r}")
    return math.ceil(wanted * count / (recipe.batch * recipe.discriminator_turns))


def _check_same_data(run: Run, samples: Samples) -> None:
    expected = run.environment["data"]["sha256"] if (run.path / "environment.json").exists() else samples.sha256
    if samples.sha256 != expected:
        raise WrongUseError(f"{samples.name} has changed since {run.path} began: bring the old data back to resume it")
