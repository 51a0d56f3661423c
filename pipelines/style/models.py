"""What ``fast`` paints with: a folder, a handle of TensorFlow Hub, or a folder in S3."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pipelines.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bestiary.style.fast import Model
    from pipelines.place import Place


@contextmanager
def opened_model(where: str | None, place: Callable[[], Place]) -> Iterator[Model]:
    """Open what `fast` paints with; one in S3 is fetched into a folder that goes with the ``with``."""
    from bestiary.style import fast

    if where is None or not where.startswith("s3://"):
        yield fast.read(where)
        return
    with model_folder(where, place) as folder:
        yield fast.read(str(folder))


@contextmanager
def model_folder(where: str | None, place: Callable[[], Place]) -> Iterator[Path]:
    """Name the folder of what `fast` paints with; one in S3 or at TensorFlow Hub is fetched."""
    from bestiary.style import sources

    if where is None or not where.startswith("s3://"):
        yield sources.folder(where)
        return
    with tempfile.TemporaryDirectory() as folder:
        _fetch(place(), where, Path(folder))
        yield Path(folder)


def _fetch(place: Place, uri: str, folder: Path) -> None:
    from pipelines import s3

    bucket, prefix = s3.split(uri.rstrip("/") + "/")
    pages = cast("Any", place.s3).get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = [entry["Key"] for page in pages for entry in page.get("Contents", []) if entry["Size"]]
    if not keys:
        raise OperatorError(f"{uri} holds nothing: a model is a SavedModel or the TFLite pair")
    for key in keys:
        target = (folder / key.removeprefix(prefix)).resolve()
        if not target.is_relative_to(folder.resolve()):
            raise OperatorError(f"{uri}: the key {key} leads out of the model's folder")
        target.parent.mkdir(parents=True, exist_ok=True)
        place.s3.download_file(bucket, key, str(target))
