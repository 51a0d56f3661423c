"""Processing jobs: the container contract of ``/opt/ml/processing`` and ``/opt/ml/config``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from infra.local.jobs import failures, records, uploading
from infra.local.jobs.job import Job, Run
from infra.local.jobs.plan import OPT_ML, Input, Plan, relative
from infra.local.jobs.records import End
from infra.local.jobs.s3_uri import S3Uri
from infra.local.monitoring import metrics

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.local.jobs.records import Record

LONGEST = 86_400
"""Seconds that a job may take when its request names no ``StoppingCondition``."""

_LATE = "MaxRuntimeExceeded: the processing job ran longer than its MaxRuntimeInSeconds"
_MESSAGE = "output/message"
_CONFIGURED = (
    "ProcessingJobArn",
    "ProcessingJobName",
    "AppSpecification",
    "Environment",
    "ProcessingInputs",
    "ProcessingOutputConfig",
    "ProcessingResources",
    "RoleArn",
    "StoppingCondition",
)


class ProcessingJob(Job):
    """One processing job."""

    kind: ClassVar[str] = records.PROCESSING
    log_group: ClassVar[str] = "/aws/sagemaker/ProcessingJobs"

    def plan(self, record: Record) -> Plan:
        """Read from the record what is to be done."""
        program = record["AppSpecification"]
        return Plan(
            inputs=tuple(_inputs(record)),
            folders=("output", *(folder for folder, *_ in _outputs(record))),
            files={
                "config/processingjobconfig.json": {name: record.get(name) for name in _CONFIGURED},
            },
            image=program["ImageUri"],
            entrypoint=tuple(program.get("ContainerEntrypoint", ())),
            arguments=tuple(program.get("ContainerArguments", ())),
            environment={"PROCESSING_JOB_ARN": record["ProcessingJobArn"], **record.get("Environment", {})},
            isolated=record.get("NetworkConfig", {}).get("EnableNetworkIsolation", False),
            seconds=record.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", LONGEST),
            instance_type=record["ProcessingResources"]["ClusterConfig"].get("InstanceType", ""),
            hosts=record["ProcessingResources"]["ClusterConfig"]["InstanceCount"],
            resources=("config/resourceconfig.json", {}),
        )

    def results(self, record: Record, plan: Plan, run: Run) -> End:  # noqa: ARG002 - training's takes it
        """Put the outputs to S3; of a job that did not complete, only the continuous ones."""
        completed = not run.failed and not run.cut_short
        if "MonitoringScheduleArn" in record:
            metrics.publish(self.bases[0] / metrics.FOLDER, self.account.metrics)
        with failures.kept(run.failed):
            for folder, to, continuous in _outputs(record):
                for base in self.bases if completed or continuous else ():
                    uploading.put_folder(self.account.objects, base / folder, to)
        message = failures.left_in(self.bases[run.host] / _MESSAGE)
        details = {"ExitMessage": message} if message else {}
        if completed:
            return End("Completed", details=details)
        if run.failed:
            return End("Failed", failures.of_program(run.code, message, run.last_line), details=details)
        return End("Stopped", "" if run.stopped else _LATE, details=details)


def _inputs(record: Record) -> Iterator[Input]:
    for given in record.get("ProcessingInputs", ()):
        source: dict[str, Any] = given["S3Input"]
        yield Input(
            name=given["InputName"],
            source=S3Uri.parse(source["S3Uri"]),
            folder=relative(source.get("LocalPath", f"{OPT_ML}/processing/input/{given['InputName']}")),
            manifest=source["S3DataType"] == "ManifestFile",
            gunzip=source.get("S3CompressionType") == "Gzip",
            sharded=source.get("S3DataDistributionType") == "ShardedByS3Key",
        )


def _outputs(record: Record) -> Iterator[tuple[str, S3Uri, bool]]:
    for given in record.get("ProcessingOutputConfig", {}).get("Outputs", ()):
        to = given["S3Output"]
        folder = relative(to.get("LocalPath", f"{OPT_ML}/processing/output/{given['OutputName']}"))
        yield folder, S3Uri.parse(to["S3Uri"]), to["S3UploadMode"] == "Continuous"
