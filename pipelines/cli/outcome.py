"""One execution and what it came to, for people and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.cli import comparison
from pipelines.cli.output import answers, say

if TYPE_CHECKING:
    from pipelines.executions import Execution
    from pipelines.results import Result


def tell(execution: Execution, found: Result) -> None:
    """Write the outcome: what was left out, the comparison, the gate's word, the version, the report."""
    for notice in found.notices:
        say(notice)
    if found.evaluation:
        answers.print(comparison.table_of(found.evaluation))
        answers.print(found.evaluation["gate"]["reason"], style="bold", markup=False, soft_wrap=True)
        for warning in comparison.warnings(found.evaluation):
            answers.print(f"warning: {warning}", style="yellow", markup=False, soft_wrap=True)
    if found.version is not None:
        answers.print(
            f"version {found.version} ({found.champion}); to approve it: bestiary approve {found.version}"
        )
    if found.report is not None:
        answers.print(f"report: {found.report}", markup=False, soft_wrap=True)
    if execution.status in ("Failed", "Stopped"):
        why = execution.failure_reason or _first_failure(execution)
        ended = f"execution {execution.short} {execution.status.lower()}"
        say(f"{ended}: {why}" if why else ended)


def _first_failure(execution: Execution) -> str:
    return next(
        (f"{step.name}: {step.failure_reason}" for step in execution.steps if step.failure_reason), ""
    )


def document(execution: Execution, found: Result) -> dict[str, object]:
    """One execution and its outcome, as ``--json`` answers it."""
    return {
        "execution_arn": execution.arn,
        "status": execution.status,
        "failure_reason": execution.failure_reason,
        "seconds": round(execution.seconds, 1),
        "steps": [
            {
                "name": step.name,
                "status": step.status,
                "seconds": round(step.seconds, 1),
                "cached": step.cached,
                "why": step.why,
                "failure_reason": step.failure_reason,
            }
            for step in execution.steps
        ],
        "metrics": found.metrics,
        "champion": found.champion,
        "version": found.version,
        "report": str(found.report) if found.report else None,
        "notices": list(found.notices),
    }
