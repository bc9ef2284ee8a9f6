"""Comparisons: every recipe under every seed, one after the other, as each would be alone; stopped and gone on with."""

import json
import math
import os
import re
import shutil
import signal
import statistics
from pathlib import Path

import numpy as np
import pytest
import small

import ganvas
from ganvas import comparison, engine, trainer
from ganvas.errors import RunFailedError, WrongUseError
from ganvas.images import load_png
from ganvas.recipe import Recipe
from ganvas.report.comparison import Field, remarks
from ganvas.report.record import Record
from ganvas.run import Run
from ganvas.scores import over_runs

WORDS = ["compare", "narrow.json", "wide.json", "steps=8", "--seeds", "0,1", "--n", "200", "--out", "both"]


@pytest.fixture(autouse=True)
def _recipes(tmp_path):
    """Two small recipes of points, beside each test."""
    for name, width in (("narrow", 8), ("wide", 16)):
        widths = {f"{side}_options.width": width for side in ("generator", "discriminator")}
        Path(f"{name}.json").write_text(small.shrunk("toy", save=0, preview=0, evaluate=8, **widths).to_json())


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A whole comparison of two recipes and two seeds, nothing ever stopped."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("made"))
        _recipes.__wrapped__(None)
        found = ganvas.compare(["narrow.json", "wide.json"], steps=8, seeds=(0, 1), n=200, progress=False, out="both")
        return Path("both").resolve(), found


def _final(path):
    return Run(path).load_state()[0]


def _text(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.S)))


def test_every_run_is_what_it_would_be_alone(made):
    assert sorted(os.listdir(made[0] / "runs")) == ["narrow-seed0", "narrow-seed1", "wide-seed0", "wide-seed1"]
    alone = ganvas.train("wide.json", run="alone", seed=1, steps=8, progress=False)
    assert small.states_differ(_final(alone.path), _final(made[0] / "runs" / "wide-seed1")) == []
    assert small.states_differ(_final(alone.path), _final(made[0] / "runs" / "wide-seed0"))


def test_a_row_for_every_recipe_best_first_with_means_over_the_seeds(made):
    rows = made[1].rows
    values = [row["scores"]["frechet"]["value"] for row in rows]
    assert values == sorted(values)
    assert {row["recipe"] for row in rows} == {"narrow", "wide"}
    for row in rows:
        assert [run["seed"] for run in row["runs"]] == [0, 1]
        assert [(run["steps"], run["failed"]) for run in row["runs"]] == [(8, None)] * 2
        each = [run["scores"]["frechet"] for run in row["runs"]]
        assert row["scores"]["frechet"]["value"] == pytest.approx(statistics.mean(each))
        assert row["scores"]["frechet"]["runs"] == each
    own = json.loads((made[0] / "runs" / "wide-seed1" / "scores.json").read_text())
    (wide,) = (row for row in rows if row["recipe"] == "wide")
    assert own["scores"]["frechet"]["value"] == wide["runs"][1]["scores"]["frechet"]
    assert (own["n"], own["step"]) == (200, 8)


def test_the_mean_over_runs_has_students_interval():
    cards = [{"frechet": {"value": v, "features": "pixels", "floor": 0.5}} for v in (4.0, 5.0, 9.0)]
    found = over_runs(cards)["frechet"]
    reach = 4.302653 * statistics.stdev([4, 5, 9]) / math.sqrt(3)
    assert found["value"] == pytest.approx(6)
    assert found["interval"] == pytest.approx([max(0.0, 6 - reach), 6 + reach], rel=1e-6)
    assert (found["runs"], found["floor"], found["features"]) == ([4, 5, 9], 0.5, "pixels")
    assert over_runs(cards[:1]) == cards[0]
    assert over_runs([*cards, {"frechet": {"value": 1.0, "features": "inception"}}]) == {}
    for name, ends in (("precision", (0, 1)), ("density", (0, 19.06)), ("kernel", (-17.06, 19.06))):
        held = over_runs([{name: {"value": value, "features": "pixels"}} for value in (0.0, 1.0, 2.0)][:3:2])
        assert held[name]["interval"] == pytest.approx([max(ends[0], 1 - 12.7062 * 1), min(ends[1], 1 + 12.7062)], 1e-4)


def test_what_is_written(made):
    folder, found = made
    asked = json.loads((folder / "compare.json").read_text())
    assert (list(asked["recipes"]), asked["seeds"], asked["minutes"], asked["n"]) == (
        ["narrow", "wide"],
        [0, 1],
        None,
        200,
    )
    assert asked["overrides"] == {"steps": 8}
    table = (folder / "table.md").read_text()
    rows = [line for line in table.splitlines() if line.startswith("|")]
    assert [row.split("|")[1].strip() for row in rows[2:]] == [
        *(f"`{row['recipe']}`" for row in found.rows),
        "real samples",
    ]
    assert len({row.count("|") for row in rows}) == 1
    assert found.notes
    assert all(f"* {note}" in table for note in found.notes)
    assert "8 steps each, seeds 0 and 1" in table
    assert "8x8" not in table
    height, width, channels = load_png(folder / "sheet.png").shape
    assert (height, width, channels) == (480 + 40 + 2 * 24, 3 * 480 + 4 * 24, 3)


def test_the_report_sets_recipes_beside_each_other(made):
    page = (made[0] / "report.html").read_text()
    said = _text(page)
    assert "2 recipes compared, 4 runs" in said
    best = made[1].rows[0]["recipe"]
    assert re.search(rf"Samples seen 1 {best} ", said)
    assert all(said.count(note) == 1 + 4 for note in made[1].notes)  # above, and with each run
    assert page.count('<line class="one"') == 4
    assert len(re.findall(r'<a href="#run-\d">', page)) == 4
    assert re.search(r'class="legend"><span class="key s1">\w+</span><span class="key s2">\w+</span></span>', page)
    assert all(f'alt="Samples of {name}-seed{seed}"' in page for name in ("narrow", "wide") for seed in (0, 1))


def test_a_note_names_the_runs_it_is_of_unless_it_is_of_all(made):
    records = [Record(Run(path)) for path in sorted((made[0] / "runs").iterdir())]
    first = Record(records[0].run)
    first.__dict__["scores"] = {**first.scores, "notes": [*first.scores["notes"], "odd."]}
    assert remarks([first, *records[1:]]) == [*made[1].notes, f"{first.name}: odd."]


def test_a_report_of_runs_that_differ_in_their_seed_alone_joins_them(made):
    records = [Record(Run(path)) for path in sorted((made[0] / "runs").iterdir())]
    field = Field.of(records, None)
    assert field.shared
    assert [(one.name, one.wanted, len(one.runs)) for one in field.recipes] == [
        (row["recipe"], 2, 2) for row in made[1].rows
    ]
    assert not Field.of(records[::2], None).shared
    records[1].recipe = records[1].recipe.but(name="wide", batch=4)
    names = {one.name for one in Field.of(records, None).recipes}
    assert names == {"narrow", "wide (narrow-seed1)", next(name for name in names if name.startswith("wide (wide"))}


@pytest.mark.parametrize("step", [pytest.param(4, marks=pytest.mark.long), 8])
def test_a_stopped_comparison_goes_on_by_the_same_command(step, made, command, monkeypatch):
    """Ctrl-C in the midst of a run, or in its last steps: saved, 130; then as if it had never stopped."""
    shutil.copytree(made[0], "both")
    shutil.rmtree("both/runs/wide-seed0")
    whole = {path: path.stat().st_mtime_ns for path in Path("both/runs").rglob("*.*")}
    Path("both/runs/wide-seed0/samples").mkdir(parents=True)  # as a process leaves it that is killed at the very start
    tick = trainer._Log.tick

    def stopped(self, at, *rest):
        tick(self, at, *rest)
        if at == step:
            signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr(trainer._Log, "tick", stopped)
        status, out, err = command(*WORDS)
    assert (status, out) == (130, "")
    assert "run 2 of 4, wide-seed0" in err
    assert "stopped in run 2 of 4, wide-seed0: the same command goes on with the comparison" in err
    assert Run("both/runs/wide-seed0").checkpoints()[-1].stem == f"{step:08d}"
    status, out, err = command(*WORDS, "--json")
    assert status == 0, err
    assert re.findall(r"run \d of 4", err) == ["run 2 of 4"]
    assert {path: path.stat().st_mtime_ns for path in whole} == whole
    assert small.states_differ(_final(made[0] / "runs" / "wide-seed0"), _final("both/runs/wide-seed0")) == []
    scores = [[row["recipe"], [run["scores"]["frechet"] for run in row["runs"]]] for row in made[1].rows]
    assert [[row["recipe"], [run["scores"]["frechet"] for run in row["runs"]]] for row in json.loads(out)] == scores


def test_another_request_is_refused_or_gets_a_folder_of_its_own(made):
    recipes, asked = ["narrow.json", "wide.json"], {"steps": 8, "n": 200, "seeds": (0, 1), "progress": False}
    for other, name in (({"seeds": (0, 2)}, "seeds"), ({"batch": 4}, "overrides"), ({"n": 300}, "n")):
        with pytest.raises(WrongUseError, match=rf"both holds a comparison with other {name}: repeat its command"):
            ganvas.compare(recipes, **{**asked, **other}, out=made[0])
    shutil.copytree(made[0], "comparisons/0007-any")
    same = comparison._Request.of(recipes, None, (0, 1), 200, {"steps": "8"})
    assert comparison._folder(same, None) == Path("comparisons/0007-any")
    other = comparison._Request.of(recipes, 1, (0,), 200, {})
    assert comparison._folder(other, None) == Path("comparisons/0008-narrow-wide")
    assert comparison._folder(other, None) == Path("comparisons/0008-narrow-wide")
    Path("full").mkdir()
    Path("full/mine.txt").write_text("mine")
    with pytest.raises(WrongUseError, match="full is not empty"):
        ganvas.compare(recipes, out="full", **asked)
    assert os.listdir("full") == ["mine.txt"]


def test_two_processes_do_not_write_one_comparison(made):
    shutil.copytree(made[0], "both")
    with comparison._alone_in(Path("both")), pytest.raises(WrongUseError, match="both is being written by another"):
        ganvas.compare(["narrow.json", "wide.json"], steps=8, seeds=(0, 1), n=200, progress=False, out="both")


@pytest.mark.long
def test_a_run_that_fails_is_noted_and_the_others_go_on(command, monkeypatch):
    """`wild` fails along the way and leaves a run; `wide` fails before it has one."""
    quiet = {"save": 10, "preview": 0, "evaluate": 0}
    rates = {"generator_rate": 1, "discriminator_rate": 1, "precision": "float32"}
    Path("wild.json").write_text(small.shrunk("toy", loss="small:eighth_power", **rates, **quiet).to_json())
    Path("calm.json").write_text(small.shrunk("toy", **quiet).to_json())
    real = comparison.train

    def fails(recipe, **options):
        if recipe.name == "wide":
            raise RunFailedError("out of memory at step 0")
        return real(recipe, **options)

    monkeypatch.setattr(comparison, "train", fails)
    words = ["wild.json", "wide.json", "calm.json", "steps=500", "--n", "200", "--out", "some"]
    status, out, err = command("compare", *words, "--json")
    assert status == 0, err
    rows = {row["recipe"]: row for row in json.loads(out)}
    assert next(iter(rows)) == "calm"
    assert rows["calm"]["runs"][0]["failed"] is None
    assert "a cost is not a number after step" in rows["wild"]["runs"][0]["failed"]
    assert (rows["wide"]["scores"], rows["wide"]["runs"][0]["failed"]) == ({}, "out of memory at step 0")
    assert "wide-seed0 failed: out of memory at step 0" in Path("some/table.md").read_text()
    said = _text(Path("some/report.html").read_text())
    assert "Best first" in said
    assert re.search(r"wild-seed0 failed .* wide-seed0 failed ", said)
    assert "wide-seed0 failed: out of memory at step 0." in said
    status, out, err = command("compare", "wide.json", "steps=8", "--seeds", "0,1", "--n", "200", "--out", "none")
    assert (status, out) == (1, "")
    assert "none of the runs in none came to its end; the first: out of memory at step 0" in err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("narrow.json wide.json", "a comparison needs a budget that all runs share: give minutes, or steps, or epochs"),
        ("narrow.json wide.json steps=4 --minutes 1", "minutes plans the steps: give minutes, or steps, or epochs"),
        ("narrow.json wide.json --minutes -1", "minutes must be above 0, not -1"),
        ("narrow.json --minutes 1", "a comparison needs two runs or more: name another recipe, or several seeds"),
        (
            "narrow.json wide.json narrow.json steps=4",
            "two of the recipes are called 'narrow': give them files of diff",
        ),
        ("narrow.json plian steps=4", "unknown recipe 'plian': did you mean 'plain'?"),
        ("narrow.json wide.json stesp=4", "unknown setting 'stesp': did you mean 'steps'?"),
        (
            "narrow.json wide.json steps=4 seed=3",
            "a comparison takes its seeds together: write --seeds 0,1,2, not seed",
        ),
        ("narrow.json wide.json steps=4 --seeds a", "seeds are numbers and ranges such as 0,1,4-6, not 'a'"),
        ("narrow.json wide.json steps=4 --seeds 1,1", "a seed is named twice in 1 and 1"),
        ("narrow.json wide.json steps=4 --n 3", "n must be at least 20 to score anything, not 3"),
        ("toy plain data=rings steps=4", "plain cannot take part: the network 'plain' makes images, and the data are"),
        ("toy plain data=digits size=28 steps=4", "toy cannot take part: the data are (28, 28, 1), but"),
        ("plain quick data=digits size=30 steps=4", "plain cannot take part: the network 'plain' needs image sides"),
        ("toy wide.json data=nonsense steps=4", "toy cannot take part: unknown data set 'nonsense'"),
        ("narrow.json grid.json steps=4", "narrow learns rings:train of 2 (scored by pixels) and grid grid:train of 2"),
    ],
)
def test_what_cannot_be_compared_is_refused_before_any_training(words, sentence, command, monkeypatch):
    Path("grid.json").write_text(small.shrunk("toy", data="grid").to_json())
    monkeypatch.setattr(comparison, "train", lambda *_, **__: pytest.fail("something was trained"))
    status, out, err = command("compare", *words.split())
    assert (status, out) == (2, ""), err
    assert sentence in err
    assert "Traceback" not in err
    assert sorted(os.listdir()) == ["grid.json", "narrow.json", "wide.json"]


def test_panels_of_any_size_go_on_one_sheet(monkeypatch, tmp_path):
    """Of few held-out inputs fewer images can be shown, in fewer columns."""
    counts = {"few": 20, "many": 36}

    class Shown:
        shape, real, recipe = (8, 8, 1), np.zeros((36, 8, 8, 1), np.uint8), Recipe()

        def __init__(self, run):
            self.run = self
            self.count = counts[run.path.name]

        def sample(self, _):
            return np.zeros((self.count, 8, 8, 1), np.uint8)

    monkeypatch.setattr(comparison, "Record", Shown)
    run = {"failed": None, "seed": 0, "scores": {"frechet": 1.0}}
    rows = [{"recipe": name, "runs": [{**run, "run": name}]} for name in counts]
    comparison._save_sheet(tmp_path / "sheet.png", rows)
    assert load_png(tmp_path / "sheet.png").ndim == 3


@pytest.mark.long
def test_an_array_of_images_by_minutes(monkeypatch, capfd):
    monkeypatch.setattr(engine, "PLANNING_SECONDS", 0.1)
    for name, widths in (("few", [8, 8]), ("many", [16, 24])):
        options = {f"{side}_options.widths": widths for side in ("generator", "discriminator")}
        Path(f"{name}.json").write_text(small.shrunk("dense", data="own", size=None, **options).to_json())
    images = np.random.RandomState(0).randint(0, 255, (100, 12, 12), np.uint8)
    asked = {"minutes": 0.05, "n": 100}
    found = ganvas.compare(["few.json", "many.json"], data=images, **asked)
    assert found.path == Path("comparisons/0001-few-many")
    assert {row["recipe"] for row in found.rows} == {"few", "many"}
    assert all(row["runs"][0]["steps"] >= 1 for row in found.rows)
    err = capfd.readouterr().err
    assert "0.05 minutes of training each" in err
    assert "of training left in all, and the scoring" in err
    assert re.search(r"run 2 of 2, many-seed0: about .* left in all", err)
    page = (found.path / "report.html").read_text()
    assert "2 runs compared" in page
    assert '<line class="one"' not in page
    side = 5 * (6 * 14 - 2)
    assert load_png(found.path / "sheet.png").shape == (2 * 24 + 40 + side, 4 * 24 + 3 * side, 3)
    with pytest.raises(WrongUseError, match="holds a comparison with other overrides"):
        ganvas.compare(["few.json", "many.json"], data=255 - images, out=found.path, **asked)
    with pytest.raises(WrongUseError, match="takes plain values and arrays, and generator is neither"):
        ganvas.compare(["few.json", "many.json"], data=images, generator=object(), **asked)
