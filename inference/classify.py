"""The task ``classification``: which animal is in a photo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from bestiary.classifiers.embedding import LENGTH
from bestiary.images import Preprocessing, UnreadableImage, prepare, read_header
from bestiary.images.statistics import MEASURED, Statistics, measure
from bestiary.species import Species, species
from inference import answers, photos, runtimes
from inference.answers import Answer
from inference.errors import ModelUnusable, Refusal
from inference.media_types import CSV, JSON, JSON_LINES
from inference.task import Reply

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from inference.model_folder import ModelFolder
    from inference.runtimes import Network
    from inference.settings import Settings
    from inference.task import Request

FORMATS = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
"""Media types of the formats that are read, by Pillow's name. Others are not decoded: the less to attack."""

DIGITS = 6
SEEN_DIGITS = 3


class Prepared(NamedTuple):
    """A photo as the network takes it, uint8 (S, S, 3), and what was measured of it."""

    pixels: npt.NDArray[np.uint8]
    statistics: Statistics


@dataclass(frozen=True)
class Classification:
    """A classifier behind ``/invocations``; see `inference.task.Task` for its methods.

    Attributes
    ----------
    network
        From uint8 (N, S, S, 3) to float32 (N, C + E), scores and what it sees.
    preprocessing
        What a photo goes through first, the very function that training used.
    species
        In the order of the scores.
    version
        Of the model.
    batch
        The most photos at a time.
    """

    network: Network
    preprocessing: Preprocessing
    species: tuple[Species, ...]
    version: str
    batch: int
    name: str = "classification"
    consumes: tuple[str, ...] = (*photos.IMAGES, JSON, JSON_LINES)

    def produces(self, content_type: str) -> tuple[str, ...]:
        """Lines are answered with lines, all else with a document; either also as CSV."""
        return (JSON_LINES if content_type == JSON_LINES else JSON, CSV)

    def split(self, request: Request) -> Sequence[bytes | Refusal]:
        """Return the photos of a request."""
        return photos.split(request.body, request.content_type)

    def prepare(self, item: bytes) -> Prepared:
        """Decode, resize and measure a photo, and equalize it where the model wants that."""
        try:
            header = read_header(item)
            if header.format not in FORMATS:
                raise Refusal(400, f"the photo is {header.format}: send JPEG, PNG or WebP")
            resized = Preprocessing(self.preprocessing.size)
            pictures = _pictures(item, resized, MEASURED)
        except UnreadableImage as error:
            raise Refusal(400, f"the photo cannot be used: {error.reason}") from error
        return Prepared(self.preprocessing.finish(pictures[resized]), measure(header, pictures[MEASURED]))

    def answer(self, prepared: Sequence[Prepared]) -> list[Answer]:
        """Name the animals in 1 to `batch` photos."""
        scores = self.network(np.stack([one.pixels for one in prepared]))
        return [self._answer(row, one.statistics) for row, one in zip(scores, prepared, strict=True)]

    def write(self, outcomes: Sequence[Answer | Refusal], request: Request) -> Reply:
        """Return the answer."""
        return Reply(answers.write(outcomes, request.content_type, request.accept), request.accept)

    def description(self) -> dict[str, Any]:
        """Return the task's part of the OpenAPI document."""
        from inference import classify_openapi

        return classify_openapi.description()

    def close(self) -> None:
        """A batch is done in a moment."""

    def _answer(self, row: npt.NDArray[np.float32], statistics: Statistics) -> Answer:
        scores, seen = row[: len(self.species)], row[len(self.species) :]
        rounded = [round(float(score), DIGITS) for score in scores]
        best = self.species[int(scores.argmax())]
        return Answer(
            species=best.label,
            common_name=best.common,
            scientific_name=best.scientific,
            confidence=max(rounded),
            scores={one.label: score for one, score in zip(self.species, rounded, strict=True)},
            model_version=self.version,
            image=statistics,
            embedding=tuple(round(float(number), SEEN_DIGITS) for number in seen),
        )


def _pictures(item: bytes, *wanted: Preprocessing) -> dict[Preprocessing, npt.NDArray[np.uint8]]:
    different = list(dict.fromkeys(wanted))
    return dict(zip(different, prepare(item, different), strict=True))


def load(folder: ModelFolder, settings: Settings) -> Classification:
    """Load a classifier and run it once.

    Raises
    ------
    ModelUnusable
        Its parts do not fit together, or the network cannot be run.
    """
    try:
        labels = tuple(species(str(label)) for label in folder.json("labels.json"))
        preprocessing = Preprocessing.from_json(folder.json("preprocessing.json"))
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ModelUnusable(f"{folder.path} holds no classifier: {error}") from error
    network = runtimes.load(folder, settings)
    black = np.zeros((1, preprocessing.size, preprocessing.size, 3), np.uint8)
    scores = network(black).shape[-1]
    if scores not in {len(labels), len(labels) + LENGTH}:
        raise ModelUnusable(f"{folder.path}: the network gives {scores} scores for {len(labels)} labels")
    version = settings.version or folder.digest[:12]
    return Classification(network, preprocessing, labels, version, settings.batch)
