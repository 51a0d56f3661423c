"""One execution as its steps see it: who it is and what their references can reach."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from infra.local.errors import AwsError, validation
from infra.local.jobs.s3_uri import S3Uri
from infra.local.pipeline import paths
from infra.local.pipeline.parameters import as_text
from infra.local.pipeline.references import Scope, UnresolvedError, resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from infra.local.account import Account
    from infra.local.pipeline.model import Definition, Json, Scalar
    from infra.local.store import Record

_EXPERIMENT_NAME = re.compile(r"[a-z0-9](-*[a-z0-9]){0,119}")
_JOBS = {
    "TrainingJob": ("DescribeTrainingJob", "TrainingJobName"),
    "ProcessingJob": ("DescribeProcessingJob", "ProcessingJobName"),
    "TransformJob": ("DescribeTransformJob", "TransformJobName"),
    "Model": ("DescribeModel", "ModelName"),
}


@dataclass(frozen=True)
class Execution:
    """What stays the same while an execution runs.

    Attributes
    ----------
    account
        Where it runs.
    definition
        What it runs.
    arn, pipeline_name
        Which one it is.
    role_arn
        The role of steps that name none.
    started
        When it was started.
    parameters
        Their values, typed.
    experiment
        ``ExperimentName`` and ``TrialName``, or empty.
    metadata
        Gives a step's ``Metadata`` by the step's name; ``None`` when it has none (yet).
    """

    account: Account
    definition: Definition
    arn: str
    pipeline_name: str
    role_arn: str
    started: datetime
    parameters: Mapping[str, Scalar]
    experiment: Mapping[str, str]
    metadata: Callable[[str], Json]

    @property
    def id(self) -> str:
        """The last part of its ARN: twelve lower-case letters and digits."""
        return self.arn.rpartition("/")[2]

    def scope(self, job_name: str = "") -> Scope:
        """Open what a step's references can reach; `job_name` is the step's own job's."""
        return Scope(
            parameters=self.parameters,
            variables=lambda group, name: self._variable(group, name, job_name),
            properties=self.properties,
            read_file=self._property_file,
            read_uri=lambda uri: _read(self.account, uri, "the JSON file"),
        )

    def properties(self, step: str) -> Json:
        """Describe what a finished step made, as its API operation does.

        Raises
        ------
        infra.local.pipeline.references.UnresolvedError
            When it made nothing that can be described.
        """
        metadata = self.metadata(step)
        if not metadata:
            raise UnresolvedError(f"Step '{step}' has no properties: it made nothing.")
        try:
            return describe(self.account, metadata)
        except AwsError as error:
            raise UnresolvedError(f"What step '{step}' made cannot be described: {error.message}") from None

    def _variable(self, group: str, name: str, job_name: str) -> str:
        if group == "PipelineExperimentConfig":
            if name not in self.experiment:
                raise UnresolvedError(f"The pipeline has no PipelineExperimentConfig, so no {name}.")
            return self.experiment[name]
        return _variables(self.arn, self.pipeline_name, self.started).get(name, job_name)

    def _property_file(self, step: str, name: str) -> Json:
        file = next(file for file in self.definition.steps[step].property_files if file.name == name)
        try:
            uri = paths.look_up(
                self.properties(step),
                ("ProcessingOutputConfig", "Outputs", file.output, "S3Output", "S3Uri"),
            )
        except paths.NothingThereError as error:
            raise UnresolvedError(f"Property file '{name}' of step '{step}': {error}.") from None
        place = str(S3Uri.parse(uri).under(file.path))
        return _read(self.account, place, f"property file '{name}' of step '{step}'")


def resolve_experiment(config: Json, parameters: Mapping[str, Scalar], record: Record) -> dict[str, str]:
    """Resolve an execution's ``PipelineExperimentConfig``; AWS writes both names in lower case.

    Parameters
    ----------
    config
        The definition's.
    parameters
        The execution's, typed.
    record
        The execution's record.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException`` when a name resolves to what no experiment may be called.
    """
    arn, name = record["PipelineExecutionArn"], record["PipelineName"]
    variables = _variables(arn, name, record["CreationTime"])
    scope = Scope(
        parameters=parameters,
        variables=lambda _, variable: variables.get(variable, ""),
        properties=lambda _: None,
        read_file=lambda _, __: None,
        read_uri=lambda _: None,
    )
    names = {member: as_text(resolve(value, scope)).lower() for member, value in config.items()}
    for member, text in names.items():
        if not _EXPERIMENT_NAME.fullmatch(text):
            raise validation(f"PipelineExperimentConfig: '{text}' is no {member}.")
    return names


def describe(account: Account, metadata: Json) -> Json:
    """Describe what a step's ``Metadata`` names.

    Raises
    ------
    infra.local.errors.AwsError
        When it is no longer there.
    """
    (kind, made), *_ = metadata.items()
    if kind == "Condition":
        return {"Outcome": made["Outcome"] == "True"}
    if kind == "RegisterModel":
        return account.call("DescribeModelPackage", {"ModelPackageName": made["Arn"]})
    operation, member = _JOBS[kind]
    return account.call(operation, {member: made["Arn"].rpartition("/")[2]})


def _read(account: Account, uri: str, what: str) -> Json:
    try:
        return json.loads(account.objects.read(*S3Uri.parse(uri)))
    except AwsError as error:
        raise UnresolvedError(f"Cannot read {what}: {uri}: {error.message}") from None
    except ValueError as error:
        raise UnresolvedError(f"Cannot read {what}: {uri}: {error}") from None


def _variables(arn: str, pipeline_name: str, started: datetime) -> dict[str, str]:
    return {
        "PipelineExecutionId": arn.rpartition("/")[2],
        "PipelineExecutionArn": arn,
        "PipelineName": pipeline_name,
        "PipelineArn": arn.partition("/execution/")[0],
        "StartDateTime": _moment(started),
        "CurrentDateTime": _moment(datetime.now(UTC)),
    }


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
