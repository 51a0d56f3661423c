"""InvokeEndpointAsync as HTTP has it (rest-json)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from uuid import uuid4

from werkzeug.wrappers import Response

from infra.local.asynchronous.request import AsyncRequest
from infra.local.errors import AwsError
from infra.local.hosting.invocations import CUSTOM_ATTRIBUTES, INFERENCE_ID
from infra.local.jobs.s3_uri import S3Uri

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

    from infra.local.account import Account

LARGEST_BODY = 128_000
"""Bytes that may come along; larger inputs are put to S3 first."""
_HEADER = "HTTP_X_AMZN_SAGEMAKER_"
_TTL = (60, 21_600)
_SECONDS = (1, 3600, 900)
_EXTENSION = re.compile(r"(?!s3:|https:)[a-zA-Z0-9!_.*'()/-]{1,512}")
_FILE = re.compile(r"(?!.*\..*\.)[a-zA-Z0-9][a-zA-Z0-9-_.]{0,31}")


def answer(account: Account, endpoint: str, environ: WSGIEnvironment) -> Response:
    """Queue a request and say where its answer will be.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationError``.
    """
    config = account.asynchronous.config(endpoint)
    request = _request(account, endpoint, config.get("OutputConfig", {}), environ)
    account.asynchronous.submit(request)
    headers = {"x-amzn-RequestId": str(uuid4()), "X-Amzn-SageMaker-OutputLocation": request.output}
    if request.failure:
        headers["X-Amzn-SageMaker-FailureLocation"] = request.failure
    body = json.dumps({"InferenceId": request.inference_id})
    return Response(body, 202, headers, content_type="application/json")


def _request(
    account: Account, endpoint: str, config: dict[str, str], environ: WSGIEnvironment
) -> AsyncRequest:
    location = environ.get(f"{_HEADER}INPUTLOCATION", "")
    if int(environ.get("CONTENT_LENGTH") or 0) > LARGEST_BODY:
        raise _invalid(f"The inline payload can have {LARGEST_BODY} bytes: put it to S3, give InputLocation.")
    body: bytes = environ["wsgi.input"].read(LARGEST_BODY)
    if bool(location) == bool(body):
        raise _invalid("Body and InputLocation are mutually exclusive. Provide exactly one of them.")
    if location:
        _check_s3(location)
    id_, inference_id = str(uuid4()), environ.get(f"{_HEADER}INFERENCE_ID", "")
    given = {
        "Content-Type": environ.get(f"{_HEADER}CONTENT_TYPE"),
        "Accept": environ.get(f"{_HEADER}ACCEPT"),
        CUSTOM_ATTRIBUTES: environ.get(f"{_HEADER}CUSTOM_ATTRIBUTES"),
        INFERENCE_ID: inference_id or id_,
    }
    if "S3OutputPath" not in config:
        raise _invalid("The AsyncInferenceConfig of the endpoint has no S3OutputPath: give it one.")
    extension = _matching(environ, "S3OUTPUTPATHEXTENSION", "S3OutputPathExtension", _EXTENSION).strip("/")
    file = _matching(environ, "FILENAME", "Filename", _FILE)
    folder = S3Uri.parse(config["S3OutputPath"])
    failures = config.get("S3FailurePath")
    return AsyncRequest(
        id=id_,
        endpoint=endpoint,
        inference_id=inference_id or id_,
        location=location,
        body=body,
        headers={name: value for name, value in given.items() if value},
        received=account.clock.now(),
        ttl=_number(environ, "REQUESTTTLSECONDS", "RequestTTLSeconds", (*_TTL, _TTL[1])),
        seconds=_number(environ, "INVOCATIONTIMEOUTSECONDS", "InvocationTimeoutSeconds", _SECONDS),
        output=str(folder.under(*([extension] if extension else []), file or f"{id_}.out")),
        failure=str(S3Uri.parse(failures).under(f"{id_}-error.out")) if failures else "",
    )


def _number(environ: WSGIEnvironment, header: str, member: str, limits: tuple[int, int, int]) -> int:
    """Read a number between the first two limits; the third where none is given."""
    least, most, default = limits
    text = environ.get(f"{_HEADER}{header}")
    if text is None:
        return default
    if not text.isdecimal() or not least <= int(text) <= most:
        raise _invalid(f"{member} has to be from {least} to {most} seconds, not {text}.")
    return int(text)


def _matching(environ: WSGIEnvironment, header: str, member: str, pattern: re.Pattern[str]) -> str:
    text: str = environ.get(f"{_HEADER}{header}", "")
    if text and not pattern.fullmatch(text):
        raise _invalid(f"{member} {text!r} has to match {pattern.pattern}.")
    return text


def _check_s3(location: str) -> None:
    try:
        S3Uri.parse(location)
    except ValueError as error:
        raise _invalid(f"InputLocation: {error}.") from None


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationError", message)
