"""The classifier's part of the OpenAPI document; its schemas are made from the answer's own classes."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from inference.answers import Answer
from inference.media_types import CSV, JSON, JSON_LINES
from inference.openapi import reference
from inference.photos import IMAGES, MOST_PHOTOS

INSTANCE = {
    "type": "object",
    "properties": {
        "b64": {"type": "string", "contentEncoding": "base64", "description": "A photo as a file."}
    },
    "required": ["b64"],
}
INSTANCES = {
    "type": "object",
    "properties": {
        "instances": {"type": "array", "items": reference("Instance"), "minItems": 1, "maxItems": MOST_PHOTOS}
    },
    "required": ["instances"],
}
PREDICTIONS = {
    "type": "object",
    "properties": {"predictions": {"type": "array", "items": reference("Answer"), "minItems": 1}},
    "required": ["predictions"],
    "additionalProperties": False,
}


def description() -> dict[str, Any]:
    """Return the summary, the media types of requests and answers, and the schemas they refer to."""
    answer = TypeAdapter(Answer).json_schema(
        mode="serialization", ref_template="#/components/schemas/{model}"
    )
    parts = answer.pop("$defs", {})
    binary = {"schema": {"type": "string", "format": "binary"}}
    lines = {"schema": {"type": "string", "description": "One JSON object a line."}}
    table = {"schema": {"type": "string", "description": "One row a photo, without header."}}
    return {
        "summary": "Name the animal in each photo.",
        "requests": {
            **dict.fromkeys(IMAGES, binary),
            JSON: {"schema": reference("Instances")},
            JSON_LINES: lines,
        },
        "answers": {
            JSON: {"schema": {"oneOf": [reference("Answer"), reference("Predictions")]}},
            JSON_LINES: lines,
            CSV: table,
        },
        "schemas": {
            "Answer": answer,
            **parts,
            "Instance": INSTANCE,
            "Instances": INSTANCES,
            "Predictions": PREDICTIONS,
        },
    }
