"""Trainings on machines that AWS may take back, and on several at once."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
from job_world import unpacked

from infra.local.errors import AwsError
from infra.local.jobs import checkpoints

if TYPE_CHECKING:
    from job_world import World

pytest_plugins = ("world_fixture",)

TRAINING = "/aws/sagemaker/TrainingJobs"
COUNTS = """
    import os, signal, sys, time
    base = os.environ["SAGEMAKER_BASE_DIR"]
    path = base + "/checkpoints/step"
    step = int(open(path).read()) if os.path.exists(path) else 0
    def taken(*_):
        open(path, "w").write(str(step + 1))
        sys.exit(1)
    signal.signal(signal.SIGTERM, taken)
    print("at", step, flush=True)
    if step < 2:
        time.sleep(60)
    open(base + "/model/w", "w").write("after " + str(step))
"""
"""Needs three machines: each time it is interrupted it counts on."""
SPOT = {
    "EnableManagedSpotTraining": True,
    "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 120},
    "CheckpointConfig": {"S3Uri": "s3://wildlife/kept/counts"},
}


def test_interrupted_on_spot_a_job_goes_on_from_its_checkpoint(world: World) -> None:
    """Statuses as AWS's guide lists them; what no machine worked for is not billed."""
    world.train("counts", COUNTS, wait=False, **SPOT)
    for n in range(2):
        world.until(lambda n=n: f"at {n}" in world.log(TRAINING, "counts"))
        world.until(lambda: world.account.jobs.interrupt("counts"))
    assert world.account.jobs.wait("training-job", "counts", 30)
    job = world.call("DescribeTrainingJob", TrainingJobName="counts")
    assert "Completed" == job["TrainingJobStatus"], job.get("FailureReason")
    again = ["Starting", "Downloading", "Training"]
    assert [*again, "Interrupted", *again, "Interrupted", *again, "Uploading", "Completed"] == [
        state["Status"] for state in job["SecondaryStatusTransitions"]
    ]
    assert 1 <= job["BillableTimeInSeconds"] <= job["TrainingTimeInSeconds"]
    assert {"w": b"after 2"} == unpacked(world.read("models/counts/output/model.tar.gz"))
    assert b"2" == world.read("kept/counts/step")


def test_only_spot_is_interrupted_and_a_job_can_be_stopped_meanwhile(world: World) -> None:
    world.train("steady", COUNTS, wait=False, CheckpointConfig={"S3Uri": "s3://wildlife/kept/steady"})
    world.train("lost", COUNTS, wait=False, **SPOT | {"CheckpointConfig": {"S3Uri": "s3://wildlife/s"}})
    for name in ("steady", "lost"):
        world.until(lambda name=name: world.log(TRAINING, name))
    assert ["lost"] == world.account.jobs.interrupt()
    for name in ("steady", "lost"):
        world.call("StopTrainingJob", TrainingJobName=name)
        assert world.account.jobs.wait("training-job", name, 30)
        assert "Stopped" == world.call("DescribeTrainingJob", TrainingJobName=name)["TrainingJobStatus"]


def test_checkpoints_are_in_s3_before_the_job_ends(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine may go without a word: what was put by then is what is left."""
    monkeypatch.setattr(checkpoints, "SECONDS", 0.05)
    program = """
        import os, time
        open(os.environ["SAGEMAKER_BASE_DIR"] + "/checkpoints/step", "w").write("1")
        time.sleep(60)
    """
    world.train("early", program, wait=False, CheckpointConfig={"S3Uri": "s3://wildlife/early"})
    # It may be put for a first time before the program has closed it.
    world.until(lambda: world.keys("early/") and world.read("early/step"))
    assert b"1" == world.read("early/step")
    world.call("StopTrainingJob", TrainingJobName="early")
    assert world.account.jobs.wait("training-job", "early", 30)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"EnableManagedSpotTraining": True}, "must be present and be greater than or equal to"),
        (
            {"StoppingCondition": {"MaxWaitTimeInSeconds": 120}},
            "only supported when EnableManagedSpotTraining is set to true",
        ),
        (SPOT | {"StoppingCondition": {"MaxWaitTimeInSeconds": 59}}, "must be present and be greater"),
    ],
)
def test_spot_and_the_time_to_wait_for_it_go_together(
    world: World, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(AwsError, match=reason):
        world.train("unclear", "print(1)", **changes)


def cluster(count: int) -> dict[str, Any]:
    return {"ResourceConfig": {"InstanceCount": count}, "EnableNetworkIsolation": True}


@pytest.mark.skipif(sys.platform != "linux", reason="hosts find each other by namespaces of Linux")
def test_hosts_of_a_training_find_each_other_by_name_and_nobody_else(world: World) -> None:
    """The second asks the first over their network; what both leave is in the model, and all is one job's."""
    program = """
        import json, os, socket
        base = os.environ["SAGEMAKER_BASE_DIR"]
        about = json.load(open(base + "/input/config/resourceconfig.json"))
        me = about["current_host"]
        open(f"{base}/model/{me}", "w").write(" ".join(about["hosts"]))
        if me == "algo-1":
            with socket.create_server(("algo-1", 8890)) as door:
                caller, _ = door.accept()
                print("heard", caller.recv(100).decode(), flush=True)
        else:
            while True:
                try:
                    socket.create_connection(("algo-1", 8890), 5).sendall(me.encode())
                    break
                except ConnectionRefusedError:
                    pass
            print([name for _, name in socket.if_nameindex()], flush=True)
    """
    job = world.train("pair", program, **cluster(2))
    assert "Completed" == job["TrainingJobStatus"], job.get("FailureReason")
    assert ["['lo']", "heard algo-2"] == sorted(world.log(TRAINING, "pair"))
    names = b"algo-1 algo-2"
    left = unpacked(world.read("models/pair/output/model.tar.gz"))
    assert {"algo-1": names, "algo-2": names} == left


def test_one_host_of_a_training_that_fails_fails_the_job(world: World) -> None:
    program = """
        import json, os, sys, time
        base = os.environ["SAGEMAKER_BASE_DIR"]
        if json.load(open(base + "/input/config/resourceconfig.json"))["current_host"] == "algo-2":
            open(base + "/output/failure", "w").write("no photo is mine")
            sys.exit(3)
        time.sleep(60)
    """
    job = world.train("half-a-pair", program, **cluster(2))
    assert "AlgorithmError: no photo is mine, exit code: 3" == job["FailureReason"]
