"""What S3 holds, as rows of SQLite: buckets, their settings, and every version of every object."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Statement = tuple[str, tuple[object, ...]]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS buckets (name TEXT PRIMARY KEY, created TEXT NOT NULL, request TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS settings (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    bucket TEXT NOT NULL, name TEXT NOT NULL, request TEXT NOT NULL, UNIQUE (bucket, name)
);
CREATE TABLE IF NOT EXISTS objects (
    number INTEGER PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL, blob TEXT, record TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS objects_by_key ON objects (bucket, key, number);
"""


@dataclass(frozen=True)
class BucketRow:
    """A bucket: its name, when it was made (ISO 8601) and the request that made it."""

    name: str
    created: str
    request: str


@dataclass(frozen=True)
class ObjectRow:
    """A version of an object, or a delete marker.

    Attributes
    ----------
    number
        Orders the versions of a key, oldest first; unique in the whole index.
    bucket, key
        Where it is.
    blob
        Name of its bytes; None for a delete marker.
    record
        All else, as JSON.
    """

    number: int
    bucket: str
    key: str
    blob: str | None
    record: str


def put_bucket(row: BucketRow) -> Statement:
    """Add a bucket, unless it is there."""
    return (
        "INSERT OR IGNORE INTO buckets (name, created, request) VALUES (?, ?, ?)",
        (row.name, row.created, row.request),
    )


def drop_bucket(name: str) -> list[Statement]:
    """Remove a bucket and its settings."""
    return [
        ("DELETE FROM buckets WHERE name = ?", (name,)),
        ("DELETE FROM settings WHERE bucket = ?", (name,)),
    ]


def put_setting(bucket: str, name: str, request: str) -> Statement:
    """Keep the request that set something of a bucket, in place of the one before it."""
    return (
        "INSERT OR REPLACE INTO settings (bucket, name, request) VALUES (?, ?, ?)",
        (bucket, name, request),
    )


def drop_setting(bucket: str, name: str) -> Statement:
    """Forget a setting of a bucket."""
    return ("DELETE FROM settings WHERE bucket = ? AND name = ?", (bucket, name))


def put_object(row: ObjectRow) -> Statement:
    """Add a version, or replace what is known of it."""
    return (
        "INSERT OR REPLACE INTO objects (number, bucket, key, blob, record) VALUES (?, ?, ?, ?, ?)",
        (row.number, row.bucket, row.key, row.blob, row.record),
    )


def drop_object(number: int) -> Statement:
    """Remove a version."""
    return ("DELETE FROM objects WHERE number = ?", (number,))


class Index:
    """The SQLite file; used by one thread at a time.

    Parameters
    ----------
    path
        The file; made when absent.
    """

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=FULL")
        self._database.executescript(_SCHEMA)

    def apply(self, statements: Iterable[Statement]) -> None:
        """Carry out all statements or none; on return they are on the disk.

        Raises
        ------
        sqlite3.Error
            When that cannot be; everything is as before.
        """
        self._database.execute("BEGIN IMMEDIATE")
        try:
            for text, values in statements:
                self._database.execute(text, values)
            self._database.execute("COMMIT")
        except BaseException:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise

    def buckets(self) -> list[str]:
        """Names of all buckets, oldest first."""
        return [row[0] for row in self._database.execute("SELECT name FROM buckets ORDER BY created, name")]

    def bucket(self, name: str) -> BucketRow | None:
        """Return what is known of a bucket, or None."""
        row = self._database.execute(
            "SELECT name, created, request FROM buckets WHERE name = ?", (name,)
        ).fetchone()
        return None if row is None else BucketRow(*row)

    def settings(self, bucket: str) -> list[str]:
        """Requests that set up a bucket, in the order of their last success."""
        rows = self._database.execute(
            "SELECT request FROM settings WHERE bucket = ? ORDER BY number", (bucket,)
        )
        return [row[0] for row in rows]

    def objects(self, bucket: str, key: str | None = None) -> list[ObjectRow]:
        """All versions in a bucket, or of one key in it, oldest first."""
        where, values = ("", (bucket,)) if key is None else (" AND key = ?", (bucket, key))
        rows = self._database.execute(
            f"SELECT number, bucket, key, blob, record FROM objects WHERE bucket = ?{where} ORDER BY number",  # noqa: S608 - only the fixed text above goes in
            values,
        )
        return [ObjectRow(*row) for row in rows]

    def blobs(self) -> set[str]:
        """Names of all blobs that a version refers to."""
        return {row[0] for row in self._database.execute("SELECT blob FROM objects WHERE blob NOT NULL")}

    def highest(self) -> int:
        """The highest number given to a version so far that is still there; 0 when there is none."""
        row = self._database.execute("SELECT coalesce(max(number), 0) FROM objects").fetchone()
        return int(row[0])

    def close(self) -> None:
        """Close the file."""
        self._database.close()
