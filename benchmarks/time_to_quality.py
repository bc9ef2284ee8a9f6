"""How good are samples after so many minutes? Recipes under the same budgets, one after the other.

    python benchmarks/time_to_quality.py RUNS_FOLDER [--recipes quick,plain] [--minutes 1,3,10 | --steps 720x16]
                                         [--seeds 0] [--data fashion_mnist] [--n 10000]

trains one run a recipe, budget and seed, without the set's labels (a run that is done is not trained again), and
scores it against held-out test images in features that none of them trained on. A budget is of minutes, or of steps of
so many images, in which a recipe has what suits so many of them as it has where minutes are planned. Prints a line a
run, as it ends, and keeps them in `benchmarks/time_to_quality-DATA.json`, from which `--draw` makes
`docs/time_to_quality-DATA.png`, beside the notes' curve (`benchmarks/notes.py`) where there is one. `cpu` is the
processor time of the training steps in minutes; a budget of minutes has start and planning in it, on as many `cores`
as the process may use: kept to one of them (`taskset -c 0 python ...`), another can run on the other.
"""

import argparse
import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from trained import trained

import ganvas
from ganvas.machine import cores
from ganvas.recipe import Recipe
from ganvas.recipes import find, suited
from ganvas.run import Run

FEATURES = ("efficientnet", "classifier")
METRICS = ("frechet", "precision", "recall")
QUIET: dict[str, Any] = {"preview": 0, "evaluate": 0, "save": 0, "progress": False}
KEYS = ("recipe", "budget", "seed")
HERE = Path(__file__).parent


def main() -> None:
    """Train and score what is not there yet; print the table."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("folder", type=Path)
    options.add_argument("--recipes", default="quick,plain")
    options.add_argument("--minutes", default="1,3,10")
    options.add_argument("--steps", default="", help="budgets of steps in the place of minutes, such as 720x16")
    options.add_argument("--seeds", default="0")
    options.add_argument("--data", default="fashion_mnist")
    options.add_argument("--n", type=int, default=10_000)
    options.add_argument("--draw", action="store_true", help="only draw what was measured")
    chosen = options.parse_args()
    kept = HERE / f"time_to_quality-{_plain(chosen.data)}.json"
    if chosen.draw:
        return _draw(chosen.data, kept)
    print(f"{'recipe':12} {'budget':>10} {'seed':>4} {'steps':>7} {'images/s':>8} {'cpu':>6}  scores (n={chosen.n})")
    budgets = chosen.steps.split(",") if chosen.steps else [f"{float(m):g} minutes" for m in chosen.minutes.split(",")]
    # the recipes take turns, so that the machine's drift touches all alike
    for budget, seed, recipe in product(budgets, map(int, chosen.seeds.split(",")), chosen.recipes.split(",")):
        path = chosen.folder / f"{recipe}-{_plain(chosen.data)}-{budget.removesuffix(' minutes')}-{seed}"
        asked, within = _asked(recipe, budget)
        run = trained(path, asked, seed=seed, data=chosen.data, **within, **QUIET)
        row = _row(run, recipe, budget, seed) | {"scores": scores_of(run, None, chosen.n)}
        told = "  ".join(
            f"{features} {found['frechet']['value']:.2f} (floor {found['frechet']['floor']:.2f}), "
            f"precision {found['precision']['value']:.2f}, recall {found['recall']['value']:.2f}"
            for features, found in row["scores"].items()
        )
        facts = "{steps:7} {images_per_second:8.0f} {cpu:6.2f}".format(**row)
        print(f"{recipe:12} {budget:>10} {seed:4} {facts}  {told}", flush=True)
        _keep(row, kept)


def _asked(recipe: str, budget: str) -> tuple[Recipe, dict[str, Any]]:
    """The recipe that a budget trains, and what else is asked of the training."""
    minutes, _, unit = budget.partition(" ")
    if unit:
        return find(recipe), {"minutes": float(minutes)}
    steps, batch = map(int, budget.split("x"))
    return suited(find(recipe).but(steps=steps), steps * batch).but(batch=batch), {}


def _keep(row: dict[str, Any], kept: Path) -> None:
    """Put a row among those that are kept: another process may have added some."""
    rows = [row, *(json.loads(kept.read_text()) if kept.exists() else [])]
    own = {tuple(one[key] for key in KEYS): one for one in reversed(rows)}
    kept.write_text("[\n" + ",\n".join(json.dumps(own[key]) for key in sorted(own)) + "\n]\n")


def _row(run: Run, recipe: str, budget: str, seed: int) -> dict[str, Any]:
    last, on = run.log()[-1], run.environment["machine"]["processor"]
    speed = round(last["images"] / last["seconds"], 1)
    cost = {"images_per_second": speed, "cpu": round(last["cpu_seconds"] / 60, 3)}
    asked = {"recipe": recipe, "budget": budget, "seed": seed, "processor": on, "cores": cores()}
    return {**asked, "steps": last["step"], "images": last["images"], **cost}


def scores_of(subject: Run | str, against: str | None, n: int) -> dict[str, Any]:
    """Each metric's value and what real images get, in each of the features."""
    found = {}
    for features in FEATURES:
        scores = ganvas.evaluate(subject, against=against, features=features, n=n, metrics=METRICS, show=False)
        found[features] = {
            name: {key: round(score[key], 4) for key in ("value", "floor")} for name, score in scores.items()
        }
    return found


def _draw(data: str, kept: Path) -> None:
    """Fréchet distance against processor minutes: a line a recipe through its seeds' means, a dot a run."""
    from matplotlib import pyplot, ticker

    rows, notes = json.loads(kept.read_text()), HERE / f"notes-{_plain(data)}.json"
    figure, axes = pyplot.subplots(1, len(FEATURES), figsize=(10, 4.8), layout="constrained")
    for features, axis in zip(FEATURES, axes, strict=True):
        for recipe in dict.fromkeys(row["recipe"] for row in rows):
            own = [row for row in rows if row["recipe"] == recipe]
            budgets = {row["budget"] for row in own}
            means = [np.mean([_place(row, features) for row in own if row["budget"] == b], axis=0) for b in budgets]
            (line,) = axis.plot(*zip(*sorted(map(tuple, means)), strict=True), label=recipe, marker="o", markersize=4)
            axis.scatter(*zip(*(_place(row, features) for row in own), strict=True), s=8, color=line.get_color())
        if notes.exists():
            curve = [_place(row, features) for row in json.loads(notes.read_text())]
            axis.plot(*zip(*curve, strict=True), label="the notes' DCGAN", color="black", marker=".", linewidth=1)
        floor = rows[0]["scores"][features]["frechet"]["floor"]
        axis.axhline(floor, color="black", linestyle=":", linewidth=1, label="real against real")
        axis.set(xscale="log", yscale="log", xlabel="processor minutes", title=f"Fréchet distance, {features} features")
        axis.xaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        axis.yaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        for side in (axis.xaxis, axis.yaxis):
            side.set_major_formatter(ticker.FormatStrFormatter("%g"))
            side.set_minor_formatter(ticker.NullFormatter())
        axis.grid(alpha=0.3, which="both")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=6, fontsize=9)
    figure.savefig(HERE.parent / "docs" / f"time_to_quality-{_plain(data)}.png", dpi=100)


def _place(row: dict[str, Any], features: str) -> tuple[float, float]:
    return row["cpu"], row["scores"][features]["frechet"]["value"]


def _plain(data: str) -> str:
    return data.replace(":", "-")


if __name__ == "__main__":
    main()
