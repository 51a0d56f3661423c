"""The most unusual photos of a window: what a person should look at first."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bestiary.drift.features import BY_NAME
from bestiary.drift.neighbours import Neighbourhood
from bestiary.images import UnreadableImage, decode
from bestiary.report.pictures import thumbnail

if TYPE_CHECKING:
    from datetime import datetime

    from bestiary.drift.answers import Answer
    from bestiary.drift.baseline import Baseline
    from bestiary.drift.capture import Event
    from bestiary.drift.sample import Sample

SHOWN = 24
_LIGHT = ("brightness", "contrast", "saturation", "sharpness")
_SPACES = {"light": "", "layout": "laid out in a new way", "embedding": "new to the model"}
"""What photos are compared by, and what it means to be far from the rest in it; light has better words."""
_RARE = 0.02
_SIDE = 256


@dataclass(frozen=True)
class Unusual:
    """A photo that differs from the baseline's.

    Attributes
    ----------
    score
        Distance from the nearest photos of the baseline, over what 95 of 100 there stay below.
    picture
        A thumbnail, as a JPEG data URI.
    species, confidence
        What it was called.
    why
        What is unusual, in words; may be empty.
    name
        The caller's inference id, or SageMaker's event id.
    time
        When.
    """

    score: float
    picture: str
    species: str
    confidence: float
    why: tuple[str, ...]
    name: str
    time: datetime


class Gallery:
    """Keeps the most unusual photos that it is shown, as thumbnails.

    Parameters
    ----------
    baseline
        What is usual; where it has no measures, the least sure answers are the most unusual.
    shown
        How many to keep.
    """

    def __init__(self, baseline: Baseline, shown: int = SHOWN) -> None:
        self._baseline = baseline
        self._shown = shown
        self._kept: list[tuple[float, int, Unusual]] = []
        self._count = 0
        found = {name: Neighbourhood.of(_points(name, baseline.sample)) for name in _SPACES}
        self._spaces = {name: space for name, space in found.items() if space is not None}

    @property
    def seen(self) -> int:
        """How many photos it was shown."""
        return self._count

    def look(self, photo: bytes, answer: Answer, event: Event) -> None:
        """Consider a photo; what cannot be decoded is passed over."""
        self._count += 1
        distances = self._distances(answer)
        score = max(distances.values(), default=1 - answer.confidence)
        if len(self._kept) >= self._shown and score <= self._kept[0][0]:
            return
        try:
            picture = thumbnail(decode(photo, at_least=_SIDE))
        except UnreadableImage:
            return
        why = tuple(self._why(answer, distances))
        name = event.inference_id or event.event_id
        found = Unusual(score, picture, answer.species, answer.confidence, why, name, event.time)
        keep = heapq.heappush if len(self._kept) < self._shown else heapq.heapreplace
        keep(self._kept, (score, self._count, found))

    def photos(self) -> list[Unusual]:
        """Return those that were kept, the most unusual first."""
        return [found for _, _, found in sorted(self._kept, key=lambda one: (-one[0], one[1]))]

    def _distances(self, answer: Answer) -> dict[str, float]:
        points: dict[str, tuple[float, ...]] = {"embedding": answer.embedding}
        if answer.image is not None:
            points["light"] = tuple(getattr(answer.image, name) for name in _LIGHT)
            points["layout"] = answer.image.layout
        return {
            name: space.distance(np.array(points[name]))
            for name, space in self._spaces.items()
            if len(points.get(name, ())) == space.points.shape[1]
        }

    def _why(self, answer: Answer, distances: dict[str, float]) -> list[str]:
        words = []
        if "light" in distances:
            for name in _LIGHT:
                rank = float((self._baseline.sample.columns[name] < getattr(answer.image, name)).mean())
                if not _RARE <= rank <= 1 - _RARE:
                    words.append(BY_NAME[name].down if rank < _RARE else BY_NAME[name].up)
        words += [_SPACES[name] for name, distance in distances.items() if distance > 1 and _SPACES[name]]
        if answer.confidence < self._baseline.limits.confidence_floor:
            words.append("the model is unsure")
        return words


def _points(name: str, sample: Sample) -> np.ndarray:
    if name != "light":
        return np.asarray(sample.columns.get(name, np.empty((0, 1))))
    rows = min(sample.rows(one) for one in _LIGHT)
    return np.column_stack([sample.columns[one][:rows] for one in _LIGHT]) if rows else np.empty((0, 1))
