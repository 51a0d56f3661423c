"""The function behind API Gateway: an event in, an answer out.

In an account it is Lambda's ``pipelines.front.handler.handler``; here `pipelines.front.gateway` calls it.
"""

from __future__ import annotations

import sys
import traceback
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from pipelines.front import account as accounts
from pipelines.front import classify, jobs, openapi, posters, stylize, uploads
from pipelines.front.exchange import Answer, RefusedError, Request
from pipelines.front.routes import MOST_BYTES, ROUTES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pipelines.front.exchange import Event
    from pipelines.style.queue import Account

ACTIONS: Mapping[tuple[str, str], Callable[[Account, Request], Answer]] = {
    ("POST", "/uploads"): uploads.begin,
    ("POST", "/classify"): classify.classify,
    ("POST", "/stylize"): stylize.stylize,
    ("POST", "/posters"): posters.make,
    ("GET", "/jobs/{id}"): jobs.look,
    ("DELETE", "/jobs/{id}"): jobs.cancel,
    ("GET", "/openapi.json"): lambda *_: Answer.json(openapi.document()),
}
PREFLIGHT_SECONDS = 600


class Front:
    """Answers events.

    Parameters
    ----------
    account
        Whose endpoints and bucket.
    origins
        Whose web pages may ask: such as ``https://example.org``, or ``*`` for all.
    """

    def __init__(self, account: Account, origins: Sequence[str] = ()) -> None:
        self._account = account
        self._origins = frozenset(origins)

    def __call__(self, event: Event) -> Event:
        """Answer one event; whatever goes wrong, there is an answer."""
        request = Request.of(event)
        try:
            answer = self._answer(request)
        except RefusedError as refused:
            answer = Answer.json({"message": str(refused)}, refused.status)
        except Exception:  # noqa: BLE001 - the edge: the caller gets an answer, and no traceback
            sys.stderr.write(f"error: {request.method} {request.resource}: {traceback.format_exc()}")
            message = "the front failed; its log says why"
            answer = Answer.json({"message": message}, HTTPStatus.INTERNAL_SERVER_ERROR)
        return answer.event(self._shared_with(request))

    def _answer(self, request: Request) -> Answer:
        if request.method == "OPTIONS":
            return self._preflight(request)
        route = ROUTES[request.method, request.resource]
        kinds = [media_type for media_type, _ in route.takes]
        if len(request.body) > MOST_BYTES:
            raise RefusedError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"a request has {MOST_BYTES} bytes at most: POST /uploads says where a larger picture goes",
            )
        if kinds and request.content_type not in kinds:
            raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"send one of {', '.join(kinds)}")
        return ACTIONS[request.method, request.resource](self._account, request)

    def _preflight(self, request: Request) -> Answer:
        """Tell a browser what a page of another origin may send (https://fetch.spec.whatwg.org)."""
        methods = [method for method, path in ROUTES if path == request.resource]
        headers = {
            "Access-Control-Allow-Methods": ", ".join(methods),
            "Access-Control-Allow-Headers": "content-type, x-api-key",
            "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
        }
        return Answer(b"", status=HTTPStatus.NO_CONTENT, headers=headers)

    def _shared_with(self, request: Request) -> dict[str, str]:
        origin = request.headers.get("origin", "")
        if not origin or not self._origins & {origin, "*"}:
            return {"Vary": "Origin"}
        return {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Expose-Headers": "location",
            "Vary": "Origin",
        }


@cache
def _front() -> Front:
    return Front(*accounts.of_environment())


def handler(event: Event, context: Any) -> Event:  # noqa: ANN401 - Lambda's
    """Answer one event of API Gateway."""
    del context
    return _front()(event)
