"""What monitor jobs found: by hand, by a monitoring schedule or by a pipeline, they leave the same."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

from pipelines import s3
from pipelines.errors import OperatorError
from pipelines.monitoring.programs import MONITOR, QUALITY
from pipelines.names import CLASSIFIER
from pipelines.place import reason

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from pipelines.monitoring.programs import Program
    from pipelines.place import Place

Verdict = Literal["quiet", "drift", "fall", "not enough", "baseline", "running", "failed"]
_DRIFT = "CompletedWithViolations"
_NOT_ENOUGH = "not enough"
_LOOKED_AT = 50


@dataclass(frozen=True)
class Violation:
    """One feature that is not as usual, in Model Monitor's terms."""

    feature_name: str
    constraint_check_type: str
    description: str


@dataclass(frozen=True)
class Check:
    """One monitor job.

    Attributes
    ----------
    job
        Its name.
    verdict
        What it came to.
    message
        In its own words.
    started
        When it was made.
    start, end
        The window it looked at, ISO 8601; empty for an open side.
    version
        The version it watched, ``None`` where it does not say.
    violations
        What it found, the surest first.
    report
        S3 URI of the report, empty where there is none.
    """

    job: str
    verdict: Verdict
    message: str
    started: datetime
    start: str
    end: str
    version: int | None
    violations: tuple[Violation, ...]
    report: str

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.verdict != "running"


def latest(place: Place, program: Program = MONITOR) -> Check | None:
    """Return the newest of a program's jobs that has ended; ``None`` where there was none."""
    pages = place.sagemaker.get_paginator("list_processing_jobs").paginate(
        NameContains=program.name, SortBy="CreationTime", SortOrder="Descending"
    )
    names = (job["ProcessingJobName"] for page in pages for job in page["ProcessingJobSummaries"])
    for name, _ in zip(names, range(_LOOKED_AT), strict=False):
        told = _told(place, name)
        if _is(told, program):
            found = _check(place, told)
            if found.over:
                return found
    return None


def describe(place: Place, job: str) -> Check:
    """Read one monitor job as it stands."""
    return _check(place, _told(place, job))


def fetch_report(place: Place, check: Check) -> Path | None:
    """Bring a check's report to this machine; ``None`` where it has none."""
    if not check.report:
        return None
    page = place.settings.home / "reports" / f"{check.job}.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_bytes(s3.read(place, check.report))
    return page


def _is(told: dict[str, Any], program: Program) -> bool:
    watched = told.get("Environment", {}).get("sagemaker_endpoint_name") == CLASSIFIER
    return bool(watched and told["AppSpecification"].get("ContainerEntrypoint") == program.entrypoint)


def _told(place: Place, job: str) -> dict[str, Any]:
    try:
        return dict(place.sagemaker.describe_processing_job(ProcessingJobName=job))
    except ClientError as error:
        raise OperatorError(reason(error)) from None


def _check(place: Place, told: dict[str, Any]) -> Check:
    environment = told.get("Environment", {})
    verdict = _verdict(told)
    folder = told["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"].rstrip("/")
    looked = verdict in {"drift", "fall", "quiet", "not enough"}
    version = environment.get("BESTIARY_MODEL_VERSION", "")
    return Check(
        job=told["ProcessingJobName"],
        verdict=verdict,
        message=told.get("ExitMessage") or told.get("FailureReason", ""),
        started=told["CreationTime"],
        start=environment.get("start_time", ""),
        end=environment.get("end_time", ""),
        version=int(version) if version.isdecimal() else None,
        violations=_violations(place, folder) if verdict in {"drift", "fall"} else (),
        report=f"{folder}/report.html" if looked else "",
    )


def _verdict(told: dict[str, Any]) -> Verdict:
    message = told.get("ExitMessage", "")
    match told["ProcessingJobStatus"]:
        case "Completed" if message.startswith(_DRIFT):
            return "fall" if _is(told, QUALITY) else "drift"
        case "Completed" if _NOT_ENOUGH in message:
            return "not enough"
        case "Completed":
            watched = "baseline_statistics" in told.get("Environment", {})
            return "quiet" if watched else "baseline"
        case "Failed" | "Stopped":
            return "failed"
    return "running"


def _violations(place: Place, folder: str) -> tuple[Violation, ...]:
    found = json.loads(s3.read(place, f"{folder}/constraint_violations.json"))
    return tuple(
        Violation(each["feature_name"], each["constraint_check_type"], each["description"])
        for each in found["violations"]
    )
