"""What a person sees while a run trains: a bar on a terminal, a line now and then elsewhere. All of it on stderr."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Protocol, Self

SECONDS_BETWEEN_LINES = 10


class Progress(Protocol):
    """How far a run is."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def start(self, title: str, step: int, steps: int) -> None:
        """A run begins or goes on at `step`."""

    def tick(self, line: Mapping[str, Any]) -> None:
        """A line of the log, as it is written."""

    def score(self, line: Mapping[str, Any]) -> None:
        """A line of scores, as it is written."""

    def say(self, sentence: str) -> None:
        """Something the user should read now."""

    def portions(self, title: str) -> Callable[[Sequence[int]], Iterator[int]]:
        """A way through the portions of a piece of work that shows how far it is."""

    def end(self) -> None:
        """Nothing moves any more; what is said from here on stays the last."""


class Silent:
    """Shows nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None: ...

    def start(self, title: str, step: int, steps: int) -> None: ...

    def tick(self, line: Mapping[str, Any]) -> None: ...

    def score(self, line: Mapping[str, Any]) -> None: ...

    def say(self, sentence: str) -> None: ...

    def portions(self, title: str) -> Callable[[Sequence[int]], Iterator[int]]:
        return iter

    def end(self) -> None: ...


class Lines(Silent):
    """Plain lines, for logs and pipes."""

    def start(self, title: str, step: int, steps: int) -> None:
        self._steps, self._began, self._shown = steps, 0.0, 0.0
        self.say(title)

    def tick(self, line: Mapping[str, Any]) -> None:
        now = time.monotonic()
        if not self._began:  # the first call compiles: time left is reckoned from here
            self._first, self._began = line["step"], now
        if now - self._shown >= SECONDS_BETWEEN_LINES or line["step"] == self._steps:
            self._shown = now
            done = line["step"] - self._first
            left = (now - self._began) / done * (self._steps - line["step"]) if done else 0.0
            told = f"{_minutes(left)} left  " if done else ""
            self.say(f"step {line['step']}/{self._steps}  {told}{_figures(line)}")

    def score(self, line: Mapping[str, Any]) -> None:
        self.say(_scores(line))

    def say(self, sentence: str) -> None:
        print(sentence, file=sys.stderr, flush=True)

    def portions(self, title: str) -> Callable[[Sequence[int]], Iterator[int]]:
        def through(portions: Sequence[int]) -> Iterator[int]:
            began = shown = time.monotonic()
            for done, portion in enumerate(portions):
                now = time.monotonic()
                if done and now - shown >= SECONDS_BETWEEN_LINES:
                    shown = now
                    left = (now - began) / done * (len(portions) - done)
                    self.say(f"{title}: {done / len(portions):.0%}  {_minutes(left)} left")
                yield portion

        return through


class Bar(Silent):
    """A live bar with the figures that matter."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress
        from rich.table import Column

        self._console = Console(stderr=True)
        figures = Column(ratio=1, no_wrap=True, overflow="ellipsis")  # a narrow terminal cuts these, not the bar
        self._bar = RichProgress(
            BarColumn(bar_width=20),
            MofNCompleteColumn(table_column=Column(no_wrap=True)),
            TimeRemainingColumn(table_column=Column(no_wrap=True)),
            TextColumn("{task.fields[figures]}", table_column=figures),
            console=self._console,
            expand=True,
        )
        self._ticked = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._bar.stop()

    def start(self, title: str, step: int, steps: int) -> None:
        self.say(title)
        self._task = self._bar.add_task("", total=steps, completed=step, figures="compiling")
        self._bar.start()

    def tick(self, line: Mapping[str, Any]) -> None:
        if not self._ticked:  # the first call compiles: time left is reckoned from here
            self._bar.reset(self._task, completed=line["step"], figures=_figures(line))
        self._ticked = True
        self._bar.update(self._task, completed=line["step"], figures=_figures(line))

    def portions(self, title: str) -> Callable[[Sequence[int]], Iterator[int]]:
        from rich.progress import track

        return lambda portions: iter(track(portions, title, console=self._console, transient=True))

    def end(self) -> None:
        self._bar.stop()

    def score(self, line: Mapping[str, Any]) -> None:
        self.say(_scores(line))

    def say(self, sentence: str) -> None:
        self._console.print(sentence, markup=False, highlight=False, soft_wrap=True)


def choose(show: bool) -> Progress:
    """A bar on a terminal, lines elsewhere, nothing if not asked to show."""
    if not show:
        return Silent()
    return Bar() if sys.stderr.isatty() else Lines()


def _figures(line: Mapping[str, Any]) -> str:
    costs = "  ".join(f"{k.removesuffix('_cost')} {v:.3g}" for k, v in line.items() if k.endswith("_cost"))
    right = [f"{line[k]:.0%} of {k.removeprefix('accuracy_')}" for k in line if k.startswith("accuracy_")]
    told = f"  told right {', '.join(right)}" if right else ""
    return f"{line['images_per_second']:.0f} images/s  costs: {costs}{told}"


def _scores(line: Mapping[str, Any]) -> str:
    shown = {"frechet": "Fréchet distance", "precision": "precision", "recall": "recall"}
    told = "  ".join(f"{name} {line[key]['value']:.3g}" for key, name in shown.items() if key in line)
    return f"step {line['step']}  {told}  ({line['frechet']['features']}, {line['frechet']['n']} samples)"


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
