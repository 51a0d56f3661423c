"""Changes on their way to disk: committed in the order they were made, many at a time."""

from __future__ import annotations

import contextlib
import queue
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.local.s3.blobs import Blobs
    from infra.local.s3.index import Index, Statement

_MOST_AT_ONCE = 256


@dataclass
class Change:
    """What one request changed.

    Attributes
    ----------
    statements
        How the index takes it up.
    added, removed
        Blobs that must be safe before the commit, and those that go after it.
    keys, buckets
        What to read anew from the index should the commit fail.
    synced, done
        Settled when the added blobs are safe, and when the commit was made or failed.
    """

    statements: list[Statement] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    keys: set[tuple[str, str]] = field(default_factory=set)
    buckets: set[str] = field(default_factory=set)
    synced: Future[None] = field(default_factory=Future)
    done: Future[None] = field(default_factory=Future)


class Commits:
    """One thread that commits changes first come, first served, so that one fsync serves many.

    Parameters
    ----------
    index, blobs
        Where changes go.
    lost
        Called with the changes of a failed commit, before their owners learn of it, to set memory right; it
        appends the changes that were built on them.
    """

    def __init__(self, index: Index, blobs: Blobs, lost: Callable[[list[Change]], None]) -> None:
        self._index = index
        self._blobs = blobs
        self._lost = lost
        self._queue: queue.SimpleQueue[Change | None] = queue.SimpleQueue()
        self._thread = Thread(target=self._run, name="s3-commits", daemon=True)
        self._thread.start()

    def submit(self, change: Change) -> None:
        """Take a change; call in the order in which changes were made."""
        self._queue.put(change)

    def settle(self, change: Change) -> None:
        """Make a submitted change's blobs safe and wait until it is committed.

        Raises
        ------
        OSError, sqlite3.Error
            When it could not be; it was undone.
        """
        try:
            for name in change.added:
                self._blobs.sync(name)
        except BaseException as error:  # noqa: BLE001 - the committing thread raises it for all
            change.synced.set_exception(error)
        else:
            change.synced.set_result(None)
        change.done.result()

    def waiting(self, most: int | None = None) -> list[Change]:
        """Take out changes that wait, all unless told how many at most."""
        changes: list[Change] = []
        with contextlib.suppress(queue.Empty):
            while most is None or len(changes) < most:
                change = self._queue.get_nowait()
                if change is None:
                    self._queue.put(None)
                    break
                changes.append(change)
        return changes

    def close(self) -> None:
        """Commit what waits, then stop."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            self._commit([first, *self.waiting(_MOST_AT_ONCE)])

    def _commit(self, batch: list[Change]) -> None:
        try:
            for change in batch:
                change.synced.result()
            self._index.apply(statement for change in batch for statement in change.statements)
        except BaseException as error:  # noqa: BLE001 - it is raised where the changes came from
            self._fail(batch, error)
            return
        for change in batch:
            change.done.set_result(None)
        for change in batch:
            self._remove(change.removed)

    def _fail(self, batch: list[Change], error: BaseException) -> None:
        """Undo a batch and all that was built on it."""
        self._lost(batch)
        for change in batch:
            self._remove(change.added)
            change.done.set_exception(error)

    def _remove(self, names: list[str]) -> None:
        for name in names:
            with contextlib.suppress(OSError):  # swept at the next start
                self._blobs.remove(name)
