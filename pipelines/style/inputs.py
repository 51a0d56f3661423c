"""The photo and the paintings that a person names."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.errors import OperatorError, UsageError
from pipelines.pictures import read_picture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from bestiary.style import Style
    from pipelines.place import Place

    Pixels = NDArray[np.uint8]


@contextmanager
def plainly() -> Iterator[None]:
    """Turn what the domain says against a picture into the one line that an operator reads."""
    from bestiary.images import UnreadableImage
    from bestiary.style import CannotStylize

    try:
        yield
    except (CannotStylize, UnreadableImage) as error:
        raise OperatorError(str(error)) from error


@dataclass(frozen=True)
class Inputs:
    """A photo and paintings, decoded, each painting with its name for people."""

    title: str
    content: Pixels
    names: tuple[str, ...]
    styles: tuple[Style, ...]


@dataclass(frozen=True)
class Files:
    """A photo and paintings as they lie, each painting with its weight."""

    content: bytes
    styles: tuple[tuple[bytes, float], ...]


def read_files(content: str, styles: Sequence[str], place: Callable[[], Place]) -> Files:
    """Read all pictures without decoding them; takes and raises what `read_inputs` does."""
    wanted = [_weighed(style) for style in styles]
    photo = _data(content, place)
    return Files(photo, tuple((_data(where, place), weight) for where, weight in wanted))


def read_inputs(content: str, styles: Sequence[str], place: Callable[[], Place]) -> Inputs:
    """Read all pictures.

    Parameters
    ----------
    content
        Where the photo is.
    styles
        Where each painting is, with ``:WEIGHT`` or without.
    place
        Opens the account; asked only for S3.

    Raises
    ------
    OperatorError
        One cannot be read: the line names it.
    """
    from bestiary.style import Style

    wanted = [_weighed(style) for style in styles]
    photo = _pixels(content, place)
    painted = tuple(Style(_pixels(where, place), weight) for where, weight in wanted)
    return Inputs(_title(content), photo, tuple(_title(where) for where, _ in wanted), painted)


def _weighed(style: str) -> tuple[str, float]:
    where, colon, last = style.rpartition(":")
    if not colon or Path(style).exists():
        return style, 1.0
    try:
        weight = float(last)
    except ValueError:
        return style, 1.0
    if not 0 <= weight < float("inf"):
        raise UsageError(f"{style}: the weight of a style is a number from 0 up")
    return where, weight


def _pixels(where: str, place: Callable[[], Place]) -> Pixels:
    from bestiary.images import UnreadableImage, decode

    data = _data(where, place)
    try:
        return decode(data)
    except UnreadableImage as error:
        raise OperatorError(f"{where}: {error}") from error


def _data(where: str, place: Callable[[], Place]) -> bytes:
    return read_picture(where, place() if where.startswith("s3://") else None)


def _title(where: str) -> str:
    return Path(where.partition("?")[0]).stem.replace("-", " ").replace("_", " ") or where
