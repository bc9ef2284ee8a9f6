"""The doctor: checks of a run's figures, findings in plain words, remedies as settings.

Each public function of `checks` looks at a run's `Evidence` and gives a `Finding`, or None; its name is the finding's.
All of it is arithmetic on what the trainer wrote down: nothing is drawn or trained.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from ganvas.recipe import Recipe
from ganvas.run import Run

SEVERITIES = ("serious", "warning", "note")


@dataclass(frozen=True)
class Remedy:
    """Settings that should help, and why."""

    settings: Mapping[str, Any]
    reason: str

    def words(self) -> str:
        """The settings as they are typed: `generator_rate=0.0002 penalties.r1=0.5`."""
        return " ".join(f"{name}={_typed(value)}" for name, value in self.settings.items())


@dataclass(frozen=True)
class Finding:
    """What a check found: how severe, one plain sentence, the figures behind it, and the remedy where there is one."""

    severity: str
    sentence: str
    evidence: Mapping[str, Any]
    remedy: Remedy | None = None
    name: str = ""

    def plain(self) -> dict[str, Any]:
        """The finding as it is written to `findings.json`."""
        return {
            "name": self.name,
            "severity": self.severity,
            "evidence": dict(self.evidence),
            "sentence": self.sentence,
            "remedy": asdict(self.remedy) if self.remedy else None,
        }


@dataclass(frozen=True)
class Evidence:
    """What a run has written down so far: recipe, environment, the lines of its log, scores, cures and rollbacks."""

    recipe: Recipe
    environment: Mapping[str, Any]
    log: Sequence[Mapping[str, Any]]
    scores: Sequence[Mapping[str, Any]]
    cures: Sequence[Mapping[str, Any]] = ()
    rollbacks: Sequence[Mapping[str, Any]] = ()

    @classmethod
    def of(cls, run: Run) -> "Evidence":
        """A run's evidence, from its folder."""
        return cls(run.recipe, run.environment, run.log(), run.scores(), run.cures(), run.rollbacks())

    @property
    def step(self) -> int:
        """The last step that was logged."""
        return int(self.log[-1]["step"]) if self.log else 0

    @property
    def along(self) -> float:
        """The share of the run that is behind it."""
        return self.step / self.recipe.steps

    def late(self, key: str) -> float | None:
        """The mean of a figure over the last quarter of the log's steps; None where it was not logged."""
        values = [line[key] for line in self.log if key in line and line["step"] > 0.75 * self.step]
        return float(np.mean(values)) if values else None

    def values(self, score: str) -> list[float]:
        """A score's values, evaluation by evaluation."""
        return [line[score]["value"] for line in self.scores if score in line]

    def vital(self, name: str) -> Any:
        """A vital sign at the last evaluation; None where it was not taken."""
        return self.scores[-1].get("vitals", {}).get(name) if self.scores else None

    @property
    def improvement(self) -> float | None:
        """The last Fréchet distance as a share of the untrained network's: 1 is no better. None without both."""
        values = self.values("frechet")
        scored = len(values) > 1 and self.scores[0]["step"] == 0
        return values[-1] / max(values[0], 1e-12) if scored else None

    def layers(self, side: str, kind: str) -> int:
        """How many layers of a kind a network has."""
        return self.environment.get("networks", {}).get(side, {}).get("layers", {}).get(kind, 0)


Check = Callable[[Evidence], Finding | None]


def diagnose(evidence: Evidence) -> list[Finding]:
    """All findings, the most severe first; among equals the likelier cause first, as the checks stand in their file."""
    from ganvas.doctor import checks

    found = []
    for name in _in_order(checks):
        finding = getattr(checks, name)(evidence)
        if finding:
            found.append(replace(finding, name=name, remedy=_of_use(finding.remedy, evidence.recipe)))
    return sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))


def _of_use(remedy: Remedy | None, recipe: Recipe) -> Remedy | None:
    """Without settings that the recipe has already."""
    if remedy is None:
        return None
    settings = {name: value for name, value in remedy.settings.items() if recipe.but(**{name: value}) != recipe}
    return replace(remedy, settings=settings)


def told(finding: Finding) -> str:
    """A finding as a line for people: the sentence, and what to try."""
    settings = finding.remedy.words() if finding.remedy else ""
    return f"{finding.sentence}{f' Try {settings}.' if settings else ''}"


def _in_order(module: Any) -> list[str]:
    from ganvas.names import choices

    known = set(choices(module))
    return [name for name in vars(module) if name in known]


def _typed(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if value is None or value == {}:
        return "none"
    if isinstance(value, list | tuple):
        return ",".join(str(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
