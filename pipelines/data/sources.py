"""``--data``: the sample, a folder, an S3 prefix or the Kaggle set."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from pipelines.data.kaggle import kaggle_folder
from pipelines.data.sample import sample_folder
from pipelines.data.upload import upload_photos
from pipelines.errors import OperatorError, UsageError
from pipelines.place import reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipelines.place import Place


def photos_uri(place: Place, data: str, say: Callable[[str], None]) -> str:
    """Bring the photos to S3.

    Parameters
    ----------
    place
        Where.
    data
        ``sample``, ``kaggle``, an ``s3://`` prefix, or a folder with one folder a species.
    say
        Told what takes a moment and what was left out.

    Returns
    -------
    str
        S3 prefix of the photos. A prefix we make is named for what is in it, so the same photos give the
        same prefix and their results can be reused.

    Raises
    ------
    OperatorError
        Where the photos cannot be had.
    """
    if data.startswith("s3://"):
        _check_prefix(place, data)
        return data.rstrip("/") + "/"
    if data == "sample":
        folder = sample_folder(place.settings.home, say)
    elif data == "kaggle":
        folder = kaggle_folder(place.settings.home, say)
    else:
        folder = _photo_folder(data)
    return upload_photos(place, folder, say)


def _photo_folder(data: str) -> Path:
    folder = Path(data).expanduser()
    if not folder.exists():
        raise UsageError(f"--data {data}: there is no such folder")
    if not folder.is_dir():
        raise UsageError(f"--data {data}: that is a file; give the folder that holds one folder a species")
    try:
        species = [entry for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith(".")]
    except OSError as error:
        raise UsageError(f"--data {data}: cannot be read ({error.strerror})") from None
    if not species:
        raise UsageError(
            f"--data {data}: it holds no folder; put the photos in one folder a species, as bear/, cat/"
        )
    return folder


def _check_prefix(place: Place, uri: str) -> None:
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    if not bucket:
        raise UsageError(f"--data {uri}: the bucket's name is missing")
    prefix = prefix.rstrip("/") + "/" if prefix else ""
    try:
        found = place.s3.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1)
        first = next(iter(found.get("Contents", [])), None)
        if first is not None:
            place.s3.head_object(Bucket=bucket, Key=first["Key"])
    except ClientError as error:
        raise OperatorError(f"--data {uri}: cannot be read: {reason(error)}") from None
    if first is None:
        raise OperatorError(f"--data {uri}: there is nothing under that prefix")
