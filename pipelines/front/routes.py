"""What the front answers, the same here and behind API Gateway (``infra/aws/front.yaml``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipelines.names import CLASSIFIER, STYLIZER

MOST_BYTES = 6 * 1024 * 1024
"""What a real-time endpoint takes; API Gateway itself would take 10 MB."""
A_SECOND, AT_ONCE, A_DAY = 10, 20, 5000
"""Requests: a key's steady rate, how many may come at once, and how many a day."""


@dataclass(frozen=True)
class Route:
    """One path that takes a POST.

    Attributes
    ----------
    endpoint
        Who answers.
    summary
        One line for people.
    takes
        Media types of requests.
    gives
        Media type of answers.
    """

    endpoint: str
    summary: str
    takes: tuple[str, ...]
    gives: str


ROUTES = {
    "/classify": Route(
        CLASSIFIER, "Which animal is in a photo", ("image/jpeg", "image/png"), "application/json"
    ),
    "/stylize": Route(
        STYLIZER, "A photo in the manner of a painting", ("multipart/form-data",), "image/jpeg"
    ),
}
ANSWERS = {
    "200": "The answer",
    "403": "No such path, or no such key",
    "413": "Larger than 6 MB",
    "415": "Of another media type",
    "422": "The model cannot use it; the message says why",
    "429": "Too many requests",
    "502": "Nothing is deployed, or it does not answer",
}


def document() -> dict[str, Any]:
    """Write the OpenAPI document."""
    return {
        "openapi": "3.0.1",
        "info": {"title": "Bestiary", "version": "1"},
        "paths": {path: {"post": _operation(route)} for path, route in ROUTES.items()},
        "components": {"securitySchemes": {"key": {"type": "apiKey", "name": "x-api-key", "in": "header"}}},
    }


def _operation(route: Route) -> dict[str, Any]:
    binary = {"schema": {"type": "string", "format": "binary"}}
    answered = {"schema": {"type": "object"}} if route.gives == "application/json" else binary
    return {
        "summary": route.summary,
        "security": [{"key": []}],
        "requestBody": {"required": True, "content": dict.fromkeys(route.takes, binary)},
        "responses": {
            status: {
                "description": meaning,
                **({"content": {route.gives: answered}} if status == "200" else {}),
            }
            for status, meaning in ANSWERS.items()
        },
    }
