"""Showing an execution as it goes: a live table on a terminal, plain lines in a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.live import Live
from rich.table import Table
from rich.text import Text

from pipelines.cli.output import duration, errors, say, table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipelines.executions import Execution, Step


def watch(states: Iterable[Execution]) -> Execution:
    """Show each state until the last, and return that."""
    return _live(states) if errors.is_terminal else _plain(states)


def steps_table(steps: Iterable[Step]) -> Table:
    """Table of steps: status, seconds, and why each was or was not cached."""
    rows = [
        [step.name, _status(step), duration(step.seconds), step.failure_reason or step.why] for step in steps
    ]
    return table({"step": "left", "status": "left", "took": "right", "": "left"}, rows)


def _status(step: Step) -> str:
    return "cached" if step.cached and step.status == "Succeeded" else step.status


def _live(states: Iterable[Execution]) -> Execution:
    last: Execution | None = None
    with Live(console=errors, refresh_per_second=4) as live:
        for last in states:
            live.update(_picture(last))
    if last is None:
        raise ValueError("an execution has at least one state")
    return last


def _picture(execution: Execution) -> Table:
    picture = Table.grid()
    picture.add_row(Text(f"execution {execution.short}  {duration(execution.seconds)}", style="bold"))
    picture.add_row(steps_table(execution.steps))
    return picture


def _plain(states: Iterable[Execution]) -> Execution:
    seen: dict[str, str] = {}
    last: Execution | None = None
    for last in states:
        for step in last.steps:
            if seen.get(step.name) != step.status:
                seen[step.name] = step.status
                say(_line(step))
    if last is None:
        raise ValueError("an execution has at least one state")
    return last


def _line(step: Step) -> str:
    if step.status in ("Starting", "Executing", "Stopping"):
        return f"{step.name}: {step.status}"
    reason = f": {step.failure_reason}" if step.failure_reason else ""
    return f"{step.name}: {_status(step)} in {duration(step.seconds)}{reason}"
