"""The training pipeline's definition, as AWS gets it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from example_account import AROUND

from infra.local import protocol
from pipelines.graph.compile import compile_training
from pipelines.monitoring import pipeline as monitoring
from pipelines.monitoring.programs import MONITOR, QUALITY
from pipelines.network import Network, isolated
from pipelines.parameters import PARAMETERS, WITHOUT

GOLDEN = Path(__file__).parent / "golden" / "training-pipeline.json"


@pytest.fixture(scope="module")
def definition() -> dict:
    return json.loads(compile_training(AROUND, "us-east-1", own_backbone=False))


def test_definition_is_the_golden_one(definition: dict) -> None:
    """The definition is the file that a reader finds in tests/pipelines/golden.

    After an intended change: python tests/pipelines/write_golden.py, and read the difference.
    """
    assert json.loads(GOLDEN.read_text("utf-8")) == definition


def test_two_compilations_give_identical_bytes(tmp_path: Path) -> None:
    """Caching and reviews rest on it: in one process, and in another with another hash seed."""
    program = (
        "from example_account import AROUND\n"
        "from pipelines.graph.compile import compile_training\n"
        "print(compile_training(AROUND, 'us-east-1', own_backbone=True), end='')"
    )
    root = Path(__file__).parents[2]
    other = subprocess.run(
        [sys.executable, "-c", program],
        cwd=root,
        env={
            "PYTHONPATH": str(GOLDEN.parents[1]),
            "PYTHONHASHSEED": "7",
            "PATH": "",
            "HOME": str(root / ".nowhere"),
        },
        capture_output=True,
        check=True,
        text=True,
    )
    first = compile_training(AROUND, "us-east-1", own_backbone=True)
    assert first == compile_training(AROUND, "us-east-1", own_backbone=True)
    assert first == other.stdout


def test_every_parameter_is_declared_with_its_default(definition: dict) -> None:
    declared = {item["Name"]: item.get("DefaultValue") for item in definition["Parameters"]}
    expected = {item.name: item.default for item in PARAMETERS}
    expected |= dict.fromkeys(WITHOUT, AROUND.no_approved_uri)
    assert expected == declared


def test_steps_stand_in_their_order(definition: dict) -> None:
    names = [step["Name"] for step in definition["Steps"]]
    trainings = ["train-custom-cnn", "train-efficientnetb3", "train-tuned"]
    assert ["prepare", "backbone", *trainings, "evaluate", "gate"] == names


def test_every_job_step_is_cached(definition: dict) -> None:
    jobs = [step for step in definition["Steps"] if step["Type"] in ("Processing", "Training")]
    assert all(step["CacheConfig"]["Enabled"] for step in jobs)


def test_only_the_backbone_job_may_reach_the_network(definition: dict) -> None:
    open_steps = [
        step["Name"]
        for step in definition["Steps"]
        if step["Type"] == "Processing" and not step["Arguments"]["NetworkConfig"]["EnableNetworkIsolation"]
    ]
    assert open_steps == ["backbone"]


def test_the_evaluation_is_told_its_image_so_that_the_lineage_names_it(definition: dict) -> None:
    step = next(step for step in definition["Steps"] if step["Name"] == "evaluate")
    assert {"BESTIARY_IMAGE": AROUND.jobs_image} == step["Arguments"]["Environment"]


def test_own_backbone_comes_by_s3_and_needs_no_network() -> None:
    own = json.loads(compile_training(AROUND, "us-east-1", own_backbone=True))
    step = next(step for step in own["Steps"] if step["Name"] == "backbone")
    assert step["Arguments"]["ProcessingInputs"][0]["S3Input"]["S3Uri"] == {"Get": "Parameters.BackboneUri"}
    assert step["Arguments"]["NetworkConfig"]["EnableNetworkIsolation"]


def test_results_go_under_the_execution_so_that_nothing_is_overwritten(definition: dict) -> None:
    text = json.dumps(definition)
    places = text.count('"Get": "Execution.PipelineExecutionId"')
    outputs = text.count('"OutputName"') - text.count('"PropertyFileName"') + text.count('"S3OutputPath"')
    assert outputs == places


def trainings(definition: dict) -> list[dict]:
    return [step["Arguments"] for step in definition["Steps"] if step["Type"] == "Training"]


def test_trainings_run_on_spot_and_go_on_from_checkpoints(definition: dict) -> None:
    for request in trainings(definition):
        assert request["EnableManagedSpotTraining"]
        assert {"MaxRuntimeInSeconds": 7200, "MaxWaitTimeInSeconds": 14400} == request["StoppingCondition"]


def test_spot_is_switched_off_by_the_account_and_no_cache_key_changes(definition: dict) -> None:
    """SageMaker refuses MaxWaitTimeInSeconds without spot; what the keys are made of is the same."""
    off = json.loads(compile_training(replace(AROUND, spot=False), "us-east-1", own_backbone=False))
    for request, other in zip(trainings(off), trainings(definition), strict=True):
        assert not request["EnableManagedSpotTraining"]
        assert {"MaxRuntimeInSeconds": 7200} == request["StoppingCondition"]
        assert request["CheckpointConfig"] == other["CheckpointConfig"]


def test_checkpoints_lie_where_what_they_are_of_says(definition: dict) -> None:
    """The place is part of the cache key: it names no execution, and nothing that the key does not have."""
    places = [request["CheckpointConfig"]["S3Uri"]["Std:Join"]["Values"] for request in trainings(definition)]
    named = {value["Get"] for place in places for value in place if isinstance(value, dict)}
    assert {name for name in named if name.startswith("Execution.")} == set()
    assert len({place[1] for place in places}) == 3
    for place, request in zip(places, trainings(definition), strict=True):
        key = json.dumps([request["HyperParameters"], request["InputDataConfig"]])
        for value in (value["Get"] for value in place if isinstance(value, dict)):
            assert value.removesuffix("ProcessingJobName") in key


def test_in_a_vpc_runs_every_job_but_the_one_that_needs_the_internet() -> None:
    network = Network(("subnet-1", "subnet-2"), "sg-1")
    inside = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1", "subnet-2"]}
    in_vpc = json.loads(compile_training(replace(AROUND, network=network), "us-east-1", own_backbone=False))
    found = {
        step["Name"]: step["Arguments"].get("NetworkConfig", step["Arguments"]).get("VpcConfig")
        for step in in_vpc["Steps"]
        if step["Type"] in ("Processing", "Training")
    }
    assert None is found.pop("backbone")
    assert 5 == len(found)
    assert all(config == inside for config in found.values())
    for operation, step in (("CreateProcessingJob", "prepare"), ("CreateTrainingJob", "train-tuned")):
        shape = protocol.operation_model("sagemaker", operation).input_shape
        arguments = next(each["Arguments"] for each in in_vpc["Steps"] if each["Name"] == step)
        assert set(arguments) <= set(shape.members)


def test_the_monitors_jobs_run_in_the_vpc_too() -> None:
    around = replace(AROUND, network=Network(("subnet-1",), "sg-1"))
    for program in (MONITOR, QUALITY):
        step = monitoring.definition(around, program)["Steps"][0]["Arguments"]
        assert isolated(around.network) == step["NetworkConfig"]


def test_an_account_without_a_vpc_asks_for_none() -> None:
    assert None is Network.read({"network/private-calls": "no"})
    assert {"EnableNetworkIsolation": True} == isolated(None)


def test_many_machines_decode_and_one_puts_together() -> None:
    """Each gets a part of the photos; what has to know all of them is done once."""
    many = json.loads(compile_training(AROUND, "us-east-1", own_backbone=False, many_machines=True))
    decode, prepare = many["Steps"][:2]
    assert ("decode", "prepare") == (decode["Name"], prepare["Name"])
    counts = [
        step["Arguments"]["ProcessingResources"]["ClusterConfig"]["InstanceCount"]
        for step in (decode, prepare)
    ]
    assert [{"Get": "Parameters.ProcessingInstanceCount"}, 1] == counts
    given = {each["InputName"]: each["S3Input"] for each in decode["Arguments"]["ProcessingInputs"]}
    assert {"data", "inbox"} == set(given)
    assert {"ShardedByS3Key"} == {each["S3DataDistributionType"] for each in given.values()}
    names = {each["InputName"] for each in prepare["Arguments"]["ProcessingInputs"]}
    assert {"shards", "pinned"} == names


def test_one_machine_that_prepares_is_one_whatever_the_parameter_says(definition: dict) -> None:
    """A count set in the console would else have each machine do, and pay for, all of the work."""
    resources = definition["Steps"][0]["Arguments"]["ProcessingResources"]
    assert 1 == resources["ClusterConfig"]["InstanceCount"]
