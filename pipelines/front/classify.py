"""``POST /classify``: which animal is in a photo."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from pipelines.front import asking, checking, schemas, uploads
from pipelines.front.exchange import JSON, Answer, RefusedError
from pipelines.names import CLASSIFIER

if TYPE_CHECKING:
    from pipelines.front.exchange import Request
    from pipelines.style.queue import Account


def classify(account: Account, request: Request) -> Answer:
    """Answer what the classifier says of a photo, sent or uploaded."""
    if request.content_type != JSON:
        return Answer(asking.ask(account, CLASSIFIER, request.body, request.content_type, JSON))
    asked = request.json()
    checking.check(asked, schemas.CLASSIFY)
    photo = uploads.read(account, asked["upload"])
    return Answer.json(of_photo(account, f"upload {asked['upload']}", photo))


def of_photo(account: Account, what: str, photo: bytes) -> dict[str, Any]:
    """Ask the classifier about a photo.

    Parameters
    ----------
    account
        Where it is.
    what
        How people call the photo.
    photo
        The file.

    Raises
    ------
    RefusedError
        413 where it is larger than an endpoint takes, and as `pipelines.front.asking.ask` says.
    """
    if len(photo) > asking.MOST_BYTES:
        raise RefusedError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"{what} has {len(photo)} bytes, and the classifier takes {asking.MOST_BYTES}: send it smaller "
            "(it looks at some hundred pixels), or name the species of a poster",
        )
    kind = (
        "image/jpeg"
        if photo.startswith(b"\xff\xd8")
        else "image/png"
        if photo[:1] == b"\x89"
        else "image/webp"
    )
    told: dict[str, Any] = json.loads(asking.ask(account, CLASSIFIER, photo, kind, JSON))
    return told
