"""Asks the endpoint about pictures that have been read already."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image

from bestiary.images import decode
from pipelines.classification.asking import MOST_BYTES, ask
from pipelines.classification.photos import Photo
from pipelines.deployment import standing
from pipelines.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.classification.answers import Answer
    from pipelines.place import Place

_SIDE = 2048


def name_animals(place: Place, pictures: Mapping[str, bytes]) -> dict[str, Answer]:
    """Ask which animal each picture shows.

    Parameters
    ----------
    place
        Where the endpoint is.
    pictures
        The files' bytes by what people call them. Those that an endpoint would not take are sent smaller: no
        model looks at that many pixels.

    Returns
    -------
    Answers by the same names.

    Raises
    ------
    OperatorError
        Where nothing answers, or a picture cannot be used.
    """
    now = standing.read(place)
    if now.live is None:
        raise OperatorError(
            "no version serves that could name the animals: bestiary deploy, or say --species NAME"
        )
    photos = [_Held(name, len(data), "", data) for name, data in pictures.items()]
    found = {answer.file: answer for answer in ask(place, photos, str(now.live))}
    for answer in found.values():
        if answer.error:
            raise OperatorError(f"{answer.file}: {answer.error}")
    return found


@dataclass(frozen=True)
class _Held(Photo):
    data: bytes

    def read(self, place: Place) -> bytes:
        del place  # nothing is left to fetch
        return self.data if len(self.data) <= MOST_BYTES else _smaller(self.data)


def _smaller(data: bytes) -> bytes:
    image = Image.fromarray(decode(data, at_least=_SIDE))
    image.thumbnail((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    file = BytesIO()
    image.save(file, "JPEG", quality=92)
    return file.getvalue()
