from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pipeline_definitions import get, join, json_get

from infra.local.errors import AwsError
from infra.local.pipeline import expressions, paths
from infra.local.pipeline.references import Scope, UnresolvedError, resolve

if TYPE_CHECKING:
    from pipeline_definitions import Json

DESCRIBED = {
    "ProcessingOutputConfig": {
        "Outputs": [
            {"OutputName": "train", "S3Output": {"S3Uri": "s3://b/train"}},
            {"OutputName": "test", "S3Output": {"S3Uri": "s3://b/test"}},
        ]
    },
    "Environment": {"a.b": "1"},
}
FACTS = {"accuracy": 0.5, "models": [{"name": "a b", "good": True}], "a b": {"c-d": "x"}}
PARAMETERS = {"Epochs": 3, "Rate": 0.001, "Fast": True, "Name": "bear"}


def scope() -> Scope:
    return Scope(
        parameters=PARAMETERS,
        variables=lambda group, name: f"<{group} {name}>",
        properties=lambda step: {"prepare": DESCRIBED}[step],
        read_file=lambda step, file: {("evaluate", "facts"): FACTS}[step, file],
        read_uri=lambda uri: {"s3://b/bear.json": {"Result": 7}}[uri],
    )


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["A", "B", "Getter"]), inner, max_size=3)
    ),
    max_leaves=8,
)
reference = st.sampled_from([get(f"Parameters.{name}") for name in PARAMETERS])
scalar = st.text(max_size=5) | st.integers() | st.booleans()
joined = st.recursive(
    scalar | reference,
    lambda inner: st.builds(
        lambda on, values: join(*values, on=on), st.text(max_size=2), st.lists(inner, max_size=3)
    ),
    max_leaves=6,
)
document = st.recursive(
    scalar | joined,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("AB"), inner, max_size=2),
    max_leaves=8,
)


def text(value: Json) -> str:
    """Write what a join of it must give, by the rules told over again."""
    if isinstance(value, dict) and "Get" in value:
        value = PARAMETERS[value["Get"].removeprefix("Parameters.")]
    if isinstance(value, dict):
        body = value["Std:Join"]
        return body["On"].join(text(item) for item in body["Values"])
    return str(value).lower() if isinstance(value, bool) else str(value)


@given(plain)
def test_what_has_no_reference_resolves_to_itself(value: Json) -> None:
    """Plain values pass unchanged."""
    assert value == resolve(value, scope())


@given(st.lists(st.text(max_size=4), max_size=5), st.text(max_size=2))
def test_a_join_of_texts_is_pythons_join(values: list[str], on: str) -> None:
    """Std:Join of constants equals str.join."""
    assert on.join(values) == resolve(join(*values, on=on), scope())


@given(joined)
def test_joins_nest(value: Json) -> None:
    """A join of joins and references is the text of its parts, however deep."""
    resolved = resolve(value, scope())
    assert text(value) == (resolved if isinstance(resolved, str) else text(resolved))


@given(document)
def test_nothing_is_left_to_resolve(value: Json) -> None:
    """No expression remains, and resolving again changes nothing."""
    resolved = resolve(value, scope())
    assert list(expressions.walk(resolved, "x")) == []
    assert resolved == resolve(resolved, scope())


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (get("Parameters.Epochs"), 3),
        (get("Execution.PipelineExecutionId"), "<Execution PipelineExecutionId>"),
        (get("PipelineExperimentConfig.TrialName"), "<PipelineExperimentConfig TrialName>"),
        (get("Steps.prepare.ProcessingOutputConfig.Outputs['test'].S3Output.S3Uri"), "s3://b/test"),
        (get("Steps.prepare.ProcessingOutputConfig.Outputs[0].S3Output.S3Uri"), "s3://b/train"),
        (get("Steps.prepare.Environment['a.b']"), "1"),
        (json_get("evaluate", "facts", "accuracy"), 0.5),
        (json_get("evaluate", "facts", "models[0].good"), True),
        (json_get("evaluate", "facts", "models['a b'].good"), None),
        (json_get("evaluate", "facts", "['a b']['c-d']"), "x"),
        (json_get("evaluate", "facts", "a b.c-d"), "x"),
        ({"Std:JsonGet": {"S3Uri": join("s3://b/", get("Parameters.Name"), ".json"), "Path": "Result"}}, 7),
        (join(*["a", 1, 0.5, True, get("Parameters.Fast")], on="-"), "a-1-0.5-true-true"),
    ],
)
def test_references_lead_where_they_say(value: Json, expected: Json) -> None:
    """Each kind of reference gives the value that it names; lists of named things are indexed by name."""
    if expected is None:  # the objects in that list have no member that ends in "Name"
        with pytest.raises(UnresolvedError, match="models has no"):
            resolve(value, scope())
    else:
        assert expected == resolve(value, scope())


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (get("Steps.prepare.ExitMessage"), "Steps.prepare.ExitMessage cannot be resolved"),
        (json_get("evaluate", "facts", "models[3].good"), r"models has no \[3\]"),
        (json_get("evaluate", "facts", "accuracy.value"), "accuracy has no value"),
        (json_get("evaluate", "facts", "models"), "is no string, number or boolean"),
        (get("Steps.evaluate.PropertyFiles.facts"), "can only be read by Std:JsonGet"),
        (join(get("Steps.prepare.Environment")), "Std:Join can join"),
    ],
)
def test_a_reference_to_nothing_says_what_is_missing(value: Json, expected: str) -> None:
    """A value that the execution does not have fails with the place named."""
    with pytest.raises(UnresolvedError, match=expected):
        resolve(value, scope())


letter = st.characters(categories=["L", "N", "Zs"]) | st.sampled_from("._- ")


@given(st.lists(st.integers(0, 99) | st.text(letter, min_size=1), min_size=1, max_size=5))
def test_paths_read_what_they_show(path: list[str | int]) -> None:
    """Writing a path and reading it gives the path."""
    assert tuple(path) == paths.parse(paths.show(tuple(path)))


@pytest.mark.parametrize("wrong", ["", ".a", "a..b", "a[", "a[b]", "a['b'", "a]"])
def test_refuses_what_is_no_path(wrong: str) -> None:
    """A malformed path is an error and never a silent nothing."""
    with pytest.raises(ValueError, match="is no path"):
        paths.parse(wrong)


def test_an_object_with_more_than_get_is_a_plain_one() -> None:
    """Only an object of the one member Get is a reference; an environment may have a variable Get."""
    assert resolve({"Get": "x", "B": "y"}, scope()) == {"Get": "x", "B": "y"}


def test_a_malformed_function_is_refused() -> None:
    """Std:Join needs its Values."""
    with pytest.raises(AwsError, match="lacks 'Values'"):
        list(expressions.walk({"Std:Join": {"On": ""}}, "Step 'x'"))
