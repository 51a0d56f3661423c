"""Requests that may be sent twice and count once: the same ``ClientRequestToken``, the same answer."""

from __future__ import annotations

import hashlib
import json
from threading import RLock
from typing import TYPE_CHECKING, Any

from infra.local.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.local.store import Record, Store

_KIND = "request-token"
lock = RLock()
"""Held while a request is performed; to be taken before the store's, by whoever needs both."""


def once(
    store: Store,
    operation: str,
    request: Record,
    perform: Callable[[], str],
    there: Callable[[str], object],
) -> str:
    """Perform a request, unless its token was seen before.

    Parameters
    ----------
    store
        Where tokens are kept.
    operation, request
        What was asked, with its ``ClientRequestToken``.
    perform
        Does it and returns the ARN of what came of it.
    there
        Says whether what an ARN names still exists; a token whose result is gone is as good as new.

    Returns
    -------
    str
        The ARN that `perform` returned, now or back then.

    Raises
    ------
    infra.local.errors.AwsError
        ``ConflictException`` when the token came with another request.
    """
    name = f"{operation}/{request['ClientRequestToken']}"
    with lock:
        known = store.get(_KIND, name)
        if known and there(known["Arn"]):
            if known["Request"] != _digest(request):
                raise AwsError(
                    "ConflictException",
                    f"ClientRequestToken was used before for another {operation} request: use a new one.",
                )
            return str(known["Arn"])
        arn = perform()
        store.put(_KIND, name, {"Arn": arn, "Request": _digest(request)})
        return arn


def _digest(request: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(request, sort_keys=True, default=str).encode()).hexdigest()
