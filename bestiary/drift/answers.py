"""What an endpoint said of each photo, from the body of its answer: JSON, JSON lines or CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json

from bestiary.images.layout import LENGTH
from bestiary.images.statistics import BINS, VECTORS, Statistics

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bestiary.drift.capture import Body

_COLUMNS_BEFORE_SCORES = 6
_NUMBERS = tuple(name for name in Statistics.__annotations__ if name not in VECTORS)


@dataclass(frozen=True)
class Answer:
    """What was said of one photo.

    Attributes
    ----------
    species
        The label; empty where the photo could not be used.
    confidence
        0 to 1.
    scores
        0 to 1, of every label; empty where they are not named.
    image
        What was measured of the photo; None where the answer does not have it.
    embedding
        What the model sees in the photo; empty where the answer does not have it.
    version
        Of the model.
    error
        Why there is no species; empty where there is.
    """

    species: str
    confidence: float
    scores: dict[str, float]
    image: Statistics | None
    embedding: tuple[float, ...] = ()
    version: str = ""
    error: str = ""


class NoAnswer(ValueError):  # noqa: N818 - it names what was found
    """A body is no classifier's answer; the message says why."""


def read_answers(body: Body, labels: Sequence[str] = ()) -> list[Answer]:
    """Read the answers to one request, one for each of its photos.

    Parameters
    ----------
    body
        As the endpoint wrote it.
    labels
        In the order of a CSV row's scores, which do not name them.

    Raises
    ------
    NoAnswer
        It is not what this project's classifier answers.
    """
    try:
        text = body.data.decode()
        if "csv" in body.content_type or body.encoding == "CSV":
            return [_row(row, labels) for row in csv.reader(io.StringIO(text))]
        return [_answer(document) for document in _documents(text)]
    except NoAnswer:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, csv.Error) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise NoAnswer(f"no classifier's answer: {what}") from error


def _documents(text: str) -> Iterator[dict[str, Any]]:
    lines = text.splitlines()
    first = from_json(lines[0])
    if "predictions" in first:
        yield from first["predictions"]
        return
    yield first
    yield from map(from_json, lines[1:])


def _answer(found: dict[str, Any]) -> Answer:
    if "error" in found and "species" not in found:
        return Answer("", 0.0, {}, None, error=str(found["error"]))
    image = found.get("image")
    scores = {str(label): _share(score) for label, score in found.get("scores", {}).items()}
    return Answer(
        species=_text(found["species"]),
        confidence=_share(found["confidence"]),
        scores=scores,
        image=None if image is None else _statistics(image),
        embedding=tuple(map(_finite, found.get("embedding", ()))),
        version=str(found.get("model_version", "")),
    )


def _row(row: Sequence[str], labels: Sequence[str]) -> Answer:
    if len(row) < _COLUMNS_BEFORE_SCORES:
        raise NoAnswer(f"no classifier's answer: a row of {len(row)} columns")
    species, _, _, confidence, version, error = row[:_COLUMNS_BEFORE_SCORES]
    if error:
        return Answer("", 0.0, {}, None, error=error)
    scores = [_share(score) for score in row[_COLUMNS_BEFORE_SCORES:]]
    named = dict(zip(labels, scores, strict=True)) if len(labels) == len(scores) else {}
    return Answer(_text(species), _share(confidence), named, None, version=version)


def _statistics(found: dict[str, Any]) -> Statistics:
    numbers = {name: _finite(found[name]) for name in _NUMBERS}
    vectors = {name: tuple(map(_finite, found.get(name, ()))) for name in VECTORS}
    for name, vector in vectors.items():
        if len(vector) != (LENGTH if name == "layout" else BINS) and not (name == "layout" and not vector):
            raise NoAnswer(f"no classifier's answer: {name} has {len(vector)} numbers")
    width, height = round(numbers.pop("width")), round(numbers.pop("height"))
    return Statistics(width=width, height=height, **numbers, **vectors)  # type: ignore[arg-type]  # by name


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise NoAnswer(f"no classifier's answer: the species is {value!r}")
    return value


def _share(value: object) -> float:
    share = float(value)  # type: ignore[arg-type]  # anything that is no number raises
    if not 0 <= share <= 1.001:
        raise NoAnswer(f"no classifier's answer: {share} is no probability")
    return share


def _finite(value: object) -> float:
    number = float(value)  # type: ignore[arg-type]  # anything that is no number raises
    if not isfinite(number):
        raise NoAnswer(f"no classifier's answer: {number} is no measure")
    return number
