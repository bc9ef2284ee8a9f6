"""The run folder: what is written survives, what is damaged is stepped over, two writers are kept apart."""

import errno
import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from ganvas import run as run_module
from ganvas.errors import RunFailedError, WrongUseError
from ganvas.recipe import Recipe
from ganvas.run import Run, every, read_state

STATE = {"step": np.array(1), "a/000/kernel": np.arange(6.0).reshape(2, 3)}


@pytest.fixture
def run():
    made = Run.create(Recipe(name="plain", steps=30), None)
    made.write_recipe(Recipe(name="plain", steps=30))
    yield made
    made.unlock()


def test_folders_are_numbered_and_named():
    for number, name in ((1, "0001-plain-fashion_mnist"), (2, "0002-plain-fashion_mnist")):
        made = Run.create(Recipe(name="plain"), None)
        made.write_recipe(Recipe(name="plain"))
        made.unlock()
        assert made.path.name == name, number
    assert [path.name[:4] for path in every()] == ["0001", "0002"]
    assert Run.create(Recipe(name="x", data="./my photos/cats"), None).path.name == "0003-x-cats"
    assert Run.create(Recipe(name="../x/y"), None).path.as_posix() == "runs/0004-x_y-fashion_mnist"


def test_processes_that_begin_together_take_other_numbers():
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: Run.create(Recipe(name="plain"), None), range(8)))
    assert sorted(run.path.name[:4] for run in made) == [f"{number:04d}" for number in range(1, 9)]


def test_find(run):
    for reference in (run.path, str(run.path), "latest", "1", "0001", 1):
        assert Run.find(reference).path == run.path
    with pytest.raises(
        WrongUseError, match=r"no run '7': give a run's folder, its number, or latest \(runs holds 1 run\)"
    ):
        Run.find("7")
    with pytest.raises(WrongUseError, match="there are no runs under elsewhere"):
        Run.find("latest", "elsewhere")


def test_a_folder_that_holds_a_run_is_not_overwritten(run):
    with pytest.raises(WrongUseError, match="already holds a run: go on with `ganvas resume"):
        Run.create(Recipe(), run.path)


def test_two_writers_are_kept_apart(run):
    assert run.locked
    with pytest.raises(WrongUseError, match="is being written by another process"):
        Run(run.path).lock()
    run.unlock()
    assert not run.locked
    Run(run.path).lock()


def test_state_round_trips_and_the_last_two_and_the_best_are_kept(run):
    for step in (10, 20, 30):
        run.save_state(f"{step:08d}", {**STATE, "step": np.array(step)})
        if step == 10:
            run.save_state("best", STATE)
    assert sorted(p.name for p in (run.path / "checkpoints").iterdir()) == ["00000020.npz", "00000030.npz", "best.npz"]
    state, problems = run.load_state()
    assert problems == []
    assert int(state["step"]) == 30
    assert np.array_equal(state["a/000/kernel"], STATE["a/000/kernel"])
    assert run.locked
    assert run.status == "running"
    run.unlock()
    assert run.status == "done"


@pytest.mark.parametrize("damage", ["truncated", "one bit", "empty", "not an archive"])
def test_a_damaged_checkpoint_falls_back_to_the_one_before(run, damage):
    for step in (10, 20):
        run.save_state(f"{step:08d}", {**STATE, "step": np.array(step), "big": np.zeros(5000)})
    file = run.checkpoints()[-1]
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    spoilt = {
        "truncated": bytes(content[: len(content) // 2]),
        "one bit": bytes(content),
        "empty": b"",
        "not an archive": b"x" * 100,
    }
    file.write_bytes(spoilt[damage])
    state, problems = run.load_state()
    assert int(state["step"]) == 10
    assert len(problems) == 1
    assert "00000020.npz is damaged" in problems[0]
    run.checkpoints()[0].write_bytes(b"")
    with pytest.raises(RunFailedError, match="has no readable checkpoint"):
        run.load_state()


def test_a_full_disk_ends_in_one_sentence_with_the_last_checkpoint_intact(run, monkeypatch):
    run.save_state("00000010", STATE)

    def full(out, **arrays):
        out.write_bytes(b"half of it")
        raise OSError(errno.ENOSPC, "No space left on device")

    sentence = r"No space left on device\): the checkpoint of step 10 is whole; make room"
    with monkeypatch.context() as patched:
        patched.setattr(run_module.np, "savez", full)
        with pytest.raises(RunFailedError, match=sentence):
            run.save_state("00000020", STATE)
    assert [p.name for p in (run.path / "checkpoints").iterdir()] == ["00000010.npz"]
    assert set(read_state(run.checkpoints()[0])) == set(STATE)


def test_a_checkpoint_that_lost_an_array_is_damaged(run):
    run.save_state("00000010", STATE)
    with np.load(run.checkpoints()[0]) as stored:
        np.savez(run.path / "checkpoints" / "00000020.npz", **{k: stored[k] for k in stored.files if k != "step"})
    state, problems = run.load_state()
    assert int(state["step"]) == int(STATE["step"])
    assert "arrays are missing" in problems[0]


def test_the_best_state_goes_with_its_score(run):
    run.save_state("best", {**STATE, "step": np.array(20)})
    run.append("metrics.jsonl", {"step": 20, "frechet": {"value": 1.0}})
    run.forget_after(20)
    assert (run.path / "checkpoints" / "best.npz").exists()
    run.forget_after(10)
    assert not (run.path / "checkpoints" / "best.npz").exists()


def test_logs_are_cut_back_and_half_a_line_is_stepped_over(run):
    for step in (1, 2, 3):
        run.append("log.jsonl", {"step": step})
    with open(run.path / "log.jsonl", "a") as log:
        log.write('{"step": 4, "gen')
    assert [line["step"] for line in run.log()] == [1, 2, 3]
    run.forget_after(2)
    assert (run.path / "log.jsonl").read_text() == '{"step": 1}\n{"step": 2}\n'
    run.append("log.jsonl", {"step": 3})
    assert [line["step"] for line in run.log()] == [1, 2, 3]


def test_half_a_line_does_not_swallow_the_next(run):
    run.append("log.jsonl", {"step": 1})
    with open(run.path / "log.jsonl", "a") as log:
        log.write('{"step": 2, "gen')
    run.forget_after(1)
    run.append("log.jsonl", {"step": 2})
    assert [line["step"] for line in run.log()] == [1, 2]


def test_recipes_that_cannot_be_read_are_named(run):
    (run.path / "recipe.json").write_text(json.dumps({"stesp": 3}))
    with pytest.raises(WrongUseError, match="unknown setting 'stesp'"):
        _ = Run(run.path).recipe


def test_a_run_without_checkpoints_says_so(run):
    with pytest.raises(WrongUseError, match="has no generator yet"):
        run.sample(1)


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(WrongUseError, match="cannot make the folder"):
        Run.create(Recipe(), tmp_path / "file" / "run")
    with pytest.raises(WrongUseError, match="is a file: a run needs a folder"):
        Run.create(Recipe(), tmp_path / "file")
