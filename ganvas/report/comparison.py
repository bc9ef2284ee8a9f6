"""Several runs beside each other: a table, best first where they can be ranked, curves over each other, samples."""

from collections.abc import Sequence
from html import escape
from typing import Any

from ganvas import figures
from ganvas.report import charts
from ganvas.report.charts import Series, figure
from ganvas.report.pictures import image, sheet
from ganvas.report.pieces import absent
from ganvas.report.record import Missing, Record, interval, is_number
from ganvas.report.sections import history, scale
from ganvas.report.words import duration, listed, score_name, score_title

SHEET = 36


def ranked(runs: Sequence[Record]) -> tuple[list[Record], Missing | None]:
    """The runs, best first; or by name, and why they cannot be ranked."""
    by_name = sorted(runs, key=lambda one: one.name)
    unscored = [one.name for one in by_name if not one.frechet]
    if unscored:
        have = "has" if len(unscored) == 1 else "have"
        return by_name, _unranked(f"{listed(unscored)} {have} no Fréchet distance in scores.json")
    for kind, held in (
        ("features", [str(one.frechet.get("features")) for one in by_name if one.frechet]),
        ("data", [_against(one) for one in by_name]),
    ):
        if len(set(held)) > 1:
            return by_name, _unranked(f"their Fréchet distances are of different {kind} ({listed(sorted(set(held)))})")
    return sorted(by_name, key=lambda one: one.frechet["value"] if one.frechet else 0.0), None


def _unranked(why: str) -> Missing:
    return Missing(f"The runs cannot be ranked: {why}. They stand in order of their names.")


def _against(one: Record) -> str:
    return "" if isinstance(one.scores, Missing) else str(one.scores.get("against"))


def table(runs: Sequence[Record], why_unranked: Missing | None) -> str:
    """A row for every run, in the order given."""
    held = [one.frechet for one in runs if one.frechet]
    ends = [end for score in held for end in (score["value"], *(interval(score) or ()))]
    highest = 1.05 * max(ends, default=1.0)
    rows = "".join(_row(place, one, highest, why_unranked is None) for place, one in enumerate(runs, 1))
    order = "" if why_unranked else f"<p>Best first, by the Fréchet distance to {escape(_against(runs[0]))}.</p>"
    head = "".join(
        f'<th scope="col"{kind}>{name}</th>'
        for name, kind in (
            ("", ""), ("Run", ""), ("Fréchet distance", ' class="number"'), ("", ""), ("Real", ' class="number"'),
            ("Of", ""), ("Time", ' class="number"'), ("Samples seen", ' class="number"'), ("Worst finding", ""),
        )
    )  # fmt: skip
    return (
        f'{order}{absent(why_unranked)}<div class="scroll" tabindex="0" role="region" aria-label="The runs compared">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>{_doubts(runs, why_unranked)}"
    )


def _row(place: int, one: Record, highest: float, is_ranked: bool) -> str:
    score, images = one.frechet, one.last.get("images")
    floor = score["floor"] if score and is_number(score.get("floor")) else None
    features = score.get("features") if score else None
    cells = (
        ("number", str(place) if is_ranked else ""),
        ("run", f'<a href="#run-{place}">{escape(one.name)}</a>'),
        ("number", _stacked(score) if score else "not scored"),
        ("drawn", charts.whisker(score["value"], interval(score), floor, highest) if score else ""),
        ("number", figure(floor) if floor is not None else ""),
        ("", escape(f"{figure(score['n']) if is_number(score.get('n')) else ''} in {features}") if score else ""),
        ("number", duration(one.seconds) if one.seconds is not None else ""),
        ("number", figure(images) if is_number(images) else ""),
        ("worst", escape(_worst(one))),
    )
    row = "".join(f'<td class="{kind}">{text}</td>' for kind, text in cells)
    return f"<tr>{row}</tr>"


def _stacked(score: dict[str, Any]) -> str:
    """A value above its interval: tables of many columns have little width."""
    ends = interval(score)
    return figure(score["value"]) + (f"<small>{figure(ends[0])} to {figure(ends[1])}</small>" if ends else "")


def _worst(one: Record) -> str:
    if isinstance(one.findings, Missing):
        return "the doctor has not looked"
    if not one.findings:
        return "none"
    worst = one.findings[0]
    return f"{worst.get('severity')}: {str(worst.get('name')).replace('_', ' ')}"


def _doubts(runs: Sequence[Record], why_unranked: Missing | None) -> str:
    """What keeps a reader from trusting the order: unequal numbers of samples, and intervals that overlap."""
    if why_unranked:
        return ""
    doubts = []
    if len({one.frechet.get("n") for one in runs if one.frechet}) > 1:
        doubts.append("The distances are of unequal numbers of samples: fewer samples give a greater distance.")
    first = interval(runs[0].frechet or {})
    close = [one.name for one in runs[1:] if first and (ends := interval(one.frechet or {})) and ends[0] <= first[1]]
    if close:
        overlap = "overlaps" if len(close) == 1 else "overlap"
        doubts.append(f"The interval of {listed(close)} {overlap} that of {runs[0].name}: the order may be chance.")
    return f'<ul class="notes">{"".join(f"<li>{escape(doubt)}</li>" for doubt in doubts)}</ul>' if doubts else ""


def scores(runs: Sequence[Record]) -> str:
    """Every score of every run; nothing where the Fréchet distance is all there is."""
    cards = [{} if isinstance(one.scores, Missing) else one.scores["scores"] for one in runs]
    names = list(dict.fromkeys(name for card in cards for name in card))
    if set(names) <= {"frechet"}:
        return ""
    head = "".join(f'<th scope="col" class="number">{escape(score_name(name))}</th>' for name in names)
    rows = "".join(
        f'<tr><th scope="row">{escape(one.name)}</th>'
        + "".join(f'<td class="number">{_stacked(card[name]) if name in card else "–"}</td>' for name in names)
        + "</tr>"
        for one, card in zip(runs, cards, strict=True)
    )
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="Every score"><table><thead><tr><th scope="col">Run'
        f"</th>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def curves(runs: Sequence[Record]) -> str:
    """The scores that were taken during training, all runs over each other, by step and by minute."""
    drawn = []
    by = {across: [history(one, across) for one in runs] for across in ("step", "minute")}
    for name, features in dict.fromkeys(key for held in by["step"] for key in held):
        title = score_title(name, features)
        for across, histories in by.items():
            lines = [held.get((name, features), Series("", [], [])) for held in histories]
            named = [Series(one.name, line.x, line.y) for one, line in zip(runs, lines, strict=True)]
            if any(line.x for line in named):
                drawn.append(charts.lines(f"{title}, by {across}", named, across=across, **scale(name)))
    if not drawn:
        return absent(Missing("None of the runs was scored while it was trained."))
    return f'<div class="charts">{"".join(drawn)}</div>'


def sheets(runs: Sequence[Record]) -> str:
    """Samples of every run, side by side; where none can be drawn, the last preview."""
    return f'<div class="sheets">{"".join(_sheet(one) for one in runs)}</div>'


def _sheet(one: Record) -> str:
    alt = f"Samples of {one.name}"
    stills = [still for step in list(one.stills)[-1:] if (still := one.still(step)) is not None]
    if not isinstance(one.drawn, Missing):
        samples = one.drawn.samples
        points = samples.ndim == 2
        content = image(figures.scatter(samples), alt, "scatter") if points else sheet(samples[:SHEET], 6, alt)
    else:
        content = image(stills[0], alt) if stills else absent(one.drawn)
    return f"<figure>{content}<figcaption>{escape(one.name)}</figcaption></figure>"
