"""Who called, as AWS names it: the user of this computer."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from infra.local.account import Account


def identity(account: Account) -> dict[str, Any]:
    """Return a ``UserContext`` for ``CreatedBy`` and ``LastModifiedBy``."""
    try:
        user = getpass.getuser()
    except OSError:  # a user id without a name, as in many containers
        user = "local"
    return {"IamIdentity": {"Arn": f"arn:aws:iam::{account.account_id}:user/{user}", "PrincipalId": user}}
