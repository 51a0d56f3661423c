"""Saying no in XML, and what a full disk looks like."""

from __future__ import annotations

import errno
import sqlite3
from typing import TYPE_CHECKING
from uuid import uuid4
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

from infra.local.errors import AwsError

if TYPE_CHECKING:
    from pathlib import Path

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def refusal(error: AwsError, resource: str, *, head: bool = False) -> Response:
    """Say why a request to S3 failed.

    Parameters
    ----------
    resource
        Path of what the request was about.
    head
        Whether it was a HEAD request, whose answer has no body.
    """
    request_id = uuid4().hex.upper()[:16]
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{_said(error)}'
        f"<Resource>{escape(resource)}</Resource><RequestId>{request_id}</RequestId></Error>"
    )
    headers = {"x-amz-request-id": request_id}
    return Response("" if head else body, error.status, headers, content_type="application/xml")


def form_refusal(error: AwsError) -> Response:
    """Say why a request of the query protocols failed; EC2's has its error one level down."""
    said = f"<Error><Type>Sender</Type>{_said(error)}</Error>"
    body = f"<ErrorResponse><Errors>{said}</Errors>{said}<RequestId>{uuid4()}</RequestId></ErrorResponse>"
    return Response(body, error.status, content_type="text/xml")


def _said(error: AwsError) -> str:
    return f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"


def disk_trouble(error: OSError | sqlite3.Error, folder: Path) -> AwsError:
    """Say what keeps bytes from being stored.

    Returns
    -------
    AwsError
        Status 507, which SDKs do not try again, unlike 500 and 503.
    """
    if is_full(error):
        message = f"no space left in {folder}: nothing was changed; free some space there and try again"
    else:
        message = f"{folder} cannot be written: {error}"
    return AwsError("InternalError", message, 507)


def is_full(error: BaseException) -> bool:
    """Tell whether an error means that a disk, a quota or a file-size limit is used up."""
    if isinstance(error, sqlite3.OperationalError):
        code = error.sqlite_errorcode & 0xFF
        return code == sqlite3.SQLITE_FULL or error.sqlite_errorcode == sqlite3.SQLITE_IOERR_WRITE
    return isinstance(error, OSError) and error.errno in _FULL
