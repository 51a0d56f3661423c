"""Tags of whatever has an ARN here: add, list, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.local import tags
from infra.local.errors import validation
from infra.local.listing import cut
from infra.local.operations import operation

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.operations import Document

# By the kind in an ARN: the operation that knows such a resource, and the member that names it.
_KNOWN_TO = {
    "training-job": ("DescribeTrainingJob", "TrainingJobName"),
    "processing-job": ("DescribeProcessingJob", "ProcessingJobName"),
    "transform-job": ("DescribeTransformJob", "TransformJobName"),
    "model-package-group": ("DescribeModelPackageGroup", "ModelPackageGroupName"),
    "model-package": ("DescribeModelPackage", "ModelPackageName"),
    "pipeline": ("DescribePipeline", "PipelineName"),
    "model": ("DescribeModel", "ModelName"),
    "endpoint-config": ("DescribeEndpointConfig", "EndpointConfigName"),
    "endpoint": ("DescribeEndpoint", "EndpointName"),
    "monitoring-schedule": ("DescribeMonitoringSchedule", "MonitoringScheduleName"),
    "data-quality-job-definition": ("DescribeDataQualityJobDefinition", "JobDefinitionName"),
    "model-quality-job-definition": ("DescribeModelQualityJobDefinition", "JobDefinitionName"),
}


@operation("sagemaker", "AddTags")
def add(account: Account, request: Document) -> Document:
    """Add tags, over those of the same keys; answer with all that the resource has then."""
    _check_there(account, request["ResourceArn"])
    return {"Tags": tags.add(account.store, request["ResourceArn"], request["Tags"])}


@operation("sagemaker", "ListTags")
def list_(account: Account, request: Document) -> Document:
    """List a resource's tags, by key."""
    _check_there(account, request["ResourceArn"])
    found, token = cut(
        tags.of(account.store, request["ResourceArn"]),
        request,
        lambda tag: (tag["Key"],),
        descending=False,
        size=tags.MOST,
    )
    return {"Tags": found, "NextToken": token}


@operation("sagemaker", "DeleteTags")
def delete(account: Account, request: Document) -> Document:
    """Remove tags by key; keys that are not there are passed over."""
    _check_there(account, request["ResourceArn"])
    tags.remove(account.store, request["ResourceArn"], request["TagKeys"])
    return {}


def _check_there(account: Account, arn: str) -> None:
    """Raise what describing the resource would, when it is not there."""
    kind, _, name = arn.split(":", 5)[5].partition("/")
    if kind not in _KNOWN_TO:
        raise validation(f"The local SageMaker has no resource {arn} that could have tags.")
    if not arn.startswith(account.arn(kind, "")):
        raise validation(f"Resource {arn} is of another account or region.")
    operation_name, member = _KNOWN_TO[kind]
    account.call(operation_name, {member: name})
