"""Showing a painting as it goes: a bar with the time left on a terminal, a few plain lines in a pipe."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from pipelines.cli.output import duration, errors, say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from bestiary.style import State

_LINES = 10


class Painting:
    """Told of every step; one at a larger size counts for more, so that the time left is right."""

    def __init__(self, levels: Sequence[tuple[int, int]], resume: State | None) -> None:
        self._work = [side**2 for side, steps in levels for _ in range(steps)]
        self._ends = [sum(steps for _, steps in levels[: index + 1]) for index in range(len(levels))]
        self._sides = [side for side, _ in levels]
        self._steps = len(self._work)
        self._line = max(1, self._steps // _LINES)
        self._began = time.monotonic()
        self._before = self._place(resume) if resume else 0
        columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=errors, disable=not errors.is_terminal, transient=True)
        self._task = self._bar.add_task("painting", total=sum(self._work))

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def __call__(self, state: State) -> None:
        """Show one step."""
        record = state.history[-1]
        done = self._place(state)
        told = f"step {record.step} of {self._steps}, {record.side} px: content {record.content:.3f}, "
        told += f"style {record.style:.4f}"
        self._bar.update(self._task, completed=sum(self._work[:done]), description=told)
        if not errors.is_terminal and record.step % self._line == 0:
            say(f"{told}{self._left(done)}")

    def _place(self, state: State) -> int:
        """Count steps as if no level had ended early."""
        level = state.level
        in_level = sum(one.side == self._sides[level] for one in state.history)
        return min(self._ends[level], (self._ends[level - 1] if level else 0) + in_level)

    def _left(self, done: int) -> str:
        worked, all_of_it = sum(self._work[self._before : done]), sum(self._work)
        if worked <= 0 or done >= self._steps:
            return ""
        seconds = (time.monotonic() - self._began) * (all_of_it - sum(self._work[:done])) / worked
        return f", about {duration(seconds)} left"
