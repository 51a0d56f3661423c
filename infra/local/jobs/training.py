"""Training jobs: the container contract of ``/opt/ml/input``, ``/opt/ml/model`` and ``/opt/ml/output``."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from infra.local.jobs import archive, failures, records, uploading
from infra.local.jobs.job import Job, Run
from infra.local.jobs.plan import OPT_ML, Input, Plan, relative
from infra.local.jobs.records import End
from infra.local.jobs.s3_uri import S3Uri

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.local.jobs.records import Record

_MODEL = "model"
_DATA = "output/data"
_FAILURE = "output/failure"
_GROUP = "homogeneousCluster"


class TrainingJob(Job):
    """One training job."""

    kind: ClassVar[str] = records.TRAINING
    log_group: ClassVar[str] = "/aws/sagemaker/TrainingJobs"
    _interrupted = False

    def plan(self, record: Record) -> Plan:
        """Read from the record what is to be done."""
        program = record["AlgorithmSpecification"]
        checkpoints = _checkpoints(record)
        return Plan(
            inputs=tuple(_channels(record)),
            folders=("input/config", "input/data", _MODEL, _DATA, *(checkpoints or ())[:1]),
            files=_config_files(record),
            image=program.get("TrainingImage", program.get("AlgorithmName", "")),
            entrypoint=tuple(program.get("ContainerEntrypoint", ())),
            arguments=tuple(program.get("ContainerArguments", ())),
            environment={
                "TRAINING_JOB_NAME": self.name,
                "TRAINING_JOB_ARN": record["TrainingJobArn"],
                **record.get("Environment", {}),
            },
            isolated=record["EnableNetworkIsolation"],
            seconds=record["StoppingCondition"]["MaxRuntimeInSeconds"],
            instance_type=record["ResourceConfig"].get("InstanceType", ""),
            word="train",
            hosts=record["ResourceConfig"].get("InstanceCount", 1),
            together=True,
            resources=("input/config/resourceconfig.json", _resources(record)),
            metrics=tuple(
                (metric["Name"], re.compile(metric["Regex"]))
                for metric in program.get("MetricDefinitions", ())
            ),
            checkpoints=checkpoints,
        )

    def results(self, record: Record, plan: Plan, run: Run) -> End:  # noqa: ARG002 - processing's takes it
        """Put checkpoints and archives to S3; of a job that failed, no model."""
        self.change(lambda now: records.at(self.kind, now, "Uploading"))
        with failures.kept(run.failed):
            self._put_checkpoints()
            for folder in (_DATA, _MODEL):
                archive.gather(self.bases, folder)
            self._put(record, _DATA, "output")
        details = {"FinalMetricDataList": run.metrics} if run.metrics else {}
        if run.failed:
            message = failures.left_in(self.bases[run.host] / _FAILURE)
            return End("Failed", failures.of_program(run.code, message, run.last_line), details=details)
        self._put(record, _MODEL, "model")
        late = run.late and not run.stopped
        return End("Stopped" if run.cut_short else "Completed", late=late, details=details)

    def interrupt(self) -> bool:
        """Take the machine back from a job on spot, as EC2 does; SIGTERM, and two minutes later SIGKILL.

        Returns
        -------
        bool
            Whether its program ran; between two attempts there is no machine to take.
        """
        with self.lock:
            if self.process is None or self.asked:
                return False
            self._interrupted = True
            self.process.stop()
            return True

    def begins_again(self, run: Run) -> bool:
        """Say whether the program was interrupted, and if so get ready for the next machine."""
        with self.lock:
            again = self._interrupted and run.failed
            self._interrupted, self.process = False, None
        if again:
            self._put_checkpoints()
            for stage in ("Interrupted", "Starting", "Downloading"):
                self.change(partial(records.at, self.kind, stage=stage))
        return again

    def _put_checkpoints(self) -> None:
        for each in self.checkpoints:
            each.put()

    def _put(self, record: Record, folder: str, name: str) -> None:
        if archive.is_empty(self.bases[0] / folder):
            return
        to = S3Uri.parse(record["OutputDataConfig"]["S3OutputPath"]).under(self.name, "output")
        if record["OutputDataConfig"].get("CompressionType") == "NONE":
            uploading.put_folder(self.account.objects, self.bases[0] / folder, to.under(name))
            return
        packed = self.base / f"{name}.tar.gz"
        archive.write(self.bases[0] / folder, packed)
        uploading.put_file(self.account.objects, packed, to.under(packed.name))


def artifacts(name: str, output: dict[str, Any]) -> str:
    """Return the ``S3ModelArtifacts`` of a job, as its name and ``OutputDataConfig`` give it."""
    to = S3Uri.parse(output["S3OutputPath"]).under(name, "output")
    return (
        f"{to.under('model')}/" if output.get("CompressionType") == "NONE" else str(to.under("model.tar.gz"))
    )


def _channels(record: Record) -> Iterator[Input]:
    for channel in record.get("InputDataConfig", ()):
        source = channel["DataSource"]["S3DataSource"]
        yield Input(
            name=channel["ChannelName"],
            source=S3Uri.parse(source["S3Uri"]),
            folder=f"input/data/{channel['ChannelName']}",
            manifest=source["S3DataType"] == "ManifestFile",
            gunzip=channel.get("CompressionType") == "Gzip",
            sharded=source.get("S3DataDistributionType") == "ShardedByS3Key",
        )


def _checkpoints(record: Record) -> tuple[str, S3Uri] | None:
    config = record.get("CheckpointConfig")
    if config is None:
        return None
    return relative(config.get("LocalPath", f"{OPT_ML}/checkpoints")), S3Uri.parse(config["S3Uri"])


def _config_files(record: Record) -> dict[str, Any]:
    mode = record["AlgorithmSpecification"]["TrainingInputMode"]
    return {
        "input/config/hyperparameters.json": record.get("HyperParameters", {}),
        "input/config/inputdataconfig.json": {
            channel["ChannelName"]: {
                "TrainingInputMode": channel.get("InputMode", mode),
                "S3DistributionType": channel["DataSource"]["S3DataSource"].get(
                    "S3DataDistributionType", "FullyReplicated"
                ),
                "RecordWrapperType": channel.get("RecordWrapperType", "None"),
                **({"ContentType": channel["ContentType"]} if "ContentType" in channel else {}),
            }
            for channel in record.get("InputDataConfig", ())
        },
    }


def _resources(record: Record) -> dict[str, Any]:
    instance = record["ResourceConfig"].get("InstanceType")
    hosts = [f"algo-{number}" for number in range(1, record["ResourceConfig"].get("InstanceCount", 1) + 1)]
    group = {"instance_group_name": _GROUP, "instance_type": instance, "hosts": hosts}
    return {
        "current_instance_type": instance,
        "current_group_name": _GROUP,
        "instance_groups": [group],
        "network_interface_name": "lo",
    }
