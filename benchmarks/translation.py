"""Images from images, against doing nothing and against the same generator without a discriminator.

    python benchmarks/translation.py RUNS_FOLDER [CASE ...] [--minutes M]

trains each case, as long as its recipe says or for M minutes, and, where pairs are known, a twin that pays for L1 alone
and sees as many images; a run that is there is not trained again, a stopped one goes on. Scores are of held-out
pictures. The table goes to RUNS_FOLDER/table.md, sheets of inputs, outputs and targets to `docs/translation-CASE.png`;
docs/translation.md says what is to be seen there.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from trained import trained

import ganvas
from ganvas import data, figures
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
    "style": ("style", {}),
    "unpaired": ("cyclegan", {}),
}
BY_KIND = "frechet by kind"
TOLD = {
    "frechet": "Fréchet (efficientnet)",
    BY_KIND: "Fréchet (classifier)",
    "kernel": "kernel (efficientnet)",
    "perceptual": "perceptual",
    "psnr": "PSNR, dB",
    "ssim": "SSIM",
    "l1": "L1",
    "cycle": "round trip, L1",
}
SHOWN, SEED, N = 12, 3, 1000


def main() -> None:
    """Train what is not trained yet, score, print and keep the table."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("folder", type=Path)
    options.add_argument("case", nargs="*", default=list(CASES))
    options.add_argument("--minutes", type=float)
    chosen = options.parse_args()
    lines = [f"| case | images seen | processor time | {' | '.join(TOLD.values())} |", "|---" * (3 + len(TOLD)) + "|"]
    for case in chosen.case:
        recipe, settings = CASES[case]
        run = trained(chosen.folder / case, recipe, **settings, minutes=chosen.minutes)
        save_png(DOCS / f"translation-{case}.png", figures.translations(run.translations(SHOWN, SEED), SHOWN))
        found = _scores(run)
        untouched = {name: f"{one['untouched']:.3g}" for name, one in found.items() if "untouched" in one}
        lines.append(_row(f"{case}: inputs, untouched", ["", ""], untouched))
        if run.recipe.inputs == "emoji:google":
            lines.append(_row(f"{case}: other drawings of that style", ["", ""], _of_others(run)))
        lines.append(_told(f"{case}: `{recipe}`", run, found))
        if run.recipe.matched:
            alone = trained(chosen.folder / f"{case}-l1", recipe, **settings, **_known(run), steps=run.recipe.steps)
            lines.append(_told(f"{case}: L1 alone", alone, _scores(alone)))
        print("\n".join(lines), flush=True)
        (chosen.folder / "table.md").write_text("\n".join(lines) + "\n")


def _known(run: Run) -> dict[str, Any]:
    """What makes a run's twin: no adversary, and no cost but L1."""
    return {name: value for name, value in TWIN.items() if name.split(".")[1] in {"adversary", *run.recipe.weights}}


def _scores(run: Run) -> dict[str, Any]:
    """The card by the names in TOLD: what images are made of may be nearer by one extractor and further by another."""
    trips = (run.path / "back.keras").exists()
    wanted = [name for name in TOLD if name != BY_KIND and (trips or name != "cycle")]
    found = ganvas.evaluate(run, metrics=wanted, features="efficientnet", n=N, show=False)
    by_kind = ganvas.evaluate(run, metrics=["frechet"], features="classifier", n=N, show=False)
    return {**found, BY_KIND: by_kind["frechet"]}


def _of_others(run: Run) -> dict[str, str]:
    """What as many real training targets score: no pairs of the held-out ones, but of the style to be met."""
    drawings, held_out = run.recipe.samples().images, data.held_out(run.recipe.data)
    count = len(data.load(held_out))
    others = drawings[np.random.RandomState(SEED).permutation(len(drawings))[:count]]
    told = {}
    for features, names in (("efficientnet", ("frechet", "kernel")), ("classifier", ("frechet",))):
        found = ganvas.evaluate(others, held_out, metrics=names, features=features, n=N, show=False)
        told |= {BY_KIND if features == "classifier" else name: score_value(one) for name, one in found.items()}
    return told


def _told(title: str, run: Run, found: dict[str, Any]) -> str:
    last = run.log()[-1]
    basis = [f"{last['images']:,}", duration(last["cpu_seconds"])]
    return _row(title, basis, {name: score_value(one) for name, one in found.items()})


def _row(name: str, basis: list[str], told: dict[str, str]) -> str:
    return f"| {name} | {' | '.join([*basis, *(told.get(key, '') for key in TOLD)])} |"


if __name__ == "__main__":
    main()
