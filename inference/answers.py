"""What is answered about a photo, as JSON, JSON lines or CSV."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bestiary.images.statistics import Statistics  # noqa: TC001 - pydantic reads the annotations
from inference.errors import Refusal
from inference.media_types import CSV, JSON, JSON_LINES

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Answer:
    """What a model says of one photo.

    Attributes
    ----------
    species
        The label with the highest score.
    common_name, scientific_name
        What the label means; the scientific name is empty where it is not known.
    confidence
        The score of `species`, 0 to 1.
    scores
        Of every label, 0 to 1; they add up to 1 but for rounding.
    model_version
        The version that answered.
    image
        Measures of the photo, by which a monitor sees that photos change.
    embedding
        What the model sees in it, by which a monitor sees new kinds of photos; may be empty.
    """

    species: str
    common_name: str
    scientific_name: str
    confidence: float
    scores: dict[str, float]
    model_version: str
    image: Statistics
    embedding: tuple[float, ...]


def write(outcomes: Sequence[Answer | Refusal], content_type: str, accept: str) -> bytes:
    """Write what is answered to a request.

    One photo sent as it is gets one object; instances get ``{"predictions": […]}``; lines get a line each,
    with ``{"error": …}`` for a photo that could not be used. As CSV a photo is a row without header: species,
    common name, scientific name, confidence, model version, error, then the scores in the order of the
    labels.

    Raises
    ------
    Refusal
        A photo could not be used, and it was not sent as one line of several.
    """
    if content_type != JSON_LINES:
        answers = [_usable(outcome, index, len(outcomes)) for index, outcome in enumerate(outcomes)]
        if accept == JSON:
            plain = [_plain(answer) for answer in answers]
            return _json({"predictions": plain} if content_type == JSON else plain[0])
    if accept == CSV:
        return _csv(outcomes)
    return b"".join(_json(_plain(outcome)) for outcome in outcomes)


def _usable(outcome: Answer | Refusal, index: int, count: int) -> Answer:
    if isinstance(outcome, Answer):
        return outcome
    if count == 1:
        raise outcome
    raise Refusal(outcome.status, f"instances[{index}]: {outcome.message}", outcome.headers)


def _plain(outcome: Answer | Refusal) -> dict[str, Any]:
    if isinstance(outcome, Refusal):
        return {"error": outcome.message}
    # Not dataclasses.asdict, which copies every number: it takes ten times as long.
    return {**vars(outcome), "image": vars(outcome.image)}


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _csv(outcomes: Sequence[Answer | Refusal]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for outcome in outcomes:
        if isinstance(outcome, Refusal):
            writer.writerow(["", "", "", "", "", outcome.message])
        else:
            names = [outcome.species, outcome.common_name, outcome.scientific_name]
            writer.writerow([*names, outcome.confidence, outcome.model_version, "", *outcome.scores.values()])
    return text.getvalue().encode()
