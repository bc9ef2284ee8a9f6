"""The command line: what it prints, its exit status, and one sentence for every wrong use."""

import io
import json
import os
import shutil
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import pytest
import small

from ganvas import cli
from ganvas.images import load_png


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with a small run in it, and what `train --json` said of that."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("made"))
        Path("small.json").write_text(small.shrunk("dense").to_json())
        patch.setattr(sys, "argv", ["ganvas", "train", "small.json", "name=small", "--json"])
        out = io.StringIO()
        with redirect_stdout(out), pytest.raises(SystemExit) as ended:
            cli.main()
        assert not ended.value.code
        return Path("runs").resolve(), json.loads(out.getvalue())


@pytest.fixture
def trained(made):
    """A small run, made by the command line, in this test's folder."""
    shutil.copytree(made[0], "runs")
    return made[1]


def test_help_and_lists(command):
    status, out, _ = command("--help")
    assert status == 0
    for name in ("recipes", "train", "resume", "runs", "sample", "walk", "data"):
        assert name in out
    for words in (["recipes"], ["data", "list"]):
        status, out, _ = command(*words)
        assert status == 0
        assert json.loads(command(*words, "--json")[1])
    assert {row["recipe"] for row in json.loads(command("recipes", "--json")[1])} == set(small.names())


def test_train_sample_walk_runs(command, trained):
    assert trained["step"] == 4
    assert trained["run"] == "runs/0001-small-digits"
    assert command("sample", "latest", "--n", "9", "--out", "new/grid.png")[0] == 0
    assert load_png("new/grid.png").shape == (3 * 28 + 4, 3 * 28 + 4, 1)
    for name in ("five.npz", "five.NPZ"):
        assert command("sample", "1", "--n", "5", "--out", name)[0] == 0
        assert np.load(name)["images"].shape == (5, 28, 28, 1)
        assert np.load(name)["images"].dtype == np.uint8
    assert command("sample", trained["run"], "--n", "3", "--seed", "2", "--truncation", "0.5", "--out", "some")[0] == 0
    assert sorted(os.listdir("some")) == ["00000.png", "00001.png", "00002.png"]
    status, _, err = command("sample", trained["run"], "--n", "2", "--out", "some")
    assert (status, "some holds other files, such as 00002.png: name a new folder" in err) == (2, True)
    assert command("sample", "latest", "--best", "--out", "best.png")[0] == 0
    for name in ("w.gif", "w.mp4", "w.png"):
        assert command("walk", "latest", "--seeds", "0,2-3", "--frames", "6", "--out", name)[0] == 0
        assert os.path.getsize(name) > 100
    (row,) = json.loads(command("runs", "--json")[1])
    assert (row["run"], row["status"], row["step"], row["steps"]) == ("0001-small-digits", "done", 4, 4)
    assert "0001-small-digits" in command("runs")[1]
    status, out, _ = command("resume", "latest")
    assert status == 0
    assert out.startswith("runs/0001-small-digits is at its last step, 4, its rates at their end: train anew for more")
    assert "done: runs/0001-small-digits" in out


def test_many_kinds_share_rows(command):
    Path("small.json").write_text(small.shrunk("plain", label="kmeans:60", evaluate=0).to_json())
    assert command("train", "small.json")[0] == 0
    status, out, _ = command("sample", "latest", "--label", "all", "--n", "100", "--out", "all.png")
    assert (status, "120 samples: all.png" in out) == (0, True)
    assert load_png("all.png").shape == (12 * 30 - 2, 10 * 30 - 2, 1)  # five kinds of two to a row
    status, _, err = command("sample", "latest", "--label", "Boot", "--out", "b.png")
    assert (status, "cluster 29 and 31 more" in err) == (2, True)


def test_a_damaged_run_does_not_hide_the_others(command, trained):
    Path("runs/old").mkdir()
    Path("runs/old/recipe.json").write_text('{"colour": 3}')
    status, out, err = command("runs")
    assert (status, "0001-small-digits" in out) == (0, True)
    assert "runs/old cannot be read: runs/old/recipe.json: unknown setting 'colour'" in err
    shutil.rmtree("runs/0001-small-digits")
    status, out, err = command("runs")
    assert (status, out) == (0, "")
    assert "cannot be read" in err


def test_a_damaged_network_is_written_anew(command, trained):
    assert command("sample", "latest", "--out", "before.png")[0] == 0
    network = Path("runs/0001-small-digits/generator.keras")
    network.write_bytes(b"half")
    status, _, err = command("sample", "latest", "--out", "never.png")
    assert status == 1
    assert "generator.keras cannot be loaded" in err
    assert "delete it, and `ganvas resume runs/0001-small-digits` writes it anew" in err
    network.unlink()
    assert command("resume", "latest")[0] == 0
    assert command("sample", "latest", "--out", "after.png")[0] == 0
    assert np.array_equal(load_png("before.png"), load_png("after.png"))


def test_a_folder_of_ones_own_is_not_written_into(command, photos):
    photos("mine", [(8, 8)])
    status, _, err = command("train", "plain", "--run", "mine")
    assert (status, "mine is not empty: name a new folder" in err) == (2, True)
    assert os.listdir("mine") == ["0.png"]


def test_runs_with_names_of_their_own_are_listed(command):
    Path("small.json").write_text(small.shrunk("toy", evaluate=0).to_json())
    assert command("train", "small.json", "--run", "runs/mine")[0] == 0
    assert [row["run"] for row in json.loads(command("runs", "--json")[1])] == ["mine"]
    assert command("sample", "latest", "--out", "a.png")[0] == 0
    status, out, _ = command("resume", "latest")
    assert (status, "done: runs/mine" in out) == (0, True)


def test_a_file_that_cannot_be_used_is_named(command, monkeypatch):
    from ganvas import recipes

    def full():
        raise OSError(28, "No space left on device", "runs/0001/log.jsonl")

    monkeypatch.setattr(recipes, "every", full)
    status, _, err = command("recipes")
    assert (status, err) == (1, "ganvas: runs/0001/log.jsonl cannot be used: No space left on device\n")


def test_a_mistake_inside_is_one_sentence_and_a_file(command, monkeypatch):
    from ganvas import recipes

    monkeypatch.setattr(recipes, "every", lambda: 1 / 0)
    status, _, err = command("recipes")
    assert status == 1
    assert err.startswith("ganvas: unexpected ZeroDivisionError: division by zero (the whole story is in ")
    assert "1 / 0" in Path(err.split(" is in ")[1].rstrip(")\n")).read_text()


def test_version(command):
    assert command("--version")[1] == "ganvas 0.1.0\n"


def test_labels_travel_with_samples(command):
    Path("small.json").write_text(small.shrunk("plain", label="class", evaluate=0).to_json())
    assert command("train", "small.json")[0] == 0
    assert command("sample", "latest", "--label", "7", "--n", "4", "--out", "a.npz")[0] == 0
    stored = np.load("a.npz")
    assert (list(stored["labels"]), stored["labels"].dtype) == ([7, 7, 7, 7], np.int64)
    assert command("sample", "latest", "--label", "all", "--n", "12", "--out", "all.npz")[0] == 0
    assert list(np.load("all.npz")["labels"]) == [i for i in range(10) for _ in range(2)]
    assert command("sample", "latest", "--label", "all", "--n", "30", "--out", "all.png")[0] == 0
    assert load_png(Path("all.png")).shape[:2] == (10 * 30 - 2, 3 * 30 - 2)  # a row for every class
    assert command("walk", "latest", "--label", "3", "--out", "w.png")[0] == 0
    status, _, err = command("sample", "latest", "--label", "seven", "--out", "a.png")
    assert (status, err) == (2, "ganvas: unknown label 'seven': choose from 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, all\n")


def test_evaluate_doctor_and_report(command, trained):
    status, out, err = command(
        "evaluate", "latest", "--n", "60", "--features", "pixels", "--metrics", "frechet,recall", "--json"
    )
    assert status == 0, err
    found = json.loads(out)
    assert set(found["frechet"]) >= {"value", "interval", "n", "features", "better", "floor"}
    assert "note: " in err
    status, out, _ = command("evaluate", "latest", "--n", "60", "--features", "pixels", "--metrics", "frechet,modes")
    assert status == 0
    assert "Fréchet distance" in out
    assert "FID" not in out
    status, out, _ = command("doctor", "latest", "--json")
    assert status == 0
    assert {"name", "severity", "evidence", "sentence", "remedy"} == set(json.loads(out)[0])
    status, out, _ = command("doctor")
    assert status == 0
    assert "small_batch" in out
    assert "remedy: batch=64" in out
    status, out, _ = command("report", "latest", "1")
    assert status == 0
    assert Path(out.removeprefix("report: ").strip()).stat().st_size > 10_000


def test_a_runs_samples_are_explored_among_real_ones(command, trained):
    status, out, err = command(
        "explore", "digits", "--size", "28", "--n", "60", "--k", "3", "--against", "latest", "--json"
    )
    assert status == 0, err
    found = json.loads(out)["generated"]
    assert found["n"] == 5000
    assert found["name"].endswith("0001-small-digits")
    assert sum(found["shares"]) == pytest.approx(1)
    assert load_png("explore-digits/real_and_generated.png").shape[1] == 1200
    status, _, err = command("explore", "digits", "--n", "60", "--against", "latest")
    assert status == 2
    assert "samples of (28, 28, 1), digits:train of (8, 8, 1): give the size of the generated ones" in err


def test_scores_and_findings_of_nothing_get_one_sentence(command, trained):
    for words, sentence in [
        (["evaluate", "latest", "--metrics", "fid"], "unknown metric 'fid'"),
        (["evaluate", "latest", "--features", "inceptoin"], "did you mean 'inception'"),
        (["evaluate", "nowhere", "--against", "digits"], "unknown data set 'nowhere'"),
        (["evaluate", "nowhere"], "unknown run or data set 'nowhere'"),
        (["evaluate", "latest", "--size", "8"], "makes samples of one size: leave size out"),
        (["evaluate", "digits"], "against what"),
        (["doctor", "77"], "no run '77'"),
        (["report", "77"], "no run '77'"),
        (["report", "latest", "--out", "no/such/folder/r.html"], "cannot write no/such/folder/r.html"),
    ]:
        status, _, err = command(*words)
        assert status == 2
        assert sentence in err
        assert "Traceback" not in err


def test_points(command):
    Path("small.json").write_text(small.shrunk("toy", evaluate=0).to_json())
    assert command("train", "small.json")[0] == 0
    assert command("sample", "latest", "--out", "a.npz")[0] == 0
    assert np.load("a.npz")["points"].shape == (64, 2)
    assert command("sample", "latest", "--out", "a.png")[0] == 0
    assert command("walk", "latest", "--out", "w.gif")[0] == 2


def test_dry_run(command):
    status, out, _ = command("train", "plain", "data=digits", "size=28", "--dry-run", "--json")
    plan = json.loads(out)
    assert status == 0
    assert plan["data"]["count"] == 1617
    assert not os.path.exists("runs")
    assert "parameters" in command("train", "plain", "data=digits", "size=28", "--dry-run")[1]


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        ("trian plain", 2, "No such command 'trian'"),
        ("train", 2, "Missing argument 'RECIPE'"),
        ("train plian", 2, "unknown recipe 'plian': did you mean 'plain'?"),
        ("train plain stesp=4", 2, "unknown setting 'stesp': did you mean 'steps'?"),
        ("train plain steps=0", 2, "steps must be at least 1, not 0"),
        ("train plain minutes=3", 2, "minutes are a budget, not a setting: write --minutes 3"),
        ("train plain steps", 2, "'steps' is not a setting: write field=value, such as steps=2000"),
        ("train plain data=nonsense", 2, "unknown data set 'nonsense'"),
        ("train plain data=./nothing", 2, "no file or folder './nothing'"),
        ("train plain data=digits size=30", 2, "the network 'plain' needs image sides divisible by"),
        ("train plain data=digits size=28 loss=hing", 2, "unknown loss 'hing': did you mean 'hinge'?"),
        ("train plain data=rings", 2, "the network 'plain' makes images, and the data are points: use networks 'toy'"),
        ("train plain data=digits size=28 --minutes -1", 2, "minutes must be above 0, not -1"),
        ("train plain evaluate=0 --cure", 2, "the doctor sees a run when it is scored, and this one has evaluate=0"),
        ("train plain steps=5 --minutes 1", 2, "minutes plans the steps: give minutes, or steps, or epochs"),
        ("train plain --minutes -1 --dry-run", 2, "minutes must be above 0, not -1"),
        ("train plain data=digits size=28 epochs=x", 2, "epochs takes a number above 0, not 'x'"),
        ("train nothing.json", 2, "cannot read the recipe nothing.json: No such file or directory"),
        ("resume 7", 2, "no run '7'"),
        ("runs", 2, "there are no runs under runs: start one with `ganvas train quick`"),
        ("sample latest --out a.png", 2, "no run 'latest': give a run's folder, its number, or latest"),
        ("walk latest --out a.txt", 2, "cannot write a walk to 'a.txt': use a name ending in .gif, .mp4 or .png"),
        ("walk latest --seeds a --out a.gif", 2, "seeds are numbers and ranges such as 0,1,4-6, not 'a'"),
        ("walk latest --seeds 0-2000000000 --out a.gif", 2, "'0-2000000000' are more than 10,000 seeds"),
        ("walk latest --seeds 5-3 --out a.gif", 2, "seeds are numbers and ranges such as 0,1,4-6, not '5-3'"),
        ("walk latest --frames 1 --out a.gif", 2, "frames must be at least 2, not 1"),
        ("walk latest --frames 0 --out a.gif", 2, "frames must be at least 2, not 0"),
        ("data get nonsense", 2, "unknown data set 'nonsense'"),
        ("data check nothing", 2, "nothing is not a folder or a .zip of images"),
    ],
)
def test_wrong_use_gets_one_sentence_and_leaves_nothing(command, words, status, sentence):
    got, out, err = command(*words.split())
    assert got == status
    assert sentence in err
    assert out == ""
    assert "Traceback" not in err
    if err.startswith("ganvas: "):
        assert err.count("\n") == 1
    assert not [name for name in os.listdir() if name != "runs"]
    assert not os.path.exists("runs") or os.listdir("runs") == []


def test_samples_that_cannot_be_written(command, trained):
    status, _, err = command("sample", "latest", "--out", "a.jpeg2000")
    assert (status, err) == (2, "ganvas: cannot write samples to 'a.jpeg2000': use a .png, an .npz, or a folder\n")
    open("file", "w").close()
    status, _, err = command("sample", "latest", "--out", "file/grid.png")
    assert status == 1
    assert "cannot write file/grid.png" in err
    status, _, err = command("sample", "latest", "--n", "0", "--out", "a.png")
    assert status == 2
    assert "n must be at least 1" in err


def test_data_check(command, photos):
    root = photos("p", [(8, 8)] * 3)
    assert command("data", "check", str(root))[0] == 0
    status, out, _ = command("data", "check", str(photos("odd", [(10, 15)] * 3)))
    assert (status, "ready to train with a size whose sides 4 divides, such as size=8x16" in out) == (0, True)
    status, out, _ = command("data", "check", str(photos("one", [(8, 8)])))
    assert (status, "training needs more than one image" in out) == (1, True)
    (root / "broken.png").write_bytes(b"x")
    status, out, _ = command("data", "check", str(root))
    assert status == 1
    assert "unreadable  broken.png  (not an image)" in out
    status, out, _ = command("data", "check", str(root), "--json")
    assert (status, json.loads(out)["sound"]) == (1, False)
    status, out, _ = command("data", "get", str(root))
    assert "3 samples of 8x8x3" in out
    assert "skipped 1 of 4 files: broken.png (not an image)" in out


def test_a_full_disk_ends_the_run_with_the_last_checkpoint_intact():
    """The process may write no file larger than its second checkpoint would be together with ever longer logs."""
    code = (
        "import resource, signal, sys, small; from ganvas import cli, trainer\n"
        "open('small.json', 'w').write(small.shrunk('toy', steps=60, save=1, preview=0, evaluate=0).to_json())\n"
        "tick = trainer._Log.tick\n"
        "def limited(self, step, *rest):\n"
        "    if step >= 8: resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))\n"
        "    tick(self, step, *rest)\n"
        "trainer._Log.tick = limited\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "sys.argv = ['ganvas', 'train', 'small.json', '--run', 'full']; cli.main()"
    )
    env = {**os.environ, "PYTHONPATH": os.path.dirname(small.__file__)}
    ended = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert ended.returncode == 1, ended.stderr
    assert "Traceback" not in ended.stderr
    last = ended.stderr.splitlines()[-1]
    assert last.startswith("ganvas: cannot write to full (File too large): the checkpoint of step ")
    resumed = subprocess.run([sys.executable, "-m", "ganvas.cli", "resume", "full"], env=env, capture_output=True)
    assert resumed.returncode == 0, resumed.stderr


def test_interrupted_is_130():
    code = (
        "import os, signal, sys, threading, small; from ganvas import cli\n"
        "open('small.json', 'w').write(small.shrunk('toy', steps=10**6, save=0, preview=0, evaluate=0).to_json())\n"
        "def watch():\n"
        "    import time\n"
        "    while not os.path.exists('run/log.jsonl'): time.sleep(0.05)\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "threading.Thread(target=watch, daemon=True).start()\n"
        "sys.argv = ['ganvas', 'train', 'small.json', '--run', 'run']; cli.main()"
    )
    env = {**os.environ, "PYTHONPATH": os.path.dirname(small.__file__)}
    ended = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 130, ended.stderr
    assert "all saved: go on with `ganvas resume run`" in ended.stderr
    assert "Traceback" not in ended.stderr
