"""Images from images, against doing nothing and against the same generator without a discriminator.

    python benchmarks/translation.py RUNS_FOLDER [CASE ...] [--minutes 5]

trains each case with a budget, and, where pairs are known, a twin that pays for L1 alone and sees as many images (a run
that is done is not trained again). Scores are of held-out pictures. The table goes to RUNS_FOLDER/table.md, sheets of
inputs, outputs and targets to `docs/translation-CASE.png`; docs/translation.md says what is to be seen there.
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
TWIN = {"weights.adversary": 0, "weights.perceptual": 0}
# name: the recipe and its settings
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "enlarge": ("srgan", {}),
    "garments": ("srgan", {"data": "fashion_mnist", "inputs": "shrink:2"}),
    "edges": ("pix2pix", {}),
    "colorize": ("colorize", {}),
    "restore": ("restore", {}),
    "inpaint": ("inpaint", {}),
    "style": ("pix2pix", {"inputs": "emoji:google"}),
    "unpaired": ("cyclegan", {}),
}
TOLD = {
    "frechet": "Fréchet",
    "kernel": "kernel",
    "perceptual": "perceptual",
    "psnr": "PSNR, dB",
    "ssim": "SSIM",
    "l1": "L1",
    "cycle": "round trip, L1",
}
SHOWN, SEED = 12, 3


def main() -> None:
    """Train what is not trained yet, score, print and keep the table."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("folder", type=Path)
    options.add_argument("case", nargs="*", default=list(CASES))
    options.add_argument("--minutes", type=float, default=5.0)
    chosen = options.parse_args()
    lines = [f"| case | images seen | time | {' | '.join(TOLD.values())} |", "|---" * (3 + len(TOLD)) + "|"]
    for case in chosen.case:
        recipe, settings = CASES[case]
        run = _trained(chosen.folder / case, recipe, {**settings, "minutes": chosen.minutes})
        save_png(DOCS / f"translation-{case}.png", figures.translations(run.translations(SHOWN, SEED), SHOWN))
        found = ganvas.evaluate(run, metrics=_metrics(run), n=1000, show=False)
        for title, key in (("targets themselves", "floor"), ("inputs, untouched", "untouched")):
            told = {name: f"{one[key]:.3g}" for name, one in found.items() if one.get(key) is not None}
            lines.append(_row(f"{case}: {title}", ["", ""], told))
        rows = {f"`{recipe}`": run}
        if run.recipe.matched:
            twin = {**settings, **_known(run), "steps": run.recipe.steps}
            rows["L1 alone"] = _trained(chosen.folder / f"{case}-l1", recipe, twin)
        for title, each in rows.items():
            last, card = each.log()[-1], ganvas.evaluate(each, metrics=_metrics(each), n=1000, show=False)
            told = {name: score_value(one) for name, one in card.items()}
            lines.append(_row(f"{case}: {title}", [f"{last['images']:,}", duration(last["seconds"])], told))
        print("\n".join(lines), flush=True)
        (chosen.folder / "table.md").write_text("\n".join(lines) + "\n")


def _trained(path: Path, recipe: str, settings: dict[str, Any]) -> Run:
    run = Run(path)
    if (path / "recipe.json").exists():
        return run if run.status == "done" else ganvas.resume(run)
    return ganvas.train(recipe, run=path, **settings)


def _known(run: Run) -> dict[str, Any]:
    """What makes a run's twin: no adversary, and no cost but L1."""
    return {name: value for name, value in TWIN.items() if name.split(".")[1] in {"adversary", *run.recipe.weights}}


def _metrics(run: Run) -> list[str]:
    return [name for name in TOLD if name != "cycle" or (run.path / "back.keras").exists()]


def _row(name: str, basis: list[str], told: dict[str, str]) -> str:
    return f"| {name} | {' | '.join([*basis, *(told.get(key, '') for key in TOLD)])} |"


if __name__ == "__main__":
    main()
