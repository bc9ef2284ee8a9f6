"""Does augmentation help when there are few images? About 260 drawings of one kind, with it and without.

    python benchmarks/few_images.py RUNS_FOLDER [--category Objects] [--steps 10000] [--seeds 0]

trains `quick` at 32x32 on one category of `emoji`, mirrored copies not counted, three ways: without augmentation, with
it on every image, and with adaptive augmentation (a run that is done is not trained again). Scores 2,000 samples
against these images, in `efficientnet` features, and prints what the doctor says of each. The kernel distance is the
one to compare by: the Fréchet distance of so few real images is mostly their number's (in brackets: one half of them
against the other). `docs/few_images.png` shows samples without augmentation above those with the adaptive one.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from trained import trained

import ganvas
from ganvas.doctor import Evidence, diagnose
from ganvas.images import grid, save_png

KINDS = "colour,translate,cutout"
WAYS: dict[str, dict[str, Any]] = {
    "none": {"augment": "none"},
    "fixed": {"augment": KINDS, "adapt": 0.0},
    "adaptive": {"augment": KINDS, "adapt": 0.6},
}
METRICS = ("frechet", "kernel", "precision", "recall", "memorisation")
SCORED = 2_000
SHOWN, SEED = 48, 7
SHEET = Path(__file__).parents[1] / "docs" / "few_images.png"


def main() -> None:
    """Train and score what is not there yet; print the table."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("folder", type=Path)
    options.add_argument("--category", default="Objects")
    options.add_argument("--steps", type=int, default=10_000)
    options.add_argument("--seeds", default="0")
    chosen = options.parse_args()
    images = _drawings(chosen.category)
    print(f"{len(images)} images; {chosen.steps} steps")
    shown = []
    for seed in map(int, chosen.seeds.split(",")):
        for way, settings in WAYS.items():
            settings = {**settings, "steps": chosen.steps, "evaluate": chosen.steps // 5, "preview": 0, "save": 0}
            path = chosen.folder / f"{chosen.category}-{chosen.steps}-{way}-{seed}"
            run = trained(path, "quick", data=images, seed=seed, progress=False, **settings)
            scores = ganvas.evaluate(run, features="efficientnet", n=SCORED, metrics=METRICS, show=False)
            told = "  ".join(f"{name} {scores[name]['value']:.3g} ({scores[name]['floor']:.3g})" for name in METRICS)
            ill = [finding.name for finding in diagnose(Evidence.of(run)) if finding.severity != "note"]
            strength = run.log()[-1].get("augmented", float(way != "none"))
            shown += [run.sample(SHOWN, seed=SEED)] if way != "fixed" and len(shown) < 2 else []
            print(f"{way:9} seed {seed}  augmented {strength:.2f}  {told}  doctor: {', '.join(ill) or '-'}", flush=True)
    save_png(SHEET, grid(np.concatenate(shown).repeat(2, axis=1).repeat(2, axis=2), columns=16))


def _drawings(category: str) -> np.ndarray:
    both = [ganvas.load(f"emoji:google:{part}", 32) for part in ("train", "test")]
    return np.concatenate([side.images[side.labels == side.classes.index(category)] for side in both])


if __name__ == "__main__":
    main()
