"""The report: one HTML page of one run, of several compared, or of an exploration; it needs nothing beside itself."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from ganvas.errors import WrongUseError
from ganvas.report import comparison, exploration, page, sections
from ganvas.report.comparison import Asked
from ganvas.report.record import Record
from ganvas.run import Run
from ganvas.whole import save_text

__all__ = ["exploration", "write"]

NAME = "report.html"
STILLS = 48  # of all runs together
FEWEST_STILLS = 4


def write(runs: Sequence[Run], out: Path | None = None, asked: Asked | None = None) -> Path:
    """Write the report of one run, or of several compared, and say where it is.

    Without `out`: into the run's folder; for several, into the folder that holds them all, or the current one.
    Pieces that a run does not have are named in the page. `asked` is what a comparison knows of its runs; without it,
    runs that differ in nothing but their seed count as one recipe's. Raises WrongUseError where a folder holds no run.
    """
    if not runs:
        raise WrongUseError("a report needs at least one run")
    found = [Record(run) for run in runs]
    made = _of_several(found, asked) if len(found) > 1 or asked else _of_one(found[0])
    return save_text(made, out or _place(runs))


def _place(runs: Sequence[Run]) -> Path:
    if len(runs) == 1:
        return runs[0].path / NAME
    folders = {run.path.resolve().parent for run in runs}
    return runs[0].path.parent / NAME if len(folders) == 1 else Path(NAME)


def _of_one(record: Record) -> str:
    body = f"<header><h1>{escape(record.name)}</h1>{sections.summary(record)}</header>"
    return page.of(record.name, body + sections.every(record, 2))


def _of_several(found: Sequence[Record], asked: Asked | None) -> str:
    field = comparison.Field.of(found, asked)
    parts = (
        ("Run by run" if field.shared else "", comparison.table(field)),
        ("Every score", comparison.scores(field)),
        ("Scores over time", comparison.curves(field)),
        ("Samples", comparison.sheets(field)),
    )
    sentence = f'<p class="lead">{escape(asked.sentence)}</p>' if asked else ""
    body = f"<header><h1>{comparison.title(field)}</h1>{sentence}</header>"
    body += f"<section>{comparison.recipes(field)}</section>" if field.shared else ""
    for name, part in parts:
        body += f"<section>{f'<h2>{name}</h2>' if name else ''}{part}</section>" if part else ""
    stills = max(FEWEST_STILLS, min(sections.STILLS, STILLS // len(found)))
    each = "".join(
        f'<details class="run" id="run-{place}"><summary><h3>{escape(one.name)}</h3></summary>'
        f"{sections.summary(one)}{sections.every(one, 4, stills)}</details>"
        for place, one in enumerate(field.runs, 1)
    )
    return page.of(comparison.title(field), f"{body}<section><h2>Each run</h2>{each}</section>")
