"""The front on this machine: the routes that API Gateway has in an account, over the same endpoints."""

from __future__ import annotations

import hmac
import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from pipelines.front.routes import MOST_BYTES, ROUTES, document
from pipelines.place import reason

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

    from pipelines.front.limits import Limits
    from pipelines.front.routes import Route
    from pipelines.place import Place

THREADS = 8
_JSON = "application/json"
# The words that API Gateway has for its own refusals.
_WORDS = {
    HTTPStatus.FORBIDDEN: "Forbidden",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Request Too Long",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "Unsupported Media Type",
    HTTPStatus.TOO_MANY_REQUESTS: "Too Many Requests",
}


class RefusedError(Exception):
    """A request that gets no answer of a model."""

    def __init__(self, status: HTTPStatus, message: str = "") -> None:
        super().__init__(message or _WORDS[status])
        self.status = status


class Front:
    """A WSGI application.

    Parameters
    ----------
    place
        Whose endpoints answer.
    key
        What ``x-api-key`` has to be.
    limits
        Counts its requests.
    """

    def __init__(self, place: Place, key: str, limits: Limits) -> None:
        self._runtime = place.client("sagemaker-runtime", THREADS)
        self._key = key
        self._limits = limits

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        try:
            status, media_type, body = self._answer(environ)
        except RefusedError as refused:
            status, media_type = refused.status, _JSON
            body = json.dumps({"message": str(refused)}).encode()
        headers = [("Content-Type", media_type), ("Content-Length", str(len(body)))]
        start_response(f"{status.value} {status.phrase}", headers)
        return [body]

    def _answer(self, environ: WSGIEnvironment) -> tuple[HTTPStatus, str, bytes]:
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        if (method, path) == ("GET", "/openapi.json"):
            return HTTPStatus.OK, _JSON, json.dumps(document()).encode()
        route = ROUTES.get(path)
        if route is None or method != "POST" or not self._knows(environ):
            raise RefusedError(HTTPStatus.FORBIDDEN)
        if not self._limits.admits():
            raise RefusedError(HTTPStatus.TOO_MANY_REQUESTS)
        return self._asked(route, environ)

    def _knows(self, environ: WSGIEnvironment) -> bool:
        return hmac.compare_digest(environ.get("HTTP_X_API_KEY", "").encode(), self._key.encode())

    def _asked(self, route: Route, environ: WSGIEnvironment) -> tuple[HTTPStatus, str, bytes]:
        content_type = environ.get("CONTENT_TYPE", "")
        if content_type.partition(";")[0].strip().lower() not in route.takes:
            raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        if int(environ.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
            raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        body = environ["wsgi.input"].read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        try:
            answer: Any = self._runtime.invoke_endpoint(
                EndpointName=route.endpoint,
                ContentType=content_type,
                Accept=route.gives,
                Body=body,
            )
        except ClientError as error:
            raise _refusal(error) from None
        except BotoCoreError as error:
            raise RefusedError(HTTPStatus.BAD_GATEWAY, reason(error)) from None
        return HTTPStatus.OK, answer.get("ContentType", route.gives), answer["Body"].read()


def _refusal(error: ClientError) -> RefusedError:
    told: dict[str, Any] = dict(error.response)
    if told.get("Error", {}).get("Code") == "ModelError":
        said = str(told.get("OriginalMessage") or reason(error))
        return RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, said)
    return RefusedError(HTTPStatus.BAD_GATEWAY, reason(error))
