"""Runs, and the recipes they share, beside each other: tables, best first where they can be ranked, curves, samples."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Any

from ganvas import figures
from ganvas.report import charts
from ganvas.report.charts import Series, figure
from ganvas.report.pictures import image, sheet
from ganvas.report.pieces import absent
from ganvas.report.record import Missing, Record, interval, is_number
from ganvas.report.sections import history, scale
from ganvas.report.words import count, duration, listed, score_name, score_title
from ganvas.scores import over_runs

SHEET = 36
Card = Mapping[str, dict[str, Any]]


@dataclass(frozen=True)
class Asked:
    """What a comparison knows beyond its runs' folders: what it is of, and by the runs' names recipes and failures."""

    sentence: str
    recipes: Mapping[str, str]
    failed: Mapping[str, str]


@dataclass(frozen=True)
class Field:
    """Runs to compare, best first, or by name and why they cannot be ranked; those that failed, and why, come last.

    `recipes` are in the same order, by name, each with its runs that did not fail and how many it should have.
    """

    runs: Sequence[Record]
    recipes: Sequence["Shared"]
    failed: Mapping[str, str]
    why_unranked: Missing | None

    @classmethod
    def of(cls, found: Sequence[Record], asked: Asked | None) -> "Field":
        """The field of some runs; without `asked`, runs that differ in nothing but their seed share a recipe."""
        failed = asked.failed if asked else {}
        runs, why_unranked = ranked([one for one in found if one.name not in failed])
        broken = sorted((one for one in found if one.name in failed), key=lambda one: one.name)
        recipes = _asked_for(runs, broken, asked) if asked else _alike(runs)
        if why_unranked is None:
            recipes = sorted(recipes, key=lambda one: one.scores["frechet"]["value"] if one.runs else math.inf)
        return cls([*runs, *broken], recipes, failed, why_unranked)

    @property
    def shared(self) -> bool:
        """Does any recipe have several runs?"""
        return any(one.wanted > 1 for one in self.recipes)


@dataclass(frozen=True)
class Shared:
    """A recipe, its runs, those of them that failed apart, and how many there should be."""

    name: str
    runs: Sequence[Record]
    broken: Sequence[Record]
    wanted: int

    @cached_property
    def scores(self) -> Card:
        """The runs' scores: of several, the means."""
        cards = [card for one in self.runs if (card := one.card)]
        return over_runs(cards) if cards else {}


def _asked_for(runs: Sequence[Record], broken: Sequence[Record], asked: Asked) -> list[Shared]:
    def own(recipe: str, held: Sequence[Record]) -> list[Record]:
        return [one for one in held if asked.recipes[one.name] == recipe]

    wanted = Counter(asked.recipes.values())
    return [Shared(name, own(name, runs), own(name, broken), number) for name, number in wanted.items()]


def _alike(runs: Sequence[Record]) -> list[Shared]:
    groups: dict[str, list[Record]] = {}
    for one in runs:
        groups.setdefault(one.recipe.but(seed=0).to_json(), []).append(one)
    names = Counter(held[0].recipe.name for held in groups.values())
    return [Shared(_called(held, names[held[0].recipe.name] == 1), held, [], len(held)) for held in groups.values()]


def _called(runs: Sequence[Record], alone: bool) -> str:
    """A recipe's name; with the names of its runs, where other settings go by the same."""
    name = runs[0].recipe.name
    return name if alone else f"{name} ({listed([one.name for one in runs])})"


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


def title(field: Field) -> str:
    """What the page is called."""
    runs = count(sum(one.wanted for one in field.recipes), "run")
    return f"{count(len(field.recipes), 'recipe')} compared, {runs}" if field.shared else f"{runs} compared"


def recipes(field: Field) -> str:
    """A row for every recipe: the means of its runs."""
    held = [one.scores["frechet"] for one in field.recipes if "frechet" in one.scores]
    highest = _highest([(score["value"], *score.get("runs", ()), *(interval(score) or ())) for score in held])
    rows = "".join(_recipe_row(place, one, field, highest) for place, one in enumerate(field.recipes, 1))
    heads = ("", "Recipe", "Fréchet distance", "", "Real", "Runs", "Time a run", "Samples seen")
    order = (
        "" if field.why_unranked else f"Best first, by the mean Fréchet distance to {escape(_against(field.runs[0]))}. "
    )
    told = (
        f"<p>{order}Below a mean its 95% interval over the runs (Student's t), which is wide for few; in the drawing "
        "a thin stroke is a run, the orange one what real samples reach.</p>"
    )
    scored = [(one.name, one.scores["frechet"]) for one in field.recipes if "frechet" in one.scores]
    return f"{told}{_framed('The recipes compared', heads, rows)}{_notes(_overlaps(scored, field))}"


def _recipe_row(place: int, one: Shared, field: Field, highest: float) -> str:
    score = one.scores.get("frechet")
    floor = score["floor"] if score and is_number(score.get("floor")) else None
    times = [run.seconds for run in one.runs if run.seconds is not None]
    seen = [run.last["images"] for run in one.runs if is_number(run.last.get("images"))]
    drawn = charts.whisker(score["value"], interval(score), floor, highest, runs=score.get("runs", ())) if score else ""
    cells = (
        ("number", str(place) if score and not field.why_unranked else ""),
        ("run", escape(one.name)),
        ("number", _stacked(score) if score else "failed" if not one.runs else "not scored"),
        ("drawn", drawn),
        ("number", figure(floor) if floor is not None else ""),
        ("number", str(one.wanted) if len(one.runs) == one.wanted else f"{len(one.runs)} of {one.wanted}"),
        ("number", duration(sum(times) / len(times)) if times else ""),
        ("number", figure(round(sum(seen) / len(seen))) if seen else ""),
    )
    return _cells(cells)


def table(field: Field) -> str:
    """A row for every run."""
    held = [one.frechet for one in field.runs if one.frechet]
    highest = _highest([(score["value"], *(interval(score) or ())) for score in held])
    lost = [name for name in field.failed if name not in [one.name for one in field.runs]]  # nothing of them was kept
    rows = "".join(_row(place, one, highest, field) for place, one in enumerate(field.runs, 1))
    rows += "".join(
        _cells((("number", ""), ("run", escape(name)), ("number", "failed"), *[("", "")] * 6)) for name in lost
    )
    order = f"Best first, by the Fréchet distance to {escape(_against(field.runs[0]))}."
    heads = ("", "Run", "Fréchet distance", "", "Real", "Of", "Time", "Samples seen", "Worst finding")
    return (
        f"{absent(field.why_unranked) or f'<p>{order}</p>'}{_framed('The runs compared', heads, rows)}"
        f"{_notes(_doubts(field))}"
    )


def _row(place: int, one: Record, highest: float, field: Field) -> str:
    failed = one.name in field.failed
    score, images = None if failed else one.frechet, one.last.get("images")
    floor = score["floor"] if score and is_number(score.get("floor")) else None
    features = score.get("features") if score else None
    cells = (
        ("number", "" if failed or field.why_unranked else str(place)),
        ("run", f'<a href="#run-{place}">{escape(one.name)}</a>'),
        ("number", _stacked(score) if score else "failed" if failed else "not scored"),
        ("drawn", charts.whisker(score["value"], interval(score), floor, highest) if score else ""),
        ("number", figure(floor) if floor is not None else ""),
        ("", escape(f"{figure(score['n']) if is_number(score.get('n')) else ''} in {features}") if score else ""),
        ("number", duration(one.seconds) if one.seconds is not None else ""),
        ("number", figure(images) if is_number(images) else ""),
        ("worst", escape(_worst(one))),
    )
    return _cells(cells)


def _framed(label: str, heads: Sequence[str], rows: str) -> str:
    """A table that can be scrolled sideways; the columns of figures, and what is above them, stand to the right."""
    numbers = ("Fréchet distance", "Real", "Time", "Time a run", "Samples seen", "Runs")
    kinds = [' class="number"' if name in numbers else "" for name in heads]
    head = "".join(f'<th scope="col"{kind}>{name}</th>' for name, kind in zip(heads, kinds, strict=True))
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{label}"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _cells(cells: Sequence[tuple[str, str]]) -> str:
    row = "".join(f'<td class="{kind}">{text}</td>' for kind, text in cells)
    return f"<tr>{row}</tr>"


def _highest(held: Sequence[Sequence[float]]) -> float:
    """The right end of the drawings: no interval of two runs pushes all else into a corner."""
    ends = [end for values in held for end in values]
    return 1.05 * min(max(ends, default=1.0), 2 * max((values[0] for values in held), default=1.0))


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


def _notes(sentences: Sequence[str]) -> str:
    return f'<ul class="notes">{"".join(f"<li>{escape(one)}</li>" for one in sentences)}</ul>' if sentences else ""


def _doubts(field: Field) -> list[str]:
    """What failed; and what keeps a reader from trusting the order: unequal numbers of samples, overlaps."""
    found = [f"{name} failed: {why}." for name, why in field.failed.items()]
    found += remarks([one for one in field.runs if one.name not in field.failed])
    scored = [(one.name, one.frechet) for one in field.runs if one.frechet and one.name not in field.failed]
    if not field.why_unranked and len({score.get("n") for _, score in scored}) > 1:
        found.append("The distances are of unequal numbers of samples: fewer samples give a greater distance.")
    return found if field.shared else [*found, *_overlaps(scored, field)]


def remarks(runs: Sequence[Record]) -> list[str]:
    """What `evaluate` noted of the runs' scores; the runs are named where a note is not of all of them."""
    held: dict[str, list[str]] = {}
    for one in runs:
        for note in [] if isinstance(one.scores, Missing) else one.scores.get("notes") or []:
            held.setdefault(str(note), []).append(one.name)
    return [note if len(of) == len(runs) else f"{listed(of)}: {note}" for note, of in held.items()]


def _overlaps(scored: Sequence[tuple[str, dict[str, Any]]], field: Field) -> list[str]:
    """Which intervals overlap that of the best."""
    if field.why_unranked or not scored:
        return []
    (best, first), *others = scored
    reach = interval(first)
    close = [name for name, score in others if reach and (ends := interval(score)) and ends[0] <= reach[1]]
    overlap = "overlaps" if len(close) == 1 else "overlap"
    return [f"The interval of {listed(close)} {overlap} that of {best}: the order may be chance."] if close else []


def scores(field: Field) -> str:
    """Every score of every recipe, or run; nothing where the Fréchet distance is all there is."""
    shared = [(one.name, one.scores) for one in field.recipes if one.scores]
    held = shared if field.shared else [(one.name, one.card) for one in field.runs if one.name not in field.failed]
    names = list(dict.fromkeys(name for _, card in held for name in card))
    if set(names) <= {"frechet"}:
        return ""
    head = "".join(f'<th scope="col" class="number">{escape(score_name(name))}</th>' for name in names)
    rows = "".join(
        f'<tr><th scope="row">{escape(called)}</th>'
        + "".join(f'<td class="number">{_stacked(card[name]) if name in card else "–"}</td>' for name in names)
        + "</tr>"
        for called, card in held
    )
    first = "Recipe" if field.shared else "Run"
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="Every score"><table><thead><tr><th scope="col">'
        f"{first}</th>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def curves(field: Field) -> str:
    """The scores that were taken during training, all runs over each other, by step and by minute.

    Runs that share a recipe share its colour.
    """
    drawn, runs = [], _by_recipe(field)
    by = {across: [history(one, across) for _, one in runs] for across in ("step", "minute")}
    for name, features in dict.fromkeys(key for held in by["step"] for key in held):
        heading = score_title(name, features)
        for across, histories in by.items():
            lines = [held.get((name, features), Series("", [], [])) for held in histories]
            named = [Series(one.name, line.x, line.y, of) for (of, one), line in zip(runs, lines, strict=True)]
            if any(line.x for line in named):
                drawn.append(charts.lines(f"{heading}, by {across}", named, across=across, **scale(name)))
    if not drawn:
        return absent(Missing("None of the runs was scored while it was trained."))
    return f'<div class="charts">{"".join(drawn)}</div>'


def _by_recipe(field: Field) -> list[tuple[str, Record]]:
    """Every run beside the recipe that it shares, if it does; those of the best recipe first, if they can be ranked."""
    if not field.shared:
        return [("", one) for one in field.runs]
    return [(recipe.name, one) for recipe in field.recipes for one in (*recipe.runs, *recipe.broken)]


def sheets(field: Field) -> str:
    """Samples of every run, side by side; where none can be drawn, the last preview."""
    if not field.shared:
        return _side_by_side(field.runs)
    rows = [(one.name, [*one.runs, *one.broken]) for one in field.recipes]
    return "".join(f"<h3>{escape(name)}</h3>{_side_by_side(runs)}" for name, runs in rows if runs)


def _side_by_side(runs: Sequence[Record]) -> str:
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
    reached = f": {figure(one.frechet['value'])}" if one.frechet else ""
    return f"<figure>{content}<figcaption>{escape(one.name)}{reached}</figcaption></figure>"
