"""The fields of a ``multipart/form-data`` body (RFC 7578), byte for byte."""

from __future__ import annotations

from email.message import Message
from email.parser import BytesHeaderParser
from http import HTTPStatus
from typing import TYPE_CHECKING

from pipelines.front.exchange import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.front.exchange import Request

MOST_FIELDS = 32


def fields(request: Request, known: Sequence[str]) -> dict[str, list[bytes]]:
    """Take a form apart.

    Parameters
    ----------
    request
        Whose body it is.
    known
        Names of the fields that it may have.

    Returns
    -------
    What each field holds; a field may come several times.

    Raises
    ------
    RefusedError
        It is no form, or has another field.
    """
    boundary = _boundary(request.headers.get("content-type", ""))
    # The first boundary has no line before it; what stands before that is no field.
    _, *found = (b"\r\n" + request.body).split(b"\r\n--" + boundary, MOST_FIELDS + 1)
    if len(found) > MOST_FIELDS:
        raise _refused(f"the form has more than {MOST_FIELDS} fields")
    if not found or not found[-1].startswith(b"--"):
        raise _refused("the form does not end with its boundary: it was cut off, or has another boundary")
    held: dict[str, list[bytes]] = {}
    for part in found[:-1]:
        head, _, data = part.partition(b"\r\n\r\n")
        headers = BytesHeaderParser().parsebytes(head.lstrip(b"\r\n")[:8192])
        name = headers.get_param("name", header="Content-Disposition")
        if name not in known:
            raise _refused(f"the form has a field {name!r}: it takes {', '.join(known)}")
        held.setdefault(str(name), []).append(data)
    return held


def weights(found: Sequence[bytes], styles: int) -> list[float]:
    """Read what paintings count; 1 each where nothing is said.

    Raises
    ------
    RefusedError
        There are not as many as paintings, or one is no number from 0 up.
    """
    if len(found) not in {0, styles}:
        raise _refused(f"the form has {len(found)} weights for {styles} styles: give each one, or none")
    return [_weight(text) for text in found] or [1.0] * styles


def _weight(text: bytes) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise _refused(f"the weight {text[:20]!r} is no number from 0 up")
    return number


def _boundary(header: str) -> bytes:
    message = Message()
    message["Content-Type"] = header
    boundary = message.get_param("boundary")
    if not isinstance(boundary, str) or not 1 <= len(boundary) <= 70 or not boundary.isascii():
        raise _refused("the Content-Type names no boundary: multipart/form-data; boundary=…")
    return boundary.encode()


def _refused(message: str) -> RefusedError:
    return RefusedError(HTTPStatus.BAD_REQUEST, message)
