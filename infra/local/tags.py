"""Tags by ARN, whatever the resource."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, cast

from infra.local.errors import validation
from infra.local.store import AbsentError, TakenError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from infra.local.store import Record, Store

KIND = "tags"
MOST = 50
"""Tags that one resource may have."""

Tag = dict[str, str]


def add(store: Store, arn: str, tags: Iterable[Tag] | None) -> list[Tag]:
    """Add tags to a resource, over those of the same keys, and return all that it has then.

    Parameters
    ----------
    tags
        ``{"Key": …, "Value": …}`` each; ``None`` is none.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException`` for a key that AWS keeps to itself, a key given twice, or more than `MOST`.
    """
    given = checked(tags)
    if not given:
        return of(store, arn)

    def added(record: Record) -> Record:
        known = {tag["Key"]: tag["Value"] for tag in record["Tags"]} | given
        if len(known) > MOST:
            raise validation(f"Resource {arn} would have {len(known)} tags; {MOST} are allowed.")
        return {"Tags": [{"Key": key, "Value": value} for key, value in known.items()]}

    with suppress(TakenError):
        store.create(KIND, arn, {"Tags": []})
    return cast("list[Tag]", store.update(KIND, arn, added)["Tags"])


def checked(tags: Iterable[Tag] | None) -> dict[str, str]:
    """Check the tags of a request and return values by key; raises as `add` does."""
    listed = list(tags or ())
    given = {tag["Key"]: tag["Value"] for tag in listed}
    if len(given) < len(listed):
        raise validation("Duplicate tag keys found: each key may be given once.")
    for key in given:
        if key.lower().startswith("aws:"):
            raise validation(f"aws: prefixed tag key names are not allowed for external use: {key}")
    return given


def of(store: Store, arn: str) -> list[Tag]:
    """List a resource's tags in the order in which they were added."""
    record = store.get(KIND, arn)
    return cast("list[Tag]", record["Tags"]) if record else []


def remove(store: Store, arn: str, keys: Iterable[str]) -> None:
    """Remove tags; keys that are not there are passed over."""
    gone = set(keys)
    with suppress(AbsentError):
        store.update(
            KIND, arn, lambda record: {"Tags": [tag for tag in record["Tags"] if tag["Key"] not in gone]}
        )


def forget(store: Store, arn: str) -> None:
    """Remove all tags of a deleted resource."""
    store.delete(KIND, arn)
