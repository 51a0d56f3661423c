"""What a bucket policy forbids everyone.

Callers are not told apart here (any key is accepted), so only statements that deny everyone count. A
statement with a condition counts when its conditions are all on ``s3:prefix`` and match; others, such as the
usual ``aws:SecureTransport``, say nothing about a server on this machine.
"""

from __future__ import annotations

import json
import re
from typing import Any

_EVERYONE = "*"
_PREFIX_TESTS = {"stringequals": False, "stringlike": True}


def denies(
    policy: bytes | None, action: str, resource: str, *, account: str, prefix: str | None = None
) -> bool:
    """Tell whether a policy explicitly denies an action to everyone.

    Parameters
    ----------
    policy
        The policy document as JSON; None denies nothing.
    action, resource
        E.g. ``s3:GetObject`` and ``arn:aws:s3:::bucket/key``.
    account
        The account whose every caller is meant by ``arn:aws:iam::<account>:root``.
    prefix
        What a listing asks for, for conditions on ``s3:prefix``.
    """
    try:
        statements = _listed(json.loads(policy or b"{}").get("Statement", []))
    except (ValueError, AttributeError):
        return False
    return any(
        statement.get("Effect") == "Deny"
        and _concerns(statement, "Action", action, re.IGNORECASE)
        and _concerns(statement, "Resource", resource)
        and _means_everyone(statement.get("Principal"), account)
        and _holds(statement.get("Condition", {}), prefix)
        for statement in statements
        if isinstance(statement, dict)
    )


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - JSON
    return value if isinstance(value, list) else [value]


def _concerns(statement: dict[str, Any], element: str, value: str, flags: int = 0) -> bool:
    if element in statement:
        return any(_like(pattern, value, flags) for pattern in _listed(statement[element]))
    others = statement.get(f"Not{element}")
    return others is not None and not any(_like(pattern, value, flags) for pattern in _listed(others))


def _like(pattern: str, value: str, flags: int = 0) -> bool:
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, value, flags | re.DOTALL) is not None


def _means_everyone(principal: Any, account: str) -> bool:  # noqa: ANN401 - JSON
    if isinstance(principal, dict):
        principal = principal.get("AWS", [])
    return any(
        name in (_EVERYONE, account) or (isinstance(name, str) and name.endswith(f":iam::{account}:root"))
        for name in _listed(principal)
    )


def _holds(conditions: dict[str, dict[str, Any]], prefix: str | None) -> bool:
    return all(
        _prefix_matches(test.lower(), key, values, prefix)
        for test, keys in conditions.items()
        for key, values in keys.items()
    )


def _prefix_matches(test: str, key: str, values: Any, prefix: str | None) -> bool:  # noqa: ANN401 - JSON
    if key.lower() != "s3:prefix" or test not in _PREFIX_TESTS or prefix is None:
        return False
    return any(_like(value, prefix) if _PREFIX_TESTS[test] else value == prefix for value in _listed(values))
