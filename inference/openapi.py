"""The OpenAPI document of an endpoint, put together from what the code itself goes by."""

from __future__ import annotations

from http import HTTPStatus
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from inference.media_types import JSON

if TYPE_CHECKING:
    from inference.settings import Settings
    from inference.task import Task

Document = dict[str, Any]

REFUSALS = {
    400: "The body makes no sense, or a photo in it cannot be used; the message says why.",
    406: "No answer can be given in an accepted media type.",
    408: "The body did not come in time.",
    409: "The request was cancelled meanwhile (stylizers only).",
    413: "The body is too large.",
    415: "The body's media type is not one of those taken.",
    500: "The model failed.",
    503: "The model is being loaded, or there is no room for more; try again after Retry-After seconds.",
}
ERROR = {
    "type": "object",
    "properties": {"error": {"type": "string"}},
    "required": ["error"],
    "additionalProperties": False,
}
PARAMETERS = {
    "type": "object",
    "properties": {
        "MaxConcurrentTransforms": {"type": "integer", "minimum": 1},
        "BatchStrategy": {"enum": ["MULTI_RECORD"]},
        "MaxPayloadInMB": {"type": "integer", "minimum": 1},
    },
    "required": ["MaxConcurrentTransforms", "BatchStrategy", "MaxPayloadInMB"],
    "additionalProperties": False,
}
HEADERS = {
    "X-Amzn-SageMaker-Custom-Attributes": "What the caller wants to know the request by; it comes back.",
    "X-Amzn-SageMaker-Inference-Id": "The caller's InferenceId; it comes back.",
}


def document(task: Task, settings: Settings) -> Document:
    """Return the document for one task and its settings."""
    own = task.description()
    refusals = {str(status): _answer(text, _json("Error")) for status, text in REFUSALS.items()}
    invocation = {
        "operationId": "invoke",
        "summary": own["summary"],
        "description": f"A body may have {settings.body_bytes} bytes at most.",
        "parameters": [_header(name, text) for name, text in HEADERS.items()],
        "requestBody": {"required": True, "content": own["requests"]},
        "responses": {"200": _answer(HTTPStatus.OK.phrase, own["answers"]), **refusals},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Bestiary: {task.name}", "version": version("bestiary")},
        "paths": {
            "/ping": {"get": _ping()},
            "/invocations": {"post": invocation},
            "/execution-parameters": {"get": _get("parameters", "What Batch Transform asks.", "Parameters")},
            "/openapi.json": {"get": _get("describe", "This document.", None)},
        },
        "components": {"schemas": {"Error": ERROR, "Parameters": PARAMETERS, **own["schemas"]}},
    }


def reference(name: str) -> Document:
    """Return a reference to one of the document's schemas."""
    return {"$ref": f"#/components/schemas/{name}"}


def _ping() -> Document:
    responses = {"200": _answer("The model is warm."), "503": _answer("It is not, or the endpoint stops.")}
    return {"operationId": "ping", "summary": "Whether requests are answered.", "responses": responses}


def _get(operation: str, summary: str, schema: str | None) -> Document:
    content = _json(schema) if schema else {JSON: {"schema": {"type": "object"}}}
    responses = {"200": _answer(HTTPStatus.OK.phrase, content), "503": _answer(REFUSALS[503], _json("Error"))}
    return {"operationId": operation, "summary": summary, "responses": responses}


def _json(schema: str) -> Document:
    return {JSON: {"schema": reference(schema)}}


def _answer(description: str, content: Document | None = None) -> Document:
    return {"description": description, **({"content": content} if content else {})}


def _header(name: str, description: str) -> Document:
    schema = {"type": "string", "maxLength": 1024}
    return {"name": name, "in": "header", "required": False, "description": description, "schema": schema}
