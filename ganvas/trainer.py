"""The training loop: one for every game, with everything that happens to a run in sight."""

import math
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ganvas import data, figures, games, latent
from ganvas.data import Samples
from ganvas.data.feed import Feed
from ganvas.errors import RunFailedError, WrongUseError
from ganvas.features import pixels
from ganvas.games import Batch, Game, Turn, generate, latents
from ganvas.images import enlarge, grid, load_png, save_animation, save_png, to_uint8
from ganvas.metrics import frechet
from ganvas.names import resolve
from ganvas.progress import Progress, choose
from ganvas.recipe import Recipe
from ganvas.recipes import find
from ganvas.run import Run, State

CHUNK_SECONDS = 1.0  # about how long one call of the compiled loop takes
CHUNK_BYTES = 64_000_000
PLANNING_SECONDS = 6.0
ROLLBACKS = 3
SCORED = 2_000  # generated samples a score; real ones: up to five times as many


def train(
    recipe: str | os.PathLike[str] | Recipe = "plain",
    *,
    run: str | os.PathLike[str] | None = None,
    minutes: float | None = None,
    strategy: tf.distribute.Strategy | None = None,
    progress: bool = True,
    **overrides: Any,
) -> Run:
    """Train a recipe and return its run.

    `recipe` is a recipe's name, a .json file or a Recipe; `overrides` set its fields (`steps=2000, data="photos"`;
    `epochs=` is converted to steps; `data` may be an array; `generator` and `discriminator` may be `keras.Model`s).
    `minutes` plans the number of steps from the speed measured in the first seconds. `run` is the folder to make.
    `strategy` is a `tf.distribute` strategy; by default all GPUs, and the workers of TF_CONFIG, are used.
    Raises WrongUseError, RunFailedError, and KeyboardInterrupt once everything is saved.
    """
    strategy = strategy or strategy_here()  # before anything else touches TensorFlow: workers must meet first
    began = time.monotonic()
    chief = _is_chief(strategy)
    if _workers(strategy) > 1 and (minutes or run is None):
        raise WrongUseError("several workers need the same plan: give steps instead of minutes, and one run folder")
    if minutes is not None and not minutes > 0:
        raise WrongUseError(f"minutes must be above 0, not {minutes}")
    if chief and run:
        Run.need_vacant(Path(run))
    own = _Own.taken_from(overrides)
    resolved, samples = prepare(recipe, overrides)
    with tempfile.TemporaryDirectory(prefix="ganvas-") as folder:
        own.write(Path(folder))
        engine = Engine(own.named(resolved, Path(folder)), samples, strategy)
    made = Run.create(resolved, run) if chief else Run(str(run))
    with choose(progress and chief) as shown, _unlocked_after(made):
        if minutes:
            shown.say(f"measuring this machine's speed, to plan {minutes:g} minutes")
            resolved = replace(resolved, steps=engine.plan(60 * minutes - (time.monotonic() - began)))
        if chief:
            with made.writing():
                own.write(made.path)
            made.write_environment(samples)
            made.write_recipe(own.named(resolved))
        _loop(made, engine, chief, shown)
    return made


def resume(
    run: str | os.PathLike[str] | Run, *, strategy: tf.distribute.Strategy | None = None, progress: bool = True
) -> Run:
    """Go on with a run from its last whole checkpoint, to the bit as if it had never stopped."""
    strategy = strategy or strategy_here()
    found = run if isinstance(run, Run) else Run.find(run)
    chief = _is_chief(strategy)
    if chief:
        found.lock()
    with choose(progress and chief) as shown, _unlocked_after(found):
        recipe = found.located(found.recipe)
        samples = data.load(recipe.data, recipe.size)
        _check_same_data(found, samples)
        _loop(found, Engine(recipe, samples, strategy), chief, shown)
    return found


def prepare(recipe: str | os.PathLike[str] | Recipe, overrides: Mapping[str, Any]) -> tuple[Recipe, Samples]:
    """The recipe with every choice made and checked, and its data."""
    if keras.backend.backend() != "tensorflow":
        raise WrongUseError(
            f"Keras runs on {keras.backend.backend()}: set KERAS_BACKEND=tensorflow before importing it"
        )
    changes = dict(overrides)
    epochs, array = changes.pop("epochs", None), changes.get("data")
    if isinstance(array, np.ndarray):
        changes["data"] = "array"
    resolved = find(recipe).but(**changes)
    resolved.check()
    samples = data.load(array if isinstance(array, np.ndarray) else resolved.data, resolved.size)
    if epochs is not None:
        resolved = replace(resolved, steps=_steps_of(epochs, len(samples), resolved))
    if resolved.label == "class" and samples.labels is None:
        raise WrongUseError(f"{samples.name} has no labels: set label=none, or give it classes")
    if resolved.precision == "auto":
        resolved = replace(resolved, precision=precision_here())
    place, part = data.split_spec(resolved.data)
    if place is not None:  # a run is resumed from wherever one stands
        resolved = replace(resolved, data=f"{place.resolve()}{f':{part}' if part else ''}")
    return resolved, samples


def describe(recipe: str | os.PathLike[str] | Recipe, **overrides: Any) -> dict[str, Any]:
    """What `train` would do: the resolved recipe, the data, the networks' sizes. Nothing is written."""
    own = _Own.taken_from(overrides)
    if own.models:
        raise WrongUseError("a dry run takes networks by name or file")
    resolved, samples = prepare(recipe, overrides)
    game = resolve(resolved.game, games, "game").build(resolved, samples.shape, len(samples.classes))
    networks = {k: n.count_params() for player in game.players.values() for k, n in player.networks.items()}
    return {
        "recipe": asdict(resolved),
        "data": {"name": samples.name, "count": len(samples), "shape": samples.shape, "notes": samples.notes},
        "parameters": networks,
        "epochs": round(resolved.steps * resolved.batch * game.batches / len(samples), 2),
    }


def _loop(run: Run, engine: "Engine", chief: bool, shown: Progress) -> None:
    """From the last checkpoint to the last step."""
    recipe = engine.recipe
    step = engine.restore(_last_state(run, shown))
    log = _Log(run if chief else None, shown, step)
    shown.start(_title(run, engine, step), step, recipe.steps)
    for note in engine.samples.notes:
        shown.say(f"note: {note}")
    if step == 0 and chief:
        _save(run, engine, step)
        _preview(run, engine, step)
    with _stop_requests() as stop, engine.feed:
        while step < recipe.steps:
            count = engine.count(step)
            began = time.monotonic()
            facts = engine.advance(step, count)
            if not _finite(facts):
                step = _roll_back(run, engine, step, chief, shown)
                continue
            step += count
            log.tick(step, facts, count, time.monotonic() - began, engine)
            last = step == recipe.steps or stop.is_set()
            if chief and (_due(step, recipe.evaluate) or (step == recipe.steps and recipe.evaluate)):
                _evaluate(run, engine, step, log.seconds)
            if chief and (_due(step, recipe.preview) or step == recipe.steps):
                _preview(run, engine, step)
            if chief and (_due(step, recipe.save) or last):
                _save(run, engine, step)
            if stop.is_set() and step < recipe.steps:
                shown.say(f"stopped at step {step}, all saved: go on with `ganvas resume {run.path}`")
                raise KeyboardInterrupt
    if chief:
        _pictures(run, engine)


class Engine:
    """A recipe's game, its data and the compiled loop over them, on a strategy's devices."""

    def __init__(self, recipe: Recipe, samples: Samples, strategy: tf.distribute.Strategy) -> None:
        self.recipe, self.samples, self.strategy = recipe, samples, strategy
        replicas = strategy.num_replicas_in_sync
        if recipe.batch % replicas:
            raise WrongUseError(f"batch={recipe.batch} cannot be shared by {replicas} devices: choose a multiple")
        build = resolve(recipe.game, games, "game").build
        with strategy.scope():
            self.game: Game = build(recipe, samples.shape, len(samples.classes))
        self.feed = Feed(samples, recipe.batch * self.game.batches, recipe.seed)
        self.rollbacks = 0
        self._count = 4
        self._fact_names: list[str] = []
        self._advance = self._compiled()
        self._real_features: np.ndarray | None = None

    def advance(self, step: int, count: int) -> dict[str, float]:
        """Take `count` steps from `step` on; the facts' means over them."""
        began = time.monotonic()
        real, label = self.feed(step, count)
        scales = np.array([self.rate_scale(step + i) for i in range(count)], np.float32)
        facts = self._advance(tf.constant(step), tf.constant(scales), tf.constant(real), tf.constant(label)).numpy()
        self._learn_speed(count, time.monotonic() - began)
        return dict(zip(self._fact_names, facts.tolist(), strict=True))

    def rate_scale(self, step: int) -> float:
        """What the learning rates are multiplied by at `step`."""
        recipe = self.recipe
        begin = recipe.decay_from * recipe.steps
        halved = 0.5**self.rollbacks
        if step < begin or recipe.decay_from >= 1:
            return halved
        along = (step - begin) / (recipe.steps - begin)
        return halved * (recipe.decay_to + (1 - recipe.decay_to) * 0.5 * (1 + math.cos(math.pi * along)))

    def count(self, step: int) -> int:
        """How many steps the next call takes: about a second's worth, and never past something that is due."""
        every = (self.recipe.save, self.recipe.preview, self.recipe.evaluate)
        ends = [self.recipe.steps, *((step // k + 1) * k for k in every if k)]
        return min(self._count, min(ends) - step)

    def plan(self, seconds: float) -> int:
        """How many steps fit into `seconds`, measured on this machine; the state is as before afterwards."""
        before, began = self.state(0), time.monotonic()
        self.advance(0, 4)  # compiles
        paces: list[float] = []
        measured, step = time.monotonic(), 4
        while len(paces) < 3 or time.monotonic() - measured < PLANNING_SECONDS:
            count, start = self._count, time.monotonic()
            self.advance(step, count)
            paces.append((time.monotonic() - start) / count)
            step += count
        self.restore(before)
        recipe = self.recipe
        extras = ((recipe.preview, self.picture), (recipe.evaluate, self.score), (recipe.save, lambda: self.state(0)))
        pace = float(np.median(paces)) + sum(_seconds(work) / every for every, work in extras if every)
        left = 0.97 * (seconds - (time.monotonic() - began))
        planned = max(1, int(left / pace))
        self.recipe = replace(self.recipe, steps=planned)
        return planned

    def state(self, step: int) -> State:
        """Everything that the next step depends on, by name; and the network delivered at this step."""
        self.game.deliver()
        arrays = {name: keras.ops.convert_to_numpy(v) for name, v in self._variables().items()}
        return {"step": np.array(step), "rollbacks": np.array(self.rollbacks), **arrays}

    def restore(self, state: State | None) -> int:
        """Take up a state (None: as built); its step."""
        if state is None:
            return 0
        variables = self._variables()
        if {"step", "rollbacks", *variables} != set(state):
            raise RunFailedError("the checkpoint does not fit the recipe's networks: was it made by another version?")
        with self.strategy.scope():
            for name, variable in variables.items():
                variable.assign(state[name])
        self.rollbacks = int(state["rollbacks"])
        return int(state["step"])

    def score(self) -> dict[str, Any]:
        """The Fréchet distance of the delivered network's samples to real ones, in cheap features."""
        if self._real_features is None:
            rows = np.random.RandomState(2020).permutation(len(self.samples))[: 5 * SCORED]
            self._real_features = pixels(self.samples.images[np.sort(rows)])
        fake = self.made(latents(self.recipe.seed + 1, SCORED, self.recipe.latent))
        distance = frechet(self._real_features, pixels(fake))
        return {"frechet": {"value": distance, "n": SCORED, "features": "pixels", "better": "lower"}}

    def picture(self) -> np.ndarray:
        """The delivered network's view of the fixed latents: 64 images, or 1,000 points over real ones."""
        real = self.samples.images
        samples = self.made(latents(self.recipe.seed, 64 if real.ndim == 4 else 1000, self.recipe.latent))
        return figures.preview(samples, real)

    def made(self, noise: np.ndarray) -> np.ndarray:
        """Samples of the delivered network as users get them; labels, where it takes them, as in the data."""
        random, labels = np.random.RandomState(self.recipe.seed), None
        if self.recipe.label == "class" and self.samples.labels is not None:
            labels = random.choice(self.samples.labels, len(noise)).astype(np.int32)
        made = generate(self.game.deliver(), noise, labels)
        return to_uint8(made) if made.ndim == 4 else made

    def _compiled(self) -> Any:
        """The loop over a chunk of steps as one TensorFlow function."""
        game, strategy, recipe = self.game, self.strategy, self.recipe
        replicas = strategy.num_replicas_in_sync
        share = recipe.batch // replicas
        images = self.samples.images.ndim == 4

        def one_step(step: tf.Tensor, real: tf.Tensor, label: tf.Tensor) -> tf.Tensor:
            replica = tf.distribute.get_replica_context().replica_id_in_sync_group
            facts: dict[str, tf.Tensor] = {}
            for number, names in enumerate(game.turns):
                first = min(number, game.batches - 1) * recipe.batch + replica * share
                rows = real[first : first + share]
                rows = tf.ensure_shape(rows, (share, *self.samples.shape))
                rows = tf.cast(rows, tf.float32) / 127.5 - 1.0 if images else rows
                batch = Batch(rows, tf.ensure_shape(label[first : first + share], (share,)))
                turn = Turn(recipe.seed, step, number, {n: game.players[n] for n in names}, (replica, replicas))
                with tf.GradientTape(persistent=True) as tape:
                    costs, more = game.costs(batch, turn)
                    shared = {name: cost / replicas for name, cost in costs.items()}
                gradients = {
                    name: tape.gradient(shared[name], [v.value for v in player.variables], unconnected_gradients="zero")
                    for name, player in turn.learning.items()
                }
                for name, player in turn.learning.items():
                    player.optimizer.apply(gradients[name], player.variables)
                turn.settle()
                facts |= {f"{name}_cost": cost for name, cost in costs.items()} | more
            self._fact_names = sorted(facts)
            return tf.stack([facts[name] for name in self._fact_names])

        kind = tf.uint8 if images else tf.float32
        whole = recipe.batch * game.batches

        @tf.function(
            input_signature=[
                tf.TensorSpec((), tf.int32),
                tf.TensorSpec((None,), tf.float32),
                tf.TensorSpec((None, whole, *self.samples.shape), kind),
                tf.TensorSpec((None, whole), tf.int32),
            ]
        )
        def advance(first: tf.Tensor, scales: tf.Tensor, real: tf.Tensor, label: tf.Tensor) -> tf.Tensor:
            count = tf.shape(scales)[0]
            facts = tf.TensorArray(tf.float32, size=count)
            for i in tf.range(count):
                for player in game.players.values():
                    player.optimizer.learning_rate.assign(player.rate * scales[i])
                seen = strategy.run(one_step, args=(first + i, real[i], label[i]))
                facts = facts.write(i, strategy.reduce(tf.distribute.ReduceOp.MEAN, seen, axis=None))
                game.after_step(first + i)
            return tf.reduce_mean(facts.stack(), axis=0)

        return advance

    def _variables(self) -> dict[str, keras.Variable]:
        """All state, by names that do not depend on what else the process has built."""
        found: dict[str, keras.Variable] = {}
        for name, player in self.game.players.items():
            for part, network in player.networks.items():
                found |= _numbered(f"{name}/{part}", network.weights)
            found |= _numbered(f"{name}/optimizer", player.optimizer.variables)
        return found | _numbered("delivered", self.game.delivered.weights)

    def _learn_speed(self, count: int, seconds: float) -> None:
        """Choose a power of two of steps that takes about a second, within memory."""
        if _workers(self.strategy) > 1:
            return  # all workers must stop at the same steps
        room = CHUNK_BYTES // max(1, self.feed.batch * self.samples.images[0].nbytes)
        fitting = min(256, max(1, room), max(1, CHUNK_SECONDS * count / seconds))
        # no more than twice as many at a time: the first call also compiles
        self._count = min(2 * self._count, 2 ** int(math.log2(fitting)))


def _seconds(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def _numbered(prefix: str, variables: list[keras.Variable]) -> dict[str, keras.Variable]:
    """By place and kind: Keras' own names count how many layers the process has made."""
    kinds = (v.name.rsplit("_", 1)[-1] if prefix.endswith("optimizer") else v.name for v in variables)
    return {f"{prefix}/{i:03d}/{kind}": v for i, (kind, v) in enumerate(zip(kinds, variables, strict=True))}


# --- what happens along the way


@dataclass
class _Log:
    """`log.jsonl` and the display, tick by tick; seconds go on where an earlier process left off."""

    run: Run | None
    shown: Progress
    step: int

    def __post_init__(self) -> None:
        lines = self.run.log() if self.run else []
        self._before = lines[-1]["seconds"] if lines else 0.0
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        return round(self._before + time.monotonic() - self._began, 2)

    def tick(self, step: int, facts: Mapping[str, float], count: int, took: float, engine: Engine) -> None:
        line = {
            "step": step,
            "images": step * engine.feed.batch,
            "seconds": self.seconds,
            "images_per_second": round(count * engine.feed.batch / took, 1),
            "rate_scale": round(engine.rate_scale(step), 6),
            **{name: round(value, 6) for name, value in facts.items()},
        }
        if self.run:
            self.run.append("log.jsonl", line)
        self.shown.tick(line)


def _last_state(run: Run, shown: Progress) -> State | None:
    """The newest whole checkpoint, or None where none was written yet; the logs are cut back to it."""
    if not run.checkpoints():
        run.forget_after(0)
        return None
    state, problems = run.load_state()
    for problem in problems:
        shown.say(problem)
    run.forget_after(int(state["step"]))
    return state


def _due(step: int, every: int) -> bool:
    return every > 0 and step % every == 0


def _finite(facts: Mapping[str, float]) -> bool:
    return all(math.isfinite(value) for value in facts.values())


def _roll_back(run: Run, engine: Engine, step: int, chief: bool, shown: Progress) -> int:
    """Back to the last good state at half the rates; after three times, give up."""
    rollbacks = engine.rollbacks + 1
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
        run.save_state(f"{back:08d}", engine.state(back))
    return back


def _save(run: Run, engine: Engine, step: int) -> None:
    state = engine.state(step)
    if not all(np.isfinite(array).all() for array in state.values()):
        return  # the costs will show it next; the last good checkpoint stays
    run.save_state(f"{step:08d}", state)
    run.save_generator(engine.game.deliver())


def _evaluate(run: Run, engine: Engine, step: int, seconds: float) -> None:
    """Score, and keep the state that scored best."""
    line = {"step": step, "seconds": seconds, **engine.score()}
    earlier = [other["frechet"]["value"] for other in run.scores()]
    run.append("metrics.jsonl", line)
    if line["frechet"]["value"] < min(earlier, default=math.inf):
        run.save_state("best", engine.state(step))


def _preview(run: Run, engine: Engine, step: int) -> None:
    with run.writing():
        save_png(run.path / "samples" / f"{step:08d}.png", engine.picture())


def _pictures(run: Run, engine: Engine) -> None:
    """What a person wants to see at the end: curves, real above generated, the fixed latents through time, a walk."""
    recipe, real = engine.recipe, engine.samples.images
    images = real.ndim == 4
    rows = np.random.RandomState(recipe.seed).permutation(len(real))[: 30 if images else 1000]
    stops = latents(recipe.seed, 4, recipe.latent)
    with run.writing():
        figures.save_curves(run.path / "curves.png", run.log(), run.scores())
        made = engine.made(latents(recipe.seed + 1, len(rows), recipe.latent))
        save_png(run.path / "real_above_generated.png", figures.beside(real[np.sort(rows)], made))
        stills = sorted((run.path / "samples").glob("*.png"))
        chosen = [stills[i] for i in np.unique(np.linspace(0, len(stills) - 1, min(60, len(stills))).astype(int))]
        save_animation(run.path / "training.gif", [load_png(still) for still in chosen], 0.2)
        if images:
            strip = engine.made(latent.path(stops, 10, closed=False))
            save_png(run.path / "interpolation.png", enlarge(grid(strip, columns=10)))


def _title(run: Run, engine: Engine, step: int) -> str:
    recipe = engine.recipe
    shape = "x".join(str(side) for side in engine.samples.shape)
    start = f"from step {step} " if step else ""
    devices = engine.strategy.num_replicas_in_sync
    return (
        f"{run.path}: {recipe.name} on {engine.samples.name} ({len(engine.samples)} x {shape}), {start}"
        f"to step {recipe.steps}, {recipe.precision}, {devices} device{'s' * (devices > 1)}; pictures in samples/"
    )


# --- the machine


def strategy_here() -> tf.distribute.Strategy:
    """Several workers if TF_CONFIG names them, several GPUs if there are, else the one device."""
    if "TF_CONFIG" in os.environ:
        return tf.distribute.MultiWorkerMirroredStrategy()
    if len(tf.config.list_logical_devices("GPU")) > 1:
        return tf.distribute.MirroredStrategy()
    return tf.distribute.get_strategy()


def precision_here() -> str:
    """bfloat16 where the processor computes in it, else float32."""
    devices = tf.config.list_physical_devices("GPU")
    if devices:
        able = [
            tf.config.experimental.get_device_details(d).get("compute_capability", (0, 0)) >= (8, 0) for d in devices
        ]
        return "bfloat16" if all(able) else "float32"
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return "float32"
    return "bfloat16" if "avx512_bf16" in flags or "amx_bf16" in flags else "float32"


def _is_chief(strategy: tf.distribute.Strategy) -> bool:
    resolver = strategy.cluster_resolver
    return resolver is None or not resolver.task_type or resolver.task_type == "chief" or resolver.task_id == 0


def _workers(strategy: tf.distribute.Strategy) -> int:
    resolver = strategy.cluster_resolver
    return max(1, resolver.cluster_spec().num_tasks("worker")) if resolver and resolver.task_type else 1


@contextmanager
def _stop_requests() -> Iterator[threading.Event]:
    """Turn the first Ctrl-C or SIGTERM into a request to stop after this call; the second one stops at once."""
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return
    before = {kind: signal.getsignal(kind) for kind in (signal.SIGINT, signal.SIGTERM)}

    def ask(*_: object) -> None:
        asked.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

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
        array = overrides.get("data")
        return cls(array if isinstance(array, np.ndarray) else None, models)

    def write(self, folder: Path) -> None:
        """Save them into a folder."""
        if self.array is not None:
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
