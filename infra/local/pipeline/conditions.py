"""Conditions of a Condition step: their form and their outcome."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, cast

from infra.local.pipeline.reading import Reader, refused
from infra.local.pipeline.references import UnresolvedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from infra.local.pipeline.model import Json, Scalar

_COMPARISONS: dict[str, Callable[[Json, Json], bool]] = {
    "Equals": operator.eq,
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
}
TYPES = (*_COMPARISONS, "In", "Not", "And", "Or")


def check(condition: Json, where: str) -> None:
    """Check a condition's form, at every depth.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException`` naming the step and the unknown type or property.
    """
    reader = Reader(condition, f"{where}: a condition")
    kind = reader.required("Type", str)
    reader.where = f"{where}: condition {kind}"
    if kind in _COMPARISONS:
        reader.value("LeftValue")
        reader.value("RightValue")
    elif kind == "In":
        reader.value("QueryValue")
        reader.required("Values", list)
    elif kind == "Not":
        check(reader.value("Condition"), where)
    elif kind in TYPES:
        for inner in reader.required("Conditions", list):
            check(inner, where)
    else:
        raise refused(f"{where}: unknown condition type '{kind}'; known are: {', '.join(TYPES)}.")
    reader.finish()


def pairs(condition: Json) -> Iterator[tuple[Json, Json]]:
    """Yield each pair of values that a condition compares, those of inner conditions included."""
    if condition["Type"] in _COMPARISONS:
        yield condition["LeftValue"], condition["RightValue"]
    elif condition["Type"] == "In":
        for value in condition["Values"]:
            yield condition["QueryValue"], value
    else:
        for inner in [condition["Condition"]] if condition["Type"] == "Not" else condition["Conditions"]:
            yield from pairs(inner)


def evaluate(condition: Json) -> bool:
    """Say whether a resolved condition holds.

    Raises
    ------
    infra.local.pipeline.references.UnresolvedError
        When it compares values that have no order or equality between them, e.g. text and a number.
    """
    kind = condition["Type"]
    if kind in _COMPARISONS:
        left, right = condition["LeftValue"], condition["RightValue"]
        _comparable(left, right, ordered=kind != "Equals")
        return _COMPARISONS[kind](left, right)
    if kind == "In":
        for value in condition["Values"]:
            _comparable(condition["QueryValue"], value, ordered=False)
        return condition["QueryValue"] in condition["Values"]
    if kind == "Not":
        return not evaluate(condition["Condition"])
    outcomes = [evaluate(inner) for inner in condition["Conditions"]]
    return all(outcomes) if kind == "And" else any(outcomes)


def family(value: Scalar) -> str:
    """Name the kind of value that a value can be compared with: ``Boolean``, ``Number`` or ``String``."""
    if isinstance(value, bool):
        return "Boolean"
    return "Number" if isinstance(value, int | float) else "String"


def _comparable(left: Json, right: Json, *, ordered: bool) -> None:
    families = [family(cast("Scalar", value)) for value in (left, right)]
    if families[0] != families[1]:
        raise UnresolvedError(f"A condition compares {families[0]} {left!r} with {families[1]} {right!r}.")
    if ordered and families[0] == "Boolean":
        raise UnresolvedError(f"A condition asks whether {left!r} is greater or less than {right!r}.")
