"""``POST /posters``: a poster of one or several photos, made by the stylizer's asynchronous endpoint."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING

from pipelines.front import checking, classify, jobs, pictures, schemas
from pipelines.front.exchange import Answer, RefusedError
from pipelines.style import form

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.front.exchange import Request
    from pipelines.front.pictures import Asked
    from pipelines.style.queue import Account

SURE = 0.7
_FORMATS = {"pdf": "application/pdf", "png": "image/png"}


def make(account: Account, request: Request) -> Answer:
    """Name the animals where nobody has, and answer the job that makes the poster."""
    asked = _asked(account, request)
    settings = dict(asked.settings)
    sure, media_type = settings.pop("sure", SURE), _FORMATS[settings.pop("format", "pdf")]
    painting = settings.pop("painting", {})
    species = settings.pop("species", None) or _named(account, asked.photos, sure)
    if len(species) not in {1, len(asked.photos)}:
        raise RefusedError(
            HTTPStatus.BAD_REQUEST,
            f"species: there are {len(species)} for {len(asked.photos)} photos: name one, or one a photo",
        )
    fields = [("photo", photo) for photo in asked.photos]
    fields += [
        ("settings", json.dumps(painting).encode()),
        ("poster", json.dumps({**settings, "species": species}).encode()),
    ]
    made = form.encoded([*fields, *form.paintings(asked.styles)])
    return jobs.begin(account, made, media_type, species)


def _asked(account: Account, request: Request) -> Asked:
    if pictures.is_form(request):
        return pictures.of_form(request, ("photo", schemas.MOST_PHOTOS), 0, schemas.POSTER_SETTINGS)
    document = request.json()
    checking.check(document, schemas.POSTER)
    photos = [photo["upload"] for photo in document.pop("photos")]
    return pictures.uploaded(account, document, photos)


def _named(account: Account, photos: Sequence[bytes], sure: float) -> list[str]:
    """Ask the classifier; a wrong name on a wall is worse than none."""
    found = []
    for number, photo in enumerate(photos):
        what = f"photo {number + 1}"
        answer = classify.of_photo(account, what, photo)
        if answer["confidence"] < sure:
            others = sorted(answer["scores"].items(), key=lambda item: -item[1])[1:3]
            guesses = ", ".join(f"{name} {score:.2f}" for name, score in others)
            raise RefusedError(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                f"{what}: a {answer['common_name']}? only {answer['confidence']:.2f} sure ({guesses}): "
                "name the species",
            )
        found.append(str(answer["species"]))
    return found
