"""An account's clock, driven by hand."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from urllib.request import Request, urlopen

from toy_versions import Account


def clock(account: Account, by: timedelta = timedelta()) -> datetime:
    """Advance the account's clock and read it."""
    url = f"{account.bestiary.endpoint_url}/_bestiary/clock"
    body = json.dumps({"advance_seconds": by.total_seconds()}).encode()
    with urlopen(Request(url, data=body)) as answer:  # noqa: S310 - the test's own server
        return datetime.fromisoformat(json.load(answer)["now"])


def next_hour(account: Account) -> None:
    """Advance it to a moment after the next full hour."""
    now = clock(account)
    clock(account, now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1, seconds=1) - now)
