"""One InvokeEndpointAsync request, from its arrival until it is answered."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

Record = dict[str, Any]

KIND = "async-request"


@dataclass(frozen=True)
class AsyncRequest:
    """What was asked, where the answer goes, and how long it may take.

    Attributes
    ----------
    id
        Unlike any other's.
    endpoint
        Name of the endpoint.
    inference_id
        As the caller named the request, or SageMaker did.
    location
        S3 URI of the input; empty for one that came along.
    body
        The input that came along.
    headers
        Those that reach the container.
    received
        When it came.
    ttl, seconds
        The longest that it may wait, and that the container may take.
    output, failure
        S3 URIs of the answer, and of what is known of a failure; the latter is empty where it is not wanted.
    attempts
        How often an instance ended while it had the request.
    """

    id: str
    endpoint: str
    inference_id: str
    location: str
    body: bytes
    headers: dict[str, str]
    received: datetime
    ttl: int
    seconds: int
    output: str
    failure: str
    attempts: int = 0

    @property
    def expires(self) -> datetime:
        """When it has waited too long."""
        return self.received + timedelta(seconds=self.ttl)

    def again(self) -> AsyncRequest:
        """Return the request for another attempt."""
        return replace(self, attempts=self.attempts + 1)

    def record(self) -> Record:
        """Write it down for the store."""
        return {**vars(self), "body": base64.b64encode(self.body).decode()}

    @classmethod
    def read(cls, record: Record) -> Self:
        """Read what `record` wrote."""
        return cls(**{**record, "body": base64.b64decode(record["body"])})
