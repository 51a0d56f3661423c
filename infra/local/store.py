"""The control plane's records: what was created, in SQLite, so that a killed server loses nothing."""

from __future__ import annotations

import copy
import json
import sqlite3
from contextlib import contextmanager
from datetime import datetime
from threading import RLock
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

Record = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    record TEXT NOT NULL,
    UNIQUE (kind, name)
);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""


class TakenError(KeyError):
    """A record of that kind and name is there already."""


class AbsentError(KeyError):
    """No record of that kind and name is there."""


class Store:
    """Records by kind and name; every method may be called from any thread.

    A record is a JSON-like dict that may hold aware datetimes. What a method has returned from is on
    disk (WAL, ``synchronous=FULL``).

    Parameters
    ----------
    path
        The SQLite file; made with its folder when absent.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = RLock()
        self._watched: dict[str, list[Callable[[Record | None, Record], None]]] = {}
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=30)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=FULL")
        self._database.executescript(_SCHEMA)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make one change of all that this thread does within: it is on the disk as a whole or not at all."""
        with self._transaction():
            yield

    def watch(self, kind: str, noticed: Callable[[Record | None, Record], None]) -> None:
        """Call a function within every change of a kind's records; what it writes is part of the change.

        Parameters
        ----------
        noticed
            Takes copies of the record before, ``None`` for a new one, and after.
        """
        self._watched.setdefault(kind, []).append(noticed)

    def create(self, kind: str, name: str, record: Record) -> None:
        """Add a record.

        Raises
        ------
        TakenError
            When the kind has a record of that name.
        """
        try:
            with self._transaction() as database:
                database.execute(
                    "INSERT INTO records (kind, name, record) VALUES (?, ?, ?)", (kind, name, _encode(record))
                )
                self._notice(kind, None, record)
        except sqlite3.IntegrityError:
            raise TakenError(f"{kind} {name}") from None

    def get(self, kind: str, name: str) -> Record | None:
        """Return a copy of one record, or ``None``."""
        with self._lock:
            return self._get(kind, name)

    def put(self, kind: str, name: str, record: Record) -> None:
        """Add a record, or replace the one of that name in its place."""
        with self._transaction() as database:
            before = self._get(kind, name) if kind in self._watched else None
            database.execute(
                "INSERT INTO records (kind, name, record) VALUES (?, ?, ?)"
                " ON CONFLICT (kind, name) DO UPDATE SET record = excluded.record",
                (kind, name, _encode(record)),
            )
            self._notice(kind, before, record)

    def update(self, kind: str, name: str, change: Callable[[Record], Record]) -> Record:
        """Replace a record by what a function makes of it, with nobody between.

        Parameters
        ----------
        change
            Takes a copy of the record and returns the new one; what it raises leaves the record as it was.
            It must not write to the store.

        Raises
        ------
        AbsentError
            When there is no such record.
        """
        with self._transaction() as database:
            record = self._get(kind, name)
            if record is None:
                raise AbsentError(f"{kind} {name}")
            before = self._get(kind, name) if kind in self._watched else None
            changed = change(record)
            database.execute(
                "UPDATE records SET record = ? WHERE kind = ? AND name = ?", (_encode(changed), kind, name)
            )
            self._notice(kind, before, changed)
            return changed

    def delete(self, kind: str, name: str) -> bool:
        """Remove a record and say whether it was there."""
        with self._transaction() as database:
            done = database.execute("DELETE FROM records WHERE kind = ? AND name = ?", (kind, name))
            return done.rowcount > 0

    def list(self, kind: str) -> list[Record]:
        """Return copies of a kind's records in the order in which they were added."""
        with self._lock:
            rows = self._database.execute(
                "SELECT record FROM records WHERE kind = ? ORDER BY number", (kind,)
            )
            return [_decode(row[0]) for row in rows.fetchall()]

    def next(self, counter: str) -> int:
        """Count one up and return the count: 1, 2, 3 …; no number is ever given twice."""
        with self._transaction() as database:
            row = database.execute(
                "INSERT INTO counters (name, value) VALUES (?, 1)"
                " ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
                (counter,),
            ).fetchone()
            return int(row[0])

    def close(self) -> None:
        """Close the file; nothing may be called after."""
        with self._lock:
            self._database.close()

    def _get(self, kind: str, name: str) -> Record | None:
        row = self._database.execute(
            "SELECT record FROM records WHERE kind = ? AND name = ?", (kind, name)
        ).fetchone()
        return None if row is None else _decode(row[0])

    def _notice(self, kind: str, before: Record | None, after: Record) -> None:
        for noticed in self._watched.get(kind, ()):
            noticed(copy.deepcopy(before), copy.deepcopy(after))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            if self._database.in_transaction:  # this thread's own: no other one has the lock
                yield self._database
                return
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")


# A dict of one "$…" key stands for something JSON lacks; a record's own such dict goes under "$dict".
def _encode(record: Record) -> str:
    return json.dumps(_tagged(record), ensure_ascii=False, separators=(",", ":"))


def _tagged(value: object) -> object:
    if isinstance(value, datetime):
        return {"$datetime": value.isoformat()}
    if isinstance(value, dict):
        tagged = {key: _tagged(item) for key, item in value.items()}
        return {"$dict": tagged} if len(tagged) == 1 and next(iter(tagged)).startswith("$") else tagged
    if isinstance(value, list | tuple):
        return [_tagged(item) for item in value]
    return value


def _decode(text: str) -> Record:
    return cast("Record", _untagged(json.loads(text)))


def _untagged(value: object) -> object:
    if isinstance(value, list):
        return [_untagged(item) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"$datetime"}:
        return datetime.fromisoformat(value["$datetime"])
    inner = value["$dict"] if set(value) == {"$dict"} else value
    return {key: _untagged(item) for key, item in inner.items()}
