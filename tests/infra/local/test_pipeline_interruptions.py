from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pipeline_account import World, world
from pipeline_definitions import condition, equals, pipeline, processing

from infra.local.errors import AwsError

if TYPE_CHECKING:
    from pipeline_definitions import Json

pytest_plugins = ("pipeline_fixture",)

SLEEP = "import time; time.sleep(60)"
CACHED = {"Enabled": True}


def until(holds: object, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def executing(here: World, arn: str, step: str) -> bool:
    return here.steps(arn).get(step, {}).get("StepStatus") == "Executing"


def test_stopping_stops_jobs_and_starts_nothing_more(here: World) -> None:
    """Stopping, then Stopped: execution, running step and its job; other steps never start."""
    here.create(pipeline(processing("long", SLEEP), processing("never", DependsOn=["long"])))
    arn = here.start()
    until(lambda: executing(here, arn, "long"))
    here.call("StopPipelineExecution", PipelineExecutionArn=arn)
    assert here.describe(arn)["PipelineExecutionStatus"] in {"Stopping", "Stopped"}
    assert here.ended(arn)["PipelineExecutionStatus"] == "Stopped"
    (step,) = here.steps(arn).values()
    assert step["StepStatus"] == "Stopped"
    name = step["Metadata"]["ProcessingJob"]["Arn"].rpartition("/")[2]
    assert here.call("DescribeProcessingJob", ProcessingJobName=name)["ProcessingJobStatus"] == "Stopped"
    with pytest.raises(AwsError, match="Only pipelines with 'Executing' status can be stopped"):
        here.call("StopPipelineExecution", PipelineExecutionArn=arn)


def test_a_job_that_somebody_else_stops_fails_the_execution(here: World) -> None:
    """The step is Stopped and named as the reason."""
    here.create(pipeline(processing("long", SLEEP)))
    arn = here.start()
    until(lambda: executing(here, arn, "long"))
    job = here.steps(arn)["long"]["Metadata"]["ProcessingJob"]["Arn"].rpartition("/")[2]
    here.call("StopProcessingJob", ProcessingJobName=job)
    assert here.ended(arn)["PipelineExecutionStatus"] == "Failed"
    assert here.steps(arn)["long"]["StepStatus"] == "Stopped"
    assert "long" in here.describe(arn)["FailureReason"]


def test_a_retry_goes_on_where_it_failed(here: World) -> None:
    """What succeeded is not run again; the execution keeps its ARN, definition and parameters."""
    wanted = {"ProcessingInputs": [{"InputName": "flag", "AppManaged": False, "S3Input": {
        "S3Uri": "s3://bucket/flag/", "LocalPath": "/opt/ml/processing/input/flag", "S3DataType": "S3Prefix",
        "S3InputMode": "File"}}]}  # fmt: skip
    steps = [
        condition("gate", [equals(1, 1)], [processing("needs", arguments=wanted, DependsOn=["first"])]),
        processing("first"),
        processing("last", DependsOn=["first"]),
    ]
    failed = here.run(pipeline(*steps))
    before = here.steps(failed)
    assert [failed["PipelineExecutionStatus"], before["needs"]["StepStatus"]] == ["Failed", "Failed"]
    here.account.objects.put("bucket", "flag/there", b"")
    here.create(pipeline(processing("other")))
    arn = failed["PipelineExecutionArn"]
    here.call("RetryPipelineExecution", PipelineExecutionArn=arn)
    retried = here.ended(arn)
    after = here.steps(arn)
    assert retried["PipelineExecutionStatus"] == "Succeeded"
    assert "FailureReason" not in retried
    assert {name: before[name] for name in ("gate", "first", "last")} == {
        name: after[name] for name in ("gate", "first", "last")
    }
    assert after["needs"]["StepStatus"] == "Succeeded"
    with pytest.raises(AwsError, match="Only pipelines with 'Failed' or 'Stopped' status can be retried"):
        here.call("RetryPipelineExecution", PipelineExecutionArn=arn)


def test_a_full_disk_is_waited_out(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """While nothing can be written down nothing is forgotten: the end is noted once it can be."""
    here.create(pipeline(processing("a")))
    arn = here.start()
    until(lambda: executing(here, arn, "a"))
    real = here.account.store.update
    full = threading.Event()

    def update(kind: str, *rest: Json) -> Json:
        if kind == "execution" and not full.is_set():
            full.set()
            raise sqlite3.OperationalError("database or disk is full")
        return real(kind, *rest)

    monkeypatch.setattr(here.account.store, "update", update)
    assert here.ended(arn)["PipelineExecutionStatus"] == "Succeeded"
    assert full.is_set()


def test_an_orderly_stop_of_the_server_fails_what_runs(tmp_path: Path) -> None:
    """The execution says what ran when the server stopped; a new one finds the finished steps."""
    steps = pipeline(
        processing("done", CacheConfig=CACHED),
        processing("long", SLEEP, CacheConfig=CACHED, DependsOn=["done"]),
    )
    with world(tmp_path) as first:
        first.create(steps)
        arn = first.start()
        until(lambda: executing(first, arn, "long"))
    with world(tmp_path) as second:
        check_interrupted(second, arn)


KILLED = """
import sys
from pathlib import Path
from pipeline_account import world
from pipeline_definitions import pipeline, processing
with world(Path(sys.argv[1])) as here:
    cached = {"Enabled": True}
    here.create(pipeline(
        processing("done", CacheConfig=cached),
        processing("long", "import time; time.sleep(60)", CacheConfig=cached, DependsOn=["done"]),
    ))
    arn = here.start()
    while here.steps(arn).get("long", {}).get("StepStatus") != "Executing":
        pass
    print(arn, flush=True)
    here.account.engine.wait(arn)
"""


def test_a_killed_server_is_noticed_at_the_next_start(tmp_path: Path) -> None:
    """After kill -9 in the middle: the execution reads Failed with the reason, finished steps stay cached."""
    root = Path(__file__).parents[3]
    server = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": f"{root}:{Path(__file__).parent}"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout
    arn = server.stdout.readline().strip()
    server.send_signal(signal.SIGKILL)
    server.wait()
    server.stdout.close()
    with world(tmp_path) as second:
        check_interrupted(second, arn)


def check_interrupted(here: World, arn: str) -> None:
    execution = here.describe(arn)
    assert execution["PipelineExecutionStatus"] == "Failed"
    assert execution["FailureReason"] == (
        "the local SageMaker stopped while this execution ran (step long was executing); "
        "start it again: finished steps come from the cache"
    )
    steps = here.steps(arn)
    assert [steps["done"]["StepStatus"], steps["long"]["StepStatus"]] == ["Succeeded", "Failed"]
    assert steps["long"]["FailureReason"] == "the local SageMaker stopped while this step ran"
    again = here.start()
    until(lambda: executing(here, again, "long"))
    assert here.why(again)["done"].startswith("cached from execution")
    assert here.why(again)["long"] == "ran: no earlier successful run of this step"
    here.call("StopPipelineExecution", PipelineExecutionArn=again)
    here.ended(again)
