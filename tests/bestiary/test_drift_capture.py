"""Captured lines as they come: whole and cut, of this project and of others, in every encoding."""

import contextlib
import json
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from captured_traffic import LABELS, START, answer, answered, body, line, picture, row, write
from hypothesis import given, settings
from hypothesis import strategies as st

from bestiary.drift import UnusableWindow, Window
from bestiary.drift.answers import NoAnswer, read_answers
from bestiary.drift.capture import BadLine, Body, Event, read_capture
from bestiary.drift.gathering import gather
from bestiary.drift.lines import read_lines

PHOTO = picture(1)
SAID = answer(1, PHOTO)
NAMES = (
    *SAID,
    *SAID["image"],
    "captureData",
    "eventMetadata",
    "inferenceTime",
    "eventId",
    "predictions",
    "error",
)
DOCUMENT = json.dumps(SAID).encode()


def events(folder: Path, window: Window | None = None) -> list[Event]:
    return [one for one in read_capture(folder, window) if isinstance(one, Event)]


@pytest.mark.parametrize("encoding", ["BASE64", "JSON"])
def test_an_answer_is_read_in_either_encoding(tmp_path: Path, encoding: str) -> None:
    write(tmp_path, [line(body("application/json; charset=utf-8", DOCUMENT, encoding))])
    [event] = events(tmp_path)
    assert event.answer is not None
    [found] = read_answers(event.answer)
    assert (SAID["species"], SAID["scores"], "3") == (found.species, found.scores, found.version)
    assert found.image is not None
    assert SAID["image"]["layout"] == found.image.layout
    assert tuple(SAID["embedding"]) == found.embedding


@pytest.mark.parametrize("encoding", ["BASE64", "CSV"])
def test_a_row_of_csv_is_read_with_the_labels_that_it_lacks(tmp_path: Path, encoding: str) -> None:
    write(tmp_path, [line(body("text/csv", row(SAID).encode(), encoding))])
    [event] = events(tmp_path)
    assert event.answer is not None
    [found] = read_answers(event.answer, LABELS)
    assert (SAID["species"], SAID["scores"]) == (found.species, found.scores)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"predictions": [SAID, SAID]}),
        f"{json.dumps(SAID)}\n{json.dumps(SAID)}\n",
    ],
)
def test_several_photos_of_a_request_are_several_answers(tmp_path: Path, text: str) -> None:
    write(tmp_path, [line(body("application/json", text.encode()))])
    [event] = events(tmp_path)
    assert event.answer is not None
    assert [SAID["species"]] * 2 == [one.species for one in read_answers(event.answer)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "no classifier's answer"),
        ('{"loss": 3}', "'species' is missing"),
        ("[]", "no classifier's answer"),
        ("", "no classifier's answer"),
        ('{"species": "bear", "confidence": "often"}', "could not convert"),
        ('{"species": "bear", "confidence": 7}', "7.0 is no probability"),
        ('{"species": 3, "confidence": 0.7}', "the species is 3"),
        (json.dumps(SAID).replace('"sharpness": ', '"sharpness": NaN, "x": '), "nan is no measure"),
        (json.dumps({**SAID, "image": {**SAID["image"], "red": [0.5, 0.5]}}), "red has 2 numbers"),
        (json.dumps({**SAID, "embedding": [1, None]}), "no classifier's answer"),
    ],
)
def test_what_others_answer_is_refused_with_a_reason(tmp_path: Path, text: str, reason: str) -> None:
    write(tmp_path, [line(body("application/json", text.encode()))])
    [event] = events(tmp_path)
    assert event.answer is not None
    with pytest.raises(NoAnswer, match=reason):
        read_answers(event.answer)


def test_bad_lines_are_named_and_the_good_ones_still_read(tmp_path: Path) -> None:
    """Cut, foreign, wrongly encoded, timeless and binary lines stand between good ones."""
    good = line(body("application/json", DOCUMENT))
    without_time = json.loads(good)
    without_time["eventMetadata"]["inferenceTime"] = "yesterday"
    wrong = json.loads(good)
    wrong["captureData"]["endpointOutput"]["encoding"] = "GZIP"
    lines = [
        good,
        good[:-40],
        '{"hello": "world"}',
        "[1, 2]",
        json.dumps(without_time),
        json.dumps(wrong),
        good,
    ]
    write(tmp_path, lines)
    (tmp_path / "more.jsonl").write_bytes(b"\xff\xfe\x00\n\n" + good.encode())
    found = list(read_capture(tmp_path))
    bad = [one for one in found if isinstance(one, BadLine)]
    assert 3 == sum(isinstance(one, Event) for one in found)
    assert [2, 3, 4, 5, 6, 1] == [one.number for one in bad]
    assert "captureData' is missing" in bad[1].reason
    assert "'yesterday' is no time" in bad[3].reason
    assert "GZIP" in bad[4].reason
    assert "more.jsonl" == bad[5].file


def test_a_line_without_end_is_passed_over_in_pieces(tmp_path: Path) -> None:
    """What is held in memory stays near the longest line allowed, whatever the file holds."""
    file = tmp_path / "endless.jsonl"
    file.write_bytes(b"x" * 3_000_000 + b"\nlast\n")
    tracemalloc.start()
    lines = list(read_lines(file, longest=10_000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [(1, None), (2, b"last\n")] == lines
    assert peak < 500_000


def test_only_the_window_is_read(tmp_path: Path) -> None:
    """Its start is in it, its end is not; SageMaker hands over whole hours around it."""
    said = body("application/json", DOCUMENT)
    write(tmp_path, [line(said, START + timedelta(minutes=minute)) for minute in (-1, 0, 30, 60)])
    window = Window.parse("2026-11-22T08:00:00Z", "2026-11-22T09: 00: 00Z")
    assert [0, 30] == [(one.time - START).seconds // 60 for one in events(tmp_path, window)]


def test_times_are_utc_unless_they_say_otherwise() -> None:
    window = Window.parse("2026-11-22T08:00:00", "2026-11-22T12:00:00+02:00")
    assert (START, datetime(2026, 11, 22, 10, tzinfo=UTC)) == (window.start, window.end)


@pytest.mark.parametrize(("start", "end"), [("soon", ""), ("2026-11-22T08:00:00Z", "2026-11-22T08:00:00Z")])
def test_a_window_that_makes_no_sense_is_refused(start: str, end: str) -> None:
    with pytest.raises(UnusableWindow):
        Window.parse(start, end)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(value=JSON, changes=st.dictionaries(st.sampled_from(NAMES), JSON, max_size=3))
def test_whatever_json_there_is_the_reader_survives(value: Any, changes: dict[str, Any]) -> None:
    """As a line, as an answer, and as an answer that is right but for a few of its parts."""
    for text in (value, {**SAID, **changes}, {**SAID, "image": {**SAID["image"], **changes}}):
        with contextlib.suppress(NoAnswer):
            read_answers(Body("application/json", json.dumps(text), "JSON"))
    with TemporaryDirectory() as folder:
        event = json.loads(line(body("application/json", DOCUMENT)))
        both = [json.dumps(value), json.dumps({**event, **changes})]
        write(Path(folder), [*both, json.dumps({**event, "eventMetadata": changes})])
        assert 3 == len(list(read_capture(Path(folder))))


def test_everything_is_counted(tmp_path: Path) -> None:
    """Errors, missing answers, other versions and bad lines are told apart; none stops the others."""
    refused = json.dumps({"error": "the photo cannot be used: truncated"}).encode()
    lines = [
        *(answered(seed) for seed in range(4)),
        answered(5, version="2"),
        line(body("application/jsonlines", DOCUMENT + b"\n" + refused)),
        line(None, given=body("image/jpeg", PHOTO, mode="INPUT")),
        line(body("text/html", b"<h1>Bad gateway</h1>")),
        "{cut",
    ]
    write(tmp_path, lines)
    counts = gather(read_capture(tmp_path), version="3").counts
    assert (8, 5, 2, 1, 1) == (
        counts.requests,
        counts.photos,
        counts.errors,
        counts.unanswered,
        counts.bad_lines,
    )
    assert {"2": 1} == counts.other_versions
    assert 1 == counts.reasons["the photo cannot be used: truncated"]


def test_photos_are_measured_here_where_the_answer_does_not_say_how_they_look(tmp_path: Path) -> None:
    """An answer in CSV has no measures; a captured photo has them."""
    given, said = body("image/jpeg", PHOTO, mode="INPUT"), body("text/csv", row(SAID).encode())
    write(tmp_path, [line(said, given=given)])
    sample = gather(read_capture(tmp_path), labels=LABELS).sample
    assert [SAID["image"]["brightness"]] == sample.columns["brightness"].tolist()
    assert 1 == sample.rows("scores")


def test_a_sample_is_bounded_and_counts_are_not(tmp_path: Path) -> None:
    """Of more photos than a sample holds each is as likely to be in it."""
    one = json.loads(answered(1))
    said = read_answers(events(write(tmp_path, [json.dumps(one)]))[0].answer)[0]
    many = (
        Event(START, str(number), "", None, events_body)
        for events_body in [events(tmp_path)[0].answer]
        for number in range(2500)
    )
    gathered = gather(many)
    assert (2500, 2000) == (gathered.counts.photos, gathered.sample.rows("confidence"))
    assert {said.species: 2500} == gathered.sample.species
