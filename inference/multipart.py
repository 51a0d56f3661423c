"""The parts of a ``multipart/form-data`` body (RFC 7578), byte for byte."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser

from inference.errors import Refusal

MULTIPART = "multipart/form-data"
MOST_PARTS = 32


@dataclass(frozen=True)
class Part:
    """One field of a form."""

    name: str
    data: bytes


def parts(body: bytes, content_type_header: str) -> list[Part]:
    """Take a form apart.

    Parameters
    ----------
    body
        The request's body.
    content_type_header
        Of the request: it names the boundary.

    Raises
    ------
    Refusal
        400: there is no boundary, the form does not end, or a part has no name.
    """
    delimiter = b"\r\n--" + _boundary(content_type_header)
    # The first boundary has no line before it; what stands before that is no part of the form.
    _, *found = (b"\r\n" + body).split(delimiter, MOST_PARTS + 1)
    if len(found) > MOST_PARTS:
        raise Refusal(400, f"the form has more than {MOST_PARTS} parts")
    if not found or not found[-1].startswith(b"--"):
        raise Refusal(400, "the form does not end with its boundary: it was cut off, or has another boundary")
    return [_part(each, number) for number, each in enumerate(found[:-1], 1)]


def _boundary(header: str) -> bytes:
    message = Message()
    message["Content-Type"] = header
    boundary = message.get_param("boundary")
    if not isinstance(boundary, str) or not 1 <= len(boundary) <= 70 or not boundary.isascii():
        raise Refusal(400, f"the Content-Type names no boundary: {MULTIPART}; boundary=…")
    return boundary.encode()


def _part(text: bytes, number: int) -> Part:
    head, separator, data = text.partition(b"\r\n\r\n")
    headers = BytesHeaderParser().parsebytes(head.lstrip(b"\r\n")[:8192])
    name = headers.get_param("name", header="Content-Disposition")
    if not separator or not isinstance(name, str):
        raise Refusal(400, f"part {number} of the form has no name")
    return Part(name, data)
