from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from infra.local.errors import AwsError

if TYPE_CHECKING:
    from job_world import World

pytest_plugins = ("world_fixture",)

RUNS = {"cnn": (3, 0.4), "net": (10, 0.9), "best": (9, 0.95)}


@pytest.fixture(scope="module")
def trained(world: World) -> World:
    """Train three models: by name their epochs and accuracy."""
    for name, (epochs, accuracy) in RUNS.items():
        world.train(
            name,
            f"print('accuracy={accuracy}')",
            wait=False,
            AlgorithmSpecification={
                "MetricDefinitions": [{"Name": "val:acc", "Regex": "accuracy=([0-9.]+)"}]
            },
            HyperParameters={"epochs": str(epochs), "model": name, "dotted.name": "yes"},
            Tags=[{"Key": "size", "Value": "small" if name == "cnn" else "large"}],
        )
    for name in RUNS:
        world.account.jobs.wait("training-job", name)
    return world


def found(world: World, *filters: tuple[str, str, str | None], **request: Any) -> list[str]:
    """Search training jobs by filters of (name, operator, value); the names come sorted unless told."""
    if filters:
        request["SearchExpression"] = {"Filters": [written(*each) for each in filters]}
    results = world.call("Search", Resource="TrainingJob", **request)["Results"]
    names = [each["TrainingJob"]["TrainingJobName"] for each in results]
    return names if "SortBy" in request else sorted(names)


def written(name: str, operator: str, value: str | None = None) -> dict[str, str]:
    return {"Name": name, "Operator": operator} | ({"Value": value} if value is not None else {})


@pytest.mark.parametrize(
    ("name", "operator", "value", "expected"),
    [
        ("TrainingJobName", "Equals", "cnn", ["cnn"]),
        ("TrainingJobName", "NotEquals", "cnn", ["best", "net"]),
        ("TrainingJobName", "Contains", "e", ["best", "net"]),
        ("TrainingJobName", "In", "cnn, net,other", ["cnn", "net"]),
        ("TrainingJobStatus", "Equals", "Completed", ["best", "cnn", "net"]),
        ("FailureReason", "Exists", None, []),
        ("FailureReason", "NotExists", None, ["best", "cnn", "net"]),
        ("HyperParameters.epochs", "GreaterThan", "9", ["net"]),
        ("HyperParameters.epochs", "GreaterThanOrEqualTo", "9.0", ["best", "net"]),
        ("HyperParameters.epochs", "LessThan", "9", ["cnn"]),
        ("HyperParameters.epochs", "LessThanOrEqualTo", "9", ["best", "cnn"]),
        ("HyperParameters.epochs", "Equals", "3.0", ["cnn"]),
        ("HyperParameters.model", "GreaterThan", "1", []),
        ("HyperParameters.dotted.name", "Equals", "yes", ["best", "cnn", "net"]),
        ("HyperParameters.none", "Exists", None, []),
        ("Metrics.val:acc", "GreaterThan", "0.5", ["best", "net"]),
        ("Tags.size", "Equals", "small", ["cnn"]),
        ("ResourceConfig.InstanceCount", "Equals", "1", ["best", "cnn", "net"]),
        ("InputDataConfig.DataSource.S3DataSource.S3Uri", "Contains", "code/net", ["net"]),
        ("EnableNetworkIsolation", "Equals", "false", ["best", "cnn", "net"]),
        ("CreationTime", "GreaterThan", "2020-01-01T00:00:00", ["best", "cnn", "net"]),
        ("CreationTime", "LessThan", "2020-01-01T00:00:00Z", []),
    ],
)
def test_each_operator_on_each_type(
    trained: World, name: str, operator: str, value: str | None, expected: list[str]
) -> None:
    assert found(trained, (name, operator, value)) == expected


def test_a_filter_without_operator_is_equals_and_without_value_exists(trained: World) -> None:
    named = {"Filters": [{"Name": "TrainingJobName", "Value": "cnn"}]}
    assert found(trained, SearchExpression=named) == ["cnn"]
    assert found(trained, SearchExpression={"Filters": [{"Name": "FailureReason"}]}) == []


def test_conditions_join_by_and_or_and_in_nests(trained: World) -> None:
    cnn, net = written("TrainingJobName", "Equals", "cnn"), written("TrainingJobName", "Equals", "net")
    large = written("Tags.size", "Equals", "large")
    assert found(trained, SearchExpression={"Filters": [cnn, large]}) == []
    assert found(trained, SearchExpression={"Filters": [cnn, large], "Operator": "Or"}) == [
        "best",
        "cnn",
        "net",
    ]
    either = {"Filters": [cnn, net], "Operator": "Or"}
    assert found(trained, SearchExpression={"Filters": [large], "SubExpressions": [either]}) == ["net"]


def test_nested_filters_hold_for_one_and_the_same_object(trained: World) -> None:
    """A channel of that name with that data, not one of the name and another with the data."""

    def channels(name: str, uri: str) -> dict[str, Any]:
        filters = [
            written("InputDataConfig.ChannelName", "Equals", name),
            written("InputDataConfig.DataSource.S3DataSource.S3Uri", "Contains", uri),
        ]
        return {"NestedFilters": [{"NestedPropertyName": "InputDataConfig", "Filters": filters}]}

    assert found(trained, SearchExpression=channels("code", "code/best")) == ["best"]
    assert found(trained, SearchExpression=channels("other", "code/best")) == []


def test_results_are_sorted_and_paged(trained: World) -> None:
    by_metric = {"SortBy": "Metrics.val:acc", "SortOrder": "Descending"}
    assert found(trained, **by_metric) == ["best", "net", "cnn"]
    assert found(trained, SortBy="HyperParameters.model", SortOrder="Ascending") == ["best", "cnn", "net"]
    seen, token = [], None
    while True:
        more = {"NextToken": token} if token else {}
        answer = trained.call("Search", Resource="TrainingJob", MaxResults=2, **by_metric, **more)
        seen += [each["TrainingJob"]["TrainingJobName"] for each in answer["Results"]]
        assert answer["TotalHits"] == {"Value": 3, "Relation": "EqualTo"}
        token = answer.get("NextToken")
        if not token:
            break
    assert seen == ["best", "net", "cnn"]


def test_the_last_modified_come_first(trained: World) -> None:
    results = trained.call("Search", Resource="TrainingJob")["Results"]
    times = [each["TrainingJob"]["LastModifiedTime"] for each in results]
    assert times == sorted(times, reverse=True)


def test_model_packages_and_groups_are_found(world: World) -> None:
    tag = {"Key": "team", "Value": "otters"}
    world.call("CreateModelPackageGroup", ModelPackageGroupName="zoo", Tags=[tag])
    for status in ("Approved", "Rejected"):
        world.call(
            "CreateModelPackage",
            ModelPackageGroupName="zoo",
            ModelApprovalStatus=status,
            CustomerMetadataProperties={"accuracy": "0.9"},
        )
    filters = [
        written("ModelPackageGroupName", "Equals", "zoo"),
        written("ModelApprovalStatus", "Equals", "Approved"),
        written("CustomerMetadataProperties.accuracy", "GreaterThan", "0.8"),
    ]
    (result,) = world.call("Search", Resource="ModelPackage", SearchExpression={"Filters": filters})[
        "Results"
    ]
    assert result["ModelPackage"]["ModelPackageVersion"] == 1
    by_tag = {"Filters": [written("Tags.team", "Equals", "otters")]}
    (result,) = world.call("Search", Resource="ModelPackageGroup", SearchExpression=by_tag)["Results"]
    assert result["ModelPackageGroup"]["Tags"] == [tag]


def test_pipelines_and_their_executions_are_found(world: World) -> None:
    fail = {"Name": "no", "Type": "Fail", "Arguments": {"ErrorMessage": "on purpose"}}
    parameter = {"Name": "Epochs", "Type": "Integer", "DefaultValue": 3}
    definition = {"Version": "2020-12-01", "Metadata": {}, "Parameters": [parameter], "Steps": [fail]}
    world.call(
        "CreatePipeline",
        PipelineName="herd",
        PipelineDefinition=json.dumps(definition),
        RoleArn="arn:aws:iam::123456789012:role/jobs",
        ClientRequestToken="x" * 32,
    )
    arn = world.call("StartPipelineExecution", PipelineName="herd", ClientRequestToken="y" * 32)[
        "PipelineExecutionArn"
    ]
    world.account.engine.wait(arn)
    named = {"Filters": [written("PipelineName", "Equals", "herd")]}
    (result,) = world.call("Search", Resource="Pipeline", SearchExpression=named)["Results"]
    assert result["Pipeline"]["PipelineName"] == "herd"
    failed = {"Filters": [written("PipelineExecutionStatus", "Equals", "Failed")]}
    (result,) = world.call("Search", Resource="PipelineExecution", SearchExpression=failed)["Results"]
    assert result["PipelineExecution"]["PipelineExecutionArn"] == arn
    assert result["PipelineExecution"]["PipelineParameters"] == [{"Name": "Epochs", "Value": "3"}]


def test_other_accounts_share_nothing(trained: World) -> None:
    assert found(trained, CrossAccountFilterOption="CrossAccount") == []


CONTAINS = {"Name": "TrainingJobName", "Operator": "Contains", "Value": "a"}


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"Resource": "FeatureGroup"}, "cannot search FeatureGroup: it knows Endpoint, Model, "),
        ({"SearchExpression": {}}, "at least one filter"),
        (
            {"SearchExpression": {"Filters": [written("Colour", "Equals", "red")]}},
            "Unknown property name: Colour",
        ),
        (
            {"SearchExpression": {"Filters": [written("ResourceConfig.Colour", "Exists")]}},
            "ResourceConfig.Colour",
        ),
        ({"SortBy": "Colour"}, "Unknown property name: Colour"),
        ({"SearchExpression": {"Filters": [written("TrainingJobName", "Equals")]}}, "needs a Value"),
        (
            {"SearchExpression": {"Filters": [written("TrainingJobName", "LessThan", "x")]}},
            "Operator LessThan is not supported for property TrainingJobName",
        ),
        (
            {"SearchExpression": {"Filters": [written("TrainingTimeInSeconds", "Contains", "1")]}},
            "Operator Contains is not supported",
        ),
        (
            {"SearchExpression": {"Filters": [written("TrainingTimeInSeconds", "Equals", "long")]}},
            "Value long of filter TrainingTimeInSeconds is no number",
        ),
        (
            {"SearchExpression": {"Filters": [written("CreationTime", "GreaterThan", "today")]}},
            "no ISO 8601 time",
        ),
        ({"SearchExpression": {"Filters": [written("ResourceConfig", "Equals", "x")]}}, "has parts"),
        (
            {"SearchExpression": {"Filters": [CONTAINS, CONTAINS]}},
            "'CONTAINS' operator usage limit of 1 exceeded.",
        ),
        (
            {
                "SearchExpression": {
                    "NestedFilters": [{"NestedPropertyName": "InputDataConfig", "Filters": [CONTAINS]}]
                }
            },
            "Nested filter TrainingJobName is not below InputDataConfig",
        ),
        ({"VisibilityConditions": [{"Key": "a", "Value": "b"}]}, "VisibilityConditions"),
    ],
)
def test_what_cannot_be_searched_is_refused(trained: World, request_: dict[str, Any], message: str) -> None:
    with pytest.raises(AwsError) as raised:
        trained.call("Search", **{"Resource": "TrainingJob", **request_})
    assert raised.value.code == "ValidationException"
    assert message in raised.value.message


def test_times_can_be_compared_to_the_second(trained: World) -> None:
    created = trained.call("DescribeTrainingJob", TrainingJobName="cnn")["CreationTime"]
    later = (created + timedelta(seconds=2)).isoformat()
    assert "cnn" in found(trained, ("CreationTime", "LessThan", later))
