"""Maps of samples as inline SVG: a dot each, in the colour of its kind; the sample itself under the pointer."""

import json
import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

import numpy as np

from ganvas.figures import NAMED, THUMBNAIL, middles
from ganvas.images import grid, shrink
from ganvas.report.pictures import data_uri

WIDTH, HEIGHT, EDGE = 720, 600, 16


class Kinds(NamedTuple):
    """Each sample's kind, int (N,), the kinds' names and colours. `named` kinds are written onto the map."""

    of: np.ndarray
    names: Sequence[str]
    colours: Sequence[str]
    named: bool = True


def chart(
    name: str,
    layouts: Mapping[str, np.ndarray],
    colourings: Mapping[str, Kinds],
    told: Sequence[str],
    images: np.ndarray | None,
    caption: str,
) -> str:
    """A <figure> of samples in the plane, by each layout (N, 2) and in each colouring, one of both shown at a time.

    `told` says which sample it is; `images` uint8 (N, H, W, C) are shown beside that, for points there are none.
    `name` is this map's among those of the page.
    """
    placed = {layout: _placed(places) for layout, places in layouts.items()}
    shown = "".join(
        f'<g data-layout="{i}" data-colouring="{j}"{" hidden" if i or j else ""}>{_dots(places, kinds)}</g>'
        for i, places in enumerate(placed.values())
        for j, kinds in enumerate(colourings.values())
    )
    facts: dict[str, Any] = {
        "layouts": [places.tolist() for places in placed.values()],
        "kinds": {colouring: {"of": k.of.tolist(), "names": list(k.names)} for colouring, k in colourings.items()},
        "told": list(told),
    }
    sprite = ""
    if images is not None:
        small = shrink(images, THUMBNAIL)
        columns = math.ceil(math.sqrt(len(small)))
        facts |= {"columns": columns, "cell": [small.shape[2], small.shape[1]]}
        sprite = f'<img class="sprite" alt="" hidden src="{data_uri(grid(small, columns, gap=0))}">'
    picture = '<canvas width="0" height="0" aria-hidden="true"></canvas>' if sprite else ""
    first = next(iter(layouts))
    return (
        f'<figure class="map" data-map="{escape(json.dumps(facts, separators=(",", ":")))}">'
        f'<div class="choices">{_choice(name, "layout", layouts)}{_choice(name, "colouring", colourings)}</div>'
        f'{_legends(colourings)}<div class="plot"><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" tabindex="0" '
        f'aria-label="{escape(f"{len(told):,} samples by {first}")}">{shown}'
        '<circle class="mark" r="6" visibility="hidden"/></svg><div class="tip" aria-live="polite" hidden>'
        f"{picture}<div></div></div></div>{sprite}<figcaption>{escape(caption)}</figcaption></figure>"
    )


def _placed(places: np.ndarray) -> np.ndarray:
    """Places in pixels, upwards as in a chart, to the same scale across and down."""
    low, high = places.min(axis=0), places.max(axis=0)
    room = np.array([WIDTH - 2 * EDGE, HEIGHT - 2 * EDGE])
    scale = (room / np.maximum(high - low, 1e-12)).min()
    offset = (places - (low + high) / 2) * scale
    return np.stack([WIDTH / 2 + offset[:, 0], HEIGHT / 2 - offset[:, 1]], axis=1).round(1)


def _dots(places: np.ndarray, kinds: Kinds) -> str:
    drawn = "".join(
        f'<path data-kind="{kind}" style="color:{kinds.colours[kind]}" d="{_spots(places[kinds.of == kind])}"/>'
        for kind in np.unique(kinds.of)
    )
    if not kinds.named or len(kinds.names) > NAMED:
        return drawn
    return drawn + "".join(
        f'<text x="{x:g}" y="{y + 5:g}" data-kind="{kind}">{escape(kinds.names[kind])}</text>'
        for kind, (x, y) in middles(places, kinds.of).items()
    )


def _spots(places: np.ndarray) -> str:
    """Lines without length, which round caps make into dots: one path is lighter than a thousand circles."""
    return "".join(f"M{x:g} {y:g}h0" for x, y in places)


def _choice(name: str, what: str, among: Mapping[str, object]) -> str:
    if len(among) < 2:
        return ""
    buttons = "".join(
        f'<label><input type="radio" name="{name}-{what}" data-choice="{what}" value="{i}"{"" if i else " checked"}> '
        f"{escape(label)}</label>"
        for i, label in enumerate(among)
    )
    return f'<fieldset><legend class="unseen">{what}</legend>{buttons}</fieldset>'


def _legends(colourings: Mapping[str, Kinds]) -> str:
    return "".join(
        f'<div class="legend" data-colouring="{i}"{" hidden" if i else ""}>{_keys(kinds)}</div>'
        for i, kinds in enumerate(colourings.values())
    )


def _keys(kinds: Kinds) -> str:
    keys = "".join(
        f'<button type="button" class="key" aria-pressed="false" data-kind="{kind}" '
        f'style="color:{kinds.colours[kind]}"><span>{escape(kinds.names[kind])}</span></button>'
        for kind in np.unique(kinds.of)[:NAMED]
    )
    more = len(kinds.names) - NAMED
    return keys + (f"<span>and {more} more</span>" if more > 0 else "")
