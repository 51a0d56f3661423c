"""The code of the function behind API Gateway: put together from the clone, named by what it is."""

from __future__ import annotations

import hashlib
import io
import zipfile
from functools import cache
from typing import TYPE_CHECKING

from pipelines.settings import CODE

if TYPE_CHECKING:
    from pipelines.place import Place

PARAMETER = "FrontCode"
"""Of the front's stack: the code's key."""
CLOSED = "closed"
"""What ``/bestiary/front`` says as long as nobody opened it; else it is the address."""
_SHARED = (
    "pipelines/__init__.py",
    "pipelines/errors.py",
    "pipelines/names.py",
    "pipelines/style/__init__.py",
    "pipelines/style/form.py",
    "pipelines/style/queue.py",
)
_NOT_ITS = ("gateway.py", "limits.py")
"""What API Gateway does itself."""
_THEN = (1980, 1, 1, 0, 0, 0)


@cache
def files() -> tuple[str, ...]:
    """List the function's files, as paths in the clone; all else that it imports is in Lambda's runtime."""
    own = (
        path.relative_to(CODE).as_posix()
        for path in (CODE / "pipelines" / "front").glob("*.py")
        if path.name not in _NOT_ITS
    )
    return tuple(sorted({*own, *_SHARED}))


@cache
def archive() -> bytes:
    """Pack the function; the same code gives the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        for name in files():
            entry = zipfile.ZipInfo(name, _THEN)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(entry, (CODE / name).read_bytes())
    return packed.getvalue()


def key() -> str:
    """Name the archive in the bucket, by its digest."""
    return f"bestiary/front/{hashlib.sha256(archive()).hexdigest()[:24]}.zip"


def put(place: Place) -> None:
    """Put the archive into the account's bucket, for CloudFormation to take it from there."""
    place.client("s3").put_object(
        Bucket=place.bucket, Key=key(), Body=archive(), ContentType="application/zip"
    )
