"""Taking in a request's body, no larger and no slower than allowed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect

from inference.errors import Refusal

if TYPE_CHECKING:
    from starlette.requests import Request

    from inference.admission import Place

BODY_SECONDS = 20


def check_length(request: Request, most: int) -> None:
    """Look at what a request says of its body, before any of it is read.

    Raises
    ------
    Refusal
        413: it has more than `most` bytes.
    """
    if int(request.headers.get("content-length", "0")) > most:
        raise _too_large(most)


async def receive(request: Request, most: int, place: Place) -> bytes:
    """Read a request's body.

    Parameters
    ----------
    request
        Whose body nothing was read of yet.
    most
        How many bytes it may have.
    place
        Holds the bytes.

    Raises
    ------
    Refusal
        413 for more than `most` bytes, 408 where it does not come within `BODY_SECONDS`, 400 for a connection
        that was cut, 503 where there is no room for it.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                if len(body) + len(chunk) > most:
                    raise _too_large(most)
                place.hold(len(chunk))
                body += chunk
    except TimeoutError as error:
        message = f"the body did not come within {BODY_SECONDS} seconds"
        raise Refusal(408, message, {"Connection": "close"}) from error
    except ClientDisconnect as error:
        raise Refusal(400, "the connection was cut before the body ended") from error
    return bytes(body)


def _too_large(most: int) -> Refusal:
    return Refusal(
        413, f"the body may have {most} bytes at most ({most / (1 << 20):g} MB): send smaller pictures"
    )
