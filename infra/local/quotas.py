"""How many instances there may be at once: a slip of the keyboard must not start two hundred processes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from infra.local.errors import AwsError
from infra.local.hosting import records
from infra.local.hosting.records import ENDPOINT

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.hosting.plan import Plan

ENDPOINTS = 20
"""Instances of one type behind all endpoints."""
JOB = 20
"""Instances of one job."""


def check_endpoint(account: Account, new: Plan, *, instead_of: str = "") -> None:
    """See that a fleet fits beside those that run.

    Parameters
    ----------
    new
        What is to be brought up.
    instead_of
        The endpoint whose fleet takes another size; empty where the one before goes on meanwhile.

    Raises
    ------
    infra.local.errors.AwsError
        ``ResourceLimitExceeded``, in AWS's words.
    """
    used: Counter[str] = Counter()
    for record in account.store.list(ENDPOINT):
        if record["EndpointName"] != instead_of and record["EndpointStatus"] != "Failed":
            used += _instances(records.plan_of(record))
    for instance_type, asked in _instances(new).items():
        _check(f"{instance_type} for endpoint usage", ENDPOINTS, used[instance_type], asked)


def check_job(instance_type: str, use: str, asked: int) -> None:
    """See that a job asks for no more instances than any may have.

    Parameters
    ----------
    use
        ``training``, ``spot training``, ``processing`` or ``transform``.

    Raises
    ------
    infra.local.errors.AwsError
        ``ResourceLimitExceeded``, in AWS's words.
    """
    _check(f"{instance_type} for {use} job usage", JOB, 0, asked)


def _instances(plan: Plan) -> Counter[str]:
    found: Counter[str] = Counter()
    for variant in plan.variants:
        found[variant.instance_type] += variant.count
    return found


def _check(quota: str, limit: int, used: int, asked: int) -> None:
    if used + asked > limit:
        raise AwsError(
            "ResourceLimitExceeded",
            f"The account-level service limit '{quota}' is {limit} Instances, with current utilization of "
            f"{used} Instances and a request delta of {asked} Instances. Please contact AWS support to "
            "request an increase for this limit.",
        )
