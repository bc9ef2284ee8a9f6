"""The loop never loses a run: resume is exact, whatever ended it, for every recipe."""

import dataclasses
import json
import math
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest
import small
import tensorflow as tf

import ganvas
from ganvas import recipes
from ganvas.data.labels import Clusters, Told, spectra, tell
from ganvas.engine import Engine
from ganvas.errors import RunFailedError, WrongUseError
from ganvas.networks import quick
from ganvas.progress import Silent
from ganvas.recipe import Recipe
from ganvas.run import Run
from ganvas.trainer import _evaluate, _Log, _loop, prepare

START = "import sys, ganvas, small; ganvas.train(small.shrunk(sys.argv[1], **eval(sys.argv[2])), run='victim')"


def _train(path, name, **changes):
    return ganvas.train(small.shrunk(name, **changes), run=path, progress=False)


def _final(run):
    return run.load_state()[0]


def _process(code, *arguments):
    env = {**os.environ, "PYTHONPATH": os.path.dirname(small.__file__)}
    return subprocess.Popen([sys.executable, "-c", code, *arguments], env=env, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("name", small.marked())
def test_four_steps_equal_two_and_resume_and_two(name):
    recipe, samples = prepare(small.shrunk(name), {})
    part = Run.create(recipe, "part")
    part.write_recipe(recipe)
    told = tell(recipe.label, samples)
    part.write_environment(samples, told, {})
    part.unlock()
    engine = Engine(recipe, samples, tf.distribute.get_strategy())
    part.save_state("00000000", engine.state(0))
    engine.advance(0, 1)
    engine.advance(1, 1)
    half = engine.state(2)
    part.save_state("00000002", half)
    for step in (2, 3):  # the one that never stopped
        engine.advance(step, 1)
    whole = engine.state(4)
    assert small.states_differ(whole, half)
    resumed = ganvas.resume(part, progress=False)
    assert small.states_differ(whole, _final(resumed)) == []
    assert [line["step"] for line in resumed.log()][-1] == 4
    delivered = [keras.ops.convert_to_numpy(weight) for weight in engine.game.deliver()["generator"].weights]
    assert all(map(np.array_equal, delivered, resumed.generator().get_weights()))


# a process and three compilations each: the smallest at every change
SLOW = [pytest.param(name, marks=[pytest.mark.long] * (name != "toy")) for name in small.names()]


@pytest.mark.parametrize("name", SLOW)
def test_killed_at_a_random_moment_then_resumed_ends_bit_equal(name):
    changes = {"steps": 40, "save": 7, "preview": 9, "evaluate": 13}
    whole = _train("whole", name, **changes)
    victim = _process(START, name, repr(changes))
    log, deadline = "victim/log.jsonl", time.monotonic() + 120
    while not os.path.exists(log) and victim.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    moment = random.SystemRandom().uniform(0, 1.5)
    time.sleep(moment)
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    reached = [line["step"] for line in Run("victim").log()]
    assert reached, victim.stderr.read()
    resumed = ganvas.resume("victim", progress=False)
    message = f"killed after {moment:.3f} s, at step {reached[-1]}"
    assert small.states_differ(_final(whole), _final(resumed)) == [], message
    for one, other in zip(whole.generator().get_weights(), resumed.generator().get_weights(), strict=True):
        assert np.array_equal(one, other), message
    steps = [line["step"] for line in resumed.log()]
    assert steps == sorted(set(steps)), message
    drop = {"seconds"}
    scores = [[{k: v for k, v in line.items() if k not in drop} for line in run.scores()] for run in (whole, resumed)]
    assert scores[0] == scores[1], message


def test_a_new_process_samples_and_scores_to_the_bit_what_the_training_one_does():
    run = _train("made", "plain", data="digits", size="28")
    code = """if True:
        import ganvas, numpy, json
        scores = ganvas.evaluate("made", n=200, features="efficientnet", show=False)
        print(json.dumps({name: score["value"] for name, score in scores.items()}))
        numpy.save("again.npy", ganvas.Run("made").sample(16, seed=1))
    """
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert other.returncode == 0, other.stderr
    here = ganvas.evaluate(run, n=200, features="efficientnet", show=False)
    assert json.loads(other.stdout) == {name: score["value"] for name, score in here.items()}
    assert np.array_equal(np.load("again.npy"), run.sample(16, seed=1))
    assert tf.config.optimizer.get_experimental_options()["disable_meta_optimizer"]


def test_killed_before_the_first_checkpoint_starts_over():
    recipe, samples = prepare(small.shrunk("toy"), {})
    run = Run.create(recipe, "young")
    run.write_environment(samples, Told(), {})
    run.write_recipe(recipe)
    run.unlock()
    assert small.states_differ(_final(_train("whole", "toy")), _final(ganvas.resume(run, progress=False))) == []


def test_what_a_run_leaves_behind():
    run = _train("made", "dense", steps=6, save=2, preview=2, evaluate=3)
    names = {p.relative_to(run.path).as_posix() for p in run.path.rglob("*") if p.is_file()}
    assert names >= {
        *("recipe.json", "environment.json", "log.jsonl", "metrics.jsonl", "generator.keras"),
        *("curves.png", "real_above_generated.png", "training.gif", "interpolation.png"),
        *(f"samples/{step:08d}.png" for step in (0, 2, 4, 6)),
        *(f"checkpoints/{name}.npz" for name in ("00000004", "00000006", "best")),
    }
    assert not [name for name in names if ".part" in name]
    line = run.log()[-1]
    assert {"step", "images", "seconds", "images_per_second"} <= set(line)
    assert {"generator_cost", "discriminator_cost", "accuracy_real", "accuracy_fake"} <= set(line)
    assert (line["step"], line["images"]) == (6, 48)
    assert [score["step"] for score in run.scores()] == [0, 3, 6]
    environment = json.loads((run.path / "environment.json").read_text())
    assert environment["data"]["count"] == 1617
    assert environment["packages"]["tensorflow"] == tf.__version__
    assert run.status == "done"
    best = min(run.scores()[1:], key=lambda score: score["frechet"]["value"])["step"]  # not the untrained one
    assert int(np.load(run.path / "checkpoints" / "best.npz")["step"]) == best
    assert run.sample(2, best=True).shape == (2, 28, 28, 1)


def test_sampling_is_a_function_of_the_seed():
    run = _train("made", "dense", evaluate=0)
    assert run.sample(5).dtype == np.uint8
    assert np.array_equal(run.sample(5)[:2], run.sample(2))
    assert not np.array_equal(run.sample(2), run.sample(2, seed=1))
    assert run.sample(3, truncation=0.1).std(axis=0).mean() < run.sample(3).std(axis=0).mean()
    with pytest.raises(WrongUseError, match="truncation must be above 0"):
        run.sample(1, truncation=0)
    with pytest.raises(WrongUseError, match="trained without labels"):
        run.sample(1, label="3")


def test_labels_are_learnt_from_and_asked_for_by_name():
    run = _train("made", "plain", label="class", evaluate=0)
    threes, fours = run.sample(4, label="3"), run.sample(4, label=4)
    assert not np.array_equal(threes, fours)
    assert run.sample(4).shape == (4, 28, 28, 1)
    assert list(run.labels(3, label="3")) == [3, 3, 3]
    with pytest.raises(WrongUseError, match="unknown label 'x'"):
        run.sample(1, label="x")
    with pytest.raises(WrongUseError, match="array has no labels"):
        ganvas.train("plain", data=np.zeros((9, 28, 28), np.uint8), label="class", progress=False)


def test_clusters_are_told_kept_with_the_run_and_asked_for():
    run = _train("made", "quick", label="kmeans:5", evaluate=2)
    clusters, samples = run.clusters(), ganvas.load("digits", 28)
    counts = run.environment["told"]["class_counts"]
    assert counts == np.bincount(clusters.nearest(samples.images), minlength=5).tolist()
    assert not np.array_equal(run.sample(4, label="cluster 3"), run.sample(4, label=4))
    assert {*run.labels(200)} == {*range(5)}
    assert run.sample(4).shape == (4, 28, 28, 1)
    seeds = [next(seed for seed in range(99) if run.labels(1, seed)[0] == kind) for kind in (1, 3)]
    ends = np.concatenate([run.sample(1, seed=seed) for seed in seeds])
    walk = run.walk(seeds, 5)
    assert np.array_equal(walk[[0, -1]], ends)
    assert not np.array_equal(walk[2], run.walk(seeds, 5, label=1)[2])
    assert "class_spreads" not in run.scores()[-1]["vitals"]  # clusters are not the data's classes
    with pytest.raises(WrongUseError, match="more clusters than array has samples, 9"):
        ganvas.train("quick", data=np.zeros((9, 28, 28), np.uint8), label="kmeans:10", progress=False)


def test_clusters_are_a_function_of_the_samples_alone():
    samples = ganvas.load("digits")
    one = Clusters.fit(samples.images, 10)
    code = "import ganvas; from ganvas.data.labels import Clusters; images = ganvas.load('digits').images; "
    code += "print(Clusters.fit(images, 10).centres.tobytes().hex())"
    other = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert one.centres.tobytes().hex() == other.stdout.strip()
    kinds = one.nearest(samples.images)
    # purity: most digits share their cluster with their own kind
    assert sum(np.bincount(samples.labels[kinds == k]).max() for k in range(10)) > 0.7 * len(samples)


def test_clusters_are_of_patterns_wherever_these_lie():
    random = np.random.RandomState(0)

    def drawn(kinds: np.ndarray, shape: tuple[int, ...], strength: float, light: float) -> np.ndarray:
        down, across = np.mgrid[: shape[0], : shape[1]]
        waves = np.stack([down / 5, across / 5, across / 9])[kinds] + random.uniform(size=(len(kinds), 1, 1))
        images = light + strength * np.sin(2 * np.pi * waves)[..., None] * np.linspace(0.5, 1, shape[2])
        return images.astype(np.uint8)

    for shape in ((28, 28, 1), (48, 65, 3)):
        found = Clusters.fit(drawn(random.randint(3, size=300), shape, 100, 127), 3)
        kinds = random.randint(3, size=300)
        for strength, light in ((100, 127), (80, 150)):  # the stripes of each image lie elsewhere
            told = found.nearest(drawn(kinds, shape, strength, light))
            assert len({*zip(kinds, told, strict=True)}) == len({*told}) == 3


def test_spectra():
    images = np.random.RandomState(0).randint(256, size=(4, 32, 32, 3)).astype(np.uint8)
    found = spectra(images)
    np.testing.assert_allclose(spectra(images[:1]), found[:1], rtol=1e-5)
    # each wave once: what is turned on its side is as strong, and what is twice as large the same
    strong = np.linalg.norm(found, axis=1)
    np.testing.assert_allclose(np.linalg.norm(spectra(images.swapaxes(1, 2)), axis=1), strong, rtol=1e-4)
    np.testing.assert_allclose(spectra(images.repeat(2, 1).repeat(2, 2)), found, rtol=1e-5)
    for shape in ((17, 16, 1), (33, 47, 3), (16, 200, 1)):
        odd = spectra(np.random.RandomState(0).randint(256, size=(3, *shape)).astype(np.uint8))
        assert (odd.dtype, len(odd)) == (np.float32, 3)
        assert (odd > 0).all()
    # of what is too small for waves the pixels count, of points where they are
    assert spectra(np.full((2, 8, 8, 1), 51, np.uint8)).tolist() == [[pytest.approx(0.2)] * 64] * 2
    assert spectra(np.eye(2, dtype=np.float32)).tolist() == [[1, 0], [0, 1]]
    of_pixels = Clusters(np.zeros(784), np.zeros((32, 784)), np.zeros((5, 32)))
    with pytest.raises(RunFailedError, match="clusters were found otherwise"):
        tell("kmeans:5", ganvas.load("digits", 28), of_pixels)


def test_not_a_number_rolls_back_and_lowers_the_rates(monkeypatch):
    recipe, samples = prepare(small.shrunk("toy", steps=8, save=2), {})
    run = Run.create(recipe, "run")
    run.write_recipe(recipe)
    run.write_environment(samples, Told(), {})
    engine = Engine(recipe, samples, tf.distribute.get_strategy())
    advance, spoilt = engine.advance, []

    def once_spoilt(step, count):
        facts = advance(step, count)
        if step >= 4 and not spoilt:
            spoilt.append(step)
            engine.game.generator.trainable_variables[0].assign(np.nan * np.ones((8, 16)))
            return dict.fromkeys(facts, float("nan"))
        return facts

    monkeypatch.setattr(engine, "advance", once_spoilt)
    _loop(run, engine, True, Silent(), cure=False)
    assert spoilt == [4]
    state = _final(run)
    assert (int(state["step"]), int(state["rollbacks"])) == (8, 1)
    assert all(np.isfinite(array).all() for array in state.values())
    assert {line["rate_scale"] for line in run.log()} == {1.0, 0.5}
    assert engine.rate_scale(0) == 0.5


def test_a_resumed_run_says_what_it_began_with_and_is_another_here(capsys):
    run = _train("begun", "toy", steps=4, evaluate=0)
    ganvas.resume(run)
    assert "began with" not in capsys.readouterr().err
    facts = json.loads((run.path / "environment.json").read_text())
    facts["machine"]["oneDNN"] = not facts["machine"]["oneDNN"]
    facts["packages"]["tensorflow"] = "2.5"
    (run.path / "environment.json").write_text(json.dumps(facts))
    ganvas.resume("begun")
    told = capsys.readouterr().err
    assert f"the run began with tensorflow 2.5, now {tf.__version__}" in told
    assert "the run began with oneDNN" in told


def test_a_state_is_kept_where_the_best_was_lost_to_a_rollback():
    recipe, samples = prepare(small.shrunk("toy", steps=8), {})
    run = Run.create(recipe, "run")
    run.write_recipe(recipe)
    run.write_environment(samples, Told(), {})
    engine = Engine(recipe, samples, tf.distribute.get_strategy())
    run.append("metrics.jsonl", {"step": 2, "frechet": {"value": 0.0, "interval": [0.0, 0.0]}})
    _evaluate(run, engine, 4, _Log(run, Silent()), Silent())
    assert int(run.best()["step"]) == 4
    run.append("metrics.jsonl", {"step": 6, "frechet": {"value": 1e9, "interval": [0.0, 2e9]}})
    run.save_state("best", {**engine.state(6)})
    _evaluate(run, engine, 8, _Log(run, Silent()), Silent())
    assert int(run.best()["step"]) == 8


def test_not_a_number_for_the_fourth_time_ends_the_run():
    """A real divergence: costs that fall without end."""
    wild = {"loss": "small:eighth_power", "generator_rate": 1, "discriminator_rate": 1, "precision": "float32"}
    with pytest.raises(RunFailedError, match=r"not a number after step \d+, for the 4th time, at 0\.125 of"):
        _train("run", "toy", **wild, steps=4000, save=10, preview=0, evaluate=0)
    state = _final(Run("run"))
    assert int(state["rollbacks"]) == 3
    assert all(np.isfinite(array).all() for array in state.values())


def test_ctrl_c_saves_then_stops():
    changes = {"steps": 100_000, "save": 0, "preview": 0, "evaluate": 0}
    victim = _process(START, "toy", repr(changes))
    while not os.path.exists("victim/log.jsonl") and victim.poll() is None:
        time.sleep(0.05)
    victim.send_signal(signal.SIGINT)
    victim.wait(timeout=60)
    told = victim.stderr.read()
    run = Run("victim")
    step = run.log()[-1]["step"]
    assert int(_final(run)["step"]) == step < 100_000
    assert f"stopped at step {step}, all saved: go on with `ganvas resume victim`" in told
    assert "KeyboardInterrupt" in told
    assert run.status == "stopped"


def test_a_second_writer_is_refused():
    run = _train("made", "toy", evaluate=0)
    run.lock()
    with pytest.raises(WrongUseError, match="is being written by another process"):
        ganvas.resume("made", progress=False)
    run.unlock()


def test_a_damaged_checkpoint_falls_back_and_ends_the_same():
    whole = _train("whole", "toy", steps=6, evaluate=0)
    part = _train("part", "toy", steps=6, evaluate=0)
    part.checkpoints()[-1].write_bytes(b"spoilt")
    resumed = ganvas.resume(part, progress=False)
    assert small.states_differ(_final(whole), _final(resumed)) == []


def test_changed_data_are_refused_on_resume():
    images = np.random.RandomState(0).randint(0, 255, (40, 28, 28), np.uint8)
    np.save("mine.npy", images)
    _train("made", "dense", data="mine.npy", size=None, evaluate=0)
    np.save("mine.npy", images[:30])
    with pytest.raises(WrongUseError, match="has changed since made began"):
        ganvas.resume("made", progress=False)


def test_arrays_and_models_in_memory_are_kept_with_the_run(tmp_path, monkeypatch):
    images = np.random.RandomState(0).randint(0, 255, (40, 12, 10, 3), np.uint8)
    generator = keras.Sequential([keras.Input((8,)), keras.layers.Dense(360), keras.layers.Reshape((12, 10, 3))])
    judge = keras.Sequential([keras.Input((12, 10, 3)), keras.layers.Flatten(), keras.layers.Dense(1)])
    own = {"data": images, "generator": generator, "discriminator": judge, "latent": 8}
    run = ganvas.train("plain", **own, steps=4, batch=8, save=2, evaluate=0, run="made", progress=False)
    assert run.sample(3).shape == (3, 12, 10, 3)
    before = _final(run)
    asked = Recipe(**own, steps=4, batch=8, save=2, evaluate=0)  # they may be in a Recipe as well
    recipe = ganvas.train(asked, run="other", progress=False).recipe
    assert (recipe.data, recipe.generator) == ("data.npy", "own_generator.keras")
    run.checkpoints()[-1].unlink()
    monkeypatch.chdir(tmp_path.parent)
    assert small.states_differ(before, _final(ganvas.resume(tmp_path / "made", progress=False))) == []


def test_a_network_with_a_layer_of_its_own_can_be_used_in_another_process(monkeypatch):
    Path("sames.py").write_text(
        "import keras\n\n\n"
        "@keras.saving.register_keras_serializable('sames')\n"
        "class Same(keras.layers.Layer):\n"
        "    def call(self, x):\n"
        "        return x\n\n\n"
        "def made(shape, latent):\n"
        "    return keras.Sequential([keras.Input((latent,)), keras.layers.Dense(2), Same()])\n"
    )
    monkeypatch.syspath_prepend(".")
    run = _train("made", "toy", generator="sames:made", generator_options="none")
    first = sys.modules.pop("sames")
    keras.saving.get_custom_objects().pop("sames>Same")  # as it is before the module is imported
    assert run.sample(3).shape == (3, 2)
    assert sys.modules.pop("sames") is not first
    keras.saving.get_custom_objects().pop("sames>Same")
    Path("sames.py").unlink()
    with pytest.raises(RunFailedError, match="import what registers its layers, or, if the file is damaged"):
        Run(run.path).sample(3)


def test_budgets_in_epochs_and_minutes():
    recipe, _ = prepare(small.shrunk("plain"), {"epochs": 2})
    assert recipe.steps == -(-2 * 1617 // 8)
    recipe, _ = prepare(small.shrunk("plain", together=False, discriminator_turns=3), {"epochs": 1})
    assert recipe.steps == -(-1617 // 24)
    with pytest.raises(WrongUseError, match="epochs and steps both say how long"):
        prepare("plain", {"epochs": 2, "steps": 5})
    with pytest.raises(WrongUseError, match="decay_to is what the rates fall to, and they do not fall"):
        prepare("dcgan", {"data": "digits", "size": 28, "decay_to": 0.1})
    with pytest.raises(WrongUseError, match="data is a set's name, a path or a NumPy array, not a list"):
        prepare("plain", {"data": [[0, 1]]})
    with pytest.raises(WrongUseError, match="array has one sample, too few to score by: set evaluate=0"):
        prepare("plain", {"data": np.zeros((1, 28, 28), np.uint8)})
    with pytest.raises(WrongUseError, match="epochs takes a number above 0, not 'many'"):
        prepare("plain", {"epochs": "many"})
    with pytest.raises(WrongUseError, match="minutes must be above 0"):
        ganvas.train("plain", minutes=0)
    began = time.monotonic()
    quiet = {"save": 0, "preview": 500, "evaluate": 0}
    run = ganvas.train(small.shrunk("toy", **quiet), run="made", minutes=0.2, progress=False)
    assert 5 < time.monotonic() - began < 30
    assert run.recipe.steps > 100
    # a plan is a number of steps, and repeats to the bit
    same = _train("same", "toy", steps=run.recipe.steps, **quiet)
    assert small.states_differ(_final(run), _final(same)) == []


def test_a_short_budget_has_what_suits_it_unless_something_else_was_asked_for(monkeypatch):
    measured = []

    def planned(engine, seconds, scores):
        measured.append(engine.recipe)
        engine.recipe = dataclasses.replace(engine.recipe, steps=4)
        return engine.recipe

    monkeypatch.setattr(Engine, "plan", planned)  # so few steps take no time, whatever the machine
    quiet = {"save": 0, "preview": 0, "evaluate": 0, "data": "digits", "size": 28, "augment": "none", "adapt": 0}
    narrow = {"generator_options.width": 4, "discriminator_options.width": 4}
    run = ganvas.train("quick", run="made", minutes=30, progress=False, **quiet, **narrow)
    assert (run.recipe.batch, run.recipe.discriminator, run.recipe.steps) == (16, "plain", 4)
    own = ganvas.train("quick", run="own", minutes=30, progress=False, batch=32, **quiet, **narrow)
    assert (own.recipe.batch, own.recipe.discriminator) == (32, "plain")
    assert len(measured) == 4
    model = quick.discriminator((28, 28, 1), width=4)
    both = ganvas.train(
        "quick", run="both", minutes=30, progress=False, batch=32, discriminator=model, label="none",
        **quiet, **{"generator_options.width": 4},
    )  # fmt: skip
    assert (both.recipe.batch, len(measured)) == (32, 5)
    assert both.recipe.discriminator.endswith(".keras")


@pytest.mark.parametrize(
    ("asked", "images", "told"),
    [
        ({}, 99_999, {"batch": 16, "discriminator": "plain"}),
        ({}, 100_000, {}),
        ({"batch": 64}, 1, {"discriminator": "plain"}),
    ],
)
def test_what_suits_quick(asked, images, told):
    recipe = recipes.find("quick").but(**asked)
    assert recipes.suited(recipe, images) == recipe.but(**told)
    other = recipes.find("plain")
    assert recipes.suited(other, images) == other


def test_a_plan_has_room_for_the_scores_that_cures_need(monkeypatch):
    monkeypatch.setattr(Engine, "_pace", lambda *_: 0.03)
    monkeypatch.setattr("ganvas.engine._seconds", lambda action: 12.0 if action.__name__ == "score" else 0.0)
    recipe, samples = prepare(small.shrunk("toy", evaluate=0), {})
    engine = Engine(recipe, samples, tf.distribute.get_strategy())
    alone, watched, short = engine.plan(600), engine.plan(600, 5), engine.plan(120, 5)
    assert alone.evaluate == 0
    for planned in (watched, short):
        assert planned.evaluate == math.ceil(planned.steps / 5)
    assert watched.steps == pytest.approx(alone.steps - 7 * 12 / 0.03, rel=0.02)
    assert 1000 < short.steps < 0.97 * 60 / 0.03  # nearly half of the time is trained


def test_rates_follow_their_schedule():
    recipe, samples = prepare(small.shrunk("toy", steps=100, decay_from=0.4, decay_to=0.02), {})
    scale = Engine(recipe, samples, tf.distribute.get_strategy()).rate_scale
    assert [scale(step) for step in (0, 39, 40)] == [1, 1, 1]
    assert scale(70) == pytest.approx(0.02 + 0.98 / 2)
    assert scale(100) == pytest.approx(0.02)


def test_several_turns_each_see_fresh_images():
    recipe, samples = prepare(small.shrunk("dense", together=False, discriminator_turns=3), {})
    engine = Engine(recipe, samples, tf.distribute.get_strategy())
    assert engine.feed.batch == 24
    assert [tuple(turn) for turn in engine.game.turns] == [("discriminator",)] * 3 + [("generator",)]
    players = {f"{player}_{figure}" for player in ("generator", "discriminator") for figure in ("cost", "gradient")}
    assert set(engine.advance(0, 1)) == {"accuracy_fake", "accuracy_real"} | players


def test_a_dry_run_writes_nothing(tmp_path):
    plan = ganvas.describe(small.shrunk("plain"))
    assert plan["data"]["count"] == 1617
    assert set(plan["parameters"]) == {"generator", "discriminator"}
    assert list(tmp_path.iterdir()) == []
