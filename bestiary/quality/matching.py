"""Captured answers and late labels, brought together by inference id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bestiary.drift.answers import NoAnswer, read_answers
from bestiary.drift.capture import Event

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bestiary.drift.capture import BadLine
    from bestiary.labels import Label


@dataclass(frozen=True)
class Pair:
    """A photo that was answered and labelled."""

    true: str
    predicted: str
    site: str = ""


@dataclass(frozen=True)
class Matched:
    """What came of bringing answers and labels together.

    Attributes
    ----------
    pairs
        One for each photo that has both, in the order in which they were answered first.
    answered
        Photos that were answered in the window, labelled or not; one that was asked about again counts again.
    bad_lines
        Lines and answers that could not be read.
    """

    pairs: tuple[Pair, ...]
    answered: int
    bad_lines: int


def match(
    lines: Iterable[Event | BadLine],
    labels: Mapping[str, Label],
    classes: Sequence[str] = (),
    version: str = "",
) -> Matched:
    """Find the photos that were both answered and labelled, in memory for these alone.

    Parameters
    ----------
    lines
        From `bestiary.drift.capture.read_capture`.
    labels
        By inference id; where an event has none, by SageMaker's own event id, as Model Monitor does it.
    classes
        In the order of a CSV answer's scores.
    version
        Whose answers count; empty for any. Of a photo that was asked about twice the last answer counts.
    """
    pairs: dict[str, Pair] = {}
    answered = bad = 0
    for event in lines:
        if not isinstance(event, Event):
            bad += 1
            continue
        if event.answer is None:
            continue
        try:
            answers = read_answers(event.answer, classes)
        except NoAnswer:
            bad += 1
            continue
        first = event.inference_id or event.event_id
        for index, answer in enumerate(answers):
            if not answer.species or (version and answer.version and answer.version != version):
                continue
            answered += 1
            name = first if len(answers) == 1 else f"{first}#{index}"
            label = labels.get(name)
            if label:
                pairs[name] = Pair(label.species, answer.species, label.site)
    return Matched(tuple(pairs.values()), answered, bad)
