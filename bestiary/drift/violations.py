"""``constraint_violations.json``, in Model Monitor's layout.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-interpreting-violations.html
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from bestiary.drift.features import BY_NAME
from bestiary.drift.monitoring import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bestiary.drift.monitoring import Result, Violation

NAMES = ("constraint_violations.json", "constraints_violations.json")
"""The guide uses both."""


def document(violations: Sequence[Violation]) -> dict[str, Any]:
    """Give the file's content."""
    return {"violations": [asdict(one) for one in violations]}


def message(result: Result) -> str:
    """Say in one line how a run came out; Model Monitor takes the execution's status from its first word."""
    if result.verdict is Verdict.DRIFT:
        count = len(result.violations)
        return f"CompletedWithViolations: Job completed successfully with {count} violations."
    if result.verdict is Verdict.QUIET:
        return "Completed: Job completed successfully with no violations."
    if result.baseline.limits.ignored >= BY_NAME.keys():
        return (
            "Completed: not enough to tell: the constraints switch every comparison off. "
            "Nothing is published; this is no all-clear."
        )
    counts, least = result.gathered.counts, result.baseline.limits.least_photos
    return (
        f"Completed: not enough to tell: {counts.photos} answered photos in the window and "
        f"{result.baseline.sample.rows('confidence')} in the baseline, {least} of each are needed. "
        "Nothing is published; this is no all-clear."
    )
