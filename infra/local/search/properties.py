"""Properties of a resource by dotted name, as Search has it: ``HyperParameters.epochs``, ``Tags.team``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from infra.local.errors import validation

if TYPE_CHECKING:
    from botocore.model import ListShape, Shape, StructureShape

Record = dict[str, Any]


@dataclass(frozen=True)
class Property:
    """One property of a kind of resource.

    Attributes
    ----------
    name
        As the request has it.
    type
        ``text``, ``number``, ``boolean``, ``time``, ``free`` (a map's text, compared as a number where it is
        one) or ``whole`` (what has parts, which can but exist).
    """

    name: str
    type: str

    def values(self, record: Record) -> list[Any]:
        """Return what a resource has there: several values where a list lies on the way."""
        return list(_found(_viewed(record), self.name))


def named(shape: StructureShape, name: str) -> Property:
    """Find a property in the model of a resource.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException`` when the resource has no such property.
    """
    head, _, rest = name.partition(".")
    if rest and (head == "Metrics" or (head == "Tags" and "Tags" in shape.members)):
        return Property(name, "number" if head == "Metrics" else "text")
    found: Shape = shape
    parts = name.split(".")
    while parts:
        if found.type_name == "list":
            found = cast("ListShape", found).member
        elif found.type_name == "map":
            return Property(name, "free")
        elif found.type_name == "structure" and parts[0] in cast("StructureShape", found).members:
            found = cast("StructureShape", found).members[parts.pop(0)]
        else:
            raise validation(f"Unknown property name: {name}")
    while found.type_name == "list":
        found = cast("ListShape", found).member
    return Property(name, _TYPES.get(found.type_name, "whole"))


_TYPES = {
    "string": "text",
    "integer": "number",
    "long": "number",
    "float": "number",
    "double": "number",
    "boolean": "boolean",
    "timestamp": "time",
}


def _viewed(record: Record) -> Record:
    """Show tags and metrics by their names."""
    tags = {tag["Key"]: tag["Value"] for tag in record.get("Tags", ())}
    metrics = {each["MetricName"]: each["Value"] for each in record.get("FinalMetricDataList", ())}
    return {**record, "Tags": tags, "Metrics": metrics}


def _found(value: Any, path: str) -> list[Any]:  # noqa: ANN401 - any part of a record
    if isinstance(value, list):
        return [found for item in value for found in _found(item, path)]
    if not path:
        return [] if value is None else [value]
    if not isinstance(value, Mapping):
        return []
    if path in value:  # a map's keys may have dots
        return _found(value[path], "")
    head, _, rest = path.partition(".")
    return _found(value[head], rest) if head in value and rest else []


def sortable(value: object) -> tuple[int, Any]:
    """Return a value as what sorts among values of any type, and as JSON can hold it."""
    if isinstance(value, datetime):
        return 2, value.isoformat(timespec="microseconds")
    if isinstance(value, int | float):
        return 1, value
    return (2, str(value)) if value is not None else (0, 0)
