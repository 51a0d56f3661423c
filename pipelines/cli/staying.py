"""What ``deploy --ttl`` does around a deploy."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from pipelines.cli.output import say
from pipelines.deployment import endpoint as endpoints
from pipelines.deployment import expiry
from pipelines.place import reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from pipelines.deployment.served import Served
    from pipelines.place import Place

    Ends = Mapping[Served, datetime | None]


@contextmanager
def for_a_while(
    place: Place, services: Sequence[Served], end: datetime | None, *, asked: bool
) -> Iterator[Ends]:
    """Say when endpoints go before they come, so that none stays for ever whatever happens meanwhile.

    Parameters
    ----------
    services
        The endpoints that a deploy is about.
    end
        When they are to go, where that was asked for.
    asked
        Whether the operator said anything of it.

    Yields
    ------
    mapping
        When each goes now; ``None`` for never.

    Raises
    ------
    OperatorError
        As `pipelines.deployment.expiry.settle` does.
    """
    ends = {
        served: expiry.settle(place, served, end, asked=asked, new=endpoints.describe(place, served) is None)
        for served in services
    }
    try:
        yield ends
    finally:
        for served, settled in ends.items():
            if asked or settled:
                _mark(place, served, settled)


def _mark(place: Place, served: Served, end: datetime | None) -> None:
    try:
        if endpoints.describe(place, served) is None:
            expiry.remove(place, served)
            return
        expiry.mark(place, served, end)
    except ClientError as error:
        say(f"{served.endpoint} could not be tagged with its end: {reason(error)}")
    said = f"is removed {expiry.left(end)} ({end:%Y-%m-%d %H:%M} UTC)" if end else "stays until bestiary down"
    say(f"{served.endpoint} {said}")
