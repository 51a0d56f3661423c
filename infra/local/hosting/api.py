"""The API of sagemaker-runtime: requests and answers of InvokeEndpoint as HTTP has them (rest-json)."""

from __future__ import annotations

import json
import logging
import re
from typing import TYPE_CHECKING
from uuid import uuid4

from werkzeug.wrappers import Response

from infra.local.asynchronous import api as asynchronous
from infra.local.errors import AwsError
from infra.local.hosting.invocations import CUSTOM_ATTRIBUTES, INFERENCE_ID, Invocation, ModelError

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

    from infra.local.account import Account

_log = logging.getLogger(__name__)

LARGEST_BODY = 6_291_456
"""Bytes, as botocore's model of InvokeEndpoint has it."""
_PATH = re.compile(r"/endpoints/(?P<endpoint>[^/]+)/(?P<what>[a-z-]+)")
_LONGEST_HEADER = 1024
_REFUSED = {
    "HTTP_X_AMZN_SAGEMAKER_TARGET_MODEL": "TargetModel",
    "HTTP_X_AMZN_SAGEMAKER_TARGET_CONTAINER_HOSTNAME": "TargetContainerHostname",
    "HTTP_X_AMZN_SAGEMAKER_ENABLE_EXPLANATIONS": "EnableExplanations",
    "HTTP_X_AMZN_SAGEMAKER_INFERENCE_COMPONENT": "InferenceComponentName",
    "HTTP_X_AMZN_SAGEMAKER_SESSION_ID": "SessionId",
    "HTTP_X_AMZN_SAGEMAKER_PREFIX_AWARE_ID": "PrefixAwareId",
}
_PASSED_ON = {
    "CONTENT_TYPE": "Content-Type",
    "HTTP_ACCEPT": "Accept",
    "HTTP_X_AMZN_SAGEMAKER_CUSTOM_ATTRIBUTES": CUSTOM_ATTRIBUTES,
    "HTTP_X_AMZN_SAGEMAKER_INFERENCE_ID": INFERENCE_ID,
}


def is_for_runtime(environ: WSGIEnvironment) -> bool:
    """Say whether a request is one of sagemaker-runtime."""
    return bool(environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"].startswith("/endpoints/"))


def answer(account: Account, environ: WSGIEnvironment) -> Response:
    """Answer a request of sagemaker-runtime; errors too are answered as it does."""
    try:
        return _answered(account, environ)
    except AwsError as error:
        return _refusal(error)
    except Exception as error:  # noqa: BLE001 - the edge: whatever it is, the client gets an answer
        _log.exception("%s failed", environ["PATH_INFO"])
        return _refusal(AwsError("InternalFailure", f"{type(error).__name__}: {error} (see server.log)", 500))


def _answered(account: Account, environ: WSGIEnvironment) -> Response:
    found = _PATH.fullmatch(environ["PATH_INFO"])
    what = found["what"] if found else environ["PATH_INFO"]
    if found and what == "async-invocations":
        return asynchronous.answer(account, found["endpoint"], environ)
    if found is None or what != "invocations":
        raise AwsError("ValidationError", f"The local SageMaker does not do {what}: use InvokeEndpoint.")
    invoked = account.hosting.invoke(found["endpoint"], _invocation(environ))
    headers = {"x-amzn-RequestId": str(uuid4()), "x-Amzn-Invoked-Production-Variant": invoked.variant}
    if custom := invoked.answer.headers.get(CUSTOM_ATTRIBUTES.lower()):
        headers[CUSTOM_ATTRIBUTES] = custom
    kind = invoked.answer.headers.get("content-type")
    return Response(invoked.answer.body, 200, headers, content_type=kind)


def _invocation(environ: WSGIEnvironment) -> Invocation:
    for variable, member in _REFUSED.items():
        if environ.get(variable):
            raise AwsError(
                "ValidationError",
                f"The local SageMaker does not know {member} of InvokeEndpoint: leave it out.",
            )
    headers = {name: environ[variable] for variable, name in _PASSED_ON.items() if environ.get(variable)}
    for name, value in headers.items():
        if len(value) > _LONGEST_HEADER:
            raise AwsError(
                "ValidationError", f"{name} has {len(value)} characters; {_LONGEST_HEADER} are allowed."
            )
    if int(environ.get("CONTENT_LENGTH") or 0) > LARGEST_BODY:
        raise _too_large(int(environ["CONTENT_LENGTH"]))
    body: bytes = environ["wsgi.input"].read()
    if len(body) > LARGEST_BODY:
        raise _too_large(len(body))
    return Invocation(
        headers,
        body,
        environ.get("HTTP_X_AMZN_SAGEMAKER_TARGET_VARIANT") or None,
        environ.get("HTTP_X_AMZN_SAGEMAKER_INFERENCE_ID", ""),
    )


def _too_large(size: int) -> AwsError:
    return AwsError(
        "ValidationError",
        f"1 validation error detected: Value at 'body' failed to satisfy constraint: Member must have length "
        f"less than or equal to {LARGEST_BODY} (it has {size}).",
    )


def _refusal(error: AwsError) -> Response:
    members = error.members if isinstance(error, ModelError) else {}
    headers = {"x-amzn-RequestId": str(uuid4()), "x-amzn-ErrorType": error.code}
    body = json.dumps({"Message": error.message, **members})
    return Response(body, error.status, headers, content_type="application/json")
