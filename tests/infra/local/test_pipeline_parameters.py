from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.errors import AwsError
from infra.local.pipeline import parameters
from infra.local.pipeline.model import Scalar

DECLARED = parameters.parse(
    [
        {"Name": "Epochs", "Type": "Integer", "DefaultValue": 15},
        {"Name": "Rate", "Type": "Float", "DefaultValue": 1},
        {"Name": "Fast", "Type": "Boolean", "DefaultValue": False},
        {"Name": "Mode", "Type": "String", "DefaultValue": "a", "EnumValues": ["a", "b"]},
        {"Name": "Data", "Type": "String"},
    ]
)


def bind(**given: str) -> dict[str, Scalar]:
    return parameters.bind(DECLARED, [{"Name": name, "Value": value} for name, value in given.items()])


def test_defaults_hold_where_nothing_is_given() -> None:
    """Each parameter has a value of its own type, in the definition's order."""
    bound = bind(Data="")
    assert bound == {"Epochs": 15, "Rate": 1.0, "Fast": False, "Mode": "a", "Data": ""}
    assert [int, float, bool, str, str] == [type(value) for value in bound.values()]


def test_values_are_read_as_the_sdk_writes_them() -> None:
    """The SDK sends str() of Python values: True for a boolean."""
    assert bind(Epochs=str(3), Rate=str(1e-05), Fast=str(True), Mode="b", Data="x") == {
        "Epochs": 3,
        "Rate": 1e-05,
        "Fast": True,
        "Mode": "b",
        "Data": "x",
    }


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans())
def test_a_value_survives_its_text(value: Scalar) -> None:
    """What the API shows of a value gives the value again."""
    name = {int: "Epochs", float: "Rate", bool: "Fast"}[type(value)]
    assert value == bind(Data="", **{name: parameters.as_text(value)})[name]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, r"Missing required pipeline parameters: \[Data\]"),
        ({"Data": "", "Colour": "red"}, r"Unknown pipeline parameters: \[Colour\]. It defines: Epochs, Rate"),
        ({"Data": "", "Epochs": "3.5"}, "'Epochs' is of type Integer; '3.5' is not"),
        ({"Data": "", "Epochs": ""}, "'Epochs' is of type Integer"),
        ({"Data": "", "Rate": "fast"}, "'Rate' is of type Float"),
        ({"Data": "", "Rate": "nan"}, "'Rate' is of type Float"),
        ({"Data": "", "Fast": "1"}, "'Fast' is of type Boolean"),
        ({"Data": "", "Mode": "c"}, r"'Mode' is 'c'; it must be one of: \[a, b\]"),
    ],
)
def test_refuses_what_does_not_fit(given: dict[str, str], expected: str) -> None:
    """Unknown, missing and ill-typed parameters are named."""
    with pytest.raises(AwsError, match=expected) as refused:
        bind(**given)
    assert refused.value.code == "ValidationException"


def test_refuses_a_name_given_twice() -> None:
    """One value for each name."""
    twice = [{"Name": "Data", "Value": "a"}, {"Name": "Data", "Value": "b"}]
    with pytest.raises(AwsError, match="Duplicate pipeline parameter names"):
        parameters.bind(DECLARED, twice)
