"""Do the cures that are named for an illness cure it? A planted case of each, without and with every cure, three seeds.

    python benchmarks/cures.py RUNS_FOLDER [ILLNESS ...] [--seeds 0,1,2]

trains one short run a case, cure and seed (a run that is done is not trained again), prints the table as it grows and
writes it to `docs/cures.md`. About two hours of one current core, all in all.
"""

import argparse
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from trained import trained

import ganvas
from ganvas import data
from ganvas.run import Run

PAGE = Path(__file__).parents[1] / "docs" / "cures.md"
POINTS = {"penalties": {}, "ema": 0.0, "preview": 0, "save": 0, "batch": 64, "steps": 4000}


@dataclass(frozen=True)
class Illness:
    """A case that has it, figures that show it, the settings that are to cure it; cures are judged by one figure."""

    what: str
    recipe: str
    settings: Mapping[str, Any]
    figures: Mapping[str, Callable[[Run], float]]
    judged_by: str
    cures: Mapping[str, Mapping[str, Any]]
    lower: bool = False  # is less of that figure better?

    def verdict(self, without: list[float], treated: list[float]) -> str:
        """Is every seed with the cure better, or worse, than every seed without?"""
        low, high = (treated, without) if self.lower else (without, treated)
        return "helps" if min(high) > max(low) else "harms" if max(high) < min(low) else "within the spread"


# --- figures of a finished run


def places(run: Run) -> float:
    """How many of the set's places get a tenth of their share of samples or more, within three deviations."""
    near, good, count = _nearest(run)
    found = np.bincount(near[good], minlength=count)
    return float((found >= 0.1 * len(near) / count).sum())


def on_a_place(run: Run) -> float:
    """The share of samples within three deviations of a place."""
    return float(_nearest(run)[1].mean())


def overlap(run: Run) -> float:
    """What the samples' shares of the places have in common with even ones: 1 less the distance in total variation."""
    near, good, count = _nearest(run)
    shares = np.bincount(near[good], minlength=count) / len(near)
    return float(np.minimum(shares, 1 / count).sum())


def modes(run: Run) -> float:
    """How many kinds of the set get a tenth of their real share or more, as a classifier counts."""
    return _counted(run.path)["modes"]


def divergence(run: Run) -> float:
    """The divergence of the kinds' shares from equal ones, in nats (reverse KL; lower is better)."""
    return _counted(run.path)["class_divergence"]


@cache
def _counted(path: Path) -> dict[str, float]:
    found = ganvas.evaluate(str(path), metrics=("modes", "class_divergence"), n=26_000, show=False)
    return {name: float(score["value"]) for name, score in found.items()}


def gradient(run: Run) -> float:
    """The median norm of the generator's gradient over the last half of the run."""
    lines = run.log()
    return float(np.median([line["generator_gradient"] for line in lines[len(lines) // 2 :]]))


def swing(run: Run) -> float:
    """By how much the distance changes from one score to the next over the last half: the mean of the log's steps."""
    values = [line["frechet"]["value"] for line in run.scores()]
    late = np.log(np.maximum(values[len(values) // 2 :], 1e-9))
    return float(np.abs(np.diff(late)).mean())


def unrest(run: Run) -> float:
    """The standard deviation of the generator's cost over the last half of the run."""
    lines = run.log()
    return float(np.std([line["generator_cost"] for line in lines[len(lines) // 2 :]]))


def distance(run: Run) -> float:
    """The last score."""
    return float(run.scores()[-1]["frechet"]["value"])


def minutes(run: Run) -> float:
    """The processor's minutes of the steps."""
    return float(run.log()[-1]["cpu_seconds"]) / 60


def by_heart(run: Run) -> float:
    """Where unseen real images lie between training images (0) and generated ones (1) in the discriminator's eyes."""
    last = run.scores()[-1]["vitals"]
    train, unseen, fake = (last[f"logit_{side}"] for side in ("train", "held_out", "fake"))
    return float(np.clip((train - unseen) / max(train - fake, 1e-6), 0.0, 1.0))


def sureness(run: Run) -> float:
    """How far apart the discriminator's mean logits of real and generated samples are."""
    last = run.scores()[-1]["vitals"]
    return float(last["logit_train"] - last["logit_fake"])


def _nearest(run: Run) -> tuple[np.ndarray, np.ndarray, int]:
    real = data.load(run.recipe.data)
    assert real.labels is not None
    centres = np.stack([real.images[real.labels == kind].mean(axis=0) for kind in range(len(real.classes))])
    apart = np.linalg.norm(run.sample(2500, seed=1)[:, None] - centres[None], axis=-1)
    return apart.argmin(axis=1), apart.min(axis=1) < 0.06, len(centres)


ILLNESSES = {
    "mode collapse": Illness(
        "8 places on a ring, the generator's rate ten times the discriminator's",
        "toy",
        {**POINTS, "generator_rate": 3e-3, "discriminator_rate": 3e-4, "steps": 2000, "evaluate": 0},
        {"places of 8": places, "on a place": on_a_place},
        "places of 8",
        {
            "minibatch standard deviation": {"discriminator_options.minibatch": "deviation"},
            "minibatch discrimination": {"discriminator_options.minibatch": "discrimination"},
            "unrolled GAN, 5 updates": {"unrolled": 5},
            "feature matching, half": {"matching": 0.5},
            "historical averaging, 1e-3": {"history": 1e-3},
            "historical averaging, 1e-5": {"history": 1e-5},
            "equal rates": {"generator_rate": 3e-4},
            "Wasserstein, weights clipped": {"loss": "wasserstein", "clip": 0.1, "discriminator_turns": 5},
            "Wasserstein, gradient penalty": {
                "loss": "wasserstein",
                "penalties": {"gradient": 1.0},
                "discriminator_turns": 5,
            },
            "DRAGAN": {"penalties": {"dragan": 1.0}},
            "DRAGAN, a tenth": {"penalties": {"dragan": 0.1}},
            "R1": {"penalties": {"r1": 0.1}},
            "R1, a tenth": {"penalties": {"r1": 0.01}},
            "relativistic, R1 and R2": {"loss": "relativistic", "penalties": {"r1": 0.1, "r2": 0.1}},
            "spectral normalization": {"spectral": True, "loss": "hinge"},
            "instance noise": {"instance_noise": 0.2},
        },
    ),
    "samples between the modes": Illness(
        "25 places on a grid, no penalty",
        "toy",
        {**POINTS, "data": "grid", "evaluate": 0},
        {"places of 25": places, "on a place": on_a_place},
        "on a place",
        {
            "minibatch standard deviation": {"discriminator_options.minibatch": "deviation"},
            "minibatch discrimination": {"discriminator_options.minibatch": "discrimination"},
            "unrolled GAN, 5 updates": {"unrolled": 5},
            "feature matching, half": {"matching": 0.5},
            "R1": {"penalties": {"r1": 0.1}},
            "R1, a tenth": {"penalties": {"r1": 0.01}},
            "relativistic, R1 and R2": {"loss": "relativistic", "penalties": {"r1": 0.1, "r2": 0.1}},
        },
    ),
    "mode collapse among 1,000": Illness(
        "stacked MNIST (`stacked_mnist`, 1,500 steps of 32), nothing compared within a batch, no penalty, a"
        " discriminator of an eighth of the width",
        "stacked_mnist",
        {
            **{"steps": 1500, "penalties": {}, "discriminator_options.minibatch": "none"},
            **{"discriminator_options.width": 4, "evaluate": 0, "preview": 0, "save": 0},
        },
        {"modes of 1,000": modes, "divergence": divergence},
        "modes of 1,000",
        {
            "minibatch standard deviation": {"discriminator_options.minibatch": "deviation"},
            "minibatch discrimination": {"discriminator_options.minibatch": "discrimination"},
            "feature matching, half": {"matching": 0.5},
            "R1": {"penalties": {"r1": 0.05}},
            "unrolled GAN, 5 updates": {"unrolled": 5},
        },
    ),
    "vanishing gradients": Illness(
        "digits, the smaller dense networks, the minimax loss as stated, the discriminator's rate five times the"
        " generator's and five turns to one",
        "dense_small",
        {
            **{"data": "mnist", "loss": "saturating", "discriminator_turns": 5, "discriminator_rate": 1e-3},
            **{"generator_rate": 2e-4, "betas": (0.5, 0.99), "penalties": {}, "ema": 0.0, "batch": 64, "steps": 600},
            **{"features": "pixels", "evaluate": 600, "preview": 0, "save": 0},
        },
        {"generator's gradient": gradient, "distance (pixels)": distance},
        "distance (pixels)",
        {
            "non-saturating loss": {"loss": "nonsaturating"},
            "least squares": {"loss": "least_squares"},
            "Wasserstein, weights clipped": {"loss": "wasserstein", "clip": 0.03},
            "Wasserstein, gradient penalty": {"loss": "wasserstein", "penalties": {"gradient": 1.0}},
            "feature matching, half": {"matching": 0.5},
            "label smoothing": {"smoothing": (0.1,)},
            "label smoothing, two-sided": {"smoothing": (0.1, 0.1)},
            "noisy labels": {"label_noise": 0.1},
            "instance noise": {"instance_noise": 0.2},
            "R1": {"penalties": {"r1": 0.1}},
            "R1, a hundred times": {"penalties": {"r1": 10.0}},
        },
        lower=True,
    ),
    "over-confident discriminator": Illness(
        "8 places on a ring, five turns of the discriminator to one, at 5e-3",
        "toy",
        {**POINTS, "discriminator_turns": 5, "discriminator_rate": 5e-3, "steps": 2000, "evaluate": 500},
        {"logits apart": sureness, "places of 8": places, "on a place": on_a_place},
        "places of 8",
        {
            "label smoothing": {"smoothing": (0.1,)},
            "label smoothing, two-sided": {"smoothing": (0.1, 0.1)},
            "noisy labels": {"label_noise": 0.1},
            "instance noise": {"instance_noise": 0.2},
            "spectral normalization": {"spectral": True},
            "gradient penalty (DRAGAN)": {"penalties": {"dragan": 1.0}},
            "R1": {"penalties": {"r1": 0.1}},
        },
    ),
    "instability": Illness(
        "digits, the smaller dense networks, both rates 1e-2, with momentum (betas of 0.9 and 0.999)",
        "dense_small",
        {
            **{"data": "mnist", "generator_rate": 1e-2, "discriminator_rate": 1e-2, "betas": (0.9, 0.999)},
            **{"penalties": {}, "ema": 0.0, "batch": 64, "steps": 500},
            **{"features": "pixels", "evaluate": 500, "preview": 0, "save": 0},
        },
        {"spread of the cost": unrest, "distance (pixels)": distance},
        "distance (pixels)",
        {
            "Wasserstein, weights clipped": {"loss": "wasserstein", "clip": 0.03, "discriminator_turns": 5},
            "Wasserstein, gradient penalty": {
                "loss": "wasserstein",
                "penalties": {"gradient": 1.0},
                "discriminator_turns": 5,
            },
            "spectral normalization": {"spectral": True, "loss": "hinge"},
            "no momentum": {"betas": (0.0, 0.99)},
            "a tenth of the rates": {"generator_rate": 1e-3, "discriminator_rate": 1e-3},
        },
        lower=True,
    ),
    "non-convergence": Illness(
        "8 places on a ring without a penalty, rates of 3e-3",
        "toy",
        {**POINTS, "generator_rate": 3e-3, "discriminator_rate": 3e-3, "evaluate": 100},
        {"swing of the score": swing, "distance": distance, "overlap": overlap},
        "overlap",
        {
            "R1": {"penalties": {"r1": 0.1}},
            "historical averaging, 1e-3": {"history": 1e-3},
            "historical averaging, 1e-5": {"history": 1e-5},
            "averaged generator": {"ema": 0.99},
            "rates that fall": {"decay_from": 0.4, "decay_to": 0.02},
            "slower generator (1e-3)": {"generator_rate": 1e-3},
            "gradient penalty": {"penalties": {"gradient": 0.1}},
            "spectral normalization": {"spectral": True, "loss": "hinge"},
            "Wasserstein, weights clipped": {"loss": "wasserstein", "clip": 0.1, "discriminator_turns": 5},
            "Wasserstein, gradient penalty": {
                "loss": "wasserstein",
                "penalties": {"gradient": 1.0},
                "discriminator_turns": 5,
            },
        },
    ),
    "non-convergence at full size": Illness(
        "garments, `progressive` of half the width played at full size from the first step on, 1,500 steps of 32, rates"
        " that fall from 0.4 of the run on",
        "progressive",
        {
            **{"game": "synthesis", "generator_options.width": 16, "discriminator_options.width": 16},
            **{"steps": 1500, "batch": 32, "decay_from": 0.4, "evaluate": 1500, "preview": 0, "save": 0},
        },
        {"distance (efficientnet)": distance, "processor minutes": minutes},
        "distance (efficientnet)",
        {"progressive growing": {"game": "progressive"}},
        lower=True,
    ),
    "over-fitting on few images": Illness(
        "900 garments (`plain`, 1,500 steps of 32)",
        "plain",
        {"steps": 1500, "batch": 32, "evaluate": 500, "preview": 0, "save": 0, "features": "efficientnet"},
        {"by heart": by_heart, "distance (efficientnet)": distance},
        "distance (efficientnet)",
        {
            "differentiable augmentation": {"augment": ("colour", "translate", "cutout")},
            "adaptive augmentation": {"augment": ("colour", "translate", "cutout"), "adapt": 0.6},
            "R1, ten times": {"penalties": {"r1": 5.0}},
            "spectral normalization": {"spectral": True},
        },
        lower=True,
    ),
}


def main() -> None:
    """Train what is not trained yet, print and write the table."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("folder", type=Path)
    options.add_argument("illness", nargs="*", default=list(ILLNESSES))
    options.add_argument("--seeds", default="0,1,2")
    chosen = options.parse_args()
    seeds = [int(seed) for seed in chosen.seeds.split(",")]
    for name in chosen.illness:
        table = _table(name, _treated(ILLNESSES[name], chosen.folder / name.replace(" ", "-"), seeds))
        print(table, flush=True)
        _write(name, table)


def _write(name: str, table: str) -> None:
    """The page with this table in it, and its others as they are."""
    parts = re.split(r"^## ", PAGE.read_text(), flags=re.M)[1:]
    tables = {part.splitlines()[0].lower(): f"## {part.rstrip()}\n" for part in parts} | {name.lower(): table}
    command = "python benchmarks/cures.py RUNS_FOLDER"
    head = (
        f"# What the cures do\n\nMade by `{command}`: means over seeds, and the least and the most. A\n"
        "cure helps or harms where every seed with it is better, or worse, than every seed without. The overlap is\n"
        "what the samples' shares of the places have in common with even ones: 1 where each place has its own.\n"
    )
    PAGE.write_text(head + "".join(f"\n{tables[name.lower()]}" for name in ILLNESSES if name.lower() in tables))


Rows = dict[str, dict[str, list[float]]]


def _treated(illness: Illness, folder: Path, seeds: list[int]) -> Rows:
    rows: Rows = {}
    for cure, settings in {"nothing": {}, **illness.cures}.items():
        runs = [_trained(illness, folder / f"{_slug(cure)}-{seed}", seed, settings) for seed in seeds]
        rows[cure] = {name: [figure(run) for run in runs] for name, figure in illness.figures.items()}
        told = "; ".join(f"{name} {_told(values)}" for name, values in rows[cure].items())
        print(f"  {cure}: {told}", flush=True)
    return rows


def _trained(illness: Illness, path: Path, seed: int, settings: Mapping[str, Any]) -> Run:
    own: dict[str, Any] = {**illness.settings, **settings, "seed": seed}
    if illness.recipe == "plain":
        own["data"] = _few(path.parent / f"few-{seed}.npz", seed)
    return trained(path, illness.recipe, progress=False, **own)


def _few(file: Path, seed: int) -> str:
    """An .npz of 1,000 garments, of which 900 are trained on."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        np.savez(file, images=data.load("fashion_mnist").images[np.random.RandomState(seed).permutation(60_000)[:1000]])
    return f"{file}:train"


def _table(name: str, rows: Rows) -> str:
    figures, illness = list(rows["nothing"]), ILLNESSES[name]
    seeds = len(rows["nothing"][illness.judged_by])
    lines = [
        f"## {name[0].upper()}{name[1:]}\n\n{illness.what[0].upper()}{illness.what[1:]}. Seeds: {seeds}.\n",
        f"| cure | {' | '.join(figures)} | by {illness.judged_by} |",
        "|---" * (len(figures) + 2) + "|",
    ]
    without = rows["nothing"][illness.judged_by]
    for cure, own in rows.items():
        verdict = "" if cure == "nothing" else illness.verdict(without, own[illness.judged_by])
        lines.append(f"| {cure} | {' | '.join(_told(own[figure]) for figure in figures)} | {verdict} |")
    return "\n".join(lines) + "\n"


def _told(values: list[float]) -> str:
    return f"{np.mean(values):.3g} ({min(values):.3g} to {max(values):.3g})"


def _slug(text: str) -> str:
    return text.replace(",", "").replace(" ", "-")


if __name__ == "__main__":
    main()
