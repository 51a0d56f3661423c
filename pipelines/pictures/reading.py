"""Reads one picture from wherever a person says it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from pipelines import s3
from pipelines.errors import OperatorError, UsageError
from pipelines.pictures.web import MOST_BYTES, Web
from pipelines.place import reason

if TYPE_CHECKING:
    from pipelines.place import Place


def read_picture(where: str, place: Place | None, web: Web | None = None) -> bytes:
    """Read a picture whole, from a file, S3 or the web; what it is, its own bytes say.

    Parameters
    ----------
    where
        A path, ``s3://bucket/key`` or ``https://…``.
    place
        Where S3 is; ``None`` where there is none to ask.
    web
        How the web is reached; by default public addresses over HTTPS, 25 MB and 20 s at most.

    Returns
    -------
    The bytes of a picture whose header `bestiary.images.read_header` can read.

    Raises
    ------
    UsageError
        Where there is no such file, or ``where`` is of none of the three kinds.
    OperatorError
        Where it cannot be read or is no picture: one line that says which and why.
    """
    # NumPy comes with it: only where a picture is read.
    from bestiary.images import UnreadableImage, read_header

    scheme, separator, _ = where.partition("://")
    scheme = scheme.lower()
    if not separator:
        data = _from_disk(where)
    elif scheme == "s3":
        data = _from_s3(where, place)
    elif scheme in ("https", "http"):
        data = (web or Web()).fetch(where)
    else:
        raise UsageError(f"{where}: a picture is a file, s3://… or https://…")
    try:
        read_header(data)
    except UnreadableImage as error:
        raise OperatorError(f"{where}: {error.reason}") from None
    return data


def _from_disk(where: str) -> bytes:
    path = Path(where).expanduser()
    if not path.is_file():
        raise UsageError(f"{where}: " + ("is a folder" if path.is_dir() else "there is no such file"))
    try:
        with path.open("rb") as file:
            return _bounded(where, file.read(MOST_BYTES + 1))
    except OSError as error:
        raise OperatorError(f"{where}: cannot be read ({error.strerror})") from None


def _from_s3(where: str, place: Place | None) -> bytes:
    bucket, key = s3.split(where)
    if not bucket or not key:
        raise UsageError(f"{where}: a picture in S3 is s3://bucket/key")
    if place is None:
        raise OperatorError(f"{where}: S3 cannot be asked here")
    try:
        body: Any = place.s3.get_object(Bucket=bucket, Key=key)["Body"]
        with body:
            return _bounded(where, body.read(MOST_BYTES + 1))
    except (ClientError, BotoCoreError) as error:
        raise OperatorError(f"{where}: {reason(error)}") from None


def _bounded(where: str, data: bytes) -> bytes:
    if len(data) > MOST_BYTES:
        raise OperatorError(f"{where}: more than {MOST_BYTES / 1e6:g} MB, make it smaller")
    return data
