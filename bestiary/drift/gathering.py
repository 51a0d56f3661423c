"""One pass over what was captured: counts of all of it, a sample of the photos, and the most unusual ones."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bestiary.drift.answers import Answer, NoAnswer, read_answers
from bestiary.drift.capture import BadLine
from bestiary.drift.photos import photos_of
from bestiary.drift.sample import KEPT, Sample, of_answers
from bestiary.images import UnreadableImage, read_header
from bestiary.images.statistics import MEASURED, Statistics, measure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from bestiary.drift.capture import Event

    Look = Callable[[bytes, Answer, Event], None]

_LISTED = 50


@dataclass
class Counts:
    """How much there was in a window.

    Attributes
    ----------
    requests
        Captured requests of the window.
    photos
        Photos that were given a name by the version that is watched.
    errors
        Photos, or whole requests, that were not: refused ones and answers that make no sense.
    unanswered
        Requests of which no answer was captured.
    unsure
        Photos below the confidence floor.
    other_versions
        Photos that other versions answered, by version: they are not compared.
    bad_lines
        Lines that hold no captured request.
    reasons
        What was wrong with errors and bad lines, each with how often it was so; the first `_LISTED`.
    examples
        The first of the bad lines.
    hours
        Requests by the hour in which they came.
    """

    requests: int = 0
    photos: int = 0
    errors: int = 0
    unanswered: int = 0
    unsure: int = 0
    other_versions: Counter[str] = field(default_factory=Counter)
    bad_lines: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    examples: list[BadLine] = field(default_factory=list)
    hours: Counter[datetime] = field(default_factory=Counter)

    def because(self, reason: str) -> None:
        """Count a reason, unless there are too many different ones."""
        if reason in self.reasons or len(self.reasons) < _LISTED:
            self.reasons[reason] += 1


@dataclass(frozen=True)
class Gathered:
    """What a window holds: counts of all of it, and a sample of up to `sample.KEPT` photos."""

    counts: Counts
    sample: Sample
    labels: tuple[str, ...]


def gather(
    lines: Iterable[Event | BadLine],
    *,
    labels: Sequence[str] = (),
    floor: float = 0.5,
    version: str = "",
    look: Look | None = None,
) -> Gathered:
    """Read captured requests to their end, in bounded memory.

    Parameters
    ----------
    lines
        From `bestiary.drift.capture.read_capture`.
    labels
        Of the model; where there are none, those of the first answer.
    floor
        Confidence below which an answer counts as unsure.
    version
        Whose answers are watched; empty for any.
    look
        Is shown every photo that was captured itself.
    """
    counts, species = Counts(), Counter[str]()
    kept = _Reservoir()
    known = tuple(labels)
    for line in lines:
        if isinstance(line, BadLine):
            _count_bad(counts, line)
            continue
        _count_request(counts, line)
        for answer, photo in _answered(line, known, counts):
            if version and answer.version and answer.version != version:
                counts.other_versions[answer.version] += 1
                continue
            known = known or tuple(answer.scores)
            counts.photos += 1
            counts.unsure += answer.confidence < floor
            species[answer.species] += 1
            kept.take(answer)
            if look and photo:
                look(photo, answer, line)
    sample = of_answers(kept.answers, known)
    return Gathered(counts, replace(sample, species=species), known)


def _answered(event: Event, labels: Sequence[str], counts: Counts) -> list[tuple[Answer, bytes]]:
    """Pair the answers of a request with its photos, as far as these were captured, and count the errors."""
    if event.answer is None:
        counts.unanswered += 1
        return []
    try:
        answers = read_answers(event.answer, labels)
    except NoAnswer as error:
        counts.errors += 1
        counts.because(str(error))
        return []
    photos = photos_of(event.request)
    photos = photos if len(photos) == len(answers) else [b""] * len(answers)
    pairs = []
    for answer, photo in zip(answers, photos, strict=True):
        if answer.error:
            counts.errors += 1
            counts.because(answer.error)
        else:
            pairs.append((_measured(answer, photo), photo))
    return pairs


def _measured(answer: Answer, photo: bytes) -> Answer:
    """Measure a photo here where its answer does not say how it looks, as an answer in CSV does not."""
    if answer.image is not None or not photo:
        return answer
    try:
        image: Statistics | None = measure(read_header(photo), MEASURED.from_bytes(photo))
    except UnreadableImage:
        image = None
    return replace(answer, image=image)


def _count_request(counts: Counts, event: Event) -> None:
    counts.requests += 1
    counts.hours[event.time.replace(minute=0, second=0, microsecond=0)] += 1


def _count_bad(counts: Counts, line: BadLine) -> None:
    counts.bad_lines += 1
    counts.because(line.reason)
    if len(counts.examples) < _LISTED:
        counts.examples.append(line)


class _Reservoir:
    """A random part of all answers, each as likely as any other (Vitter 1985, algorithm R)."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self._seen = 0
        self._draw = random.Random(0)  # noqa: S311 - which photos are kept is no secret

    def take(self, answer: Answer) -> None:
        self._seen += 1
        if len(self.answers) < KEPT:
            self.answers.append(answer)
        elif (place := self._draw.randrange(self._seen)) < KEPT:
            self.answers[place] = answer
