"""What came back about each photo, and the file it is kept in while a long run goes on."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from pipelines.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from pipelines.classification.photos import Photo


@dataclass(frozen=True)
class Answer:
    """What the endpoint said of one photo.

    Attributes
    ----------
    file
        The photo.
    species, common_name, scientific_name
        The animal; ``None`` where the photo could not be used.
    confidence
        0 to 1.
    scores
        Of every species, 0 to 1.
    model_version
        Which version answered.
    error
        Why there is no species, empty where there is one.
    size, changed
        Of the photo that was asked about.
    settled
        Whether asking again would give the same: false where the endpoint, not the photo, was at fault.
    """

    file: str
    species: str | None = None
    common_name: str | None = None
    scientific_name: str | None = None
    confidence: float | None = None
    scores: dict[str, float] | None = None
    model_version: str = ""
    error: str = ""
    size: int = 0
    changed: str = ""
    settled: bool = True

    def about(self, photo: Photo, version: str) -> bool:
        """Whether it is what this version says of this very photo."""
        asked = (self.file, self.size, self.changed, self.model_version)
        return asked == (photo.file, photo.size, photo.changed, version)


COLUMNS = [field.name for field in fields(Answer) if field.name != "settled"]


def row(answer: Answer) -> dict[str, Any]:
    """One answer by column."""
    return {name: value for name, value in asdict(answer).items() if name in COLUMNS}


class AnswersFile:
    """Answers in a ``.jsonl`` or ``.csv`` file, one a line, each written as it comes.

    What is in the file stays; a line that was cut off is taken away. Use it as a context manager.

    Parameters
    ----------
    path
        Made where it is missing.

    Attributes
    ----------
    earlier
        What the file held, by photo; the last line of each counts.

    Raises
    ------
    UsageError
        Where the file is of another kind, or was not written here.
    """

    def __init__(self, path: Path) -> None:
        if path.suffix not in (".jsonl", ".csv"):
            raise UsageError(f"--out {path}: it ends in .jsonl or .csv")
        self._csv = path.suffix == ".csv"
        try:
            self._file = path.open("a+b")
        except OSError as error:
            raise UsageError(f"--out {path}: cannot be written ({error.strerror})") from None
        try:
            self.earlier = self._read()
        except (ValueError, KeyError, TypeError):
            self._file.close()
            raise UsageError(f"--out {path}: that file was not written by bestiary classify") from None

    def write(self, answer: Answer) -> None:
        """Add an answer."""
        self._file.write(self._line(row(answer)).encode())
        self._file.flush()

    def _read(self) -> dict[str, Answer]:
        self._file.seek(0)
        written = self._file.read()
        whole = written[: written.rfind(b"\n") + 1]
        begins = self._header.encode() or b'{"file": '
        if not whole and not begins.startswith(written[: len(begins)]):
            raise ValueError("not one line of ours")
        # Appending goes to the end, wherever that is now.
        self._file.truncate(len(whole))
        if not whole:
            self._file.write(self._header.encode())
            return {}
        text = whole.decode()
        rows = _csv_rows(text) if self._csv else [json.loads(line) for line in text.split("\n")[:-1]]
        known = (Answer(**{name: found[name] for name in COLUMNS}) for found in rows)
        return {answer.file: answer for answer in known}

    @property
    def _header(self) -> str:
        return ",".join(COLUMNS) + "\n" if self._csv else ""

    def _line(self, values: dict[str, Any]) -> str:
        if not self._csv:
            return json.dumps(values, ensure_ascii=False) + "\n"
        scores = values["scores"]
        values = {**values, "scores": "" if scores is None else json.dumps(scores)}
        line = io.StringIO()
        csv.DictWriter(line, COLUMNS, lineterminator="\n").writerow(values)
        return line.getvalue()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def _csv_rows(text: str) -> list[dict[str, Any]]:
    return [
        {
            **row,
            **{name: row[name] or None for name in ("species", "common_name", "scientific_name")},
            "confidence": float(row["confidence"]) if row["confidence"] else None,
            "scores": json.loads(row["scores"]) if row["scores"] else None,
            "size": int(row["size"]),
        }
        for row in csv.DictReader(io.StringIO(text))
    ]
