from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from botocore.parsers import create_parser

from infra.local import patterns, protocol
from infra.local.errors import AwsError

NOW = datetime(2026, 11, 1, 12, 30, 0, 250_000, tzinfo=UTC)


def refusal(operation: str, request: dict[str, object]) -> AwsError:
    with pytest.raises(AwsError) as raised:
        protocol.check_request("sagemaker", operation, request)
    return raised.value


def test_all_violations_come_in_one_line_worded_as_by_aws() -> None:
    """A person who breaks two rules reads about both, in the words they know from AWS."""
    error = refusal("CreatePipeline", {"PipelineName": "a b", "ClientRequestToken": "x" * 40})
    assert error.code == "ValidationException"
    assert error.message == (
        "2 validation errors detected: "
        "Value null at 'roleArn' failed to satisfy constraint: Member must not be null; "
        "Value 'a b' at 'pipelineName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,255}"
    )


@pytest.mark.parametrize(
    ("operation", "request_", "expected"),
    [
        (
            "ListTrainingJobs",
            {"MaxResults": 1000},
            (
                "Value '1000' at 'maxResults' failed to satisfy constraint: "
                "Member must have value less than or equal to 100"
            ),
        ),
        (
            "ListTrainingJobs",
            {"StatusEquals": "Done"},
            (
                "Value 'Done' at 'statusEquals' failed to satisfy constraint: Member must satisfy enum value "
                "set: [InProgress, Completed, Failed, Stopping, Stopped, Deleting]"
            ),
        ),
        (
            "DescribeTrainingJob",
            {"TrainingJobName": "a" * 64},
            (
                f"Value '{'a' * 64}' at 'trainingJobName' failed to satisfy constraint: "
                "Member must have length less than or equal to 63"
            ),
        ),
        (
            "AddTags",
            {"ResourceArn": "arn:aws:sagemaker:us-east-1:123456789012:pipeline/x", "Tags": [{"Key": "k"}]},
            "Value null at 'tags.1.member.value' failed to satisfy constraint: Member must not be null",
        ),
        (
            "DeleteTags",
            {"ResourceArn": "arn:aws:sagemaker:us-east-1:123456789012:pipeline/x", "TagKeys": ["*"]},
            (
                "Value '[*]' at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: "
                "[Member must have length less than or equal to 128, Member must have length greater than or "
                r"equal to 1, Member must satisfy regular expression pattern: ([\p{L}\p{Z}\p{N}_.:/=+\-@]*)]"
            ),
        ),
        (
            "CreateModelPackage",
            {"CustomerMetadataProperties": {"a": "b*"}},
            (
                "Value '{a=b*}' at 'customerMetadataProperties' failed to satisfy constraint: Map value must "
                "satisfy constraint: [Member must have length less than or equal to 256, Member must have "
                r"length greater than or equal to 1, Member must satisfy regular expression pattern: "
                r"([\p{L}\p{Z}\p{N}_.:\/=+\-@]*)${1,256}]"
            ),
        ),
    ],
)
def test_each_kind_of_constraint_has_the_words_of_aws(
    operation: str, request_: dict[str, object], expected: str
) -> None:
    assert expected in refusal(operation, request_).message


def test_a_value_of_the_wrong_type_is_a_serialization_error() -> None:
    error = refusal("DescribeTrainingJob", {"TrainingJobName": 3})
    assert error.code == "SerializationException"
    assert error.message == "int 3 at 'trainingJobName' can not be converted to string"


def test_true_is_no_number() -> None:
    assert refusal("ListTrainingJobs", {"MaxResults": True}).code == "SerializationException"


def test_unknown_and_absent_members_of_a_request_are_dropped() -> None:
    checked = protocol.check_request(
        "sagemaker", "DescribeTrainingJob", {"TrainingJobName": "a", "Colour": "red", "Size": None}
    )
    assert checked == {"TrainingJobName": "a"}


def test_letters_of_any_script_are_letters() -> None:
    tag = {"Key": "équipe 野生", "Value": ""}
    arn = "arn:aws:sagemaker:us-east-1:123456789012:pipeline/x"
    request = {"ResourceArn": arn, "Tags": [tag]}
    assert protocol.check_request("sagemaker", "AddTags", request)["Tags"] == [tag]


@pytest.mark.parametrize(
    "given",
    [
        NOW,
        NOW.timestamp(),
        NOW.astimezone(timezone(timedelta(hours=9))),
        NOW.isoformat(),
        "2026-11-01T12:30:00.250",
    ],
)
def test_times_of_every_form_become_utc(given: object) -> None:
    """JSON brings epoch seconds, Python callers bring datetimes, some clients bring text."""
    checked = protocol.check_request("sagemaker", "ListTrainingJobs", {"CreationTimeAfter": given})
    assert checked["CreationTimeAfter"] == NOW
    assert checked["CreationTimeAfter"].tzinfo is UTC


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[]", b'"text"'])
def test_a_body_that_is_no_object_is_a_serialization_error(body: bytes) -> None:
    with pytest.raises(AwsError) as raised:
        protocol.parse("sagemaker", "ListTrainingJobs", body)
    assert raised.value.code == "SerializationException"


def test_an_empty_body_is_an_empty_request() -> None:
    assert protocol.parse("sagemaker", "ListTrainingJobs", b"") == {}


def test_an_operation_that_the_service_has_not_is_named() -> None:
    with pytest.raises(AwsError, match="sagemaker has no operation TrainPlease"):
        protocol.check_request("sagemaker", "TrainPlease", {})


def test_a_response_is_read_back_by_botocore() -> None:
    summary = {
        "TrainingJobName": "a",
        "TrainingJobArn": "arn:aws:sagemaker:us-east-1:123456789012:training-job/a",
        "CreationTime": NOW,
        "TrainingJobStatus": "Completed",
        "TrainingEndTime": None,
    }
    body = protocol.serialize("sagemaker", "ListTrainingJobs", {"TrainingJobSummaries": [summary]})
    assert json.loads(body)["TrainingJobSummaries"][0]["CreationTime"] == NOW.timestamp()
    shape = protocol.operation_model("sagemaker", "ListTrainingJobs").output_shape
    parsed = create_parser("json").parse({"body": body, "headers": {}, "status_code": 200}, shape)
    del summary["TrainingEndTime"]
    assert parsed["TrainingJobSummaries"] == [summary]


@pytest.mark.parametrize(
    ("operation", "response"),
    [
        ("CreateTrainingJob", {}),
        ("CreateTrainingJob", {"TrainingJobArn": "x"}),
        ("CreateTrainingJob", {"TrainingJobArn": 3}),
        ("ListTrainingJobs", {"TrainingJobSummaries": [], "Colour": "red"}),
        ("StopTrainingJob", {"TrainingJobName": "a"}),
    ],
)
def test_a_response_that_aws_could_not_give_is_a_bug_here(
    operation: str, response: dict[str, object]
) -> None:
    """Shapes cannot drift: what no client could parse, or AWS never answers, is never sent."""
    with pytest.raises(protocol.ResponseError, match=operation):
        protocol.check_response("sagemaker", operation, response)


@pytest.mark.parametrize("service", ["sagemaker", "logs"])
def test_every_pattern_of_the_models_can_be_checked(service: str) -> None:
    model = protocol.service_model(service)
    for name in model.shape_names:
        pattern = model.shape_for(name).metadata.get("pattern")
        if pattern:
            patterns.compiled(pattern)


def test_a_huge_value_is_shown_in_part() -> None:
    error = refusal("DescribeTrainingJob", {"TrainingJobName": "!" * 100_000})
    assert len(error.message) < 2000
