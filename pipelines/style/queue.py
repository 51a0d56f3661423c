"""Requests to the stylizer's asynchronous endpoint: put into its queue, looked up, looked at, given up.

Everything that is known of a request lies in S3: what was sent and a note of it from here, its result or its
failure from SageMaker. https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference.html
"""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

from pipelines.errors import UsageError
from pipelines.names import PICTURES, STYLIZER_ASYNC

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.style.form import Form

REQUESTS = f"{PICTURES}/requests"
LONGEST_SECONDS = 3600
"""What SageMaker gives a container for a request; also how long one may wait for an instance."""
_GROUP = f"/aws/sagemaker/Endpoints/{STYLIZER_ASYNC}"
_MISSING = {"NoSuchKey", "404"}


class Account(Protocol):
    """Where the endpoint and the bucket are."""

    @property
    def bucket(self) -> str:
        """The bucket's name."""

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes clients at run time
        """Return a boto3 client."""


@dataclass(frozen=True)
class Request:
    """One that SageMaker has accepted; kept in S3 as JSON, beside what was sent.

    Attributes
    ----------
    id
        Its name, by which the log tells of it.
    output, failure
        S3 URIs of the result, and of what is said where there is none.
    version
        Of the stylizer at the time; empty where nobody asked.
    requested
        When, ISO 8601.
    accept
        Media type of the result.
    """

    id: str
    output: str
    failure: str
    version: str
    requested: str
    accept: str = ""

    @property
    def age(self) -> float:
        """Seconds since it was asked."""
        return (datetime.now(UTC) - datetime.fromisoformat(self.requested)).total_seconds()


def submit(account: Account, form: Form, accept: str, *, name: str = "", version: str = "") -> Request:
    """Put a request into the queue.

    Parameters
    ----------
    account
        Where.
    form
        What is asked.
    accept
        Media type of the result.
    name
        Of the request; a new one where it is empty.
    version
        Of the stylizer, to be kept with it.

    Raises
    ------
    botocore.exceptions.ClientError
        SageMaker does not take it.
    """
    name = name or uuid.uuid4().hex[:12]
    key = f"{REQUESTS}/{name}"
    account.client("s3").put_object(
        Bucket=account.bucket, Key=f"{key}.form", Body=form.body, ContentType="application/octet-stream"
    )
    answer = account.client("sagemaker-runtime").invoke_endpoint_async(
        EndpointName=STYLIZER_ASYNC,
        InputLocation=f"s3://{account.bucket}/{key}.form",
        ContentType=form.content_type,
        Accept=accept,
        InferenceId=name,
        RequestTTLSeconds=LONGEST_SECONDS,
        InvocationTimeoutSeconds=LONGEST_SECONDS,
    )
    now = datetime.now(UTC).isoformat()
    made = Request(name, answer["OutputLocation"], answer.get("FailureLocation", ""), version, now, accept)
    account.client("s3").put_object(
        Bucket=account.bucket,
        Key=f"{key}.json",
        Body=json.dumps(asdict(made)).encode(),
        ContentType="application/json",
    )
    return made


def find(account: Account, name: str) -> Request:
    """Find a request by its name.

    Raises
    ------
    UsageError
        There is none.
    """
    note = read(account, f"s3://{account.bucket}/{REQUESTS}/{name}.json")
    if note is None:
        raise UsageError(f"there is no painting {name}: bestiary stylize --endpoint says its name")
    return Request(**json.loads(note))


def result(account: Account, request: Request) -> bytes | None:
    """Read what came of a request; ``None`` as long as nothing has."""
    return read(account, request.output)


def failure(account: Account, request: Request) -> str | None:
    """Read why nothing will come of a request; ``None`` as long as that is not known."""
    told = read(account, request.failure) if request.failure else None
    return None if told is None else said(told.decode(errors="replace"))


def is_done(account: Account, request: Request) -> bool:
    """Whether the result is there."""
    bucket, _, key = request.output.removeprefix("s3://").partition("/")
    try:
        account.client("s3").head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in _MISSING:
            return False
        raise
    return True


def ask_to_cancel(account: Account, request: Request) -> None:
    """Ask that a request be given up.

    SageMaker has no operation for it. A message with the request's name goes into the same queue and reaches
    an instance as soon as one has room; the instance that paints stops at its next step. Where there are
    several instances it may be another one that gets the message: ask again until the request has ended.
    """
    account.client("sagemaker-runtime").invoke_endpoint_async(
        EndpointName=STYLIZER_ASYNC,
        Body=json.dumps({"cancel": request.id}).encode(),
        ContentType="application/json",
    )


class Log:
    """Reads what the endpoint's log says of one request, on from where it stopped."""

    def __init__(self, account: Account, request: Request) -> None:
        self._account = account
        self._mark = f"painting {request.id}: "
        self._since = int(datetime.fromisoformat(request.requested).timestamp() * 1000)
        self._seen: set[str] = set()

    def new(self) -> Iterator[str]:
        """Yield the lines that were written since the last time, without the request's name."""
        try:
            pages = (
                self._account.client("logs")
                .get_paginator("filter_log_events")
                .paginate(logGroupName=_GROUP, startTime=self._since, filterPattern=f'"{self._mark.strip()}"')
            )
            events = [event for page in pages for event in page["events"]]
        except ClientError:
            # An endpoint whose instances have said nothing yet has no log; and a log may be asked too often.
            return
        for event in events:
            if event["eventId"] not in self._seen:
                self._seen.add(event["eventId"])
                yield event["message"].strip().removeprefix(self._mark)


def said(original: str) -> str:
    """Return what a container said against a request, out of its JSON where it is that."""
    try:
        return str(json.loads(original)["error"])
    except (ValueError, KeyError, TypeError):
        return original.strip()


def read(account: Account, uri: str) -> bytes | None:
    """Read an object; ``None`` as long as there is none."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    try:
        body: bytes = account.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in _MISSING:
            return None
        raise
    return body
