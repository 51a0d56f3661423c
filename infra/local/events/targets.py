"""What rules and schedules can do: start a pipeline, delete an endpoint, tell a topic, fill a queue."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from infra.local.errors import AwsError, validation
from infra.local.operations import pipelines

if TYPE_CHECKING:
    from infra.local.account import Account

Record = dict[str, Any]

_CALL = "arn:aws:scheduler:::aws-sdk:sagemaker"
CALLS = {
    f"{_CALL}:startPipelineExecution": ("StartPipelineExecution", "PipelineName"),
    f"{_CALL}:deleteEndpoint": ("DeleteEndpoint", "EndpointName"),
}
"""The universal targets of schedules, whose input is the request itself, and a member that each needs."""
_KNOWN = "a SageMaker pipeline, an SNS topic or an SQS queue, and a schedule the deletion of an endpoint"
_PARAMETERS = {
    "EcsParameters",
    "KinesisParameters",
    "EventBridgeParameters",
    "EventBridgePutEventsV2Parameters",
    "EventBridgePutRawEventsParameters",
    "RunCommandParameters",
    "BatchParameters",
    "HttpParameters",
    "RedshiftDataParameters",
    "AppSyncParameters",
}


def check(target: Record) -> None:
    """See that a target is one that can be reached here; whether it exists is seen when it is called.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException`` naming what is not done here.
    """
    arn = target["Arn"]
    if found := _PARAMETERS & set(target):
        raise validation(f"{', '.join(sorted(found))} belongs to targets that are not here: {_KNOWN}.")
    # Rules number their targets; only schedules call an API as it is.
    if service_of(arn) is None or (arn in CALLS and "Id" in target):
        raise validation(f"Target {arn} cannot be reached in the local SageMaker: it takes {_KNOWN}.")
    if arn in CALLS:
        _request(arn, target.get("Input", ""))
    if "SageMakerPipelineParameters" in target and service_of(arn) != "sagemaker":
        raise validation(f"SageMakerPipelineParameters belong to a pipeline, not to {arn}.")


def service_of(arn: str) -> str | None:
    """Name the service of a target; ``None`` for one that is not done here."""
    if arn in CALLS:
        return "scheduler"
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn":
        return None
    if parts[2] == "sagemaker":
        return "sagemaker" if parts[5].startswith("pipeline/") else None
    return parts[2] if parts[2] in {"sns", "sqs"} else None


def send(account: Account, delivery: Record) -> None:
    """Call a delivery's target; twice with the same delivery starts a pipeline once.

    Raises
    ------
    infra.local.errors.AwsError
        What the target answers.
    """
    target, body = delivery["Target"], delivery["Body"]
    match service_of(target["Arn"]):
        case "sagemaker":
            _start_pipeline(account, delivery)
        case "scheduler":
            operation, _ = CALLS[target["Arn"]]
            token = {"ClientRequestToken": delivery["Id"]} if operation == "StartPipelineExecution" else {}
            account.call(operation, token | _request(target["Arn"], body))
        case "sns":
            if not account.topics.has(target["Arn"]):
                raise AwsError("NotFound", f"Topic does not exist: {target['Arn']}", 404)
            account.topics.publish(target["Arn"], body)
        case _:
            group = target.get("SqsParameters", {}).get("MessageGroupId")
            fill_queue(account, target["Arn"], body, group=group)


def fill_queue(account: Account, arn: str, body: str, *, group: str | None = None, **about: str) -> None:
    """Send a message to a queue, with attributes.

    Raises
    ------
    infra.local.errors.AwsError
        ``AWS.SimpleQueueService.NonExistentQueue``.
    """
    from moto.backends import get_backend
    from moto.sqs.exceptions import QueueDoesNotExist

    attributes = {name: {"DataType": "String", "StringValue": value} for name, value in about.items()}
    queues: Any = get_backend("sqs")[account.account_id][account.region]
    try:
        queues.send_message(arn.rpartition(":")[2], body, message_attributes=attributes, group_id=group)
    except QueueDoesNotExist:
        raise AwsError(
            "AWS.SimpleQueueService.NonExistentQueue", f"The queue {arn} does not exist."
        ) from None


def _start_pipeline(account: Account, delivery: Record) -> None:
    arn = delivery["Target"]["Arn"]
    name = arn.rpartition("/")[2]
    pipelines.get(account, name)
    event = json.loads(delivery["Event"]) if delivery.get("Event") else None
    given = delivery["Target"].get("SageMakerPipelineParameters", {}).get("PipelineParameterList", [])
    account.call(
        "StartPipelineExecution",
        {
            "PipelineName": name,
            "PipelineParameters": [
                {"Name": each["Name"], "Value": value(each["Value"], event)} for each in given
            ],
            "ClientRequestToken": delivery["Id"],
        },
    )


def _request(arn: str, body: str) -> Record:
    _, needed = CALLS[arn]
    try:
        found = json.loads(body)
    except ValueError as error:
        raise validation(f"The Input of {arn} must be its request as JSON: {error}.") from None
    if not isinstance(found, dict) or needed not in found:
        raise validation(f"The Input of {arn} must be an object with {needed}.")
    return found


def value(text: str, event: Record | None) -> str:
    """Return a parameter's value: what an event has at ``$.a.b``, or the text itself.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException`` where the event has nothing there.
    """
    if event is None or not (text == "$" or text.startswith("$.")):
        return text
    found: Any = event
    for part in text.split(".")[1:]:
        if not isinstance(found, dict) or part not in found:
            raise validation(f"The event has nothing at {text}.")
        found = found[part]
    return found if isinstance(found, str) else json.dumps(found)
