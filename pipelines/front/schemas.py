"""What requests and answers of the front look like, as JSON Schema; requests are checked against these."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

MOST_PHOTOS, MOST_STYLES = 6, 8
LONGEST_SIDE = 8192
ID = "^[0-9a-f]{32}$"
PICTURES = ("image/jpeg", "image/png", "image/webp")
"""Media types of photos and paintings."""


def _object(properties: Schema, *required: str) -> Schema:
    fields = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**fields, "required": list(required)} if required else fields


def _string(description: str = "", **more: Any) -> Schema:  # noqa: ANN401 - of JSON Schema
    return {"type": "string", **more, **({"description": description} if description else {})}


def _number(least: float, most: float | None = None, description: str = "", kind: str = "number") -> Schema:
    found: Schema = {"type": kind, "minimum": least}
    if most is not None:
        found["maximum"] = most
    return {**found, "description": description} if description else found


def _list(of: Schema, most: int, least: int = 0) -> Schema:
    return {"type": "array", "items": of, "minItems": least, "maxItems": most}


_UPLOAD = _string("What POST /uploads answered.", pattern=ID, example="9f86d081884c7d659a2feaa0c55ad015")
_WEIGHT = _number(0, description="What it counts against the others.")
_STYLES = _object({"upload": _UPLOAD, "weight": _WEIGHT}, "upload")

PAINTING = {
    "method": _string("fast where the version can do it; gatys is a job.", enum=["fast", "gatys"]),
    "size": _number(16, LONGEST_SIDE, "Longest side of the picture, in pixels.", "integer"),
    "square": {"type": "boolean", "description": "Cut squares out of all pictures first."},
    "keep_color": _string("Keep the photo's colours.", enum=["no", "luminance", "histogram"]),
    "strength": _number(0, 1, "fast: from the photo's own style to the paintings'."),
    "steps": _number(1, 5000, "gatys: how many in all.", "integer"),
    "start": _string("gatys: the first picture.", enum=["recoloured", "content", "noise"]),
    "content_weight": _number(0, description="gatys: of what the photo shows."),
    "style_weight": _number(0, description="gatys: of the paintings' manner."),
    "tv_weight": _number(0, description="gatys: of smoothness."),
    "seed": _number(0, 2**32 - 1, "gatys: of the noise.", "integer"),
}
"""How to paint; what is not given is as the stylizer's version says."""
PAGE = {
    "size": _string("Of the page; a4 unless given.", enum=["a4", "a3", "square"]),
    "layout": _string("How it is laid out; full unless given.", enum=["full", "plate", "band"]),
    "language": _string(
        "Of all words; en unless given.", enum=["ar", "de", "el", "en", "es", "fr", "ja", "ru"]
    ),
    "title": _string("Instead of the animal's name.", maxLength=300),
    "call": _string("Instead of the usual call to act.", maxLength=300),
    "url": _string(
        "Where people can act; also a QR code.",
        maxLength=300,
        pattern="^(https?://[^\\s/]+\\S*)?$",
        example="https://example.org/help",
    ),
    "credits": _string("Who made photo, painting and poster.", maxLength=300),
    "focus": _number(0, 1, "What to keep of photos that are cut: 0 left or top, 1 right or bottom."),
}
"""What a poster says, and on which page."""
_POSTER = {
    **PAGE,
    "species": _list(_string("The animal, instead of asking the classifier.", minLength=1), MOST_PHOTOS, 1),
    "sure": _number(0, 1, "With less confidence than this no animal is named; 0.7 unless given."),
    "format": _string("pdf to print, png to show; pdf unless given.", enum=["pdf", "png"]),
    "painting": _object(PAINTING),
}
UPLOAD = _object({"content_type": _string("Of the picture.", enum=list(PICTURES))}, "content_type")
CLASSIFY = _object({"upload": _UPLOAD}, "upload")
STYLIZE = _object(
    {"content": CLASSIFY, "styles": _list(_STYLES, MOST_STYLES, 1), **PAINTING}, "content", "styles"
)
STYLIZE_SETTINGS = _object(PAINTING)
POSTER = _object(
    {
        "photos": _list(CLASSIFY, MOST_PHOTOS, 1),
        "styles": _list(_STYLES, MOST_STYLES),
        **_POSTER,
    },
    "photos",
)
POSTER_SETTINGS = _object(_POSTER)

ERROR = _object({"message": _string("What is wrong, and what would be right.")}, "message")
UPLOADED = _object(
    {
        "upload": _string("By which other requests mean the picture.", pattern=ID),
        "url": _string("Where to POST a form: all fields, then the picture as file."),
        "fields": {"type": "object", "additionalProperties": {"type": "string"}},
        "most_bytes": _number(1, kind="integer"),
        "seconds": _number(1, description="For which the address is good.", kind="integer"),
    },
    *("upload", "url", "fields", "most_bytes", "seconds"),
)
SPECIES: Schema = {
    "type": "object",
    "properties": {
        "species": _string(),
        "confidence": _number(0, 1),
        "scores": {"type": "object", "additionalProperties": {"type": "number"}},
    },
    "required": ["species", "confidence", "scores"],
}
_PROGRESS = _object(
    {
        "message": _string("What was said last."),
        "step": _number(1, kind="integer"),
        "steps": _number(1, kind="integer"),
        "seconds_left": _number(0, kind="integer"),
    },
    "message",
)
_RESULT = _object(
    {
        "url": _string("Where the file can be fetched, without a key."),
        "content_type": _string(enum=["application/pdf", "image/jpeg", "image/png"]),
        "seconds": _number(1, description="For which the address is good.", kind="integer"),
    },
    *("url", "content_type", "seconds"),
)
JOB = _object(
    {
        "job": _string("Its name.", pattern=ID),
        "status": _string(enum=["queued", "working", "done", "failed", "cancelled"]),
        "requested": _string("When, ISO 8601."),
        "species": _list(_string(), MOST_PHOTOS),
        "progress": _PROGRESS,
        "result": _RESULT,
        "reason": _string("Why there will be no result."),
    },
    *("job", "status", "requested"),
)
