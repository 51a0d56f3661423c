"""The wire: JSON 1.1 requests and responses, checked against botocore's own service models."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import botocore.session

from infra.local.errors import AwsError, validation
from infra.local.shapes import Check, WrongTypeError

if TYPE_CHECKING:
    from botocore.model import OperationModel, ServiceModel, Shape

Document = dict[str, Any]


class ResponseError(RuntimeError):
    """The server was about to answer what AWS's model of the operation forbids: a bug here."""


@cache
def service_model(service: str) -> ServiceModel:
    """Load botocore's model of a service, e.g. ``sagemaker``."""
    return botocore.session.get_session().get_service_model(service)


@cache
def operation_model(service: str, operation: str) -> OperationModel:
    """Load botocore's model of one operation.

    Raises
    ------
    infra.local.errors.AwsError
        ``UnknownOperationException`` when the service has no such operation.
    """
    model = service_model(service)
    if operation not in model.operation_names:
        raise AwsError("UnknownOperationException", f"{service} has no operation {operation}.")
    return model.operation_model(operation)


def check_request(service: str, operation: str, request: Document) -> Document:
    """Check a request as AWS does: types, required members, enums, lengths, ranges and patterns.

    Parameters
    ----------
    service, operation
        botocore's names, e.g. ``sagemaker`` and ``CreateTrainingJob``.
    request
        Python objects or decoded JSON; timestamps as datetimes, epoch seconds or ISO 8601 text.

    Returns
    -------
    dict
        A copy with timestamps as aware UTC datetimes, without members of ``None`` or unknown to the model.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException`` naming every violation, or ``SerializationException`` for a wrong type.
    """
    shape = operation_model(service, operation).input_shape
    check = Check()
    try:
        checked = check.value(request, shape, "") if shape else {}
    except WrongTypeError as error:
        raise AwsError("SerializationException", str(error)) from None
    if check.violations:
        raise validation(_detected(check.violations))
    return cast("Document", checked)


def check_response(service: str, operation: str, response: Document) -> Document:
    """Check a response against the operation's output shape, unknown members included.

    Returns
    -------
    dict
        A copy with timestamps as aware UTC datetimes and without members of ``None``.

    Raises
    ------
    ResponseError
        When the response is none that AWS could give.
    """
    shape: Shape | None = operation_model(service, operation).output_shape
    if shape is None:
        if response:
            raise ResponseError(f"{operation} answers nothing, yet was given {sorted(response)}")
        return {}
    check = Check(strict=True)
    try:
        checked = check.value(response, shape, "")
    except WrongTypeError as error:
        raise ResponseError(f"{operation}: {error}") from None
    if check.violations:
        raise ResponseError(f"{operation}: {_detected(check.violations)}")
    return cast("Document", checked)


def parse(service: str, operation: str, body: bytes) -> Document:
    """Decode a request's body and check it.

    Raises
    ------
    infra.local.errors.AwsError
        ``SerializationException`` for a body that is no JSON object, else as `check_request` does.
    """
    try:
        request = json.loads(body or b"{}")
    except ValueError as error:
        raise AwsError("SerializationException", f"The body of {operation} is no JSON: {error}") from None
    return check_request(service, operation, request)


def serialize(service: str, operation: str, response: Document) -> bytes:
    """Check a response and encode it: timestamps as epoch seconds, bytes as base64."""
    checked = check_response(service, operation, response)
    return json.dumps(checked, default=_wire, ensure_ascii=False, separators=(",", ":")).encode()


def _wire(value: object) -> object:
    if isinstance(value, datetime):
        return round(value.timestamp(), 3)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _detected(violations: list[str]) -> str:
    errors = "error" if len(violations) == 1 else "errors"
    return f"{len(violations)} validation {errors} detected: {'; '.join(violations)}"
