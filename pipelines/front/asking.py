"""Asks a real-time endpoint, and says what it has against a request."""

from __future__ import annotations

import sys
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from pipelines.front.exchange import RefusedError
from pipelines.style.queue import said

if TYPE_CHECKING:
    from pipelines.style.queue import Account

MOST_BYTES = 6 * 1024 * 1024
"""What a real-time endpoint takes."""


def ask(account: Account, endpoint: str, body: bytes, content_type: str, accept: str) -> bytes:
    """Ask, and return the answer.

    Raises
    ------
    RefusedError
        422 in the model's words, 503 where it has no room, 502 where nothing answers.
    """
    try:
        answer = account.client("sagemaker-runtime").invoke_endpoint(
            EndpointName=endpoint, ContentType=content_type, Accept=accept, Body=body
        )
        told: bytes = answer["Body"].read()
    except (ClientError, BotoCoreError) as error:
        raise refusal(endpoint, error) from None
    return told


def refusal(endpoint: str, error: ClientError | BotoCoreError) -> RefusedError:
    """Say what an endpoint has against a request; what AWS says of the account goes to the log alone."""
    told: dict[str, Any] = dict(error.response) if isinstance(error, ClientError) else {}
    if told.get("Error", {}).get("Code") == "ModelError" and told.get("OriginalStatusCode"):
        message = said(str(told.get("OriginalMessage", "")))
        if told["OriginalStatusCode"] < HTTPStatus.INTERNAL_SERVER_ERROR:
            return RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, message)
        if told["OriginalStatusCode"] == HTTPStatus.SERVICE_UNAVAILABLE:
            return RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, message)
    sys.stderr.write(f"{endpoint}: {error}\n")
    return RefusedError(
        HTTPStatus.BAD_GATEWAY, f"{endpoint} does not answer: it is not deployed, or its log says why"
    )
