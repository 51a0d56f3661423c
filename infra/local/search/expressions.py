"""Search expressions as functions that say of a resource whether it is wanted."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from infra.local.errors import validation
from infra.local.search.properties import Property, named

if TYPE_CHECKING:
    from botocore.model import StructureShape

Record = dict[str, Any]
Wanted = Callable[[Record], bool]

_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
}


def wanted(shape: StructureShape, expression: Record) -> Wanted:
    """Read an expression for a kind of resource.

    Parameters
    ----------
    shape
        The resource in the service model.
    expression
        ``Filters``, ``NestedFilters``, ``SubExpressions`` and their ``Operator``, ``And`` unless told.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException`` for an unknown property, an operator that its type has not, a value of
        another type, or an expression of nothing.
    """
    if _contains(expression) > 1:
        raise validation("'CONTAINS' operator usage limit of 1 exceeded.")
    return _read(shape, expression)


def _read(shape: StructureShape, expression: Record) -> Wanted:
    parts = [
        *(_filter(shape, each) for each in expression.get("Filters", ())),
        *(_nested(shape, each) for each in expression.get("NestedFilters", ())),
        *(_read(shape, each) for each in expression.get("SubExpressions", ())),
    ]
    if not parts:
        raise validation("A SearchExpression needs at least one filter, nested filter or subexpression.")
    combine = any if expression.get("Operator") == "Or" else all
    return lambda record: combine(part(record) for part in parts)


def _contains(expression: Record) -> int:
    filters = list(expression.get("Filters", ()))
    for nested in expression.get("NestedFilters", ()):
        filters += nested["Filters"]
    own = len([each for each in filters if each.get("Operator") == "Contains"])
    return own + sum(_contains(each) for each in expression.get("SubExpressions", ()))


def _nested(shape: StructureShape, nested: Record) -> Wanted:
    """Want a resource with one object in a list that all filters hold for."""
    prefix = nested["NestedPropertyName"]
    listed = named(shape, prefix)
    outside = [each["Name"] for each in nested["Filters"] if not each["Name"].startswith(f"{prefix}.")]
    if outside:
        raise validation(f"Nested filter {outside[0]} is not below {prefix}.")
    filters = [_filter(shape, each) for each in nested["Filters"]]

    def holds(record: Record) -> bool:
        return any(all(each(_around(prefix, item)) for each in filters) for item in listed.values(record))

    return holds


def _around(prefix: str, item: object) -> Record:
    for part in reversed(prefix.split(".")):
        item = {part: item}
    return item if isinstance(item, dict) else {}


def _filter(shape: StructureShape, given: Record) -> Wanted:
    found = named(shape, given["Name"])
    value = given.get("Value")
    name = given.get("Operator", "Equals" if value is not None else "Exists")
    if name == "Exists":
        return lambda record: bool(found.values(record))
    if name == "NotExists":
        return lambda record: not found.values(record)
    if value is None:
        raise validation(f"Filter {found.name} with operator {name} needs a Value.")
    if found.type == "whole":
        raise validation(f"Property {found.name} has parts: it can but exist, or name one of its parts.")
    if name in {"Contains", "In"} and found.type not in {"text", "free"}:
        raise validation(f"Operator {name} is not supported for property {found.name}, which is no text.")
    if name in _ORDER and found.type in {"text", "boolean"}:
        raise validation(f"Operator {name} is not supported for property {found.name}.")
    test = _test(found, name, value)
    if name == "NotEquals":
        return lambda record: not any(test(each) for each in found.values(record))
    return lambda record: any(test(each) for each in found.values(record))


def _test(found: Property, name: str, value: str) -> Callable[[Any], bool]:
    if name == "Contains":
        return lambda each: value in each
    if name == "In":
        options = {option.strip() for option in value.split(",")}
        return lambda each: each in options
    compare: Callable[[Any, Any], bool] = _ORDER.get(name, operator.eq)
    if found.type != "free":
        right = _typed(found, value)
        return lambda each: compare(each, right)

    def free(each: str) -> bool:
        left, right = _number(each), _number(value)
        if left is not None and right is not None:
            return compare(left, right)
        return compare is operator.eq and each == value

    return free


def _typed(found: Property, value: str) -> object:
    match found.type:
        case "number":
            number = _number(value)
            if number is None:
                raise validation(f"Value {value} of filter {found.name} is no number.")
            return number
        case "time":
            try:
                moment = datetime.fromisoformat(value)
            except ValueError:
                raise validation(f"Value {value} of filter {found.name} is no ISO 8601 time.") from None
            return moment.replace(tzinfo=moment.tzinfo or UTC)
        case "boolean":
            return value.lower() == "true"
        case _:
            return value


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
