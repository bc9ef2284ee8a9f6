"""Images from images, against doing nothing and against the same generator without a discriminator.

    python benchmarks/translation.py RUNS_FOLDER

trains `srgan` (emoji from 16 to 64 pixels), `pix2pix` (drawn edges to emoji) and `cyclegan` (one drawing style to the
other, without pairs), some ten minutes each on two cores, and twins that pay for L1 alone and see as many images (a run
that is done is not trained again). Scores are of the held-out tenth; the table goes to `docs/translation.md`, sheets to
`docs/NAME.png`.
"""

import argparse
from pathlib import Path
from typing import Any

import ganvas
from ganvas import figures
from ganvas.images import save_png
from ganvas.report.words import duration, score_value
from ganvas.run import Run

DOCS = Path(__file__).parents[1] / "docs"
# name: the recipe and its settings
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "srgan": ("srgan", {"steps": 1715}),
    "srgan-l1": ("srgan", {"steps": 1715, "weights.adversary": 0, "weights.perceptual": 0}),
    "pix2pix": ("pix2pix", {"steps": 3500}),
    "pix2pix-l1": ("pix2pix", {"steps": 3500, "weights.adversary": 0}),
    "cyclegan": ("cyclegan", {"steps": 2421}),
}
TOLD = {
    "frechet": "Fréchet",
    "perceptual": "perceptual",
    "psnr": "PSNR, dB",
    "ssim": "SSIM",
    "l1": "L1",
    "cycle": "round trip, L1",
}
HEAD = """# Images from images

Made by `python benchmarks/translation.py RUNS`: emoji of 64x64, 426 held-out pictures that nothing was trained on, one
seed. *Untouched* is what the inputs themselves score, enlarged where they are smaller; `-l1` is the same generator
without a discriminator, trained for L1 alone on as many images. Fréchet and perceptual distances are in
`efficientnet`'s features, lower is better, like L1; 95% intervals. Times are of two shared cores.
"""
SHOWN, SEED = 12, 3


def main() -> None:
    """Train what is not trained yet, score, write the page."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("folder", type=Path)
    folder = options.parse_args().folder
    lines = [HEAD, f"| run | images seen | time | {' | '.join(TOLD.values())} |", "|---" * (3 + len(TOLD)) + "|"]
    sheets = []
    for name, (recipe, settings) in CASES.items():
        run = _trained(folder / name, recipe, settings)
        found = ganvas.evaluate(run, metrics=_metrics(run), n=1000, show=False)
        last = run.log()[-1]
        if not name.endswith("-l1"):
            untouched = {key: f"{one['untouched']:.3g}" for key, one in found.items() if "untouched" in one}
            lines.append(_row(f"untouched (`inputs={run.recipe.inputs}`)", ["", ""], untouched))
            save_png(DOCS / f"{name}.png", figures.translations(run.translations(SHOWN, SEED), SHOWN))
            sheets.append(f"\n![Input, output and target of {name}]({name}.png)\n\n*`{name}`: input, output, target.*")
        told = {key: score_value(one) for key, one in found.items()}
        lines.append(_row(f"`{name}`", [f"{last['images']:,}", duration(last["seconds"])], told))
        print("\n".join(lines[-2:]), flush=True)
    floor = found["frechet"]["floor"]
    lines.append(f"\nHeld-out pictures themselves come to a Fréchet distance of {floor:.3g}.")
    lines += [*sheets, f"\nNone of these is picked (seed {SEED})."]
    (DOCS / "translation.md").write_text("\n".join(lines) + "\n")


def _trained(path: Path, recipe: str, settings: dict[str, Any]) -> Run:
    run = Run(path)
    if (path / "recipe.json").exists():
        return run if run.status == "done" else ganvas.resume(run)
    return ganvas.train(recipe, run=path, **settings)


def _metrics(run: Run) -> list[str]:
    return [name for name in TOLD if name != "cycle" or (run.path / "back.keras").exists()]


def _row(name: str, basis: list[str], told: dict[str, str]) -> str:
    return f"| {name} | {' | '.join([*basis, *(told.get(key, '') for key in TOLD)])} |"


if __name__ == "__main__":
    main()
