"""The report: one HTML page of one run, of several compared, or of an exploration; it needs nothing beside itself."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from ganvas.errors import WrongUseError
from ganvas.report import comparison, exploration, page, sections
from ganvas.report.record import Record
from ganvas.run import Run

__all__ = ["exploration", "write"]

NAME = "report.html"
STILLS = 48  # of all runs together
FEWEST_STILLS = 4


def write(runs: Sequence[Run], out: Path | None = None) -> Path:
    """Write the report of one run, or of several compared, and say where it is.

    Without `out`: into the run's folder; for several, into the folder that holds them all, or the current one.
    Pieces that a run does not have are named in the page. Raises WrongUseError where a folder holds no run.
    """
    if not runs:
        raise WrongUseError("a report needs at least one run")
    found = [Record(run) for run in runs]
    return page.save(_of_one(found[0]) if len(found) == 1 else _of_several(found), out or _place(runs))


def _place(runs: Sequence[Run]) -> Path:
    if len(runs) == 1:
        return runs[0].path / NAME
    folders = {run.path.resolve().parent for run in runs}
    return runs[0].path.parent / NAME if len(folders) == 1 else Path(NAME)


def _of_one(record: Record) -> str:
    body = f"<header><h1>{escape(record.name)}</h1>{sections.summary(record)}</header>"
    return page.of(record.name, body + sections.every(record, 2))


def _of_several(found: Sequence[Record]) -> str:
    runs, why_unranked = comparison.ranked(found)
    parts = (
        ("Every score", comparison.scores(runs)),
        ("Scores over time", comparison.curves(runs)),
        ("Samples", comparison.sheets(runs)),
    )
    body = (
        f"<header><h1>{len(runs)} runs compared</h1></header><section>{comparison.table(runs, why_unranked)}</section>"
    )
    body += "".join(f"<section><h2>{title}</h2>{part}</section>" for title, part in parts if part)
    stills = max(FEWEST_STILLS, min(sections.STILLS, STILLS // len(runs)))
    each = "".join(
        f'<details class="run" id="run-{place}"><summary><h3>{escape(one.name)}</h3></summary>'
        f"{sections.summary(one)}{sections.every(one, 4, stills)}</details>"
        for place, one in enumerate(runs, 1)
    )
    return page.of(f"{len(runs)} runs compared", f"{body}<section><h2>Each run</h2>{each}</section>")
