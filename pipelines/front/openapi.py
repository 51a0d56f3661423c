"""The OpenAPI document of the front, put together from its routes."""

from __future__ import annotations

from typing import Any

from pipelines.front.exchange import FORM, JSON
from pipelines.front.routes import ANSWERS, MOST_BYTES, ROUTES, Route
from pipelines.front.schemas import ERROR, ID

_BINARY = {"type": "string", "format": "binary"}
_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "pattern": ID}}


def document() -> dict[str, Any]:
    """Write the document."""
    paths: dict[str, dict[str, Any]] = {}
    for (method, path), route in ROUTES.items():
        paths.setdefault(path, {})[method.lower()] = _operation(path, route)
    return {
        "openapi": "3.0.1",
        "info": {"title": "Bestiary", "version": "1"},
        # Where it was fetched from: API Gateway's stage is part of the path.
        "servers": [{"url": "."}],
        "paths": paths,
        "components": {"securitySchemes": {"key": {"type": "apiKey", "name": "x-api-key", "in": "header"}}},
    }


def _operation(path: str, route: Route) -> dict[str, Any]:
    always = (500,) if route.public else (403, 429, 500)
    refused = {
        str(status): {"description": ANSWERS[status], "content": {JSON: {"schema": ERROR}}}
        for status in sorted({*route.refusals, *always})
    }
    given = {
        str(status): {"description": ANSWERS[status], "content": {media_type: {"schema": schema or _BINARY}}}
        for status, media_type, schema in route.gives
    }
    described: dict[str, Any] = {"summary": route.summary, "security": [] if route.public else [{"key": []}]}
    if "{id}" in path:
        described["parameters"] = [_ID]
    if route.takes:
        content = {media_type: _body(media_type, schema or _BINARY) for media_type, schema in route.takes}
        described["requestBody"] = {
            "required": True,
            "description": f"{MOST_BYTES} bytes at most.",
            "content": content,
        }
    return {**described, "responses": given | refused}


def _body(media_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    encoding = {"encoding": {"settings": {"contentType": JSON}}} if media_type == FORM else {}
    return {"schema": schema, **encoding}
