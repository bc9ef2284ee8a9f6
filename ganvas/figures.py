"""Figures: curves of a run, points in the plane, maps of samples, real samples above generated ones."""

import io
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ganvas.data import Samples
from ganvas.images import coloured, enlarge, fitted, grid, load_png, shrink

# for kinds of things, told apart on white and on black
KINDS = (
    "#3f7fd0", "#e0721b", "#2f9e5b", "#d6453c", "#9560c6", "#9a6a3e", "#df6fae", "#7f8791", "#a39b1f", "#17a3b5",
)  # fmt: skip
REAL, GENERATED = "0.75", "#c2410c"
NAMED = 40  # kinds that are named on a map
THUMBNAIL = 32  # pixels at most


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


def translations(made: Samples, most: int = 24, pairs_a_row: int = 3) -> np.ndarray:
    """Input, output and, where there is one, target side by side, several to a row: one uint8 picture."""
    assert made.inputs is not None
    sides = [made.inputs, made.images, *([] if made.targets is None else [made.targets])]
    height, width = made.images.shape[1:3]
    shown = [coloured(fitted(side[:most], height, width)) for side in sides]
    count = len(shown[0])
    gap = np.full((count, height, 2, 3), 255, np.uint8)
    strips = np.concatenate([part for side in shown for part in (side, gap)][:-1], axis=2)
    return enlarge(grid(strips, min(pairs_a_row, count), gap=8))


def scatter(points: np.ndarray, real: np.ndarray | None = None) -> np.ndarray:
    """Generated points in colour over real ones in grey, both axes from -1.2 to 1.2 or as far as real ones lie.

    uint8 (480, 480, 3).
    """
    figure, axes = _figure(1, (4.8, 4.8))
    if real is not None:
        axes[0].scatter(*real[:2000].T, s=3, color=REAL, linewidths=0)
    axes[0].scatter(*points.T, s=6, color=GENERATED, linewidths=0, alpha=0.7)
    reach = 1.2 if real is None else max(1.2, 1.2 * float(np.abs(real).max()))
    axes[0].set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
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
    named = [each for each in named if each[1]]
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


def kind_colour(kind: int) -> str:
    """A kind's colour; after ten they come again."""
    return KINDS[kind % len(KINDS)]


def save_map(
    path: str | os.PathLike[str],
    layouts: Mapping[str, np.ndarray],
    colourings: Mapping[str, tuple[np.ndarray, Sequence[str]]],
) -> None:
    """Samples in the plane, a row of panels for each layout float (N, 2), a column for each colouring.

    A colouring is every sample's kind, int (N,), and the kinds' names, which stand in the midst of them.
    """
    figure, axes = _figure(len(colourings), (6.4 * len(colourings), 6.0 * len(layouts)), len(layouts))
    panels = ((layout, colouring) for layout in layouts.items() for colouring in colourings.items())
    for axis, ((layout, places), (title, (kinds, names))) in zip(axes, panels, strict=True):
        dot = min(24.0, max(5.0, 8000 / len(places)))
        axis.scatter(*places.T, s=dot, c=[kind_colour(kind) for kind in kinds], linewidths=0)
        for kind, (x, y) in middles(places, kinds).items():
            if len(names) <= NAMED:
                middle = {"ha": "center", "va": "center", "fontsize": "medium", "fontweight": "bold"}
                _haloed(axis.text(x, y, names[kind], **middle, parse_math=False))  # a name with two $ is no formula
        axis.set(title=f"{layout}, by {title}", xticks=[], yticks=[], aspect="equal")
    figure.savefig(path, dpi=100, format="png")


def save_real_and_generated(
    path: str | os.PathLike[str],
    places: np.ndarray,
    is_generated: np.ndarray,
    real_shares: np.ndarray,
    shares: np.ndarray,
) -> None:
    """Real samples in grey and generated ones over them on one map (N, 2); beside it their shares of each cluster."""
    figure, (plane, bars) = _figure(2, (12.0, 6.4), widths=(1.7, 1))
    plane.scatter(*places[~is_generated].T, s=7, color=REAL, linewidths=0, label="real")
    plane.scatter(*places[is_generated].T, s=7, color=GENERATED, linewidths=0, alpha=0.7, label="generated")
    plane.set(xticks=[], yticks=[], aspect="equal")
    plane.legend(markerscale=2)
    rows = np.arange(len(shares))
    bars.barh(rows - 0.2, 100 * real_shares, 0.4, color="0.65", label="real")
    bars.barh(rows + 0.2, 100 * shares, 0.4, color=GENERATED, label="generated")
    bars.set(title="share of each cluster", xlabel="%", ylim=(len(shares) - 0.5, -0.5))
    bars.set_yticks(rows if len(rows) <= NAMED else rows[:: len(rows) // NAMED])
    bars.legend()
    figure.savefig(path, dpi=100, format="png")


def mosaic(places: np.ndarray, images: np.ndarray, kinds: np.ndarray, across: int = 44) -> np.ndarray:
    """Images (N, H, W, C) where they lie on a map (N, 2), framed in their kinds' colours: uint8 (height, width, 4).

    The map is divided into cells, `across` of them to the longer side, and shows an image to a cell; the rest is clear.
    """
    pictures = coloured(shrink(images, THUMBNAIL))
    factor = max(1, 24 // max(pictures.shape[1:3]))
    pictures = pictures.repeat(factor, axis=1).repeat(factor, axis=2)
    high, wide = (side + 4 for side in pictures.shape[1:3])
    low, spread = places.min(axis=0), np.ptp(places, axis=0)
    columns, rows = np.maximum(1, np.rint(across * spread / max(spread.max(), 1e-12))).astype(int)
    shares = (places - low) / np.maximum(spread, 1e-12)
    cells = np.minimum(shares * (columns, rows), (columns - 1, rows - 1)).astype(int)
    picture = np.zeros((rows * high, columns * wide, 4), np.uint8)
    _, first = np.unique(cells, axis=0, return_index=True)
    for i in first:
        left, top = cells[i, 0] * wide, (rows - 1 - cells[i, 1]) * high  # upwards, as in a chart
        frame = picture[top : top + high, left : left + wide]
        frame[:] = (*bytes.fromhex(kind_colour(kinds[i])[1:]), 255)
        frame[2:-2, 2:-2, :3] = pictures[i]
    return picture


def middles(places: np.ndarray, kinds: np.ndarray) -> dict[int, np.ndarray]:
    """For every kind there is, the place of that sample (2,) which is nearest to the middle of its kind."""
    found = {}
    for kind in np.unique(kinds):
        own = places[kinds == kind]
        found[int(kind)] = own[np.argmin(np.linalg.norm(own - np.median(own, axis=0), axis=1))]
    return found


def _haloed(text: Any) -> None:
    from matplotlib import patheffects

    text.set_path_effects([patheffects.withStroke(linewidth=3, foreground="white")])


def _figure(
    columns: int, size: tuple[float, float], rows: int = 1, widths: Sequence[float] | None = None
) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False, width_ratios=widths).ravel()
