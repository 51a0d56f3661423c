"""Taking the account down: what the commands made, then the stacks; the data only when it is named."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pipelines.account import leftovers, stacks
from pipelines.account.leftovers import MOVING, Kind, Left
from pipelines.account.templates import KEEPING, PREFIX, STACKS
from pipelines.errors import OperatorError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipelines.place import Place

_KEY_DAYS = 30
"""For so long a deleted key can be brought back, and with it what was encrypted."""
_POLL_SECONDS = 2.0
_LONGEST_SECONDS = 900.0


def check_bucket(place: Place, forget: str) -> None:
    """Refuse to forget another bucket than Bestiary's.

    Raises
    ------
    UsageError
        Where it is not the one that the account's parameters name.
    """
    ours = place.parameters.get("bucket", "")
    if forget != ours:
        there = f"the account's is {ours}" if ours else "this account has none"
        raise UsageError(f"--forget {forget}: {there}; nothing was removed")


def remove(place: Place, forget: str, say: Callable[[str], None]) -> list[Left]:
    """Remove all that costs, and return what is left.

    Parameters
    ----------
    place
        Where.
    forget
        The bucket, where photos, models, versions and images are to go too; empty to keep them, and with
        them the stacks that hold them.
    say
        Told of each step.

    Raises
    ------
    OperatorError
        Where something cannot be removed.
    """
    for kind in MOVING:
        for left in leftovers.of_kind(place, kind):
            _remove(place, kind, left, say)
    key = leftovers.key(place) if forget else ""
    if forget:
        _forget(place, forget, say)
    kept = () if forget else KEEPING
    for name in (name for name in reversed(STACKS) if name not in kept):
        if stacks.status(place, PREFIX + name) not in {"", "DELETE_COMPLETE"}:
            say(f"removing stack {PREFIX + name}")
            stacks.delete(place, PREFIX + name)
    for left in leftovers.of_kind(place, leftovers.PARAMETERS) if forget else ():
        _remove(place, leftovers.PARAMETERS, left, say)
    if key:
        place.client("kms").schedule_key_deletion(KeyId=key, PendingWindowInDays=_KEY_DAYS)
        say(f"the key {key} is deleted in {_KEY_DAYS} days; until then: aws kms cancel-key-deletion")
    return leftovers.look(place)


def _remove(place: Place, kind: Kind, left: Left, say: Callable[[str], None]) -> None:
    say(f"removing {left.kind} {left.name}")
    client = place.client(kind.service)
    operation, argument = kind.removal
    if kind.word == "rule":
        targets = [each["Id"] for each in client.list_targets_by_rule(Rule=left.name)["Targets"]]
        if targets:
            client.remove_targets(Rule=left.name, Ids=targets)
    name = [left.name] if argument.endswith("s") else left.name
    getattr(client, operation)(**{argument: name}, **kind.further)
    if kind.word == "endpoint":
        _wait_until_gone(place, left.name)


def _wait_until_gone(place: Place, endpoint: str) -> None:
    deadline = time.monotonic() + _LONGEST_SECONDS
    while time.monotonic() < deadline:
        try:
            place.sagemaker.describe_endpoint(EndpointName=endpoint)
        except ClientError:
            return
        time.sleep(_POLL_SECONDS)
    raise OperatorError(f"{endpoint} is still there: look at it in the console, then bestiary down again")


def _forget(place: Place, bucket: str, say: Callable[[str], None]) -> None:
    """Delete what was learned: versions, images, logs, every version of every object."""
    for group in leftovers.of_kind(place, leftovers.GROUPS):
        for arn in _packages(place, group.name):
            place.sagemaker.delete_model_package(ModelPackageName=arn)
        _remove(place, leftovers.GROUPS, group, say)
    for kind in (leftovers.REPOSITORIES, leftovers.LOGS):
        for left in leftovers.of_kind(place, kind):
            _remove(place, kind, left, say)
    say(f"deleting every version of every object in {bucket}")
    _empty(place, bucket)
    _remove(place, leftovers.BUCKETS, Left(leftovers.BUCKETS.word, bucket), say)


def _packages(place: Place, group: str) -> list[str]:
    pages = place.sagemaker.get_paginator("list_model_packages").paginate(ModelPackageGroupName=group)
    return [each["ModelPackageArn"] for page in pages for each in page["ModelPackageSummaryList"]]


def _empty(place: Place, bucket: str) -> None:
    for page in place.s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        known: list[Any] = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        doomed: Any = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in known]
        if doomed:
            told = place.s3.delete_objects(Bucket=bucket, Delete={"Objects": doomed, "Quiet": True})
            for error in told.get("Errors", [])[:1]:
                raise OperatorError(f"s3://{bucket}/{error.get('Key')}: {error.get('Message')}")
