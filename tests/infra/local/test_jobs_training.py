from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from job_world import unpacked

from infra.local import images

if TYPE_CHECKING:
    from pathlib import Path

    from job_world import World

pytest_plugins = ("world_fixture",)

TRAINING = "/aws/sagemaker/TrainingJobs"
LOSS = [{"Name": "train:loss", "Regex": r"(?<![a-z_])loss=([0-9.]+)"}]


def test_a_job_gets_the_container_contract_and_leaves_its_archives(world: World) -> None:
    """Hyperparameters, channels and variables in; two archives out, under the keys that AWS gives them."""
    world.put("photos/bear/a b.jpg", b"bear")
    program = """
        import json, os, sys
        base = os.environ["SAGEMAKER_BASE_DIR"]
        config = f"{base}/input/config"
        seen = {name: json.load(open(f"{config}/{name}.json"))
                for name in ("hyperparameters", "inputdataconfig", "resourceconfig")}
        seen["photo"] = open(f"{base}/input/data/photos/bear/a b.jpg").read()
        seen["variables"] = {name: os.environ[name] for name in os.environ if "AWS" in name or "JOB" in name}
        json.dump(seen, open(f"{base}/output/data/seen.json", "w"))
        open(f"{base}/model/weights.bin", "w").write("w")
    """
    job = world.train(
        "contract",
        program,
        channels={"photos": "s3://wildlife/photos"},
        HyperParameters={"epochs": "3"},
        Environment={"OWN_JOB": "x", "AT": "/opt/ml/model"},
    )
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert job["ModelArtifacts"] == {"S3ModelArtifacts": "s3://wildlife/models/contract/output/model.tar.gz"}
    assert world.keys("models/contract/") == ["output/model.tar.gz", "output/output.tar.gz"]
    assert unpacked(world.read("models/contract/output/model.tar.gz")) == {"weights.bin": b"w"}
    seen = json.loads(unpacked(world.read("models/contract/output/output.tar.gz"))["seen.json"])
    assert seen["hyperparameters"] == {"epochs": "3"}
    assert seen["photo"] == "bear"
    assert seen["inputdataconfig"]["photos"]["TrainingInputMode"] == "File"
    assert seen["resourceconfig"]["hosts"] == ["algo-1"]
    assert seen["variables"] == {
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "TRAINING_JOB_NAME": "contract",
        "TRAINING_JOB_ARN": job["TrainingJobArn"],
        "OWN_JOB": "x",
    }
    assert not (world.account.home / "jobs/training-job/contract").exists()


def test_its_times_and_states_are_told_as_by_aws(world: World) -> None:
    began = datetime.now(UTC)
    job = world.train("states", "print(1)")
    states = job["SecondaryStatusTransitions"]
    assert [state["Status"] for state in states] == [
        "Starting",
        "Downloading",
        "Training",
        "Uploading",
        "Completed",
    ]
    assert [state["EndTime"] for state in states[:-1]] == [state["StartTime"] for state in states[1:]]
    assert job["SecondaryStatus"] == "Completed"
    assert began <= job["CreationTime"] <= job["TrainingStartTime"] <= job["TrainingEndTime"]
    assert job["TrainingTimeInSeconds"] == job["BillableTimeInSeconds"] >= 1


def test_the_same_program_leaves_the_same_bytes(world: World) -> None:
    program = "import os; open(os.environ['SAGEMAKER_BASE_DIR'] + '/model/w', 'w').write('w' * 10_000)"
    for name in ("one", "two"):
        world.train(name, program)
    assert world.read("models/one/output/model.tar.gz") == world.read("models/two/output/model.tar.gz")


def test_an_uncompressed_model_is_put_file_by_file(world: World) -> None:
    program = "import os; open(os.environ['SAGEMAKER_BASE_DIR'] + '/model/w', 'w').write('w')"
    output = {"S3OutputPath": "s3://wildlife/plain", "CompressionType": "NONE"}
    job = world.train("loose", program, OutputDataConfig=output)
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == "s3://wildlife/plain/loose/output/model/"
    assert world.keys("plain/") == ["loose/output/model/w"]


def test_the_log_can_be_read_while_the_job_runs_and_metrics_come_from_it(
    world: World, tmp_path: Path
) -> None:
    go_on = tmp_path / "go on"
    program = f"""
        import pathlib, sys, time
        print("epoch=1 loss=1.5 val_loss=9")
        print("to stderr, of no \\xff encoding".encode("latin-1"), file=sys.stderr)
        while not pathlib.Path({str(go_on)!r}).exists():
            time.sleep(0.02)
        print("epoch=2 loss=0.25 val_loss=8")
    """
    algorithm = {"MetricDefinitions": LOSS}
    world.train("talking", program, wait=False, AlgorithmSpecification=algorithm)
    world.until(lambda: len(world.log(TRAINING, "talking")) == 2)
    job = world.call("DescribeTrainingJob", TrainingJobName="talking")
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("InProgress", "Training")
    go_on.touch()
    world.account.jobs.wait("training-job", "talking")
    job = world.call("DescribeTrainingJob", TrainingJobName="talking")
    assert world.log(TRAINING, "talking")[-1] == "epoch=2 loss=0.25 val_loss=8"
    (metric,) = job["FinalMetricDataList"]
    assert (metric["MetricName"], metric["Value"]) == ("train:loss", 0.25)
    statistics = world.client("cloudwatch").get_metric_statistics(
        Namespace=TRAINING,
        MetricName="train:loss",
        Dimensions=[{"Name": "TrainingJobName", "Value": "talking"}],
        StartTime=job["CreationTime"] - timedelta(minutes=1),
        EndTime=job["TrainingEndTime"] + timedelta(minutes=1),
        Period=3600,
        Statistics=["Minimum", "Maximum"],
    )
    (point,) = statistics["Datapoints"]
    assert (point["Minimum"], point["Maximum"]) == (0.25, 1.5)


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("raise ValueError('no photo of a bear')", "ValueError: no photo of a bear, exit code: 1"),
        ("import sys; sys.exit(7)", "See the log of the job, exit code: 7"),
        (
            (
                "import os, sys; base = os.environ['SAGEMAKER_BASE_DIR'];"
                "open(base + '/output/failure', 'w').write('x' * 5000); sys.exit(3)"
            ),
            "x" * (1024 - len("AlgorithmError: , exit code: 3")) + ", exit code: 3",
        ),
    ],
)
def test_a_program_that_fails_says_why(world: World, program: str, reason: str, request: Any) -> None:
    """Its failure file comes first, then its last line; never more than a FailureReason holds."""
    name = f"fails{request.node.callspec.indices['program']}"
    job = world.train(name, program)
    assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Failed"
    assert job["FailureReason"] == f"AlgorithmError: {reason}"


def test_of_a_failed_job_only_its_output_data_is_kept(world: World) -> None:
    program = """
        import os, sys
        base = os.environ["SAGEMAKER_BASE_DIR"]
        open(base + "/model/w", "w").write("half")
        open(base + "/output/data/history.csv", "w").write("1")
        sys.exit(1)
    """
    world.train("half", program)
    assert world.keys("models/half/") == ["output/output.tar.gz"]


def test_a_program_killed_by_the_kernel_is_told_to_take_less(world: World) -> None:
    job = world.train("killed", "import os; os.kill(os.getpid(), 9)")
    assert job["FailureReason"].startswith("ClientError: Please use an instance type with more memory")
    assert job["FailureReason"].endswith("exit code: 137")


def test_missing_data_fails_the_job_with_its_place(world: World) -> None:
    job = world.train("missing", "print(1)", channels={"train": "s3://wildlife/not/there"})
    assert job["TrainingJobStatus"] == "Failed"
    assert 'No S3 objects found under S3 URL "s3://wildlife/not/there"' in job["FailureReason"]
    assert not (world.account.home / "jobs/training-job/missing").exists()


def test_a_bucket_that_cannot_be_written_fails_the_job_with_its_place(world: World) -> None:
    program = "import os; open(os.environ['SAGEMAKER_BASE_DIR'] + '/model/w', 'w').write('w')"
    job = world.train("unwritable", program, OutputDataConfig={"S3OutputPath": "s3://no-such-bucket/x"})
    assert job["FailureReason"].startswith(
        "ClientError: Data upload to s3://no-such-bucket/x/unwritable/output/model.tar.gz failed: "
        "NoSuchBucket"
    )


def test_an_image_that_only_has_its_own_entrypoint_is_refused_with_advice(world: World) -> None:
    request = world.training_request("own", "")
    del request["AlgorithmSpecification"]["ContainerEntrypoint"]
    world.call("CreateTrainingJob", **request)
    world.account.jobs.wait("training-job", "own")
    reason = world.call("DescribeTrainingJob", TrainingJobName="own")["FailureReason"]
    assert "The process runtime cannot run image any" in reason
    assert "Give ContainerEntrypoint" in reason


def test_a_program_that_is_not_there_is_named(world: World) -> None:
    algorithm = {"ContainerEntrypoint": ["no-such-program"]}
    job = world.train("absent", "", AlgorithmSpecification=algorithm)
    assert job["FailureReason"] == (
        "AlgorithmError: Cannot run 'no-such-program': No such file or directory, exit code: 127"
    )


def test_a_stopped_job_may_save_its_model_first(world: World) -> None:
    """SIGTERM, time to save, Stopped: and what it saved is in S3."""
    program = """
        import os, signal, sys, time
        def save(*_):
            open(os.environ["SAGEMAKER_BASE_DIR"] + "/model/w", "w").write("saved")
            sys.exit(0)
        signal.signal(signal.SIGTERM, save)
        print("ready")
        time.sleep(60)
    """
    world.train("stopped", program, wait=False)
    world.until(lambda: world.log(TRAINING, "stopped"))
    world.call("StopTrainingJob", TrainingJobName="stopped")
    assert world.account.jobs.wait("training-job", "stopped", 30)
    job = world.call("DescribeTrainingJob", TrainingJobName="stopped")
    assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Stopped"
    assert "Stopping" in [state["Status"] for state in job["SecondaryStatusTransitions"]]
    assert unpacked(world.read("models/stopped/output/model.tar.gz")) == {"w": b"saved"}


def test_a_job_that_does_not_listen_is_killed_after_its_grace(world: World) -> None:
    program = """
        import signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print("ready")
        time.sleep(60)
    """
    world.train("deaf", program, wait=False)
    world.until(lambda: world.log(TRAINING, "deaf"))
    began = datetime.now(UTC)
    world.call("StopTrainingJob", TrainingJobName="deaf")
    assert world.account.jobs.wait("training-job", "deaf", 30)
    assert timedelta(seconds=0.9) < datetime.now(UTC) - began < timedelta(seconds=15)
    assert world.call("DescribeTrainingJob", TrainingJobName="deaf")["TrainingJobStatus"] == "Stopped"


def test_a_job_ends_when_its_time_is_over(world: World) -> None:
    stopping = {"MaxRuntimeInSeconds": 1}
    job = world.train("endless", "import time; time.sleep(60)", StoppingCondition=stopping)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")


def test_checkpoints_go_from_job_to_job(world: World) -> None:
    program = """
        import os
        path = os.environ["SAGEMAKER_BASE_DIR"] + "/checkpoints/step"
        step = int(open(path).read()) if os.path.exists(path) else 0
        open(path, "w").write(str(step + 1))
    """
    for name in ("first", "second"):
        world.train(name, program, CheckpointConfig={"S3Uri": "s3://wildlife/checkpoints/"})
    assert world.read("checkpoints/step") == b"2"


def test_an_image_pushed_here_is_its_code(world: World, tmp_path: Path) -> None:
    """The image's digest is the code's version: the job runs in the snapshot, and is told which it is."""
    package = tmp_path / "source/animals"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "__main__.py").write_text(
        "import os; print(os.getcwd(), os.environ['BESTIARY_IMAGE'], os.environ['BESTIARY_COMMIT'] + '|')"
    )
    image = images.push(world.account.home, "animals", tmp_path / "source", ("animals",))
    algorithm = {"TrainingImage": image, "ContainerEntrypoint": ["python", "-m", "animals"]}
    job = world.train("imaged", "", AlgorithmSpecification=algorithm)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    code = images.resolve(world.account.home, image)
    assert code
    assert world.log(TRAINING, "imaged") == [f"{code.resolve()} {image} |"]


def test_many_jobs_run_at_once(world: World, tmp_path: Path) -> None:
    """Each waits for all others, so that a queue would never end."""
    program = f"""
        import os, pathlib, time
        meeting = pathlib.Path({str(tmp_path)!r})
        (meeting / os.environ["TRAINING_JOB_NAME"]).touch()
        while len(list(meeting.iterdir())) < 4:
            time.sleep(0.02)
    """
    for n in range(4):
        world.train(f"crowd-{n}", program, wait=False)
    for n in range(4):
        assert world.account.jobs.wait("training-job", f"crowd-{n}", 60)
        job = world.call("DescribeTrainingJob", TrainingJobName=f"crowd-{n}")
        assert job["TrainingJobStatus"] == "Completed"
