from __future__ import annotations

import operator
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.pipeline import conditions
from infra.local.pipeline.references import UnresolvedError

if TYPE_CHECKING:
    from pipeline_definitions import Json

PYTHON = {
    "Equals": operator.eq,
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
}
number = st.integers(-3, 3) | st.sampled_from([-1.5, 0.0, 0.5, 2.0])
word = st.sampled_from(["", "a", "b", "ab"])


def comparison(values: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    return st.builds(
        lambda kind, left, right: {"Type": kind, "LeftValue": left, "RightValue": right},
        st.sampled_from(list(PYTHON)),
        values,
        values,
    ) | st.builds(
        lambda value, several: {"Type": "In", "QueryValue": value, "Values": several},
        values,
        st.lists(values, max_size=3),
    )


condition = st.recursive(
    comparison(number) | comparison(word),
    lambda inner: (
        st.builds(lambda one: {"Type": "Not", "Condition": one}, inner)
        | st.builds(
            lambda kind, several: {"Type": kind, "Conditions": several},
            st.sampled_from(["And", "Or"]),
            st.lists(inner, max_size=3),
        )
    ),
    max_leaves=8,
)


def in_python(condition: Json) -> str:
    """Write a condition as a Python expression."""
    kind = condition["Type"]
    if kind == "In":
        return f"({condition['QueryValue']!r} in {condition['Values']!r})"
    if kind == "Not":
        return f"(not {in_python(condition['Condition'])})"
    if kind in {"And", "Or"}:
        joined = ", ".join(in_python(inner) for inner in condition["Conditions"])
        return f"{'all' if kind == 'And' else 'any'}([{joined}])"
    symbols = {"Equals": "==", "GreaterThan": ">", "GreaterThanOrEqualTo": ">=", "LessThan": "<"}
    return f"({condition['LeftValue']!r} {symbols.get(kind, '<=')} {condition['RightValue']!r})"


@given(condition)
def test_conditions_agree_with_python(condition: Json) -> None:
    """Whatever is built of comparisons comes out as the same Python expression does."""
    conditions.check(condition, "Step 'x'")
    assert eval(in_python(condition)) is conditions.evaluate(condition)  # noqa: S307 - made above


@given(condition)
def test_not_is_the_opposite(condition: Json) -> None:
    """Not turns every outcome around."""
    assert conditions.evaluate({"Type": "Not", "Condition": condition}) is not conditions.evaluate(condition)


@pytest.mark.parametrize(
    ("kind", "left", "right"),
    [("Equals", "1", 1), ("Equals", True, 1), ("LessThan", False, True), ("GreaterThan", 1.0, "a")],
)
def test_what_cannot_be_compared_is_an_error(kind: str, left: Json, right: Json) -> None:
    """Text and numbers, or the order of booleans, are mistakes and no silent False."""
    with pytest.raises(UnresolvedError, match="A condition"):
        conditions.evaluate({"Type": kind, "LeftValue": left, "RightValue": right})
    if kind == "Equals":
        with pytest.raises(UnresolvedError, match="A condition compares"):
            conditions.evaluate({"Type": "In", "QueryValue": left, "Values": [right]})
