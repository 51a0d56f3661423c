"""What an operator can get wrong, each told in one line that says what, where and what to do."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import SMALL, CommandLine


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--data", "nowhere"], "nowhere: there is no such folder"),
        (["--data", "Makefile"], "Makefile: that is a file"),
        (
            ["--data", "s3://no-such-bucket-at-all/photos"],
            "s3://no-such-bucket-at-all/photos: cannot be read",
        ),
        (["--data", "s3://bestiary-123456789012-us-east-1/empty"], "there is nothing under that prefix"),
        (["--backbone", "nowhere.keras"], "nowhere.keras: it is efficientnetb3 or a Keras file"),
        (["--set", "Epochs=many"], "Epochs is a whole number"),
        (["--set", "Speed=9"], "no such parameter"),
        (["--where", "moon"], "it is local or aws"),
    ],
)
def test_a_wrong_word_is_one_line_and_no_traceback(
    bestiary: CommandLine, words: list[str], told: str
) -> None:
    done = bestiary("run", *words)
    assert done.returncode in {1, 2}
    assert done.stdout == ""
    assert told in lines(done.stderr)[-1]
    assert "Traceback" not in done.stderr


def test_a_folder_without_species_is_refused(bestiary: CommandLine, tmp_path: Path, photos: Path) -> None:
    shutil.copy(next(photos.rglob("*.jpg")), tmp_path)
    done = bestiary("run", "--data", str(tmp_path))
    assert done.returncode == 2
    assert "one folder a species" in lines(done.stderr)[-1]


def test_broken_photos_are_named_and_the_run_goes_on(
    new_command_line: Callable[[], CommandLine], tmp_path: Path, photos: Path, backbone: Path
) -> None:
    """Truncated, empty, mislabelled, twice, an empty class: each named with its reason."""
    folder = tmp_path / "group's photos ä"
    shutil.copytree(photos, folder)
    bear = folder / "bear"
    one = next(bear.glob("*.jpg"))
    (bear / "cut short.jpg").write_bytes(one.read_bytes()[:900])
    (bear / "notes.jpg").write_text("no picture")
    (bear / "nothing.jpg").write_bytes(b"")
    shutil.copy(one, folder / "cat" / "same-as-bear.jpg")
    (folder / "wolf").mkdir()
    run: dict[str, Any] = new_command_line().json(
        "run", "--data", str(folder), "--backbone", str(backbone), "--set", "AccuracyThreshold=0", *SMALL
    )
    assert run["status"] == "Succeeded", run
    notices = "\n".join(run["notices"])
    for name in ("bear/cut short.jpg", "bear/notes.jpg", "bear/nothing.jpg", "cat/same-as-bear.jpg"):
        assert name in notices
