"""A schedule's job: written within the schedule, or apart as a definition for data or for model quality."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra.local.errors import not_found, validation
from infra.local.jobs import limits

if TYPE_CHECKING:
    from infra.local.account import Account

Record = dict[str, Any]

KINDS = {
    "DataQuality": "data-quality-job-definition",
    "ModelQuality": "model-quality-job-definition",
}
"""Kinds of definitions by the ``MonitoringType`` that they are for."""
_FOLDER = "/opt/ml/processing"


def of(account: Account, config: Record) -> Record:
    """Return a ``MonitoringJobDefinition`` for a ``MonitoringScheduleConfig``.

    Raises
    ------
    infra.local.errors.AwsError
        ``ResourceNotFound`` for a definition that is not there, else ``ValidationException``.
    """
    within: Record | None = config.get("MonitoringJobDefinition")
    name = config.get("MonitoringJobDefinitionName")
    if (within is None) == (name is None):
        raise validation(
            "Exactly one of MonitoringJobDefinition and MonitoringJobDefinitionName must be given."
        )
    if within is not None:
        return within
    kind = config.get("MonitoringType")
    if kind not in KINDS:
        raise validation(
            f"MonitoringType {kind} is not available in the local SageMaker: it has {', '.join(KINDS)}."
        )
    record = account.store.get(KINDS[kind], str(name))
    if record is None:
        raise not_found(f"Could not find {kind} job definition {name}.")
    return inline(kind, record)


def check(definition: Record) -> None:
    """See that a job can be run here.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException``.
    """
    limits.one_instance(definition["MonitoringResources"]["ClusterConfig"], "ClusterConfig")
    program = definition["MonitoringAppSpecification"]
    for member in ("RecordPreprocessorSourceUri", "PostAnalyticsProcessorSourceUri"):
        if member in program:
            raise validation(
                f"{member} belongs to SageMaker's own container, which is not here: leave it out."
            )
    (given,) = definition["MonitoringInputs"]
    if "EndpointInput" not in given:
        raise validation("The local SageMaker monitors endpoints alone: give EndpointInput.")
    limits.whole_files(given["EndpointInput"].get("S3InputMode"), "EndpointInput")
    limits.local_path(given["EndpointInput"]["LocalPath"], "EndpointInput", _FOLDER)
    (output,) = definition["MonitoringOutputConfig"]["MonitoringOutputs"]
    limits.s3(output["S3Output"]["S3Uri"])
    limits.local_path(output["S3Output"]["LocalPath"], "MonitoringOutputs", _FOLDER)


def endpoint_input(definition: Record) -> Record:
    """Return a job's ``EndpointInput``."""
    given: Record = definition["MonitoringInputs"][0]["EndpointInput"]
    return given


def inline(kind: str, record: Record) -> Record:
    """Write a definition as a schedule has it within."""
    program = dict(record[f"{kind}AppSpecification"])
    baseline = dict(record.get(f"{kind}BaselineConfig", {}))
    given = record[f"{kind}JobInput"]
    environment = program.pop("Environment", {})
    truth = given.get("GroundTruthS3Input")
    if truth:
        environment = {"ground_truth_s3_uri": truth["S3Uri"], **environment}
    for member in ("ProblemType",):
        if member in program:
            environment = {"problem_type": program.pop(member), **environment}
    return {
        "BaselineConfig": baseline,
        "MonitoringInputs": [{name: each for name, each in given.items() if name != "GroundTruthS3Input"}],
        "MonitoringOutputConfig": record[f"{kind}JobOutputConfig"],
        "MonitoringResources": record["JobResources"],
        "MonitoringAppSpecification": program,
        "Environment": environment,
        **{
            name: record[name] for name in ("StoppingCondition", "NetworkConfig", "RoleArn") if name in record
        },
    }
