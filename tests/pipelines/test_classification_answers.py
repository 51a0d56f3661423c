"""The file that a long run is kept in, and goes on from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.classification.answers import Answer, AnswersFile
from pipelines.classification.photos import Photo
from pipelines.errors import UsageError

BEAR = Answer('a, "b".jpg', "bear", "bear", "Ursidae", 0.75, {"bear": 0.75, "owl": 0.25}, "2", "", 10, "17")
BROKEN = Answer("ü.jpg", model_version="2", error="no photo", size=3, changed="5")


@pytest.mark.parametrize("suffix", ["jsonl", "csv"])
def test_what_was_written_is_read_back(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"answers.{suffix}"
    with AnswersFile(path) as file:
        file.write(BEAR)
    with AnswersFile(path) as file:
        file.write(BROKEN)
    with AnswersFile(path) as file:
        assert {BEAR.file: BEAR, BROKEN.file: BROKEN} == file.earlier


@pytest.mark.parametrize("suffix", ["jsonl", "csv"])
def test_a_line_that_was_cut_off_is_taken_away(tmp_path: Path, suffix: str) -> None:
    """At every byte, as a power cut might."""
    path = tmp_path / f"answers.{suffix}"
    with AnswersFile(path) as file:
        file.write(BEAR)
    first = path.stat().st_size
    with AnswersFile(path) as file:
        file.write(BROKEN)
    whole = path.read_bytes()
    for length in range(first, len(whole)):
        path.write_bytes(whole[:length])
        with AnswersFile(path) as file:
            assert {BEAR.file: BEAR} == file.earlier, length
            file.write(BROKEN)
        assert whole == path.read_bytes()


def test_the_last_line_about_a_photo_counts(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    newer = replace(BEAR, model_version="3")
    with AnswersFile(path) as file:
        file.write(BEAR)
        file.write(newer)
    with AnswersFile(path) as file:
        assert {BEAR.file: newer} == file.earlier


def test_an_answer_is_about_one_photo_and_one_version() -> None:
    photo = Photo(BEAR.file, BEAR.size, BEAR.changed)
    assert BEAR.about(photo, "2")
    assert not BEAR.about(photo, "3")
    assert not BEAR.about(replace(photo, changed="18"), "2")
    assert not BEAR.about(replace(photo, size=11), "2")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.jsonl", '{"x": 1}\n'),
        ("a.csv", "x,y\n1,2\n"),
        ("a.jsonl", "[\n"),
        ("a.csv", "my notes"),
        ("a.jsonl", "my notes"),
    ],
)
def test_a_file_of_somebody_else_is_left_alone(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(UsageError, match="was not written by bestiary classify"):
        AnswersFile(path)
    assert text == path.read_text()


def test_other_kinds_of_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"it ends in \.jsonl or \.csv"):
        AnswersFile(tmp_path / "answers.xlsx")
