from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from job_world import World

pytest_plugins = ("world_fixture",)

PREFIX = "arn:aws:sagemaker:us-east-1:123456789012"
DIGEST = "sha256:" + "0" * 64
IMAGE = f"123456789012.dkr.ecr.us-east-1.amazonaws.com/serve@{DIGEST}"


@pytest.fixture
def sagemaker(world: World) -> Any:
    """Return a client of SageMaker."""
    return world.client("sagemaker")


@pytest.fixture
def group(sagemaker: Any, request: pytest.FixtureRequest) -> Iterator[str]:
    """Make a group of its own for the test."""
    name = request.node.name.split("[")[0].replace("_", "-")[:60].strip("-")
    sagemaker.create_model_package_group(ModelPackageGroupName=name, ModelPackageGroupDescription="Ours")
    yield name
    for package in sagemaker.list_model_packages(ModelPackageGroupName=name, MaxResults=100)[
        "ModelPackageSummaryList"
    ]:
        sagemaker.delete_model_package(ModelPackageName=package["ModelPackageArn"])
    sagemaker.delete_model_package_group(ModelPackageGroupName=name)


def specification(world: World) -> dict[str, Any]:
    return {
        "Containers": [{"Image": IMAGE, "ModelDataUrl": world.put("champion/model.tar.gz", b"model")}],
        "SupportedContentTypes": ["image/jpeg"],
        "SupportedResponseMIMETypes": ["application/json"],
    }


def register(sagemaker: Any, group: str, **more: Any) -> str:
    return str(sagemaker.create_model_package(ModelPackageGroupName=group, **more)["ModelPackageArn"])


def refused(code: str, message: str, call: Any, **request: Any) -> None:
    with pytest.raises(ClientError) as raised:
        call(**request)
    error = raised.value.response["Error"]
    assert (error["Code"], message in error["Message"]) == (code, True), error


def test_a_group_is_made_once_described_and_listed(sagemaker: Any, group: str) -> None:
    arn = f"{PREFIX}:model-package-group/{group}"
    for name in (group, arn):
        described = sagemaker.describe_model_package_group(ModelPackageGroupName=name)
        assert described["ModelPackageGroupArn"] == arn
        assert described["ModelPackageGroupStatus"] == "Completed"
        assert described["ModelPackageGroupDescription"] == "Ours"
        assert described["CreatedBy"]["IamIdentity"]["Arn"].startswith("arn:aws:iam::123456789012:user/")
    listed = sagemaker.list_model_package_groups(NameContains=group)["ModelPackageGroupSummaryList"]
    assert [each["ModelPackageGroupName"] for each in listed] == [group]
    assert not sagemaker.list_model_package_groups(CrossAccountFilterOption="CrossAccount")[
        "ModelPackageGroupSummaryList"
    ]
    refused(
        "ValidationException",
        f"Model Package Group already exists: {arn}",
        sagemaker.create_model_package_group,
        ModelPackageGroupName=group,
    )


def test_a_version_carries_what_it_was_registered_with(world: World, sagemaker: Any, group: str) -> None:
    metrics = {"ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": "s3://b/m"}}}
    given = {
        "ModelPackageDescription": "the best",
        "InferenceSpecification": specification(world),
        "ModelMetrics": metrics,
        "DriftCheckBaselines": metrics,
        "MetadataProperties": {"CommitId": "abc", "GeneratedBy": "a job"},
        "CustomerMetadataProperties": {"accuracy": "0.93", "Größe": "klein"},
        "Domain": "COMPUTER_VISION",
        "Task": "IMAGE_CLASSIFICATION",
        "SkipModelValidation": "All",
        "SourceUri": "https://example.org/run/1",
        "ModelLifeCycle": {"Stage": "Development", "StageStatus": "InProgress"},
    }
    arn = register(sagemaker, group, **given)
    assert arn == f"{PREFIX}:model-package/{group}/1"
    described = sagemaker.describe_model_package(ModelPackageName=arn)
    assert (described["ModelPackageGroupName"], described["ModelPackageVersion"]) == (group, 1)
    assert described["ModelApprovalStatus"] == "PendingManualApproval"
    assert described["ModelPackageStatus"] == "Completed"
    assert described["ModelPackageStatusDetails"] == {"ValidationStatuses": [], "ImageScanStatuses": []}
    (container,) = described["InferenceSpecification"]["Containers"]
    assert container["ImageDigest"] == DIGEST
    assert container["ModelDataETag"] == "20f35e630daf44dbfa4c3f68f5399d8c"
    for member in given.keys() - {"InferenceSpecification"}:
        assert described[member] == given[member], member


def test_versions_are_listed_filtered_and_paged(sagemaker: Any, group: str) -> None:
    for status in ("Approved", "Rejected", "PendingManualApproval"):
        register(sagemaker, group, ModelApprovalStatus=status)
    pages = sagemaker.get_paginator("list_model_packages").paginate(
        ModelPackageGroupName=group,
        SortBy="CreationTime",
        SortOrder="Descending",
        PaginationConfig={"PageSize": 1},
    )
    found = [package for page in pages for package in page["ModelPackageSummaryList"]]
    assert [package["ModelPackageVersion"] for package in found] == [3, 2, 1]
    assert "ModelPackageName" not in found[0]
    (approved,) = sagemaker.list_model_packages(
        ModelPackageGroupName=f"{PREFIX}:model-package-group/{group}", ModelApprovalStatus="Approved"
    )["ModelPackageSummaryList"]
    assert approved["ModelPackageVersion"] == 1
    refused(
        "ValidationException",
        f"ModelPackageGroup {PREFIX}:model-package-group/nobody does not exist.",
        sagemaker.list_model_packages,
        ModelPackageGroupName="nobody",
    )


def test_a_number_is_never_given_twice(sagemaker: Any, group: str) -> None:
    """A rollback by number means the version it meant yesterday, whatever was deleted since."""
    register(sagemaker, group)
    second = register(sagemaker, group)
    sagemaker.delete_model_package(ModelPackageName=second)
    assert register(sagemaker, group).endswith("/3")
    refused(
        "ValidationException",
        f"ModelPackage {second} does not exist.",
        sagemaker.describe_model_package,
        ModelPackageName=second,
    )
    refused("ValidationException", "does not exist", sagemaker.delete_model_package, ModelPackageName=second)


def test_versions_registered_at_once_get_numbers_of_their_own(sagemaker: Any, group: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        arns = list(pool.map(lambda _: register(sagemaker, group), range(24)))
    assert sorted(int(arn.rpartition("/")[2]) for arn in arns) == list(range(1, 25))


def test_the_same_token_registers_once(sagemaker: Any, group: str) -> None:
    first = register(sagemaker, group, ClientToken="once", ModelPackageDescription="x")
    assert register(sagemaker, group, ClientToken="once", ModelPackageDescription="x") == first
    refused(
        "ConflictException",
        "was used before for another CreateModelPackage request",
        sagemaker.create_model_package,
        ModelPackageGroupName=group,
        ClientToken="once",
        ModelPackageDescription="y",
    )


def test_a_group_with_versions_cannot_be_deleted(sagemaker: Any, group: str) -> None:
    register(sagemaker, group)
    refused(
        "ConflictException",
        "cannot be deleted because it contains 1 model package: delete them first",
        sagemaker.delete_model_package_group,
        ModelPackageGroupName=group,
    )


def test_an_update_changes_what_it_names_and_nothing_else(world: World, sagemaker: Any, group: str) -> None:
    """What is left out is kept, and not set to nothing as moto does."""
    arn = register(
        sagemaker,
        group,
        InferenceSpecification=specification(world),
        CustomerMetadataProperties={"a": "1", "b": "2", "c": "3"},
    )
    before = sagemaker.describe_model_package(ModelPackageName=arn)
    sagemaker.update_model_package(
        ModelPackageArn=arn, ModelApprovalStatus="Approved", ApprovalDescription="looks right"
    )
    sagemaker.update_model_package(
        ModelPackageArn=arn,
        CustomerMetadataProperties={"b": "two", "d": "4"},
        CustomerMetadataPropertiesToRemove=["c"],
    )
    after = sagemaker.describe_model_package(ModelPackageName=arn)
    assert after["ModelApprovalStatus"] == "Approved"
    assert after["ApprovalDescription"] == "looks right"
    assert after["CustomerMetadataProperties"] == {"a": "1", "b": "two", "d": "4"}
    assert after["InferenceSpecification"] == before["InferenceSpecification"]
    assert after["LastModifiedTime"] > before["CreationTime"]
    assert "LastModifiedBy" in after


def test_an_update_adds_specifications_and_replaces_others(world: World, sagemaker: Any, group: str) -> None:
    arn = register(sagemaker, group)
    extra = {"Name": "small", "Containers": [{"Image": IMAGE}]}
    sagemaker.update_model_package(
        ModelPackageArn=arn,
        AdditionalInferenceSpecificationsToAdd=[extra],
        InferenceSpecification=specification(world),
        SourceUri="https://example.org/2",
        ModelCard={"ModelCardStatus": "Draft"},
    )
    described = sagemaker.describe_model_package(ModelPackageName=arn)
    assert described["AdditionalInferenceSpecifications"] == [extra]
    assert described["SourceUri"] == "https://example.org/2"
    assert described["ModelCard"] == {"ModelCardStatus": "Draft"}
    assert "ModelCard" not in sagemaker.describe_model_package(
        ModelPackageName=arn, IncludedData="MetadataOnly"
    )


def test_a_version_carries_at_most_fifty_properties(sagemaker: Any, group: str) -> None:
    arn = register(sagemaker, group, CustomerMetadataProperties={f"k{n}": "v" for n in range(50)})
    refused(
        "ValidationException",
        "CustomerMetadataProperties would be 51; 50 are allowed",
        sagemaker.update_model_package,
        ModelPackageArn=arn,
        CustomerMetadataProperties={"one more": "v"},
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"ModelPackageGroupName": "g", "ModelPackageName": "n"}, "Cannot determine which one to use"),
        ({}, "Missing ARN."),
        ({"ModelPackageGroupName": "g", "Tags": [{"Key": "a", "Value": "b"}]}, "Tags are not allowed for it"),
        ({"ModelPackageGroupName": "nobody"}, "ModelPackageGroup .*nobody does not exist"),
        ({"ModelPackageName": "n", "ModelApprovalStatus": "Approved"}, "does not apply to unversioned"),
        (
            {
                "ModelPackageName": "n",
                "SourceAlgorithmSpecification": {"SourceAlgorithms": [{"AlgorithmName": "a"}]},
            },
            "has no algorithms",
        ),
    ],
)
def test_what_cannot_be_registered_is_refused(sagemaker: Any, given: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError, match=message) as raised:
        sagemaker.create_model_package(**given)
    assert raised.value.response["Error"]["Code"] == "ValidationException"


def test_a_package_of_its_own_has_no_version(world: World, sagemaker: Any, group: str) -> None:
    tag = {"Key": "team", "Value": "otters"}
    register(sagemaker, group)
    arn = sagemaker.create_model_package(
        ModelPackageName="lone", InferenceSpecification=specification(world), Tags=[tag]
    )["ModelPackageArn"]
    assert arn == f"{PREFIX}:model-package/lone"
    described = sagemaker.describe_model_package(ModelPackageName="lone")
    assert described["ModelPackageName"] == "lone"
    assert "ModelPackageVersion" not in described
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [tag]
    (listed,) = sagemaker.list_model_packages()["ModelPackageSummaryList"]
    assert listed["ModelPackageName"] == "lone"
    both = sagemaker.list_model_packages(ModelPackageType="Both")["ModelPackageSummaryList"]
    assert len(both) == 2
    refused(
        "ValidationException",
        f'Cannot create already existing model package "{arn}".',
        sagemaker.create_model_package,
        ModelPackageName="lone",
    )
    sagemaker.delete_model_package(ModelPackageName="lone")


def test_many_packages_are_described_at_once(world: World, sagemaker: Any, group: str) -> None:
    whole = register(sagemaker, group, InferenceSpecification=specification(world))
    bare = register(sagemaker, group)
    absent = f"{PREFIX}:model-package/{group}/9"
    found = sagemaker.batch_describe_model_package(ModelPackageArnList=[whole, bare, absent])
    assert found["ModelPackageSummaries"][whole]["ModelPackageVersion"] == 1
    assert set(found["BatchDescribeModelPackageErrorMap"]) == {bare, absent}
    said = found["BatchDescribeModelPackageErrorMap"][absent]
    assert said == {
        "ErrorCode": "ValidationException",
        "ErrorResponse": f"ModelPackage {absent} does not exist.",
    }
