"""The stylizer's part of the OpenAPI document; its schemas are made from what requests are read by."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from bestiary.poster.page import MOST_PICTURES
from inference.media_types import JSON
from inference.multipart import MULTIPART
from inference.openapi import reference
from inference.poster_requests import Page
from inference.style_requests import MOST_STYLES, Cancel, Document, Settings
from inference.stylize import ANSWERS

FILE = {"type": "string", "format": "binary", "description": "JPEG, PNG or WebP."}
FORM = {
    "type": "object",
    "properties": {
        "content": FILE,
        "style": {"type": "array", "items": FILE, "minItems": 1, "maxItems": MOST_STYLES},
        "weight": {"type": "array", "items": {"type": "number", "minimum": 0}, "maxItems": MOST_STYLES},
        "settings": reference("Settings"),
    },
    "required": ["content", "style"],
    "additionalProperties": False,
}
POSTER = {
    "type": "object",
    "properties": {
        "photo": {"type": "array", "items": FILE, "minItems": 1, "maxItems": MOST_PICTURES},
        "style": {"type": "array", "items": FILE, "maxItems": MOST_STYLES},
        "weight": {"type": "array", "items": {"type": "number", "minimum": 0}, "maxItems": MOST_STYLES},
        "settings": reference("Settings"),
        "poster": reference("Page"),
    },
    "required": ["photo", "poster"],
    "additionalProperties": False,
}
CANCELLED = {
    "type": "object",
    "properties": {"cancelled": {"const": True}},
    "required": ["cancelled"],
    "additionalProperties": False,
}


def description() -> dict[str, Any]:
    """Return the summary, the media types of requests and answers, and the schemas they refer to."""
    schemas: dict[str, Any] = {"Form": FORM, "Poster": POSTER, "Cancelled": CANCELLED}
    for model in (Settings, Document, Cancel, Page):
        schema = TypeAdapter(model).json_schema(ref_template="#/components/schemas/{model}")
        schemas |= schema.pop("$defs", {})
        schemas[model.__name__] = schema
    picture = {"schema": {"type": "string", "format": "binary"}}
    encoding = {"settings": {"contentType": JSON}, "poster": {"contentType": JSON}}
    return {
        "summary": "Paint a photo in the manner of one or several paintings, or make a poster of photos.",
        "requests": {
            JSON: {"schema": {"oneOf": [reference("Document"), reference("Cancel")]}},
            MULTIPART: {
                "schema": {"oneOf": [reference("Form"), reference("Poster")]},
                "encoding": encoding,
            },
        },
        "answers": {**dict.fromkeys(ANSWERS, picture), JSON: {"schema": reference("Cancelled")}},
        "schemas": schemas,
    }
