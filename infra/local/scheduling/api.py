"""The API of EventBridge Scheduler: requests as HTTP has them (rest-json), led by botocore's own model."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs, unquote
from uuid import uuid4

from werkzeug.wrappers import Response

from infra.local import operations, protocol
from infra.local.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from wsgiref.types import WSGIEnvironment

    from botocore.model import StructureShape

    from infra.local.account import Account

SERVICE = "scheduler"


def answer(account: Account, environ: WSGIEnvironment) -> Response:
    """Answer one request; errors too are answered as Scheduler does."""
    try:
        name, request = _read(environ)
        handler = operations.HANDLERS[SERVICE, name]
        done = handler(account, protocol.check_request(SERVICE, name, request))
        body, status, headers = protocol.serialize(SERVICE, name, done or {}), 200, {}
    except AwsError as error:
        body = json.dumps({"Message": error.message}).encode()
        status, headers = error.status, {"x-amzn-ErrorType": error.code}
    return Response(
        body, status, headers | {"x-amzn-RequestId": str(uuid4())}, content_type="application/json"
    )


def _read(environ: WSGIEnvironment) -> tuple[str, dict[str, Any]]:
    """Name the operation of a request, and gather its members from path, query and body."""
    method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
    for name, verb, pattern, members in _routes():
        found = re.fullmatch(pattern, path)
        if verb == method and found:
            try:
                request: dict[str, Any] = json.loads(environ["wsgi.input"].read() or b"{}")
            except ValueError:
                raise AwsError("SerializationException", f"The body of {name} is no JSON.") from None
            asked = parse_qs(environ["QUERY_STRING"])
            listed = {member: _typed(member, asked[key]) for key, member in members if key in asked}
            labels = {label: unquote(text) for label, text in found.groupdict().items()}
            return name, request | listed | labels
    raise AwsError("UnknownOperationException", f"Scheduler has no {method} {path}.", 404)


@cache
def _routes() -> list[tuple[str, str, str, tuple[tuple[str, str], ...]]]:
    model = protocol.service_model(SERVICE)
    routes = []
    for name in model.operation_names:
        operation = model.operation_model(name)
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>.+)", operation.http["requestUri"])
        members = cast("StructureShape", operation.input_shape).members
        keys = tuple(
            (shape.serialization.get("name", member), member)
            for member, shape in members.items()
            if shape.serialization.get("location") == "querystring"
        )
        routes.append((name, operation.http["method"], pattern, keys))
    # The longest path first: a schedule may be called as a group is.
    return sorted(routes, key=lambda route: -len(route[2]))


def _typed(member: str, values: Sequence[str]) -> object:
    if member == "MaxResults" and values[0].isdecimal():
        return int(values[0])
    return list(values) if member == "TagKeys" else values[0]
