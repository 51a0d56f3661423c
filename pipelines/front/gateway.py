"""API Gateway as far as the front needs it, on this machine: routes, keys and limits before the function."""

from __future__ import annotations

import base64
import hmac
import json
import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from pipelines.front.exchange import JSON, RefusedError
from pipelines.front.routes import MOST_BYTES, ROUTES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

    from pipelines.front.exchange import Event
    from pipelines.front.handler import Front
    from pipelines.front.limits import Limits

THREADS = 8
_LARGEST = MOST_BYTES + (1 << 20)
"""More than that is not read: the function would refuse it anyway."""
_PATTERNS = {
    path: re.compile(
        re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", re.escape(path).replace(r"\{", "{").replace(r"\}", "}"))
    )
    for _, path in ROUTES
}


class Gateway:
    """A WSGI application.

    Parameters
    ----------
    front
        The function.
    key
        What ``x-api-key`` has to be.
    limits
        Counts the key's requests.
    of_jobs
        Counts those that may begin a job.
    """

    def __init__(self, front: Front, key: str, limits: Limits, of_jobs: Limits) -> None:
        self._front = front
        self._key = key
        self._limits, self._of_jobs = limits, of_jobs

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        try:
            answer = self._front(self._event(environ))
        except RefusedError as refused:
            # In API Gateway's words; a page of any origin may read them.
            text = base64.b64encode(json.dumps({"message": str(refused)}).encode()).decode()
            headers = {"Content-Type": JSON, "Access-Control-Allow-Origin": "*"}
            answer = {"statusCode": refused.status.value, "headers": headers, "body": text}
        body = base64.b64decode(answer["body"])
        status = HTTPStatus(answer["statusCode"])
        headers = {**answer["headers"], "Content-Length": str(len(body))}
        if status is HTTPStatus.NO_CONTENT:
            headers = {name: value for name, value in headers.items() if not name.startswith("Content-")}
        start_response(f"{status.value} {status.phrase}", list(headers.items()))
        return [body]

    def _event(self, environ: WSGIEnvironment) -> Event:
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        resource, variables = _found(path)
        route = ROUTES.get((method, resource))
        if route is None and not (resource and method == "OPTIONS"):
            raise RefusedError(HTTPStatus.FORBIDDEN, "Forbidden")
        if route is not None and not route.public:
            self._let_in(environ, begins=route.begins)
        return {
            "resource": resource,
            "path": path,
            "httpMethod": method,
            "headers": _headers(environ),
            "pathParameters": variables,
            "body": base64.b64encode(_body(environ)).decode(),
            "isBase64Encoded": True,
        }

    def _let_in(self, environ: WSGIEnvironment, *, begins: bool) -> None:
        if not hmac.compare_digest(environ.get("HTTP_X_API_KEY", "").encode(), self._key.encode()):
            raise RefusedError(HTTPStatus.FORBIDDEN, "Forbidden")
        if not self._limits.admits() or (begins and not self._of_jobs.admits()):
            raise RefusedError(HTTPStatus.TOO_MANY_REQUESTS, "Too Many Requests")


def _found(path: str) -> tuple[str, dict[str, str]]:
    for resource, pattern in _PATTERNS.items():
        if match := pattern.fullmatch(path):
            return resource, match.groupdict()
    return "", {}


def _headers(environ: WSGIEnvironment) -> dict[str, str]:
    found = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_") or name == "CONTENT_TYPE"
    }
    return {name: value for name, value in found.items() if name != "x-api-key"}


def _body(environ: WSGIEnvironment) -> bytes:
    if int(environ.get("CONTENT_LENGTH") or 0) > _LARGEST:
        raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Request Too Long")
    body: bytes = environ["wsgi.input"].read(_LARGEST)
    return body
