"""The engine: a recipe's game, its data, and the compiled loop over them, on whatever devices there are."""

import math
import os
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, cached_property, partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ganvas import figures, games
from ganvas.data import Samples
from ganvas.data.feed import Feed
from ganvas.data.labels import Told, tell
from ganvas.errors import RunFailedError, WrongUseError
from ganvas.games import Batch, Game, Turn, generate, latents
from ganvas.given import some_inputs, translated
from ganvas.images import to_float
from ganvas.names import builder
from ganvas.recipe import Recipe
from ganvas.run import State
from ganvas.scores import LIVE_FAKE, Examiner

CHUNK_SECONDS = 1.0  # about how long one call of the compiled loop takes
CHUNK_BYTES = 64_000_000
PLANNING_SECONDS = 6.0  # that a plan measures for, at least,
PLANNING_SHARE = 0.02  # and at least this share of what there is
SCORING_SHARE = 0.05  # of training time, at most, where the time is planned


class Engine:
    """A recipe's game, its data and the compiled loop over them, on a strategy's devices."""

    def __init__(
        self, recipe: Recipe, samples: Samples, strategy: tf.distribute.Strategy, told: Told | None = None
    ) -> None:
        self.recipe, self.samples, self.strategy = recipe, samples, strategy
        self.told = told or tell(recipe.label, samples)
        replicas = strategy.num_replicas_in_sync
        if recipe.batch % replicas:
            raise WrongUseError(f"batch={recipe.batch} cannot be shared by {replicas} devices: choose a multiple")
        build = builder(recipe.game, games, "game", "build")
        with strategy.scope():
            self.game: Game = build(recipe, samples.shape, len(self.told.classes), samples.input_shape)
        self.workers = workers_of(strategy)
        labelled, whole = replace(samples, labels=self.told.labels), recipe.batch * self.game.batches
        self.feed = Feed(labelled, whole, recipe.seed, recipe.matched)
        self.rollbacks = 0
        self._count = 4
        self._fact_names: list[str] = []
        self._advance = cache(self._compiled)

    def advance(self, step: int, count: int) -> dict[str, float]:
        """Take `count` steps from `step` on; the facts' means over them."""
        began = time.monotonic()
        real, label, given = self.feed(step, count, self.count(step + count))
        scales = np.array([self.rate_scale(step + i) for i in range(count)], np.float32)
        along = np.float32((step + np.arange(count + 1)) / self.recipe.steps)
        advance = self._advance(bisect_right(self._phases(), step))
        if step in self._phases():
            self._start_optimizers_anew()
        try:
            facts = advance(*map(tf.constant, (step, scales, along, real, label, given))).numpy()
        except tf.errors.ResourceExhaustedError as error:
            raise RunFailedError(f"out of memory at step {step}: lower batch, now {self.recipe.batch}") from error
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
        ends += [start for start in self._phases() if start > step]
        return max(0, min(self._count, min(ends) - step))

    def plan(self, seconds: float, scores: int = 0) -> Recipe:
        """The recipe with as many steps as fit into `seconds`, measured on this machine.

        Scores come further apart where they would take more than a twentieth of the time, but there are at least so
        many `scores`. The state is as before afterwards.
        """
        before, began = self.state(0), time.monotonic()
        phases = list(pairwise([0.0, *self.game.phases, 1.0]))
        measured = max(PLANNING_SECONDS, PLANNING_SHARE * seconds)
        pace = sum((end - start) * self._pace(start, end, measured * (end - start)) for start, end in phases)
        self.restore(before)
        recipe = self.recipe
        self.picture()  # the first one reads what is shown
        extras = [(recipe.preview, _seconds(self.picture)), (recipe.save, _seconds(lambda: self.state(0)))]
        pace += sum(cost / every for every, cost in extras if every)
        scoring, spaced = 0.0, recipe.evaluate
        if recipe.evaluate or scores:
            self.score()  # the first one also compiles, and extracts real features
            scoring = _seconds(self.score)
            spaced = max(recipe.evaluate, math.ceil(scoring / (SCORING_SHARE * pace)))
        # the first score and the last come whatever their distance
        left = 0.97 * (seconds - (time.monotonic() - began)) - 2 * scoring
        steps = max(1, int(left / (pace + (scoring / spaced if spaced else 0.0))))
        if scores and steps < scores * spaced:
            # a run that only scores itself is none
            steps = max(1, int(max(left - scores * scoring, left / 2) / pace))
            spaced = math.ceil(steps / scores)
        self.recipe = replace(recipe, steps=steps, evaluate=spaced)
        return self.recipe

    @property
    def devices(self) -> str:
        """How many devices of which kind the networks learn on."""
        kind = "GPU" if tf.config.list_physical_devices("GPU") else "CPU"
        return f"{self.strategy.num_replicas_in_sync} {kind}"

    def _pace(self, start: float, end: float, seconds: float) -> float:
        """Seconds a step between these shares of the run, measured for so long from the first of them on."""
        step, last = (math.ceil(along * self.recipe.steps) for along in (start, end))
        self.advance(step, 4)  # compiles
        calls: list[tuple[float, int]] = []
        began = time.monotonic()
        while len(calls) < 3 or time.monotonic() - began < seconds:
            count = self._count
            calls.append((_seconds(partial(self.advance, step, count)), count))
            # on from step to step: at the first alone a lazy penalty might always be due
            step = min(step + count, last - 1)
        self._count = 4
        took, steps = np.sum(calls[len(calls) // 2 :], axis=0)  # the first calls are short, and slower a step
        return float(took / steps)

    def _start_optimizers_anew(self) -> None:
        """What a new phase brings to learn has no moments yet; beside old ones its first steps would be far too large.

        The learning rate is among the variables, and set at every step.
        """
        for player in self.game.players.values():
            for variable in player.optimizer.variables:
                variable.assign(keras.ops.zeros_like(variable))

    def _phases(self) -> list[int]:
        """The steps at which the game's later phases begin."""
        return [math.ceil(along * self.recipe.steps) for along in self.game.phases]

    def state(self, step: int) -> State:
        """Everything that the next step depends on, by name; and the network delivered at this step."""
        self.game.deliver()
        arrays = {name: keras.ops.convert_to_numpy(v) for name, v in self._variables().items()}
        return {"step": np.array(step), "rollbacks": np.array(self.rollbacks), **arrays}

    def networks(self) -> dict[str, Any]:
        """Each network's number of parameters, and how many layers of each kind it has."""
        own = {name: network for player in self.game.players.values() for name, network in player.networks.items()}
        return {
            name: {
                "parameters": network.count_params(),
                "layers": dict(Counter(type(layer).__name__ for layer in network._flatten_layers())),
            }
            for name, network in own.items()
        }

    def finite(self) -> bool:
        """Is every weight a number? The last update of a chunk can break them while its costs still look fine."""
        own = (network for player in self.game.players.values() for network in player.networks.values())
        return all(np.isfinite(keras.ops.convert_to_numpy(v)).all() for network in own for v in network.weights)

    def restore(self, state: State | None) -> int:
        """Take up a state (None: as built); its step."""
        if state is None:
            return 0
        variables = self._variables()
        shapes = {name: variable.shape for name, variable in variables.items()} | {"step": (), "rollbacks": ()}
        if shapes != {name: array.shape for name, array in state.items()}:
            raise RunFailedError("the checkpoint does not fit the recipe's networks: was it made by another version?")
        with self.strategy.scope():
            for name, variable in variables.items():
                variable.assign(state[name])
        self.rollbacks = int(state["rollbacks"])
        return int(state["step"])

    @cached_property
    def unseen(self) -> Samples | None:
        """The part of the data that is not trained on, where there is one."""
        return self.recipe.unseen()

    @cached_property
    def examiner(self) -> Examiner:
        """Who scores the samples, against the same real ones every time."""
        return Examiner(self.recipe.features, self.samples, self.unseen)

    def score(self) -> dict[str, Any]:
        """Scores and vital signs of the delivered network's samples."""
        fake = self.drawn(self.recipe.seed + 1, LIVE_FAKE)
        sides = {"train": self.examiner.seen, "held_out": self.examiner.unseen, "fake": fake}
        logits = {
            side: self._judged(samples, fake.labels if samples is fake else self.told.of(samples))
            for side, samples in sides.items()
            if samples is not None and self.game.judges
        }
        return self.examiner.examine(fake, logits)

    def _judged(self, samples: Samples, labels: np.ndarray | None) -> np.ndarray:
        """The discriminator's logits, in batches of the size it learns from: some layers compare within a batch."""
        batch = self.recipe.batch // self.strategy.num_replicas_in_sync
        count = max(1, min(LIVE_FAKE, len(samples)) // batch)
        rows = np.resize(np.arange(len(samples)), count * batch)  # of fewer than a batch some twice
        images = to_float(samples.images[rows]) if samples.images.ndim == 4 else samples.images[rows]
        own = np.zeros(len(rows), np.int32) if labels is None else labels[rows].astype(np.int32)
        given = to_float(samples.inputs[rows]) if samples.aligned and samples.inputs is not None else images
        parts = [array.reshape(count, batch, *array.shape[1:]) for array in (images, own, given)]
        return self._judge(*parts).numpy().ravel()[: len(samples)]

    @cached_property
    def _judge(self) -> Any:
        """The game's judgement of several batches, in one call."""
        return tf.function(
            lambda *parts: tf.map_fn(self.game.judge, Batch(*parts), fn_output_signature=tf.float32),
            reduce_retracing=True,
        )

    def picture(self) -> np.ndarray:
        """The delivered network's view of what it is always shown.

        Of fixed latents: 64 images, or 1,000 points over real ones; of fixed inputs: input, output and target.
        """
        real = self.samples.images
        made = self.drawn(self.recipe.seed, 64 if real.ndim == 4 else 1000)
        return figures.preview(made.images, real) if made.inputs is None else figures.translations(made)

    def drawn(self, seed: int, count: int) -> Samples:
        """Samples of the delivered network as users get them; kinds, where it is told them, as in the data.

        A network that makes images from others is given some that it does not learn from, if there are any; then
        there are at most `count`, with their inputs and targets.
        """
        generator = self.game.deliver()["generator"]
        if self.samples.inputs is not None:
            return translated(generator, some_inputs(self.samples, self.unseen, seed, count))
        labels = self._kinds(count)
        made = generate(generator, latents(seed, count, self.recipe.latent), labels)
        return Samples("generated", made, labels, self.told.classes)

    def walk(self, count: int, frames: int) -> np.ndarray | None:
        """Images on the way between `count` latents, and between their kinds where the network is told them.

        None where samples are not made from latents.
        """
        if self.samples.inputs is not None:
            return None
        stops = latents(self.recipe.seed, count, self.recipe.latent)
        generator = self.game.deliver()["generator"]
        return games.walk(generator, stops, self._kinds(count), len(self.told.classes), frames)

    def _kinds(self, count: int) -> np.ndarray | None:
        labels = self.told.labels
        return None if labels is None else np.random.RandomState(self.recipe.seed).choice(labels, count)

    def _compiled(self, phase: int) -> Any:
        """The loop over a chunk of steps of one of the game's phases as one TensorFlow function."""
        game, strategy = self.game, self.strategy
        step = partial(self._step, phase)
        kind = tf.as_dtype(self.samples.images.dtype)
        whole = self.recipe.batch * game.batches

        @tf.function(
            autograph=False,  # to rewrite the Python of a game took as long as the rest of its tracing
            input_signature=[
                tf.TensorSpec((), tf.int32),
                tf.TensorSpec((None,), tf.float32),
                tf.TensorSpec((None,), tf.float32),
                tf.TensorSpec((None, whole, *self.samples.shape), kind),
                tf.TensorSpec((None, whole), tf.int32),
                tf.TensorSpec((None, whole, *(self.samples.input_shape or (0,))), tf.uint8),
            ],
        )
        def advance(
            first: tf.Tensor,
            scales: tf.Tensor,
            along: tf.Tensor,
            real: tf.Tensor,
            label: tf.Tensor,
            given: tf.Tensor,
        ) -> tf.Tensor:
            count = tf.shape(scales)[0]

            def one(i: tf.Tensor, facts: tf.TensorArray) -> tuple[tf.Tensor, tf.TensorArray]:
                for player in game.players.values():
                    player.optimizer.learning_rate.assign(player.rate * scales[i])
                own = strategy.run(step, args=(first + i, along[i], real[i], label[i], given[i]))
                seen = strategy.reduce(tf.distribute.ReduceOp.MEAN, own, axis=None)
                game.after_step(first + i, along[i + 1], dict(zip(self._fact_names, tf.unstack(seen), strict=True)))
                return i + 1, facts.write(i, seen)

            facts = tf.TensorArray(tf.float32, size=count)
            _, facts = tf.while_loop(lambda i, _: i < count, one, (tf.constant(0), facts))
            return tf.reduce_mean(facts.stack(), axis=0)

        return advance

    def _step(
        self, phase: int, step: tf.Tensor, along: tf.Tensor, real: tf.Tensor, label: tf.Tensor, given: tf.Tensor
    ) -> tf.Tensor:
        """All turns of a step with one replica's share of the batches: its facts, in the order of their names."""
        recipe, game, replicas = self.recipe, self.game, self.strategy.num_replicas_in_sync
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        share = recipe.batch // replicas
        facts: dict[str, tf.Tensor] = {}
        for number, names in enumerate(game.turns):
            first = min(number, game.batches - 1) * recipe.batch + replica * share
            own = [rows[first : first + share] for rows in (real, label, given)]
            own = [tf.ensure_shape(part, (share, *part.shape[1:])) for part in own]
            own[0], own[2] = (_as_float(part) for part in (own[0], own[2]))
            learning = {name: game.players[name] for name in names}
            turn = Turn(recipe.seed, step, number, learning, (replica, replicas), along, phase)
            facts |= self._taken(turn, Batch(*own), replicas)
        self._fact_names = sorted(facts)
        return tf.stack([facts[name] for name in self._fact_names])

    def _taken(self, turn: Turn, batch: Batch, replicas: int) -> dict[str, tf.Tensor]:
        """Move those whose turn it is: their costs, the norms of their gradients, and what else the game tells."""
        with tf.GradientTape(persistent=True) as tape:
            turn.unrecorded = tape.stop_recording
            costs, facts = self.game.costs(batch, turn)
            shared = {name: cost / replicas for name, cost in costs.items()}
        gradients = {
            name: tape.gradient(shared[name], [v.value for v in player.variables], unconnected_gradients="zero")
            for name, player in turn.learning.items()
        }
        norms = {}
        for name, player in turn.learning.items():
            # an embedding's gradient comes in slices, of which several may be of one row
            gradients[name] = [tf.convert_to_tensor(gradient) for gradient in gradients[name]]
            player.optimizer.apply(gradients[name], player.variables)
            norms[f"{name}_gradient"] = replicas * tf.linalg.global_norm(gradients[name])
        turn.settle()
        return {**norms, **{f"{name}_cost": cost for name, cost in costs.items()}, **facts}

    def _variables(self) -> dict[str, keras.Variable]:
        """All state, by names that do not depend on what else the process has built."""
        found: dict[str, keras.Variable] = {}
        for name, player in self.game.players.items():
            for part, network in player.networks.items():
                found |= _numbered(f"{name}/{part}", network.weights)
            found |= _numbered(f"{name}/optimizer", player.optimizer.variables)
        for name, network in self.game.delivered.items():
            found |= _numbered(f"delivered/{name}", network.weights)
        return found | _numbered("game", self.game.state)

    def _learn_speed(self, count: int, seconds: float) -> None:
        """Choose a power of two of steps that takes about a second, within memory."""
        if self.workers > 1:
            return  # all workers must stop at the same steps
        sample = self.samples.images[0].nbytes + math.prod(self.samples.input_shape or (0,))
        room = CHUNK_BYTES // max(1, self.feed.batch * sample)
        fitting = min(256, max(1, room), max(1, CHUNK_SECONDS * count / seconds))
        # no more than twice as many at a time: the first call also compiles
        self._count = min(2 * self._count, 2 ** int(math.log2(fitting)))


def _as_float(rows: tf.Tensor) -> tf.Tensor:
    """Images in [-1, 1]; points as they are."""
    return tf.cast(rows, tf.float32) / 127.5 - 1.0 if rows.dtype == tf.uint8 else rows


def _seconds(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def _numbered(prefix: str, variables: Sequence[keras.Variable]) -> dict[str, keras.Variable]:
    """By place and kind: Keras' own names count how many layers the process has made."""
    kinds = (v.name.rsplit("_", 1)[-1] if prefix.endswith("optimizer") else v.name for v in variables)
    return {f"{prefix}/{i:03d}/{kind}": v for i, (kind, v) in enumerate(zip(kinds, variables, strict=True))}


@cache
def strategy_here() -> tf.distribute.Strategy:
    """Several workers if TF_CONFIG names them, several GPUs if there are, else the one device.

    One for the whole process: TensorFlow's collectives take a second one's first sums for those of the first.
    """
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


def is_chief(strategy: tf.distribute.Strategy) -> bool:
    """Does this process write the run? The chief if the cluster has one, else worker 0."""
    resolver = strategy.cluster_resolver
    if resolver is None or not resolver.task_type:
        return True
    leader = "chief" if "chief" in resolver.cluster_spec().jobs else "worker"
    return resolver.task_type == leader and resolver.task_id == 0


def workers_of(strategy: tf.distribute.Strategy) -> int:
    """How many processes train together."""
    resolver = strategy.cluster_resolver
    if resolver is None or not resolver.task_type:
        return 1
    spec = resolver.cluster_spec()
    return sum(spec.num_tasks(job) for job in spec.jobs if job in ("chief", "worker"))
