"""From an object's bytes to the bodies of requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from infra.local.transform.plan import MEGABYTE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.local.transform.plan import TransformPlan


class TooLargeError(Exception):
    """A record does not fit into a request; the message says how large both are."""


def payloads(file: BinaryIO, plan: TransformPlan) -> Iterator[bytes]:
    """Cut an object into the bodies of requests, in its order.

    Parameters
    ----------
    file
        The object.
    plan
        Says what a record is and how many go into a request.

    Raises
    ------
    TooLargeError
        When a record is larger than a request may be.
    """
    if not plan.lines:
        # One byte more than fits, so that what does not fit is not read into memory.
        yield _fitting(file.read(plan.most_bytes + 1 if plan.most_bytes else -1), plan)
        return
    waiting: list[bytes] = []
    size = 0
    for line in file:
        record = _fitting(line.removesuffix(b"\n"), plan)
        if waiting and not (plan.many and _fits(size + len(record) + 1, plan)):
            yield b"\n".join(waiting)
            waiting, size = [], 0
        waiting.append(record)
        size += len(record) + 1
    if waiting:
        yield b"\n".join(waiting)


def _fits(size: int, plan: TransformPlan) -> bool:
    return not plan.most_bytes or size <= plan.most_bytes


def _fitting(record: bytes, plan: TransformPlan) -> bytes:
    if not _fits(len(record), plan):
        raise TooLargeError(
            f"a record is larger than MaxPayloadInMB ({plan.most_bytes // MEGABYTE}): raise it, or split the "
            "object (SplitType)"
        )
    return record
