"""Asks the stylizer's real-time endpoint."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pipelines.classification.asking import passes
from pipelines.deployment import endpoint as endpoints
from pipelines.deployment.served import STYLIZER, STYLIZER_ASYNC
from pipelines.errors import OperatorError
from pipelines.place import reason
from pipelines.style.queue import said

if TYPE_CHECKING:
    from pipelines.deployment.served import Served
    from pipelines.place import Place
    from pipelines.style.form import Form, Settings

PATIENCE_SECONDS = 30.0
"""For how long one asks again where an endpoint has no room, or no instance for the moment."""
MOST_BYTES = 6 * 1024 * 1024
"""What a real-time endpoint takes."""
LONGEST_SIDE = 1280
"""Of what it paints, in pixels: as large as `fast` paints without enlarging, and as fits into an answer."""


@dataclass(frozen=True)
class Painted:
    """What an endpoint painted.

    Attributes
    ----------
    picture
        The file.
    endpoint, version
        Who painted it.
    seconds
        From the request to the answer.
    losses
        Those that its log told of, one ``{step, side, content, style, total}`` each.
    id
        The request's name; empty for the real-time endpoint.
    """

    picture: bytes
    endpoint: str
    version: str
    seconds: float
    losses: tuple[dict[str, float], ...] = ()
    id: str = ""


def choose(place: Place, settings: Settings, form: Form) -> Served:
    """Say which endpoint is for a request: the real-time one wherever it can do it.

    Raises
    ------
    OperatorError
        No stylizer is deployed.
    """
    instant = settings.method == "fast" and settings.size <= LONGEST_SIDE and len(form.body) <= MOST_BYTES
    for served in (STYLIZER, STYLIZER_ASYNC) if instant else (STYLIZER_ASYNC,):
        there = endpoints.describe(place, served)
        if there and there.status not in ("Creating", "Failed", "Deleting"):
            return served
    raise OperatorError("no stylizer is deployed: bestiary deploy --of stylizer")


def ask(place: Place, form: Form, accept: str) -> Painted:
    """Ask, and wait for the picture.

    Raises
    ------
    OperatorError
        What the endpoint says against it.
    """
    began = time.monotonic()
    try:
        answer = _answer(place, form, accept)
    except ClientError as error:
        told: dict[str, Any] = dict(error.response)
        raise OperatorError(said(told.get("OriginalMessage", "")) or reason(error)) from None
    picture = answer["Body"].read()
    attributes = dict(
        part.strip().partition("=")[::2] for part in answer.get("CustomAttributes", "").split(";")
    )
    seconds = time.monotonic() - began
    return Painted(picture, STYLIZER.endpoint, attributes.get("model-version", ""), seconds)


def _answer(place: Place, form: Form, accept: str) -> Any:  # noqa: ANN401 - boto3's answer
    runtime = place.client("sagemaker-runtime")
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return runtime.invoke_endpoint(
                EndpointName=STYLIZER.endpoint, ContentType=form.content_type, Accept=accept, Body=form.body
            )
        except ClientError as error:
            if not passes(error) or time.monotonic() > until:
                raise
            time.sleep(1.0)
