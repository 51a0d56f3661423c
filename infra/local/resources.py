"""Adding a resource under a name that no other of its kind has, with its tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.local import tags
from infra.local.store import TakenError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from infra.local.errors import AwsError
    from infra.local.store import Record, Store


def add(  # noqa: PLR0913 - a record's place, what goes there, and what is said when another is there
    store: Store,
    kind: str,
    name: str,
    record: Record,
    *,
    arn: str,
    tagged: Iterable[tags.Tag] | None,
    taken: AwsError,
) -> None:
    """Add a record and its tags, both or neither.

    Parameters
    ----------
    kind, name
        Where in the store.
    arn
        What the tags are kept by.
    tagged
        The request's ``Tags``, if any.
    taken
        Raised when the kind has a record of that name.

    Raises
    ------
    infra.local.errors.AwsError
        `taken`, or what `infra.local.tags.add` raises.
    """
    try:
        with store.together():
            store.create(kind, name, record)
            tags.add(store, arn, tagged)
    except TakenError:
        raise taken from None
