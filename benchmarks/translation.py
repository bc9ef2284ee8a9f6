"""Images from images, against doing nothing and against the same generator without a discriminator.

    python benchmarks/translation.py RUNS_FOLDER [--minutes 12]

trains `srgan`, `pix2pix` and `cyclegan` on emoji (out of the box: 16 to 64 pixels; one drawing style to the other, with
pairs and without), and twins that pay for L1 alone (a run that is done is not trained again), scores them on the
held-out tenth, and writes the table and sheets to `docs/translation.md` and `docs/NAME.png`. `cyclegan` gets twice the
minutes, twins two thirds.
"""

import argparse
from pathlib import Path
from typing import Any

import ganvas
from ganvas import figures
from ganvas.images import save_png
from ganvas.report.words import score_value
from ganvas.run import Run

DOCS = Path(__file__).parents[1] / "docs"
ALONE = {"weights.adversary": 0, "weights.perceptual": 0}
# name: the recipe, its settings, the share of the minutes
CASES: dict[str, tuple[str, dict[str, Any], float]] = {
    "srgan": ("srgan", {}, 1.0),
    "pix2pix": ("pix2pix", {}, 1.0),
    "cyclegan": ("cyclegan", {}, 2.0),
    "srgan-l1": ("srgan", ALONE, 2 / 3),
    "pix2pix-l1": ("pix2pix", {"weights.adversary": 0}, 2 / 3),
}
TOLD = {
    "frechet": "Fréchet",
    "perceptual": "perceptual",
    "psnr": "PSNR, dB",
    "ssim": "SSIM",
    "l1": "L1",
    "cycle": "round trip, L1",
}
SHOWN, SEED = 12, 3


def main() -> None:
    """Train what is not trained yet, score, write the page."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("folder", type=Path)
    options.add_argument("--minutes", type=float, default=12.0)
    chosen = options.parse_args()
    lines = [
        "# Images from images\n",
        "Made by `python benchmarks/translation.py RUNS`: emoji of 64x64, 426 held-out pictures that nothing was",
        "trained on, one seed. *Untouched* is what the inputs themselves score, enlarged where they are smaller; `-l1`",
        "is the same generator without a discriminator, trained for L1 alone. Fréchet and perceptual distances are in",
        "`efficientnet`'s features, lower is better, like L1; 95% intervals.\n",
        f"| run | images seen | {' | '.join(TOLD.values())} |",
        "|---" * (2 + len(TOLD)) + "|",
    ]
    for name, (recipe, settings, share) in CASES.items():
        run = _trained(chosen.folder / name, recipe, settings, share * chosen.minutes)
        found = ganvas.evaluate(run, metrics=_metrics(run), n=1000, show=False)
        lines.append(_row(name, f"{run.log()[-1]['images']:,}", {key: score_value(found[key]) for key in found}))
        if not name.endswith("-l1"):
            untouched = {key: f"{one['untouched']:.3g}" for key, one in found.items() if "untouched" in one}
            lines.append(_row(f"untouched ({run.recipe.inputs})", "", untouched))
            save_png(DOCS / f"{name}.png", figures.translations(run.translations(SHOWN, SEED), SHOWN))
        print("\n".join(lines[-2:]), flush=True)
    lines += [f"\n![Input, output and target of {name}]({name}.png)" for name in CASES if not name.endswith("-l1")]
    lines.append(f"\n*Input, output, target; not picked (seed {SEED}).*")
    (DOCS / "translation.md").write_text("\n".join(lines) + "\n")


def _trained(path: Path, recipe: str, settings: dict[str, Any], minutes: float) -> Run:
    run = Run(path)
    if (path / "recipe.json").exists():
        return run if run.status == "done" else ganvas.resume(run)
    return ganvas.train(recipe, run=path, minutes=minutes, **settings)


def _metrics(run: Run) -> list[str]:
    return [name for name in TOLD if name != "cycle" or (run.path / "back.keras").exists()]


def _row(name: str, seen: str, told: dict[str, str]) -> str:
    return f"| {name} | {seen} | {' | '.join(told.get(key, '') for key in TOLD)} |"


if __name__ == "__main__":
    main()
