"""One request of the front and its answer, as API Gateway hands them to and from a function.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON, FORM = "application/json", "multipart/form-data"
Event = dict[str, Any]


class RefusedError(Exception):
    """A request that gets no answer of a model; the message is one line for whoever asked."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Request:
    """What was asked.

    Attributes
    ----------
    method, resource
        Such as ``GET`` and ``/jobs/{id}``.
    variables
        Of the path, by name.
    headers
        By name in small letters.
    body
        As it came.
    """

    method: str
    resource: str
    variables: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @classmethod
    def of(cls, event: Event) -> Self:
        """Read an event."""
        text = event.get("body") or ""
        body = base64.b64decode(text) if event.get("isBase64Encoded") else text.encode()
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        variables = event.get("pathParameters") or {}
        return cls(event["httpMethod"], event["resource"], variables, headers, body)

    @property
    def content_type(self) -> str:
        """Media type of the body, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def json(self) -> Any:  # noqa: ANN401 - any JSON value
        """Read the body as JSON.

        Raises
        ------
        RefusedError
            It is none.
        """
        return parsed(self.body, "the body")


@dataclass(frozen=True)
class Answer:
    """What is answered."""

    body: bytes
    content_type: str = JSON
    status: HTTPStatus = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, value: Any, status: HTTPStatus = HTTPStatus.OK, **headers: str) -> Self:  # noqa: ANN401
        """Answer with a JSON document."""
        return cls(json.dumps(value, ensure_ascii=False).encode(), JSON, status, headers)

    def event(self, more: Mapping[str, str]) -> Event:
        """Write it for API Gateway, with more headers."""
        return {
            "statusCode": self.status.value,
            "headers": {"Content-Type": self.content_type, **self.headers, **more},
            "body": base64.b64encode(self.body).decode(),
            "isBase64Encoded": True,
        }


def parsed(text: bytes, where: str) -> Any:  # noqa: ANN401 - any JSON value
    """Read JSON, without the numbers that are none; raises `RefusedError` where it is none."""
    try:
        return json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise RefusedError(HTTPStatus.BAD_REQUEST, f"{where} is no JSON: {error}") from None


def _no_number(name: str) -> Any:  # noqa: ANN401 - it never returns
    raise ValueError(f"{name} is no number")
