"""The photos in a captured request."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from pydantic_core import from_json

if TYPE_CHECKING:
    from bestiary.drift.capture import Body


def photos_of(body: Body | None) -> list[bytes]:
    """Return the files that an endpoint was sent, as they are; nothing where they were not captured.

    A request holds one photo as ``image/…``, ``{"instances": [{"b64": …}]}``, or a line ``{"b64": …}`` for
    each. What makes no sense holds none: the endpoint refused it, which is counted elsewhere.
    """
    if body is None:
        return []
    try:
        if body.content_type.startswith("image/"):
            return [body.data]
        if body.content_type == "application/json":
            return [base64.b64decode(one["b64"]) for one in from_json(body.data)["instances"]]
        if body.content_type == "application/jsonlines":
            return [base64.b64decode(from_json(line)["b64"]) for line in body.data.splitlines() if line]
    except (ValueError, KeyError, TypeError):
        return []
    return []
