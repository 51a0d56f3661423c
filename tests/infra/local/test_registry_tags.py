from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from infra.local.errors import AwsError

if TYPE_CHECKING:
    from job_world import World

pytest_plugins = ("world_fixture",)


@pytest.fixture(scope="module")
def arn(world: World) -> str:
    """Make something that can have tags."""
    given = [{"Key": "a", "Value": "1"}]
    made = world.call("CreateModelPackageGroup", ModelPackageGroupName="tagged", Tags=given)
    return str(made["ModelPackageGroupArn"])


def tags_of(world: World, arn: str) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in world.call("ListTags", ResourceArn=arn)["Tags"]}


def test_tags_are_added_changed_and_removed(world: World, arn: str) -> None:
    added = [{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "one"}]
    answer = world.call("AddTags", ResourceArn=arn, Tags=added)
    assert (
        {tag["Key"]: tag["Value"] for tag in answer["Tags"]} == tags_of(world, arn) == {"a": "one", "b": "2"}
    )
    world.call("DeleteTags", ResourceArn=arn, TagKeys=["a", "never there"])
    assert tags_of(world, arn) == {"b": "2"}


def test_each_kind_of_resource_can_have_tags(world: World) -> None:
    world.train("tagged", "print(1)")
    world.process("tagged", "print(1)")
    world.call("CreateModelPackageGroup", ModelPackageGroupName="versions")
    package = world.call("CreateModelPackage", ModelPackageGroupName="versions")["ModelPackageArn"]
    for arn in (
        world.account.arn("training-job", "tagged"),
        world.account.arn("processing-job", "tagged"),
        package,
    ):
        world.call("AddTags", ResourceArn=arn, Tags=[{"Key": "k", "Value": "v"}])
        assert tags_of(world, arn) == {"k": "v"}


def test_the_tags_of_what_is_deleted_go_with_it(world: World) -> None:
    made = world.call(
        "CreateModelPackageGroup", ModelPackageGroupName="brief", Tags=[{"Key": "k", "Value": "old"}]
    )
    world.call("DeleteModelPackageGroup", ModelPackageGroupName="brief")
    world.call("CreateModelPackageGroup", ModelPackageGroupName="brief")
    assert tags_of(world, made["ModelPackageGroupArn"]) == {}


@pytest.mark.parametrize(
    ("arn_", "message"),
    [
        ("arn:aws:sagemaker:us-east-1:123456789012:training-job/absent", "Requested resource not found."),
        ("arn:aws:sagemaker:us-east-1:123456789012:model-package-group/absent", "does not exist"),
        (
            "arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/x",
            "no resource .* that could have tags",
        ),
        ("arn:aws:sagemaker:eu-west-1:123456789012:model-package-group/tagged", "another account or region"),
    ],
)
def test_what_is_not_there_has_no_tags(world: World, arn_: str, message: str) -> None:
    with pytest.raises(AwsError, match=message) as raised:
        world.call("ListTags", ResourceArn=arn_)
    assert raised.value.code == "ValidationException"


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ([{"Key": "aws:mine", "Value": ""}], "aws: prefixed tag key names are not allowed"),
        ([{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}], "Duplicate tag keys"),
        ([{"Key": f"k{n}", "Value": ""} for n in range(50)], "would have 5[0-9] tags; 50 are allowed"),
    ],
)
def test_tags_that_aws_refuses_are_refused(world: World, arn: str, tags: list[Any], message: str) -> None:
    world.call("AddTags", ResourceArn=arn, Tags=[{"Key": "kept", "Value": ""}])
    before = tags_of(world, arn)
    with pytest.raises(AwsError, match=message):
        world.call("AddTags", ResourceArn=arn, Tags=tags)
    assert tags_of(world, arn) == before
