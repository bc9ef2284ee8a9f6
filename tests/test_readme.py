"""Every shell line and Python block of the README runs, in order, in an empty folder; trainings take 3 steps.

In short, trainings that nothing is done with by the next line are only planned.
"""

import json
import re
import shlex
import sys
from pathlib import Path

import pytest

from ganvas import cli, recipes

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
QUICK = ["steps=3", "save=3", "preview=3", "evaluate=3", "batch=8", "features=pixels"]
SMALL = ["data=digits", "size=28"]
FEW = ["--n", "200", "--features", "pixels", "--metrics", "frechet,coverage"]
SOME = ["--n", "200", "--features", "pixels"]


def _lines():
    for block in re.findall(r"```sh\n(.*?)```", README, re.S):
        yield from block.strip().splitlines()


def _in_short(lines):
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if line.startswith("ganvas train") and " latest" not in following and "--dry-run" not in line:
            line += " --dry-run"
        if not line.startswith("ganvas compare"):
            yield line


def _run(line, monkeypatch):
    words = shlex.split(line)
    if words[:2] == ["ganvas", "compare"]:
        words += [*SMALL, "--n", "200"]
    if words[:2] in (["ganvas", "train"], ["ganvas", "compare"]):
        if "--minutes" in words:
            at = words.index("--minutes")
            del words[at : at + 2]
        words += QUICK
    if words[1:3] in (["train", "pix2pix"], ["train", "srgan"]):  # not on emoji, which would have to be fetched
        words += ["data=digits", "size=32", "inputs=shrink:2" if "srgan" in words else "inputs=edges"]
    if words[:2] == ["ganvas", "evaluate"]:
        words += FEW
    if words[:2] == ["ganvas", "explore"]:
        words += SOME
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert not ended.value.code, line


@pytest.mark.parametrize("short", [True, pytest.param(False, marks=pytest.mark.long)])
def test_every_shell_line_runs(short, monkeypatch, photos, capfd):
    photos("photos/cats", [(70, 90)] * 12)
    photos("paintings", [(80, 70)] * 12)
    lines = list(_lines())
    assert len(lines) >= 10
    for line in _in_short(lines) if short else lines:
        _run(line, monkeypatch)
    assert Path("morph.gif").stat().st_size > 1000
    assert len(list(Path("synthetic").glob("*.png"))) == 200


def test_every_python_block_runs():
    blocks = re.findall(r"```python\n(.*?)```", README + (ROOT / "docs/explore.md").read_text(), re.S)
    assert len(blocks) >= 3
    for block in blocks:
        quick = re.sub(r"steps=[\d_]+", "steps=3, batch=8, progress=False, features='pixels'", block)
        exec(re.sub(r"(evaluate\([^)]*)\)", r"\1, n=200, features='pixels', metrics=['frechet'])", quick), {})
    assert Path("grid.png").exists()


def test_every_file_of_the_map_is_there():
    named = re.findall(r"`((?:ganvas|tests|benchmarks|docs)/[\w./]*)`", (ROOT / "CONTRIBUTING.md").read_text())
    assert len(named) > 10
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_recipe_is_in_the_table():
    import small

    assert set(re.findall(r"^\| `(\w+)` \|", README, re.M)) >= set(small.names())


def test_the_table_of_recipes_says_what_they_do():
    for name, module in recipes.every():
        row = next(line for line in README.splitlines() if line.startswith(f"| `{name}` |"))
        if row.count("|") == 6:  # those of images from images have their figures in docs/translation.md
            assert row.split(" | ")[3:] == [str(module.minutes), f"{module.expected} |"]


def test_the_speeds_are_those_that_were_measured():
    files = (ROOT / "benchmarks" / f"time_to_quality-{data}.json" for data in ("fashion_mnist", "mnist"))
    rows = [row for file in files for row in json.loads(file.read_text())]
    told = [re.split(r"\s*\|\s*", line) for line in README.splitlines() if re.match(r"\| `(quick|plain)` \| \d", line)]
    assert len(told) >= 3
    for _, recipe, minutes, images, *figures in told:
        of = [row for row in rows if recipe == f"`{row['recipe']}`" and row["seed"] == 0]
        seen = pytest.approx(int(images.replace(",", "")), abs=500)
        found = [row for row in of if minutes == f"{row['cpu']:.1f}" and row["images"] == seen]
        assert len(found) == 1
        for features, places, distance, shares in (
            ("efficientnet", 1, *figures[:2]), ("classifier", 2, *figures[2:4]),
        ):  # fmt: skip
            scores = {name: score["value"] for name, score in found[0]["scores"][features].items()}
            assert distance == f"{scores['frechet']:.{places}f}"
            assert shares == ", ".join(f"{scores[name]:.2f}".lstrip("0") for name in ("precision", "recall"))
