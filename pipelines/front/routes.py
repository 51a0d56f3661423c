"""What the front answers, the same here and behind API Gateway (``infra/aws/front.yaml``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.front import schemas
from pipelines.front.exchange import FORM, JSON

if TYPE_CHECKING:
    from pipelines.front.schemas import Schema

MOST_BYTES = 4 * 1024 * 1024
"""Of a request's body: a function gets 6 MB, in base64."""
MOST_UPLOADED = 25 * 1024 * 1024
"""Of a picture that was uploaded."""
A_SECOND, AT_ONCE, A_DAY = 10, 20, 5000
"""Requests: a key's steady rate, how many may come at once, and how many a day."""
JOBS_A_SECOND, JOBS_AT_ONCE = 1, 5
"""Of those that begin a job: each costs minutes of a machine."""


@dataclass(frozen=True)
class Route:
    """One method of one path.

    Attributes
    ----------
    summary
        One line for people.
    takes
        Media types of requests, each with its schema; ``None`` for a picture as it is.
    gives
        What is answered by status: media type and schema, ``None`` for a file.
    refusals
        Statuses of its other answers.
    begins
        Whether it begins a job.
    public
        Whether it takes no key.
    """

    summary: str
    takes: tuple[tuple[str, Schema | None], ...]
    gives: tuple[tuple[int, str, Schema | None], ...]
    refusals: tuple[int, ...]
    begins: bool = False
    public: bool = False


def _form(settings: Schema, photos: str, most: int, *, painted: bool) -> Schema:
    file = {"type": "string", "format": "binary"}
    many = {"type": "array", "items": file, "minItems": 1, "maxItems": most}
    return {
        "type": "object",
        "properties": {
            photos: file if most == 1 else many,
            "style": {"type": "array", "items": file, "maxItems": schemas.MOST_STYLES},
            "weight": {
                "type": "array",
                "items": {"type": "number", "minimum": 0},
                "maxItems": schemas.MOST_STYLES,
            },
            "settings": settings,
        },
        "required": [photos, "style"] if painted else [photos],
    }


_JOB = (202, JSON, schemas.JOB)
_ASKED = (400, 404, 413, 415, 422, 502, 503)
ROUTES: dict[tuple[str, str], Route] = {
    ("POST", "/uploads"): Route(
        "Where to put a picture that is too large for a request",
        ((JSON, schemas.UPLOAD),),
        ((201, JSON, schemas.UPLOADED),),
        (400, 413, 415),
    ),
    ("POST", "/classify"): Route(
        "Which animal is in a photo",
        (*((picture, None) for picture in schemas.PICTURES), (JSON, schemas.CLASSIFY)),
        ((200, JSON, schemas.SPECIES),),
        _ASKED,
    ),
    ("POST", "/stylize"): Route(
        "A photo in the manner of paintings: at once, or as a job where that takes longer",
        (
            (FORM, _form(schemas.STYLIZE_SETTINGS, "content", 1, painted=True)),
            (JSON, schemas.STYLIZE),
        ),
        ((200, "image/jpeg", None), _JOB),
        _ASKED,
        begins=True,
    ),
    ("POST", "/posters"): Route(
        "A poster of one or several photos, as a job",
        (
            (FORM, _form(schemas.POSTER_SETTINGS, "photo", schemas.MOST_PHOTOS, painted=False)),
            (JSON, schemas.POSTER),
        ),
        (_JOB,),
        _ASKED,
        begins=True,
    ),
    ("GET", "/jobs/{id}"): Route("How a job stands", (), ((200, JSON, schemas.JOB),), (404,)),
    ("DELETE", "/jobs/{id}"): Route(
        "Ask that a job be given up; it is once its turn comes, or at its next step",
        (),
        ((200, JSON, schemas.JOB), _JOB),
        (404, 502),
    ),
    ("GET", "/openapi.json"): Route("This document", (), ((200, JSON, {"type": "object"}),), (), public=True),
}
ANSWERS = {
    200: "The answer",
    201: "The address",
    202: "The job, to be asked for by GET /jobs/{id}",
    400: "It does not fit this document; the message says where",
    403: "No such path, or no such key",
    404: "There is no such upload or job",
    413: "Too large; the message says what is not",
    415: "Of another media type",
    422: "The model cannot use it; the message says why",
    429: "Too many requests",
    500: "The front failed; its log says why",
    502: "Nothing is deployed, or it does not answer",
    503: "There is no room just now: try again",
}
