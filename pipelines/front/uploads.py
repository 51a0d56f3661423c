"""``POST /uploads``: an address in S3 where a picture can be put, and the picture once it is there.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

from __future__ import annotations

import re
import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pipelines.front import checking, schemas
from pipelines.front.exchange import Answer, RefusedError
from pipelines.front.routes import MOST_UPLOADED
from pipelines.names import PICTURES

if TYPE_CHECKING:
    from pipelines.front.exchange import Request
    from pipelines.style.queue import Account

UPLOADS = f"{PICTURES}/uploads"
"""Prefix in the bucket; a rule of the bucket deletes what is under it after a day."""
SECONDS = 900
_KINDS = (
    re.compile(rb"\xff\xd8\xff"),
    re.compile(rb"\x89PNG\r\n\x1a\n"),
    re.compile(rb"RIFF....WEBP", re.DOTALL),
)
"""How JPEG, PNG and WebP begin."""


def begin(account: Account, request: Request) -> Answer:
    """Answer an address that takes one picture: of the type named, `MOST_UPLOADED` bytes at most."""
    asked = request.json()
    checking.check(asked, schemas.UPLOAD)
    name, kind = secrets.token_hex(16), {"Content-Type": asked["content_type"]}
    form: dict[str, Any] = account.client("s3").generate_presigned_post(
        account.bucket,
        f"{UPLOADS}/{name}",
        Fields=dict(kind),
        Conditions=[kind, ["content-length-range", 1, MOST_UPLOADED]],
        ExpiresIn=SECONDS,
    )
    told = {"upload": name, **form, "most_bytes": MOST_UPLOADED, "seconds": SECONDS}
    return Answer.json(told, HTTPStatus.CREATED)


def read(account: Account, name: str) -> bytes:
    """Read a picture that was uploaded.

    Raises
    ------
    RefusedError
        404: nothing was uploaded under that name, or it is gone. 422: it is no picture.
    """
    try:
        found = account.client("s3").get_object(Bucket=account.bucket, Key=f"{UPLOADS}/{name}")
        data: bytes = found["Body"].read(MOST_UPLOADED + 1)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") not in {"NoSuchKey", "404"}:
            raise
        raise RefusedError(
            HTTPStatus.NOT_FOUND,
            f"nothing was uploaded as {name}: POST the picture to the address that POST /uploads answers; "
            "it is kept for a day",
        ) from None
    check(f"upload {name}", data)
    return data


def check(what: str, data: bytes) -> None:
    """Refuse what does not begin as a picture does; whether it is a whole one is for the model to say.

    Raises
    ------
    RefusedError
        422, naming it.
    """
    if not any(kind.match(data) for kind in _KINDS):
        raise RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, f"{what} is no picture: send JPEG, PNG or WebP")
