"""Figures drawn with matplotlib: curves of a run, points in the plane, real samples above generated ones."""

import io
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ganvas.images import enlarge, grid, load_png


def preview(samples: np.ndarray, real: np.ndarray | None = None) -> np.ndarray:
    """A picture of samples: uint8 images as a grid, points float (N, 2) as a scatter over some real ones."""
    return enlarge(grid(samples)) if samples.ndim == 4 else scatter(samples, real)


def beside(real: np.ndarray, generated: np.ndarray) -> np.ndarray:
    """Real samples in the upper half, generated ones below a white band: one uint8 picture."""
    if real.ndim == 2:
        return scatter(generated, real)
    columns = max(1, min(10, len(real)))
    upper, lower = grid(real, columns), grid(generated, columns)
    space = np.full((8, *upper.shape[1:]), 255, np.uint8)
    return enlarge(np.concatenate([upper, space, lower]), 640)


def scatter(points: np.ndarray, real: np.ndarray | None = None) -> np.ndarray:
    """Generated points in colour over real ones in grey, both axes from -1.2 to 1.2: uint8 (480, 480, 3)."""
    figure, axes = _figure(1, (4.8, 4.8))
    if real is not None:
        axes[0].scatter(*real[:2000].T, s=3, color="0.75", linewidths=0)
    axes[0].scatter(*points.T, s=6, color="#c2410c", linewidths=0, alpha=0.7)
    axes[0].set(xlim=(-1.2, 1.2), ylim=(-1.2, 1.2), aspect="equal")
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=100, format="png")
    return load_png(buffer)[..., :3]


def save_curves(
    path: str | os.PathLike[str], log: Sequence[Mapping[str, Any]], scores: Sequence[Mapping[str, Any]]
) -> None:
    """The players' costs, the discriminator's accuracy on real and fake, and the score where there is one, by step."""
    named = [
        ("cost", [key for key in log[-1] if key.endswith("_cost")], log),
        ("share called right", [key for key in log[-1] if key.startswith("accuracy_")], log),
    ]
    if scores:
        named.append((f"Fréchet distance ({scores[-1]['frechet']['features']})", ["frechet"], scores))
    figure, axes = _figure(len(named), (4.5 * len(named), 3.2))
    for axis, (title, keys, lines) in zip(axes, named, strict=True):
        for key in keys:
            rows = [line for line in lines if line.get(key) is not None]
            values = [row[key]["value"] if isinstance(row[key], Mapping) else row[key] for row in rows]
            few = "." if len(rows) <= 30 else ""
            axis.plot([row["step"] for row in rows], values, marker=few, label=key.replace("_", " "), linewidth=1)
        axis.set(title=title, xlabel="step")
        axis.grid(alpha=0.3)
        axis.legend(fontsize="small")
    if scores:
        axes[-1].set_yscale("log")
    figure.savefig(path, dpi=110, format="png")


def _figure(panels: int, size: tuple[float, float]) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    return figure, figure.subplots(1, panels, squeeze=False)[0]
