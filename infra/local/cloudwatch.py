"""CloudWatch's three wire protocols, which moto reads and writes, before the operations answered here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from moto.cloudwatch.exceptions import CloudWatchException
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult
from moto.moto_server.werkzeug_app import BackendRequest
from werkzeug.wrappers import Response

from infra.local import operations, protocol
from infra.local.errors import AwsError

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

    from infra.local.account import Account

SERVICE = "cloudwatch"


class Responder(CloudWatchResponse):  # type: ignore[misc]  # moto has no types
    """Answers one request: with an operation registered here, else as moto does (dashboards)."""

    account: ClassVar[Account]

    def call_action(self) -> Any:  # noqa: ANN401 - moto's own form of an answer
        """Perform the operation that was asked for."""
        name = self._get_action()
        handler = operations.HANDLERS.get((SERVICE, name))
        if handler is None:
            try:
                return super().call_action()
            except NotImplementedError:
                raise AwsError("NotImplemented", f"The local CloudWatch does not do {name}.", 501) from None
        try:
            request = protocol.check_request(SERVICE, name, _aware(dict(self.params)))
            response = handler(self.account, request) or {}
            result = ActionResult(protocol.check_response(SERVICE, name, response))
        except AwsError as error:
            code = {"ValidationException": "ValidationError"}.get(error.code, error.code)
            result = ActionResult(CloudWatchException(code, error.message))
        return self.serialized(result)


def answer(account: Account, environ: WSGIEnvironment) -> Response:
    """Answer one request of any CloudWatch client."""
    Responder.account = account
    request = BackendRequest(environ, populate_request=False)
    status, headers, body = Responder.dispatch(request, request.raw_url, request.headers)
    return Response(body, status, headers)


def _aware(value: Any) -> Any:  # noqa: ANN401 - any part of a request
    """Give moments their time zone: moto reads them as UTC, and leaves it out."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, dict):
        return {name: _aware(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_aware(item) for item in value]
    return value
