"""One request put to a container: what came of it, where it goes, and what SNS is told."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from infra.local.errors import AwsError
from infra.local.hosting.invocations import CUSTOM_ATTRIBUTES, Invocation, Invoker, ModelError
from infra.local.jobs.s3_uri import S3Uri

if TYPE_CHECKING:
    from datetime import datetime

    from infra.local.account import Account
    from infra.local.asynchronous.request import AsyncRequest
    from infra.local.hosting.endpoint import Endpoint

LARGEST_INPUT = 1 << 30
"""Bytes of an input in S3."""
_LARGEST_NOTICE = 128 * 1024
_MOST_ATTEMPTS = 3
_SEE = "See the SageMaker Endpoint logs in your account for more information."


class NotNowError(Exception):
    """No instance could answer, but one may later: the request has to wait again.

    Attributes
    ----------
    tried
        Whether an instance ended while it had the request.
    """

    def __init__(self, *, tried: bool) -> None:
        super().__init__()
        self.tried = tried


@dataclass(frozen=True)
class Outcome:
    """What came of a request.

    Attributes
    ----------
    body, content_type
        The container's answer, or what is known of the failure.
    reason
        Why it failed; empty for success.
    metric
        The metric that counts it.
    """

    body: bytes
    content_type: str
    reason: str = ""
    metric: str = "InvocationsProcessed"


def of_request(account: Account, endpoint: Endpoint, request: AsyncRequest) -> Outcome:
    """Ask the container.

    Raises
    ------
    NotNowError
        When the request should wait for another instance.
    """
    try:
        body = _input(account, request)
    except AwsError as error:
        return _failed(
            f"ClientError: Input {request.location} could not be read: {error.code}: {error.message}",
            metric="RequestDownloadFailures",
        )
    invoker = Invoker(account, request.endpoint, endpoint.traffic, request.seconds)
    invoker.capture = endpoint.invoker.capture
    try:
        invoked = invoker.invoke(Invocation(request.headers, body, None, request.inference_id))
    except ModelError as error:
        status, said = cast("int", error.members["OriginalStatusCode"]), str(error.members["OriginalMessage"])
        if status:
            side = "client" if status < 500 else "server"
            return _failed(f"ClientError: Received {side} error ({status}) from model. {_SEE}", said)
        if "timed out" not in said and request.attempts + 1 < _MOST_ATTEMPTS:
            raise NotNowError(tried=True) from None
        return _failed(f"ClientError: The model did not answer: {said} {_SEE}", said)
    except AwsError as error:
        raise NotNowError(tried=False) from error
    return Outcome(invoked.answer.body, invoked.answer.headers.get("content-type", ""))


def expired(request: AsyncRequest) -> Outcome:
    """Say that a request waited too long."""
    return _failed(
        f"ClientError: The request expired: it waited longer than RequestTTLSeconds ({request.ttl} s).",
        metric="ExpiredRequests",
    )


def put(account: Account, request: AsyncRequest, outcome: Outcome) -> Outcome:
    """Put an outcome to S3; return the outcome, a failure if it could not be put."""
    where = request.failure if outcome.reason else request.output
    if not where:
        return outcome
    to = S3Uri.parse(where)
    try:
        account.objects.put(to.bucket, to.key, outcome.body)
    except AwsError as error:
        reason = f"ClientError: The response could not be put to {to}: {error.code}: {error.message}"
        return outcome if outcome.reason else _failed(reason, metric="ResponseUploadFailures")
    return outcome


def notice(
    region: str, request: AsyncRequest, outcome: Outcome, now: datetime, *, with_response: bool
) -> str:
    """Write the message to the success or the error topic."""
    given = {
        "accept": request.headers.get("Accept"),
        "contentType": request.headers.get("Content-Type"),
        "customAttributes": request.headers.get(CUSTOM_ATTRIBUTES),
        "endpointName": request.endpoint,
        "inputLocation": request.location or None,
    }
    where = {"failureLocation": request.failure} if outcome.reason else {"outputLocation": request.output}
    message: dict[str, Any] = {
        "awsRegion": region,
        "eventTime": _stamp(now),
        "receivedTime": _stamp(request.received),
        "invocationStatus": "Failed" if outcome.reason else "Completed",
        **({"failureReason": outcome.reason} if outcome.reason else {}),
        "requestParameters": {name: value for name, value in given.items() if value},
        "responseParameters": {"contentType": outcome.content_type, **where},
        "inferenceId": request.inference_id,
        "eventVersion": "1.0",
        "eventSource": "aws:sagemaker",
        "eventName": "InferenceResult",
    }
    if with_response and len(outcome.body) <= _LARGEST_NOTICE:
        message["responseBody"] = {
            "content": base64.b64encode(outcome.body).decode(),
            "encoding": "BASE64",
        }
    return json.dumps(message)


def _input(account: Account, request: AsyncRequest) -> bytes:
    if not request.location:
        return request.body
    source = S3Uri.parse(request.location)
    size = account.objects.info(source.bucket, source.key).size
    if size > LARGEST_INPUT:
        raise AwsError("EntityTooLarge", f"it has {size} bytes, {LARGEST_INPUT} are allowed")
    return account.objects.read(source.bucket, source.key)


def _failed(reason: str, said: str = "", metric: str = "InvocationFailures") -> Outcome:
    return Outcome((said or reason).encode(), "text/plain; charset=utf-8", reason, metric)


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
