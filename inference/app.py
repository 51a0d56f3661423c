"""The routes of an endpoint: what SageMaker calls, and the document that describes them."""

from __future__ import annotations

import asyncio
import json
import sys
import time
import traceback
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from inference import media_types, openapi
from inference.errors import Refusal, busy
from inference.media_types import JSON
from inference.receiving import check_length, receive
from inference.task import Request as Posted

if TYPE_CHECKING:
    from starlette.requests import Request

    from inference.service import Service
    from inference.task import Reply

ATTRIBUTES, INFERENCE_ID = "x-amzn-sagemaker-custom-attributes", "x-amzn-sagemaker-inference-id"
ECHOED = (ATTRIBUTES, INFERENCE_ID)
MOST_ECHOED = 1024
"""SageMaker's own limit for custom attributes, in characters of visible US-ASCII."""


def build(service: Service) -> Starlette:
    """Return the application.

    Parameters
    ----------
    service
        Loads while the application already answers ``/ping`` with 503.
    """

    async def ping(_: Request) -> Response:
        return Response(status_code=200 if service.healthy else 503)

    async def invocations(request: Request) -> Response:
        started = time.perf_counter()
        response = await _answered(service, request)
        service.metrics.count_request(response.status_code, time.perf_counter() - started)
        if service.draining:
            response.headers["Connection"] = "close"
        return response

    async def execution_parameters(_: Request) -> Response:
        # https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-batch-code.html
        parameters = {
            "MaxConcurrentTransforms": 2 * service.settings.batch,
            "BatchStrategy": "MULTI_RECORD",
            "MaxPayloadInMB": service.settings.body_bytes >> 20,
        }
        return _json(200, parameters)

    async def document(_: Request) -> Response:
        return _json(200, openapi.document(service.engine.task, service.settings))

    routes = [
        Route("/ping", ping),
        Route("/invocations", invocations, methods=["POST"]),
        Route("/execution-parameters", execution_parameters),
        Route("/openapi.json", document),
    ]
    return Starlette(routes=routes, exception_handlers={HTTPException: _http_error, Refusal: _refused})


async def _answered(service: Service, request: Request) -> Response:
    echoed = _echoed(request)
    try:
        async with asyncio.timeout(service.settings.seconds):
            reply = await _answer(service, request)
        told = _with_attributes(echoed, reply.attributes)
        return Response(reply.body, headers={**told, "Content-Type": reply.content_type})
    except Refusal as refusal:
        return _json(refusal.status, {"error": refusal.message}, {**echoed, **refusal.headers})
    except TimeoutError:
        late = busy(f"no answer within {service.settings.seconds:g} seconds: try again")
        return _json(late.status, {"error": late.message}, {**echoed, **late.headers})
    except Exception:  # noqa: BLE001 - the caller must get an answer, and no traceback
        sys.stderr.write(f"error: {traceback.format_exc()}")
        return _json(500, {"error": "the endpoint failed; its log says why"}, echoed)


async def _answer(service: Service, request: Request) -> Reply:
    engine, most = service.engine, service.settings.body_bytes
    header = request.headers.get("content-type", "")
    content_type = media_types.sent(header, engine.task.consumes)
    accept = media_types.wanted(request.headers.get("accept"), engine.task.produces(content_type))
    check_length(request, most)
    with service.gate.admit() as place:
        body = await receive(request, most, place)
        inference_id = request.headers.get(INFERENCE_ID, "")[:MOST_ECHOED]
        return await engine.answer(Posted(body, content_type, accept, header, inference_id))


def _with_attributes(echoed: dict[str, str], attributes: str) -> dict[str, str]:
    """Add what the task says to what the caller said, where there is room for both."""
    whole = "; ".join(filter(None, (echoed.get(ATTRIBUTES, ""), attributes)))
    return {**echoed, ATTRIBUTES: whole} if attributes and len(whole) <= MOST_ECHOED else echoed


def _echoed(request: Request) -> dict[str, str]:
    """Return what SageMaker hands through from the caller and back."""
    given = {name: request.headers.get(name, "")[:MOST_ECHOED] for name in ECHOED}
    return {name: value for name, value in given.items() if value and value.isascii() and value.isprintable()}


def _json(status: int, value: object, headers: dict[str, str] | None = None) -> Response:
    return Response(json.dumps(value, ensure_ascii=False), status, {**(headers or {}), "Content-Type": JSON})


async def _http_error(_: Request, error: Exception) -> Response:
    """Answer what no route is for in the same form as all other errors."""
    assert isinstance(error, HTTPException)  # noqa: S101 - it was registered for these
    known = "there are GET /ping, POST /invocations, GET /execution-parameters and GET /openapi.json"
    message = f"{error.detail}: {known}"
    return _json(error.status_code, {"error": message}, dict(error.headers or {}))


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101 - it was registered for these
    return _json(error.status, {"error": error.message}, error.headers)
