"""Photos and paintings of a request: sent along as a form, or uploaded before."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from pipelines.front import checking, forms, uploads
from pipelines.front.exchange import FORM, RefusedError, parsed
from pipelines.front.schemas import MOST_STYLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.front.exchange import Request
    from pipelines.front.schemas import Schema
    from pipelines.style.queue import Account

MOST_BYTES = 90 * 1024 * 1024
"""Of all pictures of a request: the asynchronous endpoint takes 100 MB."""


@dataclass(frozen=True)
class Asked:
    """What was asked for.

    Attributes
    ----------
    photos
        As files.
    styles
        Paintings, as files, each with its weight.
    settings
        The rest.
    """

    photos: tuple[bytes, ...]
    styles: tuple[tuple[bytes, float], ...]
    settings: dict[str, Any]


def of_form(request: Request, photos: tuple[str, int], fewest_styles: int, schema: Schema) -> Asked:
    """Read a form.

    Parameters
    ----------
    request
        Whose body it is.
    photos
        Name of the field with a photo, and how many of it there may be.
    fewest_styles
        How many paintings there have to be.
    schema
        Of its ``settings``.

    Raises
    ------
    RefusedError
        It does not fit, or has something in it that is no picture.
    """
    name, most = photos
    found = forms.fields(request, (name, "style", "weight", "settings"))
    files, styles = found.get(name, []), found.get("style", [])
    for field, there, least, limit in ((name, files, 1, most), ("style", styles, fewest_styles, MOST_STYLES)):
        if not least <= len(there) <= limit:
            raise RefusedError(
                HTTPStatus.BAD_REQUEST, f"{field}: there are {len(there)}, not from {least} to {limit}"
            )
        for data in there:
            uploads.check(field, data)
    weights = forms.weights(found.get("weight", []), len(styles))
    settings = parsed(found["settings"][0], "settings") if "settings" in found else {}
    checking.check(settings, schema)
    return Asked(tuple(files), tuple(zip(styles, weights, strict=True)), settings)


def uploaded(account: Account, document: dict[str, Any], photos: Sequence[str]) -> Asked:
    """Read what a checked document names.

    Raises
    ------
    RefusedError
        Something was not uploaded or is no picture, or all together are too much.
    """
    styles = document.pop("styles", [])
    read: dict[str, bytes] = {}
    size = 0
    for name in (*photos, *(style["upload"] for style in styles)):
        read[name] = read[name] if name in read else uploads.read(account, name)
        size += len(read[name])
        if size > MOST_BYTES:
            raise RefusedError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"the pictures have more than {MOST_BYTES} bytes together: send smaller ones",
            )
    paintings = tuple((read[style["upload"]], float(style.get("weight", 1))) for style in styles)
    return Asked(tuple(read[name] for name in photos), paintings, document)


def is_form(request: Request) -> bool:
    """Whether pictures came along."""
    return request.content_type == FORM
