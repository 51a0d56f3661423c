from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pipeline_definitions import output

from infra.local.pipeline import cache, differences
from infra.local.pipeline.model import Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline_definitions import Json

ARGUMENTS: dict[str, Json] = {
    "AppSpecification": {"ImageUri": "i", "ContainerArguments": ["--size", "128", "--fast"]},
    "Environment": {"A": "1"},
    "ProcessingInputs": [
        {"InputName": "data", "S3Input": {"S3Uri": "s3://b/data", "LocalPath": "/opt/ml/processing/data"}}
    ],
    "ProcessingOutputConfig": {"Outputs": [output("train", "s3://b/train")]},
    "RoleArn": "r",
    "NetworkConfig": {"EnableNetworkIsolation": True},
}
STEP = Step("prepare", "Processing", ARGUMENTS)


def shuffled(value: Json, data: st.DataObject) -> Json:
    if isinstance(value, dict):
        return {name: shuffled(value[name], data) for name in data.draw(st.permutations(list(value)))}
    return [shuffled(item, data) for item in value] if isinstance(value, list) else value


def leaves(value: Json, path: tuple[Json, ...] = ()) -> Iterator[tuple[Json, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value)
    for name, item in children:
        if isinstance(item, dict | list):
            yield from leaves(item, (*path, name))
        else:
            yield (*path, name)


def changed(path: tuple[Json, ...], value: Json) -> dict[str, Json]:
    copied = copy.deepcopy(ARGUMENTS)
    inner = copied
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    return copied


def key(arguments: dict[str, Json]) -> str:
    return cache.key(cache.attributes(STEP, arguments))


@given(st.data())
def test_the_key_knows_no_order_of_members(data: st.DataObject) -> None:
    """Definitions that differ in the order of members only share results."""
    assert key(ARGUMENTS) == key(shuffled(ARGUMENTS, data))


@given(st.sampled_from(list(leaves(ARGUMENTS))), st.text(max_size=5))
def test_the_key_holds_what_aws_documents_and_nothing_else(path: tuple[Json, ...], value: str) -> None:
    """Any change of an input, argument or variable changes the key; outputs, role and network do not."""
    inner: Json = ARGUMENTS
    for name in path:
        inner = inner[name]
    documented = path[0] in {"AppSpecification", "Environment", "ProcessingInputs"}
    assert (key(changed(path, value)) != key(ARGUMENTS)) == (documented and value != inner)


@given(st.sampled_from(list(leaves(ARGUMENTS))), st.text(max_size=5))
def test_every_change_is_described(path: tuple[Json, ...], value: str) -> None:
    """A changed key always comes with words that say what changed."""
    old, new = (cache.attributes(STEP, arguments) for arguments in (ARGUMENTS, changed(path, value)))
    assert bool(differences.describe(old, new)) == (old != new)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"A": {"b": 1}}, {"A": {"b": 2}}, "A.b changed from 1 to 2"),
        ({"A": ["--x", "1", "--y"]}, {"A": ["--x", "2", "--y"]}, "A --x changed from '1' to '2'"),
        ({"A": ["--x", "1"]}, {"A": ["--x", "1", "--y"]}, "A --y was added"),
        ({"A": ["a", "b"]}, {"A": ["a"]}, "A[1] was removed"),
        ({"A": {}}, {"A": {"b.c": 1}}, "A['b.c'] was added"),
        ({"ProcessingInputs": [{"InputName": "a", "S3Input": {"S3Uri": "s3://x"}}]},
         {"ProcessingInputs": [{"InputName": "b", "S3Input": {"S3Uri": "s3://x"}}]},
         "input 'a' was removed; input 'b' was added"),
        ({"InputDataConfig": [{"ChannelName": "a", "InputMode": "File"}]},
         {"InputDataConfig": [{"ChannelName": "a", "InputMode": "FastFile"}]},
         "input 'a' (InputMode) changed from 'File' to 'FastFile'"),
        ({"A": {"a": 1, "b": 1, "c": 1, "d": 1, "e": 1}}, {"A": {}},
         "A.a was removed; A.b was removed; A.c was removed; and 2 more"),
        ({"A": True}, {"A": 1}, "A changed from True to 1"),
        (
            {"CheckpointConfig": {"S3Uri": "s3://a/1"}, "HyperParameters": {"epochs": "1"}},
            {"CheckpointConfig": {"S3Uri": "s3://a/2"}, "HyperParameters": {"epochs": "2"}},
            "HyperParameters.epochs changed from '1' to '2'",
        ),
    ],
)  # fmt: skip
def test_changes_are_put_in_words(old: Json, new: Json, expected: str) -> None:
    """Options and named inputs are found by name, and many changes are counted."""
    assert differences.describe(old, new) == expected
