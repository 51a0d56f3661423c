"""Labels from a CSV table or from a Ground Truth job's output manifest, on this machine or in S3."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bestiary.labels import UnusableLabels
from bestiary.labels.manifest import read_manifest
from bestiary.labels.table import read_table
from pipelines import s3
from pipelines.errors import UsageError

if TYPE_CHECKING:
    from bestiary.labels import Labelled
    from pipelines.place import Place


def read(place: Place, source: str) -> list[Labelled]:
    """Read labels: of a ``.csv``, a table; of anything else, an output manifest.

    Raises
    ------
    UsageError
        Where there is no such file, or it is neither.
    OperatorError
        Where S3 does not give it.
    """
    try:
        body = s3.read(place, source) if source.startswith("s3://") else Path(source).read_bytes()
        text = body.decode()
    except OSError as error:
        raise UsageError(f"{source}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise UsageError(f"{source}: it is no text in UTF-8") from None
    try:
        if source.lower().endswith(".csv"):
            found = read_table(source, text)
        else:
            found = read_manifest(source, text.splitlines())
    except UnusableLabels as error:
        raise UsageError(str(error)) from None
    if not found:
        raise UsageError(f"{source}: there is no label in it")
    return found
