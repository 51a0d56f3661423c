"""The one mechanism of every List operation: filters, sort orders, and pages by opaque tokens."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from infra.local.errors import validation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Record = dict[str, Any]
Item = TypeVar("Item")

PAGE = 10
"""Items of a page when ``MaxResults`` is not given."""


@dataclass(frozen=True)
class Fields:
    """Where a kind of record keeps what List operations filter and sort by.

    Attributes
    ----------
    identity
        The field that no two records share, e.g. ``TrainingJobArn``.
    name
        The field that ``NameContains`` looks into.
    status
        The field of ``StatusEquals``; empty where the operation has none.
    created, modified
        The fields of the time filters.
    """

    identity: str
    name: str
    status: str = ""
    created: str = "CreationTime"
    modified: str = "LastModifiedTime"


def page(
    records: Iterable[Record],
    request: Record,
    fields: Fields,
    *,
    by: str = "CreationTime",
    order: str = "Ascending",
) -> tuple[list[Record], str | None]:
    """Filter and sort records as a List request asks, and cut out its page.

    Parameters
    ----------
    records
        All of them.
    request
        The checked request; its members ``NameContains``, ``StatusEquals``, ``CreationTimeAfter``,
        ``CreationTimeBefore``, ``CreatedAfter``, ``CreatedBefore``, ``LastModifiedTimeAfter``,
        ``LastModifiedTimeBefore``, ``SortBy``, ``SortOrder``, ``MaxResults`` and ``NextToken`` are obeyed.
    fields
        Where the records keep what these members speak of.
    by, order
        The operation's defaults of ``SortBy`` and ``SortOrder``.

    Returns
    -------
    tuple
        The page's records, and the ``NextToken`` of the next page or ``None``.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException`` for a token that this request did not give.
    """
    field = _sorted_by(request.get("SortBy", by), fields)
    descending = request.get("SortOrder", order) == "Descending"
    return cut(
        [record for record in records if _wanted(record, request, fields)],
        request,
        lambda record: (_sortable(record.get(field)), record[fields.identity]),
        descending=descending,
    )


def cut(
    items: Iterable[Item],
    request: Record,
    key: Callable[[Item], tuple[Any, ...]],
    *,
    descending: bool,
    size: int = PAGE,
) -> tuple[list[Item], str | None]:
    """Sort items and cut out the page that a request asks for.

    A token names the last item of its page, not a position, so that items added meanwhile neither repeat nor
    hide others.

    Parameters
    ----------
    items
        What remains after filtering.
    request
        Its ``MaxResults`` and ``NextToken`` are obeyed; the rest must not change from page to page.
    key
        Gives an item's place: unique, comparable, made of what JSON can hold.
    descending
        Whether the greatest key comes first.
    size
        Items of a page when ``MaxResults`` is not given.
    """
    ordered = sorted(items, key=key, reverse=descending)
    if token := request.get("NextToken"):
        last = _read(token, request)
        ordered = [item for item in ordered if (key(item) < last if descending else key(item) > last)]
    size = request.get("MaxResults", size)
    shown = ordered[:size]
    return shown, _token(key(shown[-1]), request) if len(ordered) > size else None


def _sorted_by(by: str, fields: Fields) -> str:
    if by in {"CreationTime", "CreatedTime"}:
        return fields.created
    return {"Name": fields.name, "Status": fields.status, "LastModifiedTime": fields.modified}.get(
        by, fields.identity
    )


def _wanted(record: Record, request: Record, fields: Fields) -> bool:
    created, modified = record.get(fields.created), record.get(fields.modified)
    after = [
        (created, request.get("CreationTimeAfter") or request.get("CreatedAfter")),
        (modified, request.get("LastModifiedTimeAfter")),
    ]
    before = [
        (created, request.get("CreationTimeBefore") or request.get("CreatedBefore")),
        (modified, request.get("LastModifiedTimeBefore")),
    ]
    status = request.get("StatusEquals")
    return (
        request.get("NameContains", "") in str(record.get(fields.name, ""))
        and (status is None or record.get(fields.status) == status)
        and all(limit is None or (moment is not None and moment > limit) for moment, limit in after)
        and all(limit is None or (moment is not None and moment < limit) for moment, limit in before)
    )


def _sortable(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return "" if value is None else str(value)


def _token(last: tuple[Any, ...], request: Record) -> str:
    return base64.urlsafe_b64encode(json.dumps([_fingerprint(request), last]).encode()).decode()


def _read(token: str, request: Record) -> tuple[Any, ...]:
    try:
        fingerprint, last = json.loads(base64.urlsafe_b64decode(token))
        if fingerprint == _fingerprint(request):
            return tuple(last)
    except (ValueError, TypeError):
        pass
    raise validation("Invalid NextToken: pass on the token of the page before, with the same request.")


def _fingerprint(request: Record) -> str:
    asked = {name: value for name, value in request.items() if name not in {"NextToken", "MaxResults"}}
    return hashlib.sha256(json.dumps(asked, default=str, sort_keys=True).encode()).hexdigest()[:16]
