"""What the account holds of Bestiary: what is to be removed, and the proof that it was."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from pipelines.account import stacks
from pipelines.account.templates import PREFIX, STACKS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.place import Place


@dataclass(frozen=True)
class Left:
    """One thing that is there.

    Attributes
    ----------
    kind
        In the field's words, such as ``endpoint``.
    name
        AWS's name of it.
    """

    kind: str
    name: str


@dataclass(frozen=True)
class Kind:
    """How things of a kind are listed and removed.

    Attributes
    ----------
    word
        What people call them.
    service, listing
        As boto3 names them.
    pages
        Member of the answer that holds them, and of each its name.
    filters
        Arguments that narrow the list to names that begin as ours do.
    removal
        The operation that removes one and the argument that takes its name.
    prefix
        With what our names begin.
    further
        Arguments that the removal takes besides.
    """

    word: str
    service: str
    listing: str
    pages: tuple[str, str]
    filters: Mapping[str, object]
    removal: tuple[str, str]
    prefix: str = PREFIX
    further: Mapping[str, object] = field(default_factory=dict)


_NAMED = {"NameContains": PREFIX}
MOVING = (
    Kind(
        "scaling", "application-autoscaling", "describe_scalable_targets",
        ("ScalableTargets", "ResourceId"), {"ServiceNamespace": "sagemaker"},
        ("deregister_scalable_target", "ResourceId"), f"endpoint/{PREFIX}",
        {"ServiceNamespace": "sagemaker", "ScalableDimension": "sagemaker:variant:DesiredInstanceCount"},
    ),
    Kind(
        "monitoring schedule", "sagemaker", "list_monitoring_schedules",
        ("MonitoringScheduleSummaries", "MonitoringScheduleName"), _NAMED,
        ("delete_monitoring_schedule", "MonitoringScheduleName"),
    ),
    Kind(
        "endpoint", "sagemaker", "list_endpoints", ("Endpoints", "EndpointName"), _NAMED,
        ("delete_endpoint", "EndpointName"),
    ),
    Kind(
        "endpoint configuration", "sagemaker", "list_endpoint_configs",
        ("EndpointConfigs", "EndpointConfigName"), _NAMED, ("delete_endpoint_config", "EndpointConfigName"),
    ),
    Kind(
        "model", "sagemaker", "list_models", ("Models", "ModelName"), _NAMED, ("delete_model", "ModelName")
    ),
    Kind(
        "pipeline", "sagemaker", "list_pipelines", ("PipelineSummaries", "PipelineName"),
        {"PipelineNamePrefix": "bestiary"}, ("delete_pipeline", "PipelineName"),
    ),
    Kind(
        "schedule", "scheduler", "list_schedules", ("Schedules", "Name"), {"NamePrefix": PREFIX},
        ("delete_schedule", "Name"),
    ),
    Kind("rule", "events", "list_rules", ("Rules", "Name"), {"NamePrefix": PREFIX}, ("delete_rule", "Name")),
    Kind(
        "alarm", "cloudwatch", "describe_alarms", ("MetricAlarms", "AlarmName"),
        {"AlarmNamePrefix": PREFIX}, ("delete_alarms", "AlarmNames"),
    ),
)  # fmt: skip
"""What the commands make, in the order of removal."""
GROUPS = Kind(
    "model package group", "sagemaker", "list_model_package_groups",
    ("ModelPackageGroupSummaryList", "ModelPackageGroupName"), _NAMED,
    ("delete_model_package_group", "ModelPackageGroupName"),
)  # fmt: skip
REPOSITORIES = Kind(
    "image repository", "ecr", "describe_repositories", ("repositories", "repositoryName"), {},
    ("delete_repository", "repositoryName"), further={"force": True},
)  # fmt: skip
BUCKETS = Kind(
    "bucket", "s3", "list_buckets", ("Buckets", "Name"), {"Prefix": PREFIX}, ("delete_bucket", "Bucket")
)
PARAMETERS = Kind(
    "parameter", "ssm", "get_parameters_by_path", ("Parameters", "Name"),
    {"Path": "/bestiary/", "Recursive": True}, ("delete_parameter", "Name"), "/bestiary/",
)  # fmt: skip
LOGS = Kind(
    "logs", "logs", "describe_log_groups", ("logGroups", "logGroupName"),
    {"logGroupNamePrefix": f"/aws/sagemaker/Endpoints/{PREFIX}"}, ("delete_log_group", "logGroupName"),
    "/aws/sagemaker/",
)  # fmt: skip
STANDING = (GROUPS, REPOSITORIES, BUCKETS, PARAMETERS, LOGS)
"""What the stacks make, people set, and SageMaker wrote."""


def look(place: Place) -> list[Left]:
    """List everything of Bestiary that is there."""
    return [*_stacks(place), *(left for kind in (*MOVING, *STANDING) for left in of_kind(place, kind))]


def of_kind(place: Place, kind: Kind) -> list[Left]:
    """List the things of one kind."""
    member, name = kind.pages
    client = place.client(kind.service)
    if client.can_paginate(kind.listing):
        pages = list(client.get_paginator(kind.listing).paginate(**kind.filters))
    else:
        pages = [getattr(client, kind.listing)(**kind.filters)]
    found = (each[name] for page in pages for each in page.get(member, []))
    return [Left(kind.word, one) for one in found if one.startswith(kind.prefix)]


def key(place: Place) -> str:
    """ARN of the key that the storage stack made; empty where that stack is not there."""
    try:
        told = place.client("cloudformation").describe_stack_resource(
            StackName=f"{PREFIX}storage", LogicalResourceId="Key"
        )
    except ClientError:
        return ""
    return str(told["StackResourceDetail"]["PhysicalResourceId"])


def _stacks(place: Place) -> list[Left]:
    names = [PREFIX + name for name in reversed(STACKS)]
    return [
        Left("stack", name) for name in names if stacks.status(place, name) not in {"", "DELETE_COMPLETE"}
    ]
