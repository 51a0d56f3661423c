from __future__ import annotations

import json
import os
import textwrap
import time
from typing import TYPE_CHECKING, Any

import pytest
from job_world import given, result

from infra.local.errors import AwsError
from infra.local.home import State, write_state

if TYPE_CHECKING:
    from pathlib import Path

    from job_world import World

pytest_plugins = ("world_fixture",)

PROCESSING = "/aws/sagemaker/ProcessingJobs"


def test_a_job_gets_the_container_contract_and_its_outputs_are_put_to_s3(world: World) -> None:
    """Inputs, config files and variables in; every file of an output below its prefix, in S3."""
    world.put("raw/bear/a b.jpg", b"bear")
    program = """
        import json, os, pathlib
        base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
        out = base / "processing/output/made"
        (out / "sub").mkdir()
        (out / "sub/ü.txt").write_text((base / "processing/input/photos/bear/a b.jpg").read_text())
        (out / "seen.json").write_text(json.dumps({
            "job": json.loads((base / "config/processingjobconfig.json").read_text()),
            "resources": json.loads((base / "config/resourceconfig.json").read_text()),
            "arn": os.environ["PROCESSING_JOB_ARN"],
            "region": os.environ["AWS_REGION"],
        }))
        (base / "output/message").write_text("made 2 files")
    """
    job = world.process(
        "contract", program, inputs={"photos": "s3://wildlife/raw"}, outputs={"made": "s3://wildlife/made/"}
    )
    assert job["ProcessingJobStatus"] == "Completed", job.get("FailureReason")
    assert job["ExitMessage"] == "made 2 files"
    assert job["CreationTime"] <= job["ProcessingStartTime"] <= job["ProcessingEndTime"]
    assert world.keys("made/") == ["seen.json", "sub/ü.txt"]
    assert world.read("made/sub/ü.txt") == b"bear"
    seen = json.loads(world.read("made/seen.json"))
    assert seen["arn"] == seen["job"]["ProcessingJobArn"] == job["ProcessingJobArn"]
    assert [each["InputName"] for each in seen["job"]["ProcessingInputs"]] == ["code", "photos"]
    assert seen["resources"] == {"current_host": "algo-1", "hosts": ["algo-1"]}
    assert seen["region"] == "us-east-1"
    assert not (world.account.home / "jobs/processing-job/contract").exists()


@pytest.mark.parametrize("before", ["", "--where="])
def test_opt_ml_in_the_command_leads_to_the_job(world: World, before: str) -> None:
    """A command written for AWS names /opt/ml; it means this job's folder."""
    program = "import sys; print(open(sys.argv[1].partition('=')[2] or sys.argv[1]).read(5))"
    name = f"words-{len(before)}"
    app = {
        "ImageUri": "any",
        "ContainerEntrypoint": ["python", "/opt/ml/processing/input/code/main.py"],
        "ContainerArguments": [f"{before}/opt/ml/processing/input/code/main.py"],
    }
    world.process(name, program, AppSpecification=app)
    assert world.log(PROCESSING, name) == ["impor"]


def test_a_failed_job_puts_nothing_but_continuous_outputs(world: World) -> None:
    program = """
        import os, sys
        base = os.environ["SAGEMAKER_BASE_DIR"] + "/processing/output"
        for name in ("ended", "going"):
            open(f"{base}/{name}/a", "w").write("1")
        sys.exit("the sky is cloudy")
    """
    outputs = [
        result("ended", "s3://wildlife/failed/ended"),
        result("going", "s3://wildlife/failed/going", "Continuous"),
    ]
    job = world.process("cloudy", program, ProcessingOutputConfig={"Outputs": outputs})
    assert job["ProcessingJobStatus"] == "Failed"
    assert job["FailureReason"] == "AlgorithmError: the sky is cloudy, exit code: 1"
    assert world.keys("failed/") == ["going/a"]


def test_a_message_of_a_failed_job_is_its_reason(world: World) -> None:
    program = """
        import os, sys
        open(os.environ["SAGEMAKER_BASE_DIR"] + "/output/message", "w").write("class ‘bear’ has no photo")
        sys.exit(4)
    """
    job = world.process("no-bear", program)
    assert job["ExitMessage"] == "class ‘bear’ has no photo"
    assert job["FailureReason"] == "AlgorithmError: class ‘bear’ has no photo, exit code: 4"


def test_a_job_that_is_stopped_has_stopped(world: World) -> None:
    world.process("sleepy", "import time; print('ready'); time.sleep(60)", wait=False)
    world.until(lambda: world.log(PROCESSING, "sleepy"))
    world.call("StopProcessingJob", ProcessingJobName="sleepy")
    assert world.call("DescribeProcessingJob", ProcessingJobName="sleepy")["ProcessingJobStatus"] in {
        "Stopping",
        "Stopped",
    }
    assert world.account.jobs.wait("processing-job", "sleepy", 30)
    job = world.call("DescribeProcessingJob", ProcessingJobName="sleepy")
    assert job["ProcessingJobStatus"] == "Stopped"
    assert "FailureReason" not in job


def test_a_job_whose_time_is_over_says_so(world: World) -> None:
    stopping = {"MaxRuntimeInSeconds": 1}
    job = world.process("endless", "import time; time.sleep(60)", StoppingCondition=stopping)
    assert job["ProcessingJobStatus"] == "Stopped"
    assert job["FailureReason"].startswith("MaxRuntimeExceeded")


def test_no_credentials_of_the_user_reach_a_job(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor anything else that would lead its clients to an account of AWS."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.setenv(name, "precious")
    program = "import os; print([name for name, value in os.environ.items() if value == 'precious'])"
    world.process("nosy", program)
    assert world.log(PROCESSING, "nosy") == ["[]"]


def test_what_a_job_starts_ends_with_it(world: World, tmp_path: Path) -> None:
    """A container ends with its first process, and so do all that a job left running, in any session."""
    alive = tmp_path / "alive"
    program = f"""
        import subprocess, sys
        beat = "import time\\nwhile True: open({str(alive)!r}, 'a').write('.'); time.sleep(0.05)"
        subprocess.Popen([sys.executable, "-c", beat], start_new_session=True)
        while not __import__("os").path.exists({str(alive)!r}): pass
    """
    job = world.process("parent", program)
    assert job["ProcessingJobStatus"] == "Completed", job.get("FailureReason")
    beats = alive.stat().st_size
    time.sleep(0.3)
    assert alive.stat().st_size == beats


def test_two_inputs_may_not_share_a_file(world: World) -> None:
    uri = world.put("same/a", b"1")
    both = [given("one", uri), given("two", uri)]
    both[1]["S3Input"]["LocalPath"] = both[0]["S3Input"]["LocalPath"]
    code = given("code", world.put("code/shared/main.py", ""))
    job = world.process("shared", "", ProcessingInputs=[code, *both])
    assert "a previously downloaded file/folder clashes with it" in job["FailureReason"]


def test_a_job_with_network_is_led_to_the_local_account(world: World) -> None:
    """Its AWS clients find this server; an isolated job is told of none."""
    write_state(world.account.home, State(os.getpid(), 4599, "", ""))
    program = "import os; print(os.environ.get('AWS_ENDPOINT_URL'), os.environ.get('AWS_ACCESS_KEY_ID'))"
    try:
        world.process("open", program)
        world.process("closed", program, NetworkConfig={"EnableNetworkIsolation": True})
    finally:
        (world.account.home / "local.json").unlink()
    assert world.log(PROCESSING, "open") == ["http://127.0.0.1:4599 local"]
    assert world.log(PROCESSING, "closed") == ["None None"]


def test_what_cannot_be_put_does_not_hide_why_the_program_failed(world: World) -> None:
    program = """
        import os, sys
        open(os.environ["SAGEMAKER_BASE_DIR"] + "/processing/output/o/a", "w").write("1")
        sys.exit("the sky is cloudy")
    """
    outputs = {"Outputs": [result("o", "s3://no-such-bucket/o", "Continuous")]}
    job = world.process("both", program, ProcessingOutputConfig=outputs)
    assert job["FailureReason"] == "AlgorithmError: the sky is cloudy, exit code: 1"


def test_a_failed_job_leaves_its_folder_to_look_at_until_it_is_deleted(world: World) -> None:
    world.process("looked-at", "raise SystemExit(1)")
    folder = world.account.home / "jobs/processing-job/looked-at"
    assert (folder / "processing/input/code/main.py").exists()
    world.call("DeleteProcessingJob", ProcessingJobName="looked-at")
    assert not folder.exists()


def hosts(count: int) -> dict[str, Any]:
    return {
        "ProcessingResources": {
            "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": count, "VolumeSizeInGB": 1}
        }
    }


def test_each_of_many_hosts_gets_its_part_of_the_objects_and_all_leave_theirs(world: World) -> None:
    """Every object is with one host and no other; what is not sharded, the program, is with each."""
    for number in range(7):
        world.put(f"herd/{number}.txt", str(number))
    program = """
        import json, os, pathlib
        base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
        about = json.loads((base / "config/resourceconfig.json").read_text())
        mine = sorted(path.name for path in (base / "processing/input/herd").iterdir())
        out = base / "processing/output/out" / about["current_host"]
        out.write_text(json.dumps([mine, about["hosts"]]))
        print(about["current_host"], len(mine))
    """
    herd = given("herd", "s3://wildlife/herd")
    herd["S3Input"]["S3DataDistributionType"] = "ShardedByS3Key"
    code = given("code", world.put("code/herd/main.py", textwrap.dedent(program)))
    job = world.process(
        "herd", program, outputs={"out": "s3://wildlife/parted"}, ProcessingInputs=[code, herd], **hosts(3)
    )
    assert "Completed" == job["ProcessingJobStatus"], job.get("FailureReason")
    names = ["algo-1", "algo-2", "algo-3"]
    assert names == world.keys("parted/")
    told = [json.loads(world.read(f"parted/{name}")) for name in names]
    assert [f"{number}.txt" for number in range(7)] == sorted(file for mine, _ in told for file in mine)
    assert [3, 2, 2] == [len(mine) for mine, _ in told]
    assert all(others == names for _, others in told)
    assert ["algo-1 3", "algo-2 2", "algo-3 2"] == sorted(world.log(PROCESSING, "herd"))


def test_one_host_that_fails_ends_the_others_and_is_the_one_that_is_quoted(world: World) -> None:
    program = """
        import json, os, sys, time
        base = os.environ["SAGEMAKER_BASE_DIR"]
        if json.load(open(base + "/config/resourceconfig.json"))["current_host"] == "algo-2":
            sys.exit("algo-2 has had enough")
        time.sleep(60)
    """
    job = world.process("tired", program, **hosts(3))
    assert "Failed" == job["ProcessingJobStatus"]
    assert "AlgorithmError: algo-2 has had enough, exit code: 1" == job["FailureReason"]


def test_a_job_of_ninety_hosts_is_refused_as_aws_does(world: World) -> None:
    with pytest.raises(AwsError, match=r"processing job usage' is 20 Instances, with current") as refused:
        world.process("slip", "print(1)", **hosts(90))
    assert "ResourceLimitExceeded" == refused.value.code
