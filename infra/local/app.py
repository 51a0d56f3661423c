"""The WSGI application: who answers which request."""

from __future__ import annotations

import json
import logging
import re
import sqlite3
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.wrappers import Response

from infra.local import cloudwatch, operations, protocol
from infra.local.errors import AwsError
from infra.local.hosting import api as runtime
from infra.local.ports import CLOCK, HEALTH, INTERRUPT
from infra.local.s3.answers import disk_trouble, form_refusal, is_full, refusal
from infra.local.scheduling import api as scheduler

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

    from infra.local.account import Account

    Wsgi = Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]

_log = logging.getLogger(__name__)

OURS = {
    "SageMaker": "sagemaker",
    "Logs_20140328": "logs",
    "AmazonSSM": "ssm",
    "AnyScaleFrontendService": "application-autoscaling",
    "AWSEvents": "events",
}
"""What precedes the operation in ``X-Amz-Target``, and botocore's name of the service."""
BY_MOTO = ("iam", "sns", "sqs", "sts")
"""Services that moto answers as it is, in RAM."""
_SIGNED_AS = {"monitoring": "cloudwatch", "eventbridge": "events"}
_SCOPE = re.compile(r"Credential=[^/]+(?:/|%2F)\d+(?:/|%2F)[^/%]+(?:/|%2F)([^/%]+)", re.IGNORECASE)
_REGION = re.compile(r"(Credential=[^/]+/\d+/)[^/]+/")
_LOOPBACK = re.compile(r"(.+\.)?localhost|127\.0\.0\.1|::1")


class App:
    """Every API of one account behind one address.

    Parameters
    ----------
    account
        Whose APIs.
    s3
        The WSGI application that answers for S3.
    health
        Says what the health route answers.
    """

    def __init__(self, account: Account, s3: Wsgi, health: Callable[[], dict[str, Any]]) -> None:
        self._account = account
        self._s3 = s3
        self._health = health
        self._moto: Wsgi = DomainDispatcherApplication(create_backend_app)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request; an error of this program itself is answered too, and logged."""
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        try:
            return self._route(environ, target)(environ, start_response)
        except AwsError as error:
            answer = _error(error, environ)
        except Exception as error:  # noqa: BLE001 - the edge: whatever it is, the client gets an answer
            what = target or f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
            if isinstance(error, OSError | sqlite3.Error) and is_full(error):
                answer = _error(disk_trouble(error, self._account.home), environ)
            else:
                _log.exception("%s failed", what)
                answer = _error(_own_failure(error, what), environ)
        return answer(environ, start_response)

    def _route(self, environ: WSGIEnvironment, target: str) -> Wsgi:
        _from_this_machine(environ)
        if environ["PATH_INFO"] == HEALTH:
            return Response(json.dumps(self._health()), content_type="application/json")
        if environ["PATH_INFO"] == CLOCK:
            return self._clock(environ["wsgi.input"].read())
        if environ["PATH_INFO"] == INTERRUPT:
            return self._interrupt(environ["wsgi.input"].read())
        service, _, operation = target.partition(".")
        if service in OURS:
            return self._operation(OURS[service], operation, environ["wsgi.input"].read())
        what = operation or f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        return self._signed(environ, _service(environ), what)

    def _signed(self, environ: WSGIEnvironment, name: str, what: str) -> Wsgi:
        """Lead a request to the service that it was signed for."""
        if name == "s3":
            return self._s3
        if name == "sagemaker" and runtime.is_for_runtime(environ):
            return runtime.answer(self._account, environ)
        if name == cloudwatch.SERVICE:
            return cloudwatch.answer(self._account, environ)
        if name == scheduler.SERVICE:
            return scheduler.answer(self._account, environ)
        if name in BY_MOTO:
            return self._by_moto(environ, name)
        raise AwsError("UnknownOperationException", f"The local SageMaker does not do {what} of {name}.")

    def _clock(self, body: bytes) -> Response:
        """Advance the clock, for whoever does not want to wait, and say what time it is."""
        try:
            by = timedelta(seconds=float(json.loads(body or b"{}").get("advance_seconds", 0)))
            now = self._account.clock.advance(by)
        except (ValueError, TypeError, AttributeError, OverflowError) as error:
            raise AwsError(
                "ValidationException", f'The clock takes {{"advance_seconds": 60}}: {error}'
            ) from None
        return Response(json.dumps({"now": now.isoformat()}), content_type="application/json")

    def _interrupt(self, body: bytes) -> Response:
        """Take machines back from trainings on spot, which no API of AWS can, and say whose."""
        job = json.loads(body or b"{}").get("training_job")
        return Response(json.dumps(self._account.jobs.interrupt(job)), content_type="application/json")

    def _by_moto(self, environ: WSGIEnvironment, name: str) -> Wsgi:
        """Lead a request to moto, in the one region there is here: moto keeps regions apart."""
        environ["RAW_URI"] = environ.get("REQUEST_URI", environ["PATH_INFO"])
        if signed := environ.get("HTTP_AUTHORIZATION"):
            environ["HTTP_AUTHORIZATION"] = _REGION.sub(rf"\g<1>{self._account.region}/", signed)
        return self._sns if name == "sns" else self._moto

    def _sns(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Let moto answer, and note what that changed before the client hears of it."""
        answer = self._moto(environ, start_response)
        self._account.topics.save()
        return answer

    def _operation(self, service: str, name: str, body: bytes) -> Response:
        handler = operations.HANDLERS.get((service, name))
        if handler is None:
            raise AwsError("UnknownOperationException", f"The local SageMaker does not do {name}.")
        request = protocol.parse(service, name, body)
        response = handler(self._account, request) or {}
        return _json(protocol.serialize(service, name, response))


def _service(environ: WSGIEnvironment) -> str:
    """Name the service that a request was signed for; an unsigned one is for S3, unless it is a form."""
    signed = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", "")) or _SCOPE.search(environ["QUERY_STRING"])
    if signed:
        return _SIGNED_AS.get(signed[1].lower(), signed[1].lower())
    is_form = environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded")
    return "sts" if is_form and environ["PATH_INFO"] == "/" else "s3"


def _from_this_machine(environ: WSGIEnvironment) -> None:
    """Refuse web pages: a job is a command, and no page a browser shows may start one.

    Raises
    ------
    infra.local.errors.AwsError
        ``AccessDenied`` for a request that a page of another site sends, or that came by a foreign name.
    """
    host = urlsplit(f"//{environ.get('HTTP_HOST', 'localhost')}").hostname or ""
    origin = urlsplit(environ.get("HTTP_ORIGIN", "http://localhost")).hostname or ""
    for name in (host, origin):
        if not _LOOPBACK.fullmatch(name):
            raise AwsError(
                "AccessDenied", f"The local SageMaker answers to localhost only, not to {name!r}.", 403
            )


def _own_failure(error: Exception, what: str) -> AwsError:
    if isinstance(error, NotImplementedError):
        return AwsError("NotImplemented", f"The local SageMaker does not do {what}: {error}", 501)
    return AwsError("InternalFailure", f"{what}: {type(error).__name__}: {error} (see server.log)", 500)


def _error(error: AwsError, environ: WSGIEnvironment) -> Response:
    kind = environ.get("CONTENT_TYPE", "")
    if "HTTP_X_AMZ_TARGET" not in environ and "json" not in kind:
        if "form" in kind:
            return form_refusal(error)
        return refusal(error, environ["PATH_INFO"], head=environ["REQUEST_METHOD"] == "HEAD")
    body = json.dumps({"__type": error.code, "message": error.message})
    response = _json(body.encode(), error.status)
    response.headers["x-amzn-ErrorType"] = error.code
    return response


def _json(body: bytes, status: int = 200) -> Response:
    headers = {"x-amzn-RequestId": str(uuid4())}
    return Response(body, status, headers, content_type="application/x-amz-json-1.1")
