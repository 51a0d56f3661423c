"""What an interrupted training goes on from: one folder, kept in S3 while the job goes on."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import TYPE_CHECKING

from infra.local.jobs import keys, staging, uploading
from infra.local.jobs.failures import JobFailedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from infra.local.jobs.s3_uri import S3Uri
    from infra.local.objects import ObjectStore

SECONDS = 60.0
"""Between two looks for what is new. S3 keeps each version here for good, so that it is not often."""


class Checkpoints:
    """A job's checkpoint folder and its place in S3.

    Parameters
    ----------
    objects
        S3.
    folder
        Where the program keeps its state.
    place
        The S3 prefix.
    """

    def __init__(self, objects: ObjectStore, folder: Path, place: S3Uri) -> None:
        self._objects = objects
        self._folder = folder
        self._place = place
        self._put: dict[Path, tuple[int, int]] = {}

    def restore(self) -> None:
        """Fetch what an earlier attempt, or job, left; there may be nothing yet."""
        staging.restore(self._objects, self._place, self._folder)
        self._put = dict(self._there())

    def put(self) -> None:
        """Put to S3 what is new in the folder; what is gone from it stays in S3.

        Raises
        ------
        JobFailedError
            As `uploading.put_file` does.
        """
        for path, state in self._there():
            if self._put.get(path) != state:
                uploading.put_file(self._objects, path, self._place.under(keys.of_file(self._folder, path)))
                self._put[path] = state

    @contextmanager
    def followed(self) -> Iterator[None]:
        """Put what is new again and again while the program runs."""
        over = Event()
        follower = Thread(target=self._follow, args=(over,), name=f"checkpoints {self._place}", daemon=True)
        follower.start()
        try:
            yield
        finally:
            over.set()
            follower.join()

    def _follow(self, over: Event) -> None:
        while not over.wait(SECONDS):
            with suppress(JobFailedError):  # a file that was just replaced, a full disk: the end says so
                self.put()

    def _there(self) -> Iterator[tuple[Path, tuple[int, int]]]:
        for path in uploading.files(self._folder):
            with suppress(FileNotFoundError):
                about = path.stat()
                yield path, (about.st_mtime_ns, about.st_size)
