from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pipeline_definitions import (
    condition,
    equals,
    fail,
    get,
    join,
    json_get,
    output,
    pipeline,
    processing,
    training,
)

from infra.local.errors import AwsError
from infra.local.pipeline import definition, durations
from infra.local.pipeline.model import Branch, Dependency

if TYPE_CHECKING:
    from pipeline_definitions import Json

PREPARE = processing(
    "prepare",
    outputs=[output("train", "s3://b/train")],
    PropertyFiles=[{"PropertyFileName": "facts", "OutputName": "train", "FilePath": "facts.json"}],
)


def refusal(text: str) -> str:
    with pytest.raises(AwsError) as refused:
        definition.load(text)
    assert refused.value.code == "ValidationException"
    assert refused.value.message.startswith("Unable to parse pipeline definition. ")
    assert "\n" not in refused.value.message
    return refused.value.message.removeprefix("Unable to parse pipeline definition. ")


def test_reads_steps_of_both_branches_with_their_condition() -> None:
    """Branch steps are steps like others that know which side of which condition they are on."""
    go = equals(left=get("Parameters.Go"), right=True)
    gate = condition("gate", [go], [PREPARE], [fail("stop")])
    read = definition.load(pipeline(gate, Go=True))
    assert list(read.steps) == ["gate", "prepare", "stop"]
    assert Branch("gate", outcome=True) == read.steps["prepare"].branch
    assert Branch("gate", outcome=False) == read.steps["stop"].branch


def test_takes_null_as_absent_as_the_sdk_writes_it() -> None:
    """SDK v3 writes null for PipelineExperimentConfig and MlflowConfig outside some regions."""
    text = json.loads(pipeline(PREPARE)) | {"MlflowConfig": None, "PipelineExperimentConfig": None}
    assert definition.load(json.dumps(text)).experiment is None


def test_reads_what_hangs_on_a_step() -> None:
    """DependsOn in both forms, CacheConfig and RetryPolicies arrive as values with AWS's defaults."""
    step = training(
        "train",
        DependsOn=["prepare", {"Step": "other", "Trigger": "Any"}],
        CacheConfig={"Enabled": True, "ExpireAfter": "30dT5h"},
        RetryPolicies=[{"ExceptionType": ["SageMaker.CAPACITY_ERROR"], "ExpireAfterMin": 5}],
        DisplayName="Train",
        Description="Learns",
    )
    read = definition.load(pipeline(PREPARE, processing("other"), step)).steps["train"]
    assert (Dependency("prepare"), Dependency("other", "Any")) == read.depends_on
    assert (True, timedelta(days=30, hours=5)) == (read.cache.enabled, read.cache.expire_after)
    (policy,) = read.retry_policies
    assert (policy.interval, policy.backoff, policy.attempts, policy.expire_after) == (1, 2.0, None, 5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{", "It is no JSON"),
        ('{"Version": NaN}', "NaN is no JSON number"),
        ("[]", "The definition must be an object"),
        ('{"Version": "1"}', "Unknown version '1'"),
        ('{"Version": "2020-12-01"}', "lacks 'Steps'"),
        ('{"Version": "2020-12-01", "Steps": []}', "at least one step"),
        ('{"Version": "2020-12-01", "Steps": [], "Stages": []}', "unknown property 'Stages'"),
        (" " * 1_048_577, "at most 1048576 are allowed"),
        ("[" * 100_000, "nested too deeply"),
        ('{"Version": "2020-12-01", "Steps": [' + '{"a":' * 900 + "1" + "}" * 900 + "]}", "lacks 'Name'"),
    ],
)
def test_refuses_what_is_no_definition(text: str, expected: str) -> None:
    """Bad JSON and wrong top-level members are named."""
    assert expected in refusal(text)


BAD_STEPS: list[tuple[str, list[Json], str]] = [
    ("type", [{"Name": "x", "Type": "Dance", "Arguments": {}}], "Step 'x': unknown step type 'Dance'"),
    ("later type", [{"Name": "x", "Type": "Tuning", "Arguments": {}}], "type Tuning are not available"),
    ("member", [processing("x", Retries=3)], "Step 'x': Cannot parse object, unknown property 'Retries'"),
    ("no cache there", [fail("x", CacheConfig={"Enabled": True})], "unknown property 'CacheConfig'"),
    ("name", [processing("a b")], "'a b' is no step name"),
    ("display name", [processing("x", DisplayName="a\nb")], "DisplayName is one line"),
    ("duplicate", [PREPARE, training("prepare")], "Duplicate step name 'prepare'"),
    ("duplicate in branch", [PREPARE, condition("c", [], [PREPARE])], "Duplicate step name 'prepare'"),
    ("function", [processing("x", command=[{"Std:Split": []}])], "Step 'x': unknown function 'Std:Split'"),
    ("two functions", [processing("x", command=[join("a") | {"Get": "b"}])], "'Std:Join' must be alone"),
    ("reference", [processing("x", command=[get("Nowhere.x")])], "unknown reference 'Get': 'Nowhere.x'"),
    ("variable", [processing("x", command=[get("Execution.Mood")])], "unknown reference"),
    ("parameter", [processing("x", command=[get("Parameters.P")])], "parameter 'P' is not defined"),
    ("step", [processing("x", command=[get("Steps.y.ExitMessage")])], "'y', which does not exist"),
    ("depends on nothing", [processing("x", DependsOn=["y"])], "depends on step 'y', which does not exist"),
    ("property", [PREPARE, fail("x", get("Steps.prepare.Colour"))], "unknown property reference"),
    (
        "output",
        [PREPARE, fail("x", get("Steps.prepare.ProcessingOutputConfig.Outputs['test'].S3Output.S3Uri"))],
        "Step 'x': unknown property reference 'Steps.prepare.ProcessingOutputConfig.Outputs['test']",
    ),
    (
        "hyperparameter",
        [
            training("t", arguments={"HyperParameters": {"epochs": "3"}}),
            fail("x", get("Steps.t.HyperParameters['rate']")),
        ],
        "unknown property reference",
    ),
    ("file", [PREPARE, fail("x", json_get("prepare", "fax", "a"))], "step 'prepare' defines: facts"),
    ("bare file", [PREPARE, processing("x", command=[get("Steps.prepare.PropertyFiles.facts")])], "JsonGet"),
    ("file's output", [processing("x", PropertyFiles=[
        {"PropertyFileName": "f", "OutputName": "o", "FilePath": "f.json"}])], "names output 'o'"),
    ("path", [PREPARE, fail("x", json_get("prepare", "facts", "a[b"))], "'a[b' is no path"),
    ("argument", [processing("x", arguments={"Colour": 1})], "Unknown Argument member 'Colour'"),
    ("deep argument", [processing("x", arguments={"NetworkConfig": {"Speed": 1}})], "'NetworkConfig.Speed'"),
    ("missing", [training("x", arguments={"OutputDataConfig": {}})], "'OutputDataConfig.S3OutputPath'"),
    ("literal type", [training("x", arguments={"HyperParameters": {"epochs": 3}})], "must be of type string"),
    ("boolean for number", [processing("x", arguments={"StoppingCondition": {"MaxRuntimeInSeconds": True}})],
     "must be of type integer"),
    ("no array", [processing("x", command=get("Execution.PipelineName"))], "to argument of type [List]"),
    ("array literal", [processing("x", command="a")], "Expecting start of Json Array"),
    ("object literal", [processing("x", arguments={"Environment": []})], "Expecting start of Json Object"),
    ("enum", [training("x", arguments={"AlgorithmSpecification": {"TrainingInputMode": "Slow"}})],
     "Member must satisfy enum value set: [Pipe, File, FastFile]"),
    ("package name", [{"Name": "x", "Type": "RegisterModel", "Arguments": {"ModelPackageName": "m"}}],
     "Unknown Argument member 'ModelPackageName'"),
    ("condition", [condition("c", [{"Type": "Like"}])], "Step 'c': unknown condition type 'Like'"),
    ("condition's member", [condition("c", [{"Type": "Not", "Expression": {}}])], "lacks 'Condition'"),
    ("types compared", [condition("c", [equals(1, "1")])], "compares Number with String"),
    ("object compared", [condition("c", [equals({"a": 1}, 1)])], "which is no scalar"),
    ("nested", [condition("c", [], [condition("d", [])])], "does not nest condition steps"),
    ("after fail", [fail("f"), processing("x", DependsOn=["f"])], "x can not depends on f"),
    ("of fail", [fail("f"), fail("x", get("Steps.f.Message"))], "Fail step 'f', which has no properties"),
    ("cycle", [processing("a", DependsOn=["b"]), processing("b", DependsOn=["a"])], "Cycle detected"),
    ("own cycle", [processing("a", DependsOn=["a"])], "Cycle detected in the pipeline's steps: a -> a"),
    ("into a branch", [condition("c", [], [PREPARE]), processing("x", DependsOn=["prepare"])],
     "it is in IfSteps of condition step 'c', and 'x' is not"),
    ("across branches", [condition("c", [], [PREPARE], [processing("x", DependsOn=["prepare"])])],
     "which may never run"),
    ("trigger", [PREPARE, processing("x", DependsOn=[{"Step": "prepare", "Trigger": "Maybe"}])],
     "unknown Trigger 'Maybe'"),
    ("duration", [processing("x", CacheConfig={"Enabled": True, "ExpireAfter": "soon"})], "no ISO 8601"),
    ("exception", [processing("x", RetryPolicies=[{"ExceptionType": ["Boredom"]}])],
     "unknown ExceptionType 'Boredom'"),
    ("both limits", [processing("x", RetryPolicies=[{
        "ExceptionType": [], "MaxAttempts": 1, "ExpireAfterMin": 1}])], "not both"),
    ("many attempts", [processing("x", RetryPolicies=[{"ExceptionType": [], "MaxAttempts": 21}])],
     "MaxAttempts is 21; it must be from 1 to 20"),
    ("joined object", [PREPARE, fail("x", join(get("Steps.prepare.Environment")))], "Std:Join cannot join"),
    ("joined list", [fail("x", join(["a"]))], "Std:Join joins strings, numbers, booleans and expressions"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("steps", "expected"), [case[1:] for case in BAD_STEPS], ids=[c[0] for c in BAD_STEPS]
)
def test_refuses_a_bad_step_by_name(steps: list[Json], expected: str) -> None:
    """Whatever is wrong in a step is refused at once, with the step and the thing named."""
    assert expected in refusal(pipeline(*steps))


def test_refuses_a_number_where_text_is_wanted_and_takes_it_joined() -> None:
    """As AWS: an Integer parameter is no string argument, its Std:Join is."""
    wrong = training("t", arguments={"HyperParameters": {"epochs": get("Parameters.Epochs")}})
    right = training("t", arguments={"HyperParameters": {"epochs": join(get("Parameters.Epochs"))}})
    assert "Cannot assign property reference [Parameters.Epochs]" in refusal(pipeline(wrong, Epochs=3))
    definition.load(pipeline(right, Epochs=3))


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ({"Type": "Date"}, "unknown type 'Date'"),
        ({"Type": "Integer", "DefaultValue": "3"}, "'DefaultValue' of parameter 'P' must be an integer"),
        ({"Type": "Integer", "DefaultValue": True}, "must be an integer"),
        ({"Type": "String", "DefaultValue": "c", "EnumValues": ["a", "b"]}, "none of its EnumValues"),
        ({"Type": "Integer", "EnumValues": [1]}, "EnumValues are strings of a String parameter"),
        ({"Type": "String", "Default": "x"}, "unknown property 'Default'"),
        ({"Type": "String", "DefaultValue": "x" * 1025}, "at most 1024 characters"),
    ],
)
def test_refuses_a_bad_parameter_by_name(declared: Json, expected: str) -> None:
    """A parameter's declaration is checked for type, default and enumeration."""
    assert expected in refusal(pipeline(PREPARE, P=declared))


def test_refuses_a_parameter_defined_twice() -> None:
    """Names are unique."""
    text = json.loads(pipeline(PREPARE, P=1))
    text["Parameters"] *= 2
    assert "Parameter 'P' is defined twice" in refusal(json.dumps(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("30d", timedelta(days=30)), ("p30d", timedelta(days=30)), ("P4DT12H", timedelta(days=4, hours=12)),
     ("T12H", timedelta(hours=12)), ("T16m", timedelta(minutes=16)), ("5y", timedelta(days=1825)),
     ("P1M", timedelta(days=30)), ("2w", timedelta(weeks=2))],
)  # fmt: skip
def test_reads_durations_as_the_guide_writes_them(text: str, expected: timedelta) -> None:
    """Year, month, week, day, hour and minute, with or without P, in either case."""
    assert expected == durations.parse(text)


@pytest.mark.parametrize("text", ["", "P", "PT", "30", "T5d", "1h", "-1d"])
def test_refuses_what_is_no_duration(text: str) -> None:
    """A letter without a number, or a time without its T, is no duration."""
    with pytest.raises(ValueError, match="no ISO 8601 duration"):
        durations.parse(text)


def nested(inner: Json, wraps: list[str]) -> Json:
    for wrap in wraps:
        if wrap == "list":
            inner = [inner]
        elif wrap == "object":
            inner = {"member": inner}
        else:
            inner = join("x", inner) if isinstance(inner, dict) and len(inner) == 1 else [inner]
    return inner


@given(st.lists(st.sampled_from(["list", "object", "join"]), max_size=6))
def test_refuses_an_unknown_function_at_any_depth(wraps: list[str]) -> None:
    """However deep it is, an unknown function is found when the definition is read."""
    step = processing("x", arguments={"Environment": nested({"Std:Unknown": {}}, wraps)})
    assert refusal(pipeline(step)).startswith("Step 'x': ")


@given(st.lists(st.sampled_from(["Not", "And", "Or"]), max_size=6))
def test_refuses_an_unknown_condition_at_any_depth(wraps: list[str]) -> None:
    """However deep it is, an unknown condition type is found when the definition is read."""
    inner: Json = {"Type": "Perhaps"}
    for kind in wraps:
        inner = {"Type": kind, **({"Condition": inner} if kind == "Not" else {"Conditions": [inner]})}
    assert "unknown condition type 'Perhaps'" in refusal(pipeline(condition("c", [inner])))
