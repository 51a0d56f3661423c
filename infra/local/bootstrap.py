"""What ``infra/aws`` makes in an account, made here at every start: bucket, roles and parameters.

IAM lives in RAM: its roles are made anew. The bucket and what an operator set last, and are left as they are.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from infra.local.account import ACCOUNT_ID
from infra.local.client import client
from infra.local.images import pushed

if TYPE_CHECKING:
    from pathlib import Path

IMAGES = {"jobs": ("bestiary", "training_scripts"), "serving": ("bestiary", "inference")}
"""What each image holds: no more than it runs, so that its digest changes with nothing else."""
OPERATORS = {"operator": ("bestiary", "pipelines", "infra")}
"""What the image holds that approves and deploys without a person."""
ENTRYPOINTS = {"serving": ("python", "-m", "inference.serve")}
"""The program of each image that has one; jobs name theirs."""
NONE_KEY = "bestiary/approved/none/none.json"
DEPLOYS = {
    "/bestiary/deploy/wait-seconds": "15",
    "/bestiary/deploy/alarm-period-seconds": "10",
    "/bestiary/deploy/startup-seconds": "300",
    "/bestiary/deploy/instance-type": "ml.g4dn.xlarge",
    "/bestiary/deploy/instance-count": "2",
}
"""How deploys go here, until somebody sets these parameters: the pace of a laptop."""
MONITORS = {"/bestiary/monitor/by": "monitoring-schedule"}
"""What runs the monitor: a monitoring schedule, or a ``pipeline`` where the account has no Model Monitor."""
ALERTS, DEAD_LETTERS = "bestiary-alerts", "bestiary-dead-letters"
"""The topic that alerts go to, and the queue of what could not be started on schedule."""
_ROLES = ("bestiary-pipeline", "bestiary-jobs", "bestiary-hosting", "bestiary-scheduler", "bestiary-deployer")
_PAGES = {
    "AllowedOrigins": ["http://localhost:*", "http://127.0.0.1:*"],
    "AllowedMethods": ["GET", "POST"],
    "AllowedHeaders": ["*"],
}
"""Web pages of this machine may upload and fetch where the front has signed for it."""
_TAGS = [{"Key": "project", "Value": "bestiary"}]


def bootstrap(endpoint_url: str, home: Path, region: str) -> None:
    """Make what is not there yet.

    Raises
    ------
    botocore.exceptions.ClientError
        When the disk is full.
    """
    bucket = f"bestiary-{ACCOUNT_ID}-{region}"
    _bucket(client("s3", endpoint_url, region), bucket, region)
    _roles(client("iam", endpoint_url, region))
    # Topics last, queues live in RAM: both are made where they are not there.
    topic = client("sns", endpoint_url, region).create_topic(Name=ALERTS)["TopicArn"]
    client("sqs", endpoint_url, region).create_queue(QueueName=DEAD_LETTERS)
    client("cloudwatch", endpoint_url, region).put_metric_alarm(**_not_started(topic))
    parameters = {
        "/bestiary/bucket": bucket,
        "/bestiary/alerts-topic-arn": topic,
        "/bestiary/dead-letters-arn": f"arn:aws:sqs:{region}:{ACCOUNT_ID}:{DEAD_LETTERS}",
        "/bestiary/scheduler-role-arn": _role_arn("bestiary-scheduler"),
        "/bestiary/role-arn": _role_arn("bestiary-jobs"),
        "/bestiary/hosting-role-arn": _role_arn("bestiary-hosting"),
        "/bestiary/deployer-role-arn": _role_arn("bestiary-deployer"),
        "/bestiary/pipeline-role-arn": _role_arn("bestiary-pipeline"),
        "/bestiary/approved-none-uri": f"s3://{bucket}/{NONE_KEY}",
    }
    ssm = client("ssm", endpoint_url, region)
    _parameters(ssm, parameters | _of_images(pushed(home)))
    _defaults(ssm)


def announce(endpoint_url: str, images: dict[str, str], region: str) -> None:
    """Tell a server that runs of images that were pushed."""
    _parameters(client("ssm", endpoint_url, region), _of_images(images))


def _of_images(images: dict[str, str]) -> dict[str, str]:
    return {f"/bestiary/images/{name}": uri for name, uri in images.items()}


def _parameters(ssm: Any, parameters: dict[str, str]) -> None:  # noqa: ANN401 - a boto3 client
    for name, value in parameters.items():
        ssm.put_parameter(Name=name, Value=value, Type="String", Overwrite=True)


def _defaults(ssm: Any) -> None:  # noqa: ANN401 - a boto3 client
    for name, value in (DEPLOYS | MONITORS).items():
        try:
            ssm.put_parameter(Name=name, Value=value, Type="String")
        except ssm.exceptions.ParameterAlreadyExists:
            continue


def _bucket(s3: Any, name: str, region: str) -> None:  # noqa: ANN401 - a boto3 client
    try:
        s3.head_bucket(Bucket=name)
    except ClientError:
        where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=name, **where)
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": _TAGS})
    if s3.get_bucket_versioning(Bucket=name).get("Status") != "Enabled":
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    try:
        s3.get_bucket_cors(Bucket=name)
    except ClientError:
        s3.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": [_PAGES]})
    if not s3.list_objects_v2(Bucket=name, Prefix=NONE_KEY)["KeyCount"]:
        s3.put_object(Bucket=name, Key=NONE_KEY, Body=b"{}", ContentType="application/json")


def _roles(iam: Any) -> None:  # noqa: ANN401 - a boto3 client
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sagemaker.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    for name in _ROLES:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust), Tags=_TAGS)


def _not_started(topic: str) -> dict[str, Any]:
    """Write the alarm on runs that could not be started, as `infra/aws/alerts.yaml` has it."""
    return {
        "AlarmName": "dead-letters-of-bestiary",
        "AlarmDescription": (
            f"A run that was due on schedule could not be started; the queue {DEAD_LETTERS} says which and "
            "why. Next: bestiary schedule"
        ),
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": [{"Name": "QueueName", "Value": DEAD_LETTERS}],
        "Statistic": "Maximum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
        "AlarmActions": [topic],
        "Tags": _TAGS,
    }


def _role_arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT_ID}:role/{name}"
