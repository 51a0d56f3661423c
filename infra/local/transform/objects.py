"""One object of a transform job, from S3 to S3."""

from __future__ import annotations

import gzip
import shutil
from collections import deque
from typing import TYPE_CHECKING, BinaryIO, cast

from infra.local.transform.payloads import payloads

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor, Future
    from pathlib import Path

    from infra.local.jobs.staging import Item
    from infra.local.objects import ObjectStore
    from infra.local.transform.plan import TransformPlan

SUFFIX = ".out"
"""What follows an object's name in the name of its result."""


class Conversion:
    """Turns objects into results, with several requests under way.

    Parameters
    ----------
    objects
        S3.
    plan
        The job's.
    folder
        Where files lie meanwhile.
    """

    def __init__(self, objects: ObjectStore, plan: TransformPlan, folder: Path) -> None:
        self._objects = objects
        self._plan = plan
        self._folder = folder

    def convert(self, item: Item, pool: Executor, ask: Callable[[bytes], bytes]) -> None:
        """Ask about one object and put the result.

        Parameters
        ----------
        item
            The object.
        pool
            Runs the requests.
        ask
            Returns the answer to a body.

        Raises
        ------
        infra.local.transform.payloads.TooLargeError, infra.local.transform.asking.NoResultError
            When there is no result; then nothing is put.
        infra.local.errors.AwsError
            As S3 has it.
        OSError
            When the object is no gzip file though it ought to be, or the disk is full.
        """
        self._folder.mkdir(parents=True)
        try:
            source, result = self._folder / "in", self._folder / "out"
            self._objects.fetch(item.source.bucket, item.source.key, source)
            with self._opened(source) as file, result.open("wb") as out:
                self._answers(file, out, pool, ask)
            target = self._plan.to.under(item.path + SUFFIX)
            self._objects.put(target.bucket, target.key, result)
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _opened(self, path: Path) -> BinaryIO:
        return cast("BinaryIO", gzip.open(path, "rb")) if self._plan.gunzip else path.open("rb")

    def _answers(self, file: BinaryIO, out: BinaryIO, pool: Executor, ask: Callable[[bytes], bytes]) -> None:
        under_way: deque[Future[bytes]] = deque()
        try:
            for body in payloads(file, self._plan):
                under_way.append(pool.submit(ask, body))
                if len(under_way) >= self._plan.at_once:
                    self._write(out, under_way.popleft().result())
            while under_way:
                self._write(out, under_way.popleft().result())
        finally:
            for request in under_way:
                request.cancel()

    def _write(self, out: BinaryIO, answer: bytes) -> None:
        out.write(answer)
        if self._plan.assembled and not answer.endswith(b"\n"):
            out.write(b"\n")
