"""Requests to the stylizer's asynchronous endpoint: queued, followed by its log, fetched or cancelled.

https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference.html
"""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

from pipelines import s3
from pipelines.deployment import endpoint as endpoints
from pipelines.deployment.requests import PICTURES
from pipelines.deployment.served import STYLIZER_ASYNC
from pipelines.errors import OperatorError, UsageError
from pipelines.place import reason
from pipelines.style.endpoint import Painted, said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.place import Place
    from pipelines.style.form import Form

REQUESTS = f"{PICTURES}/requests"
LONGEST_SECONDS = 3600
"""What SageMaker gives a container for a request; also how long one may wait for an instance."""
_GROUP = f"/aws/sagemaker/Endpoints/{STYLIZER_ASYNC.endpoint}"
_POLL_SECONDS = 1.0
_CANCEL_SECONDS = 5.0
_STEP = re.compile(
    r"step (?P<step>\d+) of \d+, (?P<side>\d+) px: content (?P<content>\S+), style (?P<style>\S+), "
    r"total (?P<total>\S+),"
)

Say = Callable[[str], None]


@dataclass(frozen=True)
class Request:
    """One that SageMaker has accepted; kept in S3 as JSON, beside what was sent.

    Attributes
    ----------
    id
        Its name, by which the log tells of it.
    output, failure
        S3 URIs of the picture, and of what is said where there is none.
    version
        Of the stylizer at the time.
    requested
        When, ISO 8601.
    """

    id: str
    output: str
    failure: str
    version: str
    requested: str


def submit(place: Place, form: Form, accept: str) -> Request:
    """Put a request into the queue.

    Raises
    ------
    OperatorError
        SageMaker does not take it.
    """
    name = uuid.uuid4().hex[:12]
    version = endpoints.live_version(place, STYLIZER_ASYNC)
    uri = _uri(place, name, "form")
    s3.write(place, uri, form.body, "application/octet-stream")
    try:
        answer = place.client("sagemaker-runtime").invoke_endpoint_async(
            EndpointName=STYLIZER_ASYNC.endpoint,
            InputLocation=uri,
            ContentType=form.content_type,
            Accept=accept,
            InferenceId=name,
            RequestTTLSeconds=LONGEST_SECONDS,
            InvocationTimeoutSeconds=LONGEST_SECONDS,
        )
    except ClientError as error:
        raise OperatorError(reason(error)) from None
    now = datetime.now(UTC).isoformat()
    made = Request(name, answer["OutputLocation"], answer.get("FailureLocation", ""), str(version), now)
    s3.write(place, _uri(place, name, "json"), json.dumps(asdict(made)).encode(), "application/json")
    return made


def find(place: Place, name: str) -> Request:
    """Find a request by its name.

    Raises
    ------
    UsageError
        There is none.
    """
    try:
        return Request(**json.loads(s3.read(place, _uri(place, name, "json"))))
    except OperatorError:
        raise UsageError(f"there is no painting {name}: bestiary stylize --endpoint says its name") from None


def follow(place: Place, request: Request, say: Say) -> Painted:
    """Wait for a picture, saying what the endpoint's log says of it.

    Raises
    ------
    OperatorError
        There will be none; the line says why.
    """
    log, losses = _Log(place, request), []
    _say_if_asleep(place, say)
    while True:
        picture = _object(place, request.output)
        failure = None if picture else _object(place, request.failure)
        for line in log.new():
            say(line)
            if step := _STEP.match(line):
                losses.append({name: float(value) for name, value in step.groupdict().items()})
        if picture is not None:
            seconds = _seconds(place, request)
            return Painted(
                picture, STYLIZER_ASYNC.endpoint, request.version, seconds, tuple(losses), request.id
            )
        if failure is not None:
            raise OperatorError(f"painting {request.id}: {said(failure.decode(errors='replace'))}")
        time.sleep(_POLL_SECONDS)


def cancel(place: Place, request: Request, seconds: float = 60.0) -> Literal["cancelled", "done", "asked"]:
    """Give a request up, and wait until it is.

    SageMaker has no operation for it. A message with the request's name goes into the same queue and reaches
    an instance as soon as one has room; the instance that paints stops at its next step. Where there are
    several instances it may be another one that gets the message: it is sent until the request has ended.

    Returns
    -------
    ``done`` where the picture was finished before, ``asked`` where nothing has come of it within `seconds`:
    a request that waits for an instance is given up when its turn comes.
    """
    body = json.dumps({"cancel": request.id}).encode()
    until, again = time.monotonic() + seconds, 0.0
    while time.monotonic() < until:
        if _object(place, request.output) is not None:
            return "done"
        if _object(place, request.failure) is not None:
            return "cancelled"
        if time.monotonic() >= again:
            place.client("sagemaker-runtime").invoke_endpoint_async(
                EndpointName=STYLIZER_ASYNC.endpoint, Body=body, ContentType="application/json"
            )
            again = time.monotonic() + _CANCEL_SECONDS
        time.sleep(_POLL_SECONDS / 4)
    return "asked"


class _Log:
    """Reads what the endpoint's log says of one request, on from where it stopped."""

    def __init__(self, place: Place, request: Request) -> None:
        self._logs: Any = place.logs
        self._mark = f"painting {request.id}: "
        self._since = int(datetime.fromisoformat(request.requested).timestamp() * 1000)
        self._seen: set[str] = set()

    def new(self) -> Iterator[str]:
        try:
            pages = self._logs.get_paginator("filter_log_events").paginate(
                logGroupName=_GROUP, startTime=self._since, filterPattern=f'"{self._mark.strip()}"'
            )
            events = [event for page in pages for event in page["events"]]
        except ClientError:
            # An endpoint whose instances have said nothing yet has no log.
            return
        for event in events:
            if event["eventId"] not in self._seen:
                self._seen.add(event["eventId"])
                yield event["message"].strip().removeprefix(self._mark)


def _say_if_asleep(place: Place, say: Say) -> None:
    there = endpoints.describe(place, STYLIZER_ASYNC)
    if there and there.instances == 0:
        say(f"{STYLIZER_ASYNC.endpoint} has no instance just now: an alarm sees the request and starts one")


def _seconds(place: Place, request: Request) -> float:
    """Measure from the request to its picture, to whole seconds as S3 has them."""
    bucket, key = s3.split(request.output)
    done = place.s3.head_object(Bucket=bucket, Key=key)["LastModified"]
    return max(0.0, (done - datetime.fromisoformat(request.requested)).total_seconds())


def _uri(place: Place, name: str, ending: str) -> str:
    return f"s3://{place.surroundings.bucket}/{REQUESTS}/{name}.{ending}"


def _object(place: Place, uri: str) -> bytes | None:
    """Read an object; ``None`` as long as there is none."""
    if not uri:
        return None
    bucket, key = s3.split(uri)
    try:
        return place.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in {"NoSuchKey", "404"}:
            return None
        raise
