"""Processing, training and transform steps: a job is made and waited for."""

from __future__ import annotations

import re
import secrets
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra.local.errors import AwsError
from infra.local.pipeline import cache, retries
from infra.local.pipeline.schedule import STOPPED, SUCCEEDED, Ending
from infra.local.pipeline.step_run import StepStoppedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.local.pipeline.model import Json
    from infra.local.pipeline.step_run import StepRun

_LONGEST_NAME = 63
_RANDOM = string.ascii_letters + string.digits


@dataclass(frozen=True)
class _Job:
    """A kind of job, e.g. ``Training``, and how the API spells what belongs to it."""

    type: str

    @property
    def kind(self) -> str:
        return f"{self.type.lower()}-job"

    @property
    def name(self) -> str:
        return f"{self.type}JobName"


def run(step_run: StepRun) -> Ending:
    """Run the step, or let an earlier result stand in for it.

    Raises
    ------
    infra.local.pipeline.retries.StepFailedError
        When the job cannot be made or fails, and no retry is left.
    infra.local.pipeline.step_run.StepStoppedError
        When the execution is stopped.
    """
    picked = cache.attributes(step_run.step, step_run.resolved())
    obstacle = "" if step_run.step.cache.enabled else "caching is off for this step"
    ending = step_run.from_cache(picked, obstacle=obstacle)
    return ending or step_run.retried(lambda: _attempt(step_run, picked))


def _attempt(step_run: StepRun, picked: dict[str, Json]) -> Ending:
    job = _Job(step_run.step.type)
    account = step_run.execution.account
    if step_run.stopping.is_set():
        raise StepStoppedError
    name = new_name(step_run, job.name)
    operation = f"Create{job.type}Job"
    try:
        made = account.call(operation, _request(step_run, job, name))
    except AwsError as error:
        raise retries.of_call(operation, error) from None
    metadata = {f"{job.type}Job": {"Arn": made[f"{job.type}JobArn"]}}
    step_run.report({"Metadata": metadata, "StepStatus": "Executing"})
    step_run.on_stop(lambda: account.call(f"Stop{job.type}Job", {job.name: name}))
    account.jobs.wait(job.kind, name)
    described = account.call(f"Describe{job.type}Job", {job.name: name})
    ending = _ending(step_run, job, described)
    if ending.status == SUCCEEDED:
        cache.keep(step_run.execution, step_run.step, picked, metadata, _outputs(described))
    return ending


def _ending(step_run: StepRun, job: _Job, described: dict[str, Json]) -> Ending:
    status = described[f"{job.type}JobStatus"]
    if status == "Completed":
        return Ending(SUCCEEDED)
    if step_run.stopping.is_set():
        raise StepStoppedError
    if status == "Stopped":
        stopped = described.get("FailureReason", f"{job.type} job {described[job.name]} was stopped.")
        step_run.report({"FailureReason": stopped})
        return Ending(STOPPED)
    raise retries.of_job(described.get("FailureReason", f"{job.type} job {described[job.name]} is {status}."))


def new_name(step_run: StepRun, member: str) -> str:
    """Name what a step makes as Pipelines does: ``pipelines-EXECUTION-STEP-RANDOM``, or by its own prefix.

    Parameters
    ----------
    step_run
        The step.
    member
        The argument that may hold a prefix, e.g. ``TrainingJobName``.
    """
    random = "".join(secrets.choice(_RANDOM) for _ in range(10))
    prefix = step_run.resolved().get(member)
    first = prefix or f"pipelines-{step_run.execution.id}-{step_run.step.name}"
    last = f"{step_run.execution.id}-{random}" if prefix else random
    start = re.sub(r"[^a-zA-Z0-9-]", "-", first)[: _LONGEST_NAME - len(last) - 1].strip("-")
    return f"{start}-{last}"


def _request(step_run: StepRun, job: _Job, name: str) -> dict[str, Json]:
    """Complete the step's arguments as Pipelines does."""
    execution = step_run.execution
    request = {"RoleArn": execution.role_arn, **step_run.resolved(name), job.name: name}
    if execution.experiment:
        request["ExperimentConfig"] = {**execution.experiment, **request.get("ExperimentConfig", {})}
    return request


def _outputs(described: dict[str, Json]) -> Iterator[str]:
    """Yield the S3 prefixes that a finished job wrote to."""
    artifact = described.get("ModelArtifacts", {}).get("S3ModelArtifacts")
    if artifact:
        yield artifact.rpartition("/")[0]
    for output in described.get("ProcessingOutputConfig", {}).get("Outputs", ()):
        if "S3Output" in output:
            yield output["S3Output"]["S3Uri"]
    if "TransformOutput" in described:
        yield described["TransformOutput"]["S3OutputPath"]
