"""The model registry's records: groups by name, packages by ``name`` or ``group/version``."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from infra.local.errors import validation

if TYPE_CHECKING:
    from infra.local.account import Account

Record = dict[str, Any]

GROUP = "model-package-group"
PACKAGE = "model-package"

LOCK = threading.Lock()
"""Held while a version is added or a group removed, so that no group goes with a version in it."""


def key(account: Account, kind: str, name_or_arn: str) -> str:
    """Return the name in the store of what a request names, which may be by ARN."""
    return name_or_arn.removeprefix(account.arn(kind, ""))


def group(account: Account, name_or_arn: str) -> Record:
    """Return a group's record.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException`` when there is none.
    """
    name = key(account, GROUP, name_or_arn)
    found = account.store.get(GROUP, name)
    if found is None:
        raise _absent(account, "ModelPackageGroup", GROUP, name)
    return found


def package(account: Account, name_or_arn: str) -> Record:
    """Return a package's record; raises as `group` does."""
    name = key(account, PACKAGE, name_or_arn)
    found = account.store.get(PACKAGE, name)
    if found is None:
        raise _absent(account, "ModelPackage", PACKAGE, name)
    return found


def packages_of(account: Account, group_name: str) -> list[Record]:
    """List a group's versions in the order of their registration."""
    return [
        found for found in account.store.list(PACKAGE) if found.get("ModelPackageGroupName") == group_name
    ]


def _absent(account: Account, what: str, kind: str, name: str) -> Exception:
    arn = name if name.startswith("arn:") else account.arn(kind, name)
    return validation(f"{what} {arn} does not exist.")
