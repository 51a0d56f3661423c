"""Job logs on disk: one file of JSON lines a log stream, readable while the job still writes.

A stream ``<job>/algo-1-<epoch>`` of group ``/aws/sagemaker/TrainingJobs`` lies at
``<root>/<quoted group>/<quoted stream>.jsonl``; each line is ``{"timestamp": <ms>, "message": …}``.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Self
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SUFFIX = ".jsonl"
LONGEST_MESSAGE = 262_144 - 26
"""Characters of one event; CloudWatch takes 256 KiB less 26 bytes of overhead. Longer lines are split."""


@dataclass(frozen=True)
class LogEvent:
    """One line of a log.

    Attributes
    ----------
    timestamp
        Milliseconds since 1970; never falls within a stream.
    message
        The line, without its end.
    start, end
        Where its record begins and where the next one begins, in bytes of the stream's file.
    """

    timestamp: int
    message: str
    start: int
    end: int


@dataclass(frozen=True)
class StreamInfo:
    """What is known of a stream without reading all of it.

    Attributes
    ----------
    name
        The stream's name.
    created
        When it began, in milliseconds since 1970.
    first, last
        Timestamps of its first and last event; None while it has none.
    size
        Bytes on disk.
    """

    name: str
    created: int
    first: int | None
    last: int | None
    size: int


class LogWriter:
    """Appends to one stream; safe to share between the threads that read a job's stdout and stderr."""

    def __init__(self, file: IO[bytes], last: int) -> None:
        self._file = file
        self._last = last
        self._lock = threading.Lock()

    def write_line(self, text: str) -> None:
        """Append one line, which a reader sees at once; a line end at its end is dropped.

        Parameters
        ----------
        text
            The line; one longer than `LONGEST_MESSAGE` becomes several events.
        """
        message = text.rstrip("\r\n") or " "  # an event has at least one character
        pieces = range(0, len(message), LONGEST_MESSAGE)
        with self._lock:
            self._last = max(self._last, time.time_ns() // 1_000_000)
            for at in pieces:
                record = {"timestamp": self._last, "message": message[at : at + LONGEST_MESSAGE]}
                self._file.write(json.dumps(record).encode() + b"\n")
            self._file.flush()

    def close(self) -> None:
        """End writing; the stream stays."""
        with self._lock:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class LogFiles:
    """Every log group of one home.

    Parameters
    ----------
    root
        The folder of the logs, made when the first line is written.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def writer(self, group: str, stream: str) -> LogWriter:
        """Open a stream for appending, and make it if need be.

        Parameters
        ----------
        group, stream
            Their names, e.g. ``/aws/sagemaker/ProcessingJobs`` and ``prepare-1/algo-1-1760000000``.
        """
        path = self._path(group, stream)
        path.parent.mkdir(parents=True, exist_ok=True)
        last = _last(path)
        file = path.open("ab")
        if path.stat().st_size and not _ends_whole(path):
            file.write(b"\n")
        return LogWriter(file, last.timestamp if last else 0)

    def groups(self) -> list[str]:
        """Names of all groups, sorted."""
        if not self._root.is_dir():
            return []
        return sorted(unquote(folder.name) for folder in self._root.iterdir() if folder.is_dir())

    def has(self, group: str, stream: str | None = None) -> bool:
        """Tell whether a group, or a stream in it, is there."""
        return self._folder(group).is_dir() if stream is None else self._path(group, stream).is_file()

    def streams(self, group: str, prefix: str = "") -> list[StreamInfo]:
        """Streams of a group whose name starts with `prefix`, sorted by name; none for an unknown group."""
        folder = self._folder(group)
        if not folder.is_dir():
            return []
        names = ((unquote(path.name.removesuffix(SUFFIX)), path) for path in folder.glob(f"*{SUFFIX}"))
        return sorted(
            (_info(name, path) for name, path in names if name.startswith(prefix)), key=lambda info: info.name
        )

    def events(self, group: str, stream: str, start: int = 0) -> Iterator[LogEvent]:
        """Events of a stream in the order of writing.

        Parameters
        ----------
        group, stream
            Their names; a stream that is not there has no events.
        start
            Where to begin: 0, or a `LogEvent.end` seen earlier.
        """
        path = self._path(group, stream)
        if path.is_file():
            with path.open("rb") as file:
                yield from _records(file, start)

    def _folder(self, group: str) -> Path:
        return self._root / _file_name(group)

    def _path(self, group: str, stream: str) -> Path:
        return self._folder(group) / (_file_name(stream) + SUFFIX)


def _file_name(name: str) -> str:
    quoted = quote(name, safe="")
    return "%2E" + quoted[1:] if quoted.startswith(".") else quoted  # never "." or ".."


def _records(file: IO[bytes], start: int) -> Iterator[LogEvent]:
    file.seek(start)
    position = start
    for line in file:
        if not line.endswith(b"\n"):
            return  # still being written
        begin, position = position, position + len(line)
        try:
            record = json.loads(line)
            yield LogEvent(record["timestamp"], record["message"], begin, position)
        except (ValueError, KeyError, TypeError):
            continue  # cut off by a kill; what follows is whole


def _last(path: Path) -> LogEvent | None:
    """Last event of a file, read from its end."""
    size = path.stat().st_size if path.is_file() else 0
    for stretch in (4096, 8 * LONGEST_MESSAGE) if size else ():
        start = max(0, size - stretch)
        with path.open("rb") as file:
            file.seek(start)
            first = start + len(file.readline()) if start else 0
            events = list(_records(file, first))
        if events:
            return events[-1]
    return None


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read(1) == b"\n"


def _info(name: str, path: Path) -> StreamInfo:
    with path.open("rb") as file:
        first = next(_records(file, 0), None)
    last = _last(path)
    state = path.stat()
    return StreamInfo(
        name=name,
        created=first.timestamp if first else int(state.st_mtime * 1000),
        first=first.timestamp if first else None,
        last=last.timestamp if last else None,
        size=state.st_size,
    )
