"""How good are samples after so many minutes of two cores? Recipes under the same budgets, one after the other.

    python benchmarks/time_to_quality.py RUNS_FOLDER [--recipes quick,plain] [--minutes 1,3,10] [--seeds 0]
                                         [--data fashion_mnist] [--n 10000]

trains one run a recipe, budget and seed, without labels (a run that is done is not trained again), and scores it
against held-out test images in features that none of them trained on. Prints a line a run, as it ends, and writes them
all to `time_to_quality.json` in the folder. `cpu` is the processor time of training in minutes, start and planning
included.
"""

import argparse
import json
from itertools import product
from pathlib import Path
from typing import Any

import ganvas
from ganvas.run import Run

FEATURES = ("efficientnet", "classifier")
METRICS = ("frechet", "precision", "recall")


def main() -> None:
    """Train and score what is not there yet; print the table."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("folder", type=Path)
    options.add_argument("--recipes", default="quick,plain")
    options.add_argument("--minutes", default="1,3,10")
    options.add_argument("--seeds", default="0")
    options.add_argument("--data", default="fashion_mnist")
    options.add_argument("--n", type=int, default=10_000)
    chosen = options.parse_args()
    print(f"{'recipe':12} {'minutes':>7} {'seed':>4} {'steps':>7} {'images/s':>8} {'cpu':>6}  scores (n={chosen.n})")
    rows = []
    # the recipes take turns, so that the machine's drift touches all alike
    for minutes, seed, recipe in product(
        map(float, chosen.minutes.split(",")), map(int, chosen.seeds.split(",")), chosen.recipes.split(",")
    ):
        run = _trained(chosen.folder, recipe, minutes, seed, chosen.data)
        rows.append(_row(run, recipe, minutes, seed) | {"scores": _scores(run, chosen.n)})
        told = "  ".join(
            f"{features} {found['frechet']['value']:.2f} (floor {found['frechet']['floor']:.2f}), "
            f"precision {found['precision']['value']:.2f}, recall {found['recall']['value']:.2f}"
            for features, found in rows[-1]["scores"].items()
        )
        facts = "{steps:7} {images_per_second:8.0f} {cpu:6.2f}".format(**rows[-1])
        print(f"{recipe:12} {minutes:7g} {seed:4} {facts}  {told}", flush=True)
        (chosen.folder / "time_to_quality.json").write_text(json.dumps(rows, indent=1) + "\n")


def _trained(folder: Path, recipe: str, minutes: float, seed: int, data: str) -> Run:
    path = folder / f"{recipe}-{data.replace(':', '-')}-{minutes:g}-{seed}"
    if path.exists() and Run(path).status == "done":
        return Run(path)
    quiet: dict[str, Any] = {"preview": 0, "evaluate": 0, "save": 0}
    return ganvas.train(recipe, run=path, minutes=minutes, seed=seed, data=data, progress=False, **quiet)


def _row(run: Run, recipe: str, minutes: float, seed: int) -> dict[str, Any]:
    last = run.log()[-1]
    cost = {"images_per_second": last["images"] / last["seconds"], "cpu": last["cpu_seconds"] / 60}
    return {"recipe": recipe, "minutes": minutes, "seed": seed, "steps": last["step"], **cost}


def _scores(run: Run, n: int) -> dict[str, Any]:
    return {
        features: ganvas.evaluate(run, features=features, n=n, metrics=METRICS, show=False) for features in FEATURES
    }


if __name__ == "__main__":
    main()
