"""What an execution found: its evaluation and its report."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pipelines import registry, s3
from pipelines.errors import OperatorError

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.executions import Execution
    from pipelines.place import Place


@dataclass(frozen=True)
class Result:
    """An execution's outcome; what it did not come to is empty or ``None``.

    Attributes
    ----------
    evaluation
        evaluation.json of the evaluate job.
    notices
        What prepare left out or warns of, one line each.
    report
        The report's page on this machine.
    version
        Number of the version it registered, or found registered already.
    """

    evaluation: dict[str, Any]
    notices: tuple[str, ...]
    report: Path | None
    version: int | None

    @property
    def metrics(self) -> dict[str, dict[str, float]]:
        """Accuracy and macro F1 of each candidate on the test photos."""
        models: dict[str, dict[str, Any]] = self.evaluation.get("models", {})
        return {
            name: {"accuracy": model["accuracy"], "macro_f1": model["macro_f1"]}
            for name, model in models.items()
        }

    @property
    def champion(self) -> str | None:
        """Name of the best candidate."""
        name: str | None = self.evaluation.get("champion", {}).get("name")
        return name


def result(place: Place, execution: Execution) -> Result:
    """Collect what an execution has come to so far, and bring its report to this machine.

    Raises
    ------
    OperatorError
        Where a result that should be in S3 is not.
    """
    evaluation: dict[str, Any] = {}
    report: Path | None = None
    found = _output(place, execution, "evaluate", "evaluation")
    if found:
        evaluation = json.loads(s3.read(place, f"{found}/evaluation.json"))
        report = place.settings.home / "reports" / f"{execution.short}.html"
        page = s3.read(place, f"{found}/report.html")
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_bytes(page)
    return Result(evaluation, _notices(place, execution), report, _version(place, execution))


def _output(place: Place, execution: Execution, step_name: str, output: str) -> str | None:
    step = execution.step(step_name)
    if step is None or step.status != "Succeeded":
        return None
    job = place.sagemaker.describe_processing_job(ProcessingJobName=step.arn.rpartition("/")[2])
    outputs = job["ProcessingOutputConfig"]["Outputs"]
    return next(item["S3Output"]["S3Uri"] for item in outputs if item["OutputName"] == output)


def _notices(place: Place, execution: Execution) -> tuple[str, ...]:
    found = _output(place, execution, "prepare", "train")
    if not found:
        return ()
    dataset = json.loads(s3.read(place, f"{found}/dataset.json"))
    left_out = [f"{item['file']}: {item['reason']}; left out" for item in dataset["quarantined"]]
    return (*left_out, *dataset["warnings"])


def _version(place: Place, execution: Execution) -> int | None:
    step = execution.step("register")
    if step is None or step.status != "Succeeded":
        return None
    try:
        version = registry.describe(place, step.arn)
    except ClientError as error:
        raise OperatorError(f"the version it registered is gone: {error}") from None
    if not version.version_id:
        registry.check_artifact(place, version)
    return version.version
