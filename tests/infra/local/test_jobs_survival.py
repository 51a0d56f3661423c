"""The server ends in every way there is: nothing of its jobs is left, and nobody is told they still run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from job_world import World

from infra.local.jobs import records

# A job with a child in a session of its own, a grandchild: both deaf to SIGTERM.
FAMILY = """
    import os, signal, subprocess, sys, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    child = "import subprocess as s, sys, time; s.Popen([sys.executable, '-c', sys.argv[1]]); time.sleep(600)"
    subprocess.Popen([sys.executable, "-c", child, deaf], start_new_session=True)
    print("ready")
    time.sleep(600)
"""
SERVER = """
import sys, time
from pathlib import Path
sys.path.insert(0, {tests!r})
from job_world import World
world = World(Path({home!r}))
world.train("family", {family!r}, wait=False)
time.sleep(600)
"""
TRAINING = "/aws/sagemaker/TrainingJobs"


def alive(base: Path) -> list[int]:
    """Find the processes of a job: those with its base folder in their environment."""
    mark = f"SAGEMAKER_BASE_DIR={base}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (entry / "environ").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def soon(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_kill_9_of_the_server_ends_its_jobs_and_the_next_one_says_so(tmp_path: Path) -> None:
    """Within two seconds job, child and grandchild are gone; after the restart the record reads Failed."""
    program = SERVER.format(tests=str(Path(__file__).parent), home=str(tmp_path), family=FAMILY)
    server = subprocess.Popen([sys.executable, "-c", program])
    base = tmp_path / "jobs/training-job/family"
    assert soon(lambda: len(alive(base)) == 3, 60)
    os.kill(server.pid, signal.SIGKILL)
    server.wait()
    assert soon(lambda: not alive(base), 2)
    world = World(tmp_path)
    try:
        assert (
            world.call("DescribeTrainingJob", TrainingJobName="family")["TrainingJobStatus"] == "InProgress"
        )
        world.account.jobs.recover()
        job = world.call("DescribeTrainingJob", TrainingJobName="family")
        assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Failed"
        assert job["FailureReason"] == "the local SageMaker stopped while this job ran"
        assert not base.exists()
        assert world.log(TRAINING, "family") == ["ready"]
    finally:
        world.close()


def test_a_server_that_ends_in_order_ends_its_jobs(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.train("family", FAMILY, wait=False)
    base = tmp_path / "jobs/training-job/family"
    world.until(lambda: len(alive(base)) == 3)
    world.account.jobs.close()
    assert not alive(base)
    job = world.call("DescribeTrainingJob", TrainingJobName="family")
    assert job["FailureReason"] == "the local SageMaker stopped while this job ran"
    world.close()


def test_a_job_whose_supervisor_is_killed_fails_and_leaves_nothing(tmp_path: Path) -> None:
    """The kernel may pick the supervisor when memory runs out."""
    world = World(tmp_path)
    world.train("family", FAMILY, wait=False)
    base = tmp_path / "jobs/training-job/family"
    world.until(lambda: len(alive(base)) == 3)
    for process in alive(base):
        parent = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1]
        if b"infra.local.jobs.supervisor" in Path(f"/proc/{parent}/cmdline").read_bytes():
            os.kill(int(parent), signal.SIGKILL)
    assert world.account.jobs.wait("training-job", "family", 30)
    assert not alive(base)
    job = world.call("DescribeTrainingJob", TrainingJobName="family")
    assert job["TrainingJobStatus"] == "Failed"
    world.close()


def test_a_job_that_was_stopping_when_the_server_died_has_stopped(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.train("quick", "print(1)")
    world.account.store.update(
        "training-job",
        "quick",
        lambda record: records.stopping("training-job", {**record, "TrainingJobStatus": "InProgress"}),
    )
    world.account.jobs.recover()
    job = world.call("DescribeTrainingJob", TrainingJobName="quick")
    assert job["TrainingJobStatus"] == "Stopped"
    world.close()


def test_a_job_that_is_stopped_while_it_stages_never_starts(tmp_path: Path) -> None:
    world = World(tmp_path)
    request = world.training_request("early", "print('started')")
    slow = world.account.objects.fetch

    def fetch(*arguments: object) -> None:
        world.call("StopTrainingJob", TrainingJobName="early")
        slow(*arguments)

    world.account.objects.fetch = fetch
    world.call("CreateTrainingJob", **request)
    assert world.account.jobs.wait("training-job", "early", 30)
    assert world.call("DescribeTrainingJob", TrainingJobName="early")["TrainingJobStatus"] == "Stopped"
    assert world.log(TRAINING, "early") == []
    world.close()
