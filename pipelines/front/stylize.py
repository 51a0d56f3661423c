"""``POST /stylize``: a photo in the manner of paintings, at once or as a job."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pipelines.front import asking, checking, jobs, pictures, schemas
from pipelines.front.exchange import Answer
from pipelines.names import STYLIZER
from pipelines.style import form

if TYPE_CHECKING:
    from pipelines.front.exchange import Request
    from pipelines.front.pictures import Asked
    from pipelines.style.queue import Account

INSTANT_SIDE = 1280
"""Longest side in pixels of what the real-time endpoint paints; it does so by ``fast`` alone."""
GIVES = "image/jpeg"


def stylize(account: Account, request: Request) -> Answer:
    """Answer the picture, or the job that paints it."""
    asked = _asked(account, request)
    fields = [("content", asked.photos[0]), ("settings", json.dumps(asked.settings).encode())]
    made = form.encoded([*fields, *form.paintings(asked.styles)])
    lasts = asked.settings.get("method") == "gatys" or asked.settings.get("size", 0) > INSTANT_SIDE
    if lasts or len(made.body) > asking.MOST_BYTES:
        return jobs.begin(account, made, GIVES)
    return Answer(asking.ask(account, STYLIZER, made.body, made.content_type, GIVES), GIVES)


def _asked(account: Account, request: Request) -> Asked:
    if pictures.is_form(request):
        return pictures.of_form(request, ("content", 1), 1, schemas.STYLIZE_SETTINGS)
    document = request.json()
    checking.check(document, schemas.STYLIZE)
    return pictures.uploaded(account, document, [document.pop("content")["upload"]])
