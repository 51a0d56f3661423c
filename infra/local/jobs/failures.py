"""How a job can end other than well, worded as SageMaker words it."""

from __future__ import annotations

import errno
import sqlite3
import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING

from infra.local.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONGEST_REASON = 1024
"""Characters of a ``FailureReason`` or ``ExitMessage``."""

SERVER_STOPPED = "the local SageMaker stopped while this job ran"
_OUT_OF_MEMORY = "Please use an instance type with more memory, or reduce the size of the data of this job"


class JobFailedError(Exception):
    """The job cannot go on; the message is its ``FailureReason``."""


class JobStoppedError(Exception):
    """Somebody asked the job to stop before its program ran."""


def of_program(code: int, message: str, last_line: str) -> str:
    """Word the failure of the job's own program.

    Parameters
    ----------
    code
        Its exit code, not 0.
    message
        What it left in its ``failure`` or ``message`` file.
    last_line
        The last line it printed, shown where it left no message.
    """
    if code == 128 + 9 and not message:
        return cut(f"ClientError: {_OUT_OF_MEMORY}, exit code: {code}")
    ending = f", exit code: {code}"
    start = f"AlgorithmError: {message or last_line or 'See the log of the job'}"
    return start[: LONGEST_REASON - len(ending)] + ending


def of_system(what: str, error: OSError) -> str:
    """Word a failure of this computer, e.g. a full disk.

    Parameters
    ----------
    what
        What was being done, e.g. ``Data download``.
    """
    hint = {
        errno.ENOSPC: "the disk is full: free some space and start the job again",
        errno.EDQUOT: "the disk quota is used up: free some space and start the job again",
    }.get(error.errno or 0, error.strerror or str(error))
    where = f" ({error.filename})" if error.filename else ""
    return cut(f"ClientError: {what} failed: {hint}{where}")


def reason(error: Exception) -> str:
    """Word whatever a job could not go on for."""
    match error:
        case JobFailedError():
            return cut(str(error))
        case AwsError():
            return cut(f"ClientError: {error.code}: {error.message}")
        case OSError():
            return of_system("The job", error)
        case sqlite3.OperationalError():  # its own words for a full disk say what it is
            return cut(f"ClientError: The job failed: {error}: free some space and start the job again")
        case _:
            traceback.print_exception(error)
            return cut(f"InternalServerError: {type(error).__name__}: {error}")


def cut(text: str) -> str:
    """Shorten a text to what ``FailureReason`` holds."""
    return text[:LONGEST_REASON]


@contextmanager
def kept(already: bool) -> Iterator[None]:  # noqa: FBT001 - reads as a sentence where it is used
    """Let nothing that fails within hide that the job's program had failed already."""
    try:
        yield
    except (JobFailedError, OSError):
        if not already:
            raise


def left_in(file: Path) -> str:
    """Read the message that a job's program left in a file, at most what ``FailureReason`` holds."""
    try:
        with file.open("rb") as opened:
            return cut(opened.read(4 * LONGEST_REASON).decode(errors="replace").strip())
    except OSError:
        return ""
