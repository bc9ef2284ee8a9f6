"""Charts as inline SVG: lines over steps or minutes, and a dot with a whisker. Colours are the style sheet's."""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

WIDTH, HEIGHT = 440, 246
LEFT, RIGHT, TOP, BOTTOM = 64, 414, 10, 206
MOST = 200  # points of a line; more are averaged, their range drawn as a band
FEW = 30  # so few points get a dot each
COLOURS = 6
NOTHING = 1e-12  # less is what rounding leaves of zero
STEPS = ((1,), (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 7))  # ticks within a decade, ever denser


@dataclass(frozen=True)
class Series:
    """One line: a name, and finite values y at places x, in order. Lines of a group share a colour and a key."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    group: str = ""


@dataclass(frozen=True)
class _Axis:
    """Values from `low` to `high` placed from pixel `start` to `end`."""

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[float, ...]
    log: bool = False

    def place(self, value: float) -> float:
        low, high, value = (math.log(v) if self.log else v for v in (self.low, self.high, value))
        return round(self.start + (value - low) / (high - low) * (self.end - self.start), 1)


def figure(value: float) -> str:
    """A number as a person reads it: four figures, thousands apart."""
    if abs(value) < NOTHING:
        return "0"
    if abs(value) >= 10_000 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.4g}"


def lines(title: str, series: Sequence[Series], *, across: str = "step", log: bool = False, whole: bool = False) -> str:
    """A <figure> of lines. `log` asks for a logarithmic scale, `whole` for one from 0 to 1."""
    groups = list(dict.fromkeys(one.group or number for number, one in enumerate(series)))
    shown = [(groups.index(one.group or number), one) for number, one in enumerate(series) if len(one.x)]
    values = [value for _, one in shown for value in one.y]
    places = [place for _, one in shown for place in one.x]
    bottom = _upright(values, log, whole)
    flat = _straight(min(places), max(places), LEFT, RIGHT, 5)
    drawn = "".join(_line(one, number, flat, bottom) for number, one in shown)
    told = json.dumps({"across": across, "series": [_told(one, number, flat, bottom) for number, one in shown]})
    keys = {number: one.group or one.name for number, one in shown}
    legend = "".join(f'<span class="key {_colour(number)}">{escape(name)}</span>' for number, name in keys.items())
    scale = " (logarithmic scale)" if bottom.log else ""
    return (
        f'<figure class="chart"><figcaption><strong>{escape(title)}</strong>'
        f'<span class="legend">{legend if len(keys) > 1 else ""}</span></figcaption><div class="plot">'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" tabindex="0" data-told="{escape(told)}" '
        f'aria-label="{escape(_summary(title + scale, [one for _, one in shown], across))}">'
        f'{_frame(flat, bottom, across)}{drawn}<g class="cursor"></g></svg>'
        f'<div class="tip" aria-live="polite" hidden></div></div></figure>'
    )


def whisker(
    value: float,
    ends: tuple[float, float] | None,
    floor: float | None,
    highest: float,
    lowest: float = 0.0,
    runs: Sequence[float] = (),
) -> str:
    """A dot for the value, a line for its interval, an upright mark for what real samples reach.

    Where the value is a mean, a thin stroke for each of the `runs` it is the mean of.
    """

    def place(at: float) -> float:
        return round(6 + 188 * (min(max(at, lowest), highest) - lowest) / ((highest - lowest) or 1), 1)

    span = f'<line class="span" x1="{place(ends[0])}" x2="{place(ends[1])}" y1="12" y2="12"/>' if ends else ""
    mark = f'<line class="floor" x1="{place(floor)}" x2="{place(floor)}" y1="4" y2="20"/>' if floor is not None else ""
    each = "".join(f'<line class="one" x1="{place(run)}" x2="{place(run)}" y1="5" y2="19"/>' for run in runs)
    return (
        '<svg class="whisker" viewBox="0 0 200 24" aria-hidden="true"><line class="base" x1="6" x2="194" y1="12" '
        f'y2="12"/>{mark}{span}<circle class="dot" cx="{place(value)}" cy="12" r="4.5"/>{each}</svg>'
    )


def _line(series: Series, number: int, flat: _Axis, bottom: _Axis) -> str:
    x, y, low, high = _thinned(series)
    across = [flat.place(v) for v in x]
    path = _path(across, [bottom.place(v) for v in y])
    colour = f"{_colour(number)}{' dashed' if number >= COLOURS else ''}"
    band = dots = ""
    if low is not None and high is not None:
        edge = _path(across + across[::-1], [bottom.place(v) for v in (*high, *low[::-1])])
        band = f'<path class="band" d="{edge}Z"/>'
    if len(x) <= FEW:
        dots = "".join(f'<circle cx="{a}" cy="{bottom.place(b)}" r="2.5"/>' for a, b in zip(across, y, strict=True))
    return f'<g class="{colour}">{band}<path class="line" d="{path}"/>{dots}</g>'


def _thinned(series: Series) -> tuple[np.ndarray, np.ndarray, np.ndarray | None, np.ndarray | None]:
    """At most `MOST` points; where there were more, also the least and greatest value that each stands for."""
    x, y = np.asarray(series.x, float), np.asarray(series.y, float)
    if len(x) <= MOST:
        return x, y, None, None
    parts = np.array_split(np.arange(len(x)), MOST)
    means, low, high = ([reduce(y[part]) for part in parts] for reduce in (np.mean, np.min, np.max))
    return np.array([x[part[-1]] for part in parts]), np.array(means), np.array(low), np.array(high)


def _told(series: Series, number: int, flat: _Axis, bottom: _Axis) -> dict[str, object]:
    """What the page's script shows under the pointer."""
    x, y, _, _ = _thinned(series)
    points = [[flat.place(a), bottom.place(b), figure(a), figure(b)] for a, b in zip(x, y, strict=True)]
    return {"name": series.name, "colour": _colour(number), "points": points}


def _path(across: Sequence[float], down: Sequence[float]) -> str:
    return "M" + "L".join(f"{a:g} {b:g}" for a, b in zip(across, down, strict=True))


def _colour(number: int) -> str:
    return f"s{number % COLOURS + 1}"


def _frame(flat: _Axis, bottom: _Axis, across: str) -> str:
    rows = "".join(
        f'<line x1="{LEFT}" x2="{RIGHT}" y1="{bottom.place(t)}" y2="{bottom.place(t)}"/>' for t in bottom.ticks
    )
    left = "".join(
        f'<text x="{LEFT - 7}" y="{bottom.place(t) + 4:g}" text-anchor="end">{_short(t)}</text>' for t in bottom.ticks
    )
    below = "".join(
        f'<text x="{flat.place(t)}" y="{BOTTOM + 20}" text-anchor="middle">{_short(t)}</text>' for t in flat.ticks
    )
    name = f'<text x="{RIGHT}" y="{HEIGHT - 4}" text-anchor="end">{escape(across)}</text>'
    return f'<g class="grid">{rows}</g><g class="ticks">{left}{below}{name}</g>'


def _summary(title: str, series: Sequence[Series], across: str) -> str:
    told = [
        f"{one.name} from {figure(one.y[0])} to {figure(one.y[-1])}, least {figure(min(one.y))}, "
        f"greatest {figure(max(one.y))}"
        for one in series
    ]
    ends = [end for one in series for end in (one.x[0], one.x[-1])]
    return f"{title}, {across} {figure(min(ends))} to {figure(max(ends))}: {'; '.join(told)}"


def _upright(values: Sequence[float], log: bool, whole: bool) -> _Axis:
    if whole:
        return _Axis(0.0, 1.0, BOTTOM, TOP, (0.0, 0.25, 0.5, 0.75, 1.0))
    if log and min(values) > 0 and max(values) < 1e6 * min(values):
        return _logarithmic(min(values), max(values))
    return _straight(min(values), max(values), BOTTOM, TOP, 4, round_out=True)


def _logarithmic(low: float, high: float) -> _Axis:
    """From tick to tick, with as few ticks within a decade as give three."""
    ticks: tuple[float, ...] = ()
    for steps in STEPS:
        every = list(_decades(low, high, steps))
        first = max(t for t in every if t <= low * 1.0001)
        last = min(t for t in every if t >= high * 0.9999 and t > first)
        ticks = tuple(t for t in every if first <= t <= last)
        if len(ticks) >= 3:
            break
    return _Axis(ticks[0], ticks[-1], BOTTOM, TOP, ticks, log=True)


def _decades(low: float, high: float, steps: tuple[float, ...]) -> Iterator[float]:
    for power in range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 2):
        yield from (float(f"{step}e{power}") for step in steps)


def _straight(low: float, high: float, start: float, end: float, most: int, round_out: bool = False) -> _Axis:
    """A linear axis with at most `most` round steps; `round_out` ends it on ticks."""
    if low == high:
        low, high = (low - abs(low) / 2, high + abs(high) / 2) if low else (0.0, 1.0)
    raw = (high - low) / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= raw * 0.9999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = [float(f"{number * step:.12g}") for number in range(first, last + 1)]
    if round_out:
        return _Axis(ticks[0], ticks[-1], start, end, tuple(ticks))
    return _Axis(low, high, start, end, tuple(t for t in ticks if low <= t <= high))


def _short(value: float) -> str:
    if abs(value) >= 1e6:
        return f"{value / 1e6:g}M"
    return f"{value / 1e3:g}k" if abs(value) >= 10_000 else f"{value:,.6g}"
