"""What requests do to a job of any kind: create it, stop it, forget it."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from infra.local import resources, tags
from infra.local.errors import in_use, validation
from infra.local.jobs import records
from infra.local.jobs.life import base_folder
from infra.local.jobs.records import STATUS, TERMINAL, TYPE

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.jobs.records import Record

_TAKEN = "Job name must be unique within an AWS account and region, and a job with this name already exists"


def create(account: Account, kind: str, given: Record, *, taken: str = _TAKEN) -> str:
    """Register a job and start it.

    Parameters
    ----------
    kind
        ``training-job``, ``processing-job`` or ``transform-job``.
    given
        The request, with what follows from it.
    taken
        How the operation says that a job of this name is there.

    Returns
    -------
    str
        The job's ARN.

    Raises
    ------
    infra.local.errors.AwsError
        ``ResourceInUse`` when a job of this name is there.
    """
    name = given[f"{TYPE[kind]}JobName"]
    arn = account.arn(kind, name)
    untagged = {member: value for member, value in given.items() if member != "Tags"}
    record = records.created(kind, {**untagged, f"{TYPE[kind]}JobArn": arn}, datetime.now(UTC))
    resources.add(
        account.store, kind, name, record, arn=arn, tagged=given.get("Tags"), taken=in_use(f"{taken} ({arn})")
    )
    account.jobs.start(kind, name)
    return arn


def stop(account: Account, kind: str, name: str) -> None:
    """Ask a job to stop; one that was asked before goes on stopping.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException`` when it has ended.
    """

    def stopping(current: Record) -> Record:
        status = current[STATUS[kind]]
        if status in TERMINAL:
            raise validation(
                f"The request was rejected because the {TYPE[kind].lower()} job is in status {status}."
            )
        return current if status == "Stopping" else records.stopping(kind, current)

    account.store.update(kind, name, stopping)
    account.jobs.stop(kind, name)


def forget(account: Account, kind: str, record: Record) -> None:
    """Remove a job that has ended, with what it left; its name may be used again.

    Raises
    ------
    infra.local.errors.AwsError
        ``ResourceInUse`` when it has not ended.
    """
    name, status = record[f"{TYPE[kind]}JobName"], record[STATUS[kind]]
    if status not in TERMINAL:
        raise in_use(f"{TYPE[kind]} job {name} is in status {status}: stop it first.")
    account.store.delete(kind, name)
    tags.forget(account.store, record[f"{TYPE[kind]}JobArn"])
    shutil.rmtree(base_folder(account, kind, name), ignore_errors=True)
