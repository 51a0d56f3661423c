"""Models, endpoint configurations and endpoints: how they begin, are found and end."""

from __future__ import annotations

import os

import pytest
from botocore.exceptions import ClientError
from hosting_world import Endpoints, archive, variant
from job_world import BUCKET, ROLE, World

from infra.local.errors import AwsError

pytest_plugins = ("world_fixture",)


@pytest.fixture(scope="module")
def endpoints(world: World, tmp_path_factory: pytest.TempPathFactory) -> Endpoints:
    """Open an account with an endpoint."""
    opened = Endpoints(world, tmp_path_factory.mktemp("source"))
    opened.simple("bear")
    return opened


def test_variants_share_by_weight(endpoints: Endpoints) -> None:
    """Three of four requests for a weight of 3 to 1; TargetVariant chooses; weights may change."""
    for name in ("cat", "dog"):
        endpoints.model(name)
    endpoints.config("pets", variant("cat", "Cats", weight=3), variant("dog", "Dogs", weight=1))
    endpoints.create("pets", "pets")
    answers = [endpoints.ask("pets") for _ in range(20)]
    assert [answer["name"] for answer in answers].count("cat") == 15
    assert {(answer["variant"], answer["name"]) for answer in answers} == {("Cats", "cat"), ("Dogs", "dog")}
    assert endpoints.ask("pets", TargetVariant="Dogs")["name"] == "dog"
    endpoints.world.call(
        "UpdateEndpointWeightsAndCapacities",
        EndpointName="pets",
        DesiredWeightsAndCapacities=[
            {"VariantName": "Cats", "DesiredWeight": 0.0},
            {"VariantName": "Dogs", "DesiredInstanceCount": 2},
        ],
    )
    described = endpoints.wait("pets", "InService")
    assert [each["CurrentInstanceCount"] for each in described["ProductionVariants"]] == [1, 2]
    assert {endpoints.ask("pets")["name"] for _ in range(6)} == {"dog"}
    assert len({endpoints.ask("pets")["pid"] for _ in range(6)}) == 2
    endpoints.delete("pets")


def test_more_instances_than_an_account_may_have_are_refused_as_aws_does(endpoints: Endpoints) -> None:
    """Two hundred for twenty: nothing starts. What runs counts; an update needs room for a second fleet."""
    quotas_of = "The account-level service limit 'ml.g4dn.xlarge for endpoint usage' is 20 Instances, with "
    endpoints.model("many")
    for name, count in (("slip", 200), ("few", 2), ("most", 19)):
        endpoints.config(name, variant("many", count=count))
    with pytest.raises(AwsError, match=quotas_of) as refused:
        endpoints.world.call("CreateEndpoint", EndpointName="slip", EndpointConfigName="slip")
    assert "ResourceLimitExceeded" == refused.value.code
    assert "a request delta of 200 Instances" in refused.value.message
    endpoints.create("few", "few")
    endpoints.wait("few", "InService")
    with pytest.raises(AwsError, match="and a request delta of 19 Instances"):
        endpoints.world.call("UpdateEndpoint", EndpointName="few", EndpointConfigName="most")
    wanted = [{"VariantName": "AllTraffic", "DesiredInstanceCount": 21}]
    with pytest.raises(AwsError, match="and a request delta of 21 Instances"):
        endpoints.world.call(
            "UpdateEndpointWeightsAndCapacities", EndpointName="few", DesiredWeightsAndCapacities=wanted
        )
    endpoints.delete("few")


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"../evil.txt": "x"}, "cannot be unpacked"),
        (None, "cannot be unpacked"),
        ({}, "did not pass the ping health check"),
    ],
)
def test_an_endpoint_that_cannot_start_fails_and_says_why(
    endpoints: Endpoints, files: dict[str, str] | None, why: str, request: pytest.FixtureRequest
) -> None:
    """An archive that leaves its folder, one that is none, and a program that ends at once."""
    name = f"broken-{len(request.node.name)}-{why[:3]}"
    data = endpoints.world.put(f"{name}/model.tar.gz", archive(files) if files is not None else b"no archive")
    endpoints.world.call(
        "CreateModel",
        ModelName=name,
        ExecutionRoleArn=ROLE,
        PrimaryContainer={"Image": endpoints.image, "ModelDataUrl": data, "Environment": {"MODE": "crash"}},
    )
    endpoints.config(name, variant(name))
    described = endpoints.create(name, name, "Failed")
    assert why in described["FailureReason"]
    if files == {}:
        assert described["FailureReason"].endswith("endpoint: cannot load the model: the weights are gone")
    with pytest.raises(ClientError, match="not found"):
        endpoints.ask(name)
    with pytest.raises(AwsError, match="in status Failed"):
        endpoints.world.call("UpdateEndpoint", EndpointName=name, EndpointConfigName="bear")
    endpoints.delete(name)


def test_an_image_without_a_program_cannot_be_served(endpoints: Endpoints) -> None:
    """The process runtime has to know what to run."""
    endpoints.world.call(
        "CreateModel", ModelName="any", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "any", **_data()}
    )
    endpoints.config("any", variant("any"))
    described = endpoints.create("any", "any", "Failed")
    assert "Push it with an entrypoint" in described["FailureReason"]
    endpoints.delete("any")


def _data() -> dict[str, str]:
    return {"ModelDataUrl": f"s3://{BUCKET}/toy/model.tar.gz"}


def test_a_model_of_a_package_takes_all_from_it(endpoints: Endpoints) -> None:
    """Image, data and environment are the package's, its version is what answers name; no rejected one."""
    endpoints.world.call("CreateModelPackageGroup", ModelPackageGroupName="zoo")
    container = {"Image": endpoints.image, **_data(), "Environment": {"NAME": "packaged"}}
    package = endpoints.world.call(
        "CreateModelPackage",
        ModelPackageGroupName="zoo",
        ModelApprovalStatus="Approved",
        InferenceSpecification={"Containers": [container]},
    )["ModelPackageArn"]
    primary = {"ModelPackageName": package}
    endpoints.world.call("CreateModel", ModelName="zoo-1", ExecutionRoleArn=ROLE, PrimaryContainer=primary)
    endpoints.config("zoo", variant("zoo-1"))
    endpoints.create("zoo", "zoo")
    said = endpoints.ask("zoo")
    assert (said["name"], said["version"], said["files"]) == ("packaged", "1", {"weights.txt": "1 2 3"})
    endpoints.delete("zoo")
    endpoints.world.call("UpdateModelPackage", ModelPackageArn=package, ModelApprovalStatus="Rejected")
    with pytest.raises(AwsError, match="is Rejected"):
        endpoints.world.call("CreateEndpoint", EndpointName="zoo", EndpointConfigName="zoo")


@pytest.mark.parametrize(
    ("container", "why"),
    [
        ({}, "needs an Image or a ModelPackageName"),
        ({"Image": "any", "Mode": "MultiModel"}, "multi-model"),
        ({"Image": "any", "ModelDataUrl": "https://elsewhere/model.tar.gz"}, "is no S3 URI"),
        ({"ModelPackageName": "zoo/9"}, "does not exist"),
    ],
)
def test_a_model_that_cannot_be_run_is_refused(
    endpoints: Endpoints, container: dict[str, str], why: str
) -> None:
    """When it is registered, not when it is deployed."""
    with pytest.raises(AwsError, match=why):
        endpoints.world.call(
            "CreateModel", ModelName="wrong", ExecutionRoleArn=ROLE, PrimaryContainer=container
        )


def test_models_configurations_and_endpoints_are_listed_and_searched(endpoints: Endpoints) -> None:
    """By name and status, with tags; waiters of boto3 understand the errors."""
    sagemaker = endpoints.world.client("sagemaker")
    assert [each["ModelName"] for each in sagemaker.list_models(NameContains="bear")["Models"]] == ["bear"]
    assert sagemaker.list_endpoint_configs(NameContains="bear")["EndpointConfigs"]
    assert sagemaker.list_endpoints(StatusEquals="InService", NameContains="bea")["Endpoints"]
    sagemaker.add_tags(
        ResourceArn=sagemaker.describe_endpoint(EndpointName="bear")["EndpointArn"],
        Tags=[{"Key": "team", "Value": "zoo"}],
    )
    filters = [{"Name": "Tags.team", "Operator": "Equals", "Value": "zoo"}]
    found = sagemaker.search(Resource="Endpoint", SearchExpression={"Filters": filters})
    assert [each["Endpoint"]["EndpointName"] for each in found["Results"]] == ["bear"]
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="bear")
    sagemaker.get_waiter("endpoint_deleted").wait(EndpointName="nobody")
    for operation, name in (
        ("CreateEndpoint", {"EndpointName": "bear", "EndpointConfigName": "bear"}),
        ("CreateEndpointConfig", {"EndpointConfigName": "bear", "ProductionVariants": [variant("bear")]}),
    ):
        with pytest.raises(AwsError, match="Cannot create already existing endpoint"):
            endpoints.world.call(operation, **name)
    with pytest.raises(AwsError, match="Could not find model"):
        endpoints.config("orphan", variant("nothing"))


def test_an_endpoint_outlives_what_it_was_made_from_and_leaves_nothing(endpoints: Endpoints) -> None:
    """Model and configuration may be deleted; when the endpoint is, its processes and folders are gone."""
    endpoints.simple("owl")
    endpoints.world.call("DeleteModel", ModelName="owl")
    endpoints.world.call("DeleteEndpointConfig", EndpointConfigName="owl")
    pid = endpoints.ask("owl")["pid"]
    endpoints.delete("owl")
    assert not (endpoints.world.account.home / "endpoints" / "owl").exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(AwsError, match="Could not find endpoint"):
        endpoints.describe("owl")
