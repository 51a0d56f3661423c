"""The jobs image under SageMaker's contract for training and processing."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Learned
from contract_runs import JOBS, Host, training_base

pytestmark = pytest.mark.docker

TRAIN = ["python", "-m", "training_scripts.train"]
START_SECONDS = 120


def test_photos_become_a_champion_without_network(learned: Learned) -> None:
    """Three jobs, each alone in a container with nothing but its inputs, end in a model and a report."""
    outputs = learned.evaluating / "processing" / "output"
    evaluation = json.loads((outputs / "evaluation" / "evaluation.json").read_text())

    assert "60 photos of 10 classes" in learned.prepared.log
    assert "epoch=2" in learned.trained.log
    assert "custom_cnn" == evaluation["champion"]["name"]
    assert (outputs / "evaluation" / "report.html").stat().st_size > 10_000
    assert (outputs / "champion" / "model.tar.gz").is_file()


def test_report_names_the_commit_that_the_image_was_built_from(host: Host, learned: Learned) -> None:
    """Where a job is told no commit, the image's own is in the lineage."""
    evaluation = learned.evaluating / "processing" / "output" / "evaluation" / "evaluation.json"
    labels = host.engine.images.get(JOBS).labels

    assert (
        labels["org.opencontainers.image.revision"] == json.loads(evaluation.read_text())["lineage"]["commit"]
    )


def test_wrong_hyperparameter_ends_in_one_line_where_sagemaker_looks(host: Host, tmp_path: Path) -> None:
    """The image's own entrypoint with SageMaker's word ends with 1, and the reason in the failure file."""
    base = training_base(tmp_path / "base", None, model="unicorn")

    container = host.start(JOBS, base, command=["train"])

    assert 1 == container.wait(timeout=START_SECONDS)["StatusCode"]
    assert "must be one of custom_cnn" in (base / "output" / "failure").read_text()


def test_processing_that_cannot_begin_ends_in_one_line_where_sagemaker_looks(
    host: Host, tmp_path: Path
) -> None:
    """No photos: exit code 1, and the reason in the message file that becomes the job's ExitMessage."""
    (tmp_path / "processing" / "input" / "data").mkdir(parents=True)

    ended = host.run(JOBS, ["python", "-m", "training_scripts.prepare"], tmp_path)

    message = (tmp_path / "output" / "message").read_text()
    assert 1 == ended.code
    assert 0 < len(message.encode()) <= 1024
    assert message in ended.log


def test_training_is_stopped_by_sigterm_as_process_one(host: Host, learned: Learned, tmp_path: Path) -> None:
    """It ends long before SageMaker's two minutes are over, with a reason, though it is process 1."""
    view = tmp_path / "train"
    (learned.training / "input" / "data" / "train").rename(view)
    base = training_base(tmp_path / "base", view, model="custom_cnn", epochs="5000")
    container = host.start(JOBS, base, entrypoint=TRAIN)
    wait_for(lambda: b"epoch=1" in container.logs())

    began = time.monotonic()
    container.stop(timeout=100)

    assert time.monotonic() - began < 60
    assert 1 == container.wait()["StatusCode"]
    assert "stopped by SIGTERM" in (base / "output" / "failure").read_text()


def test_job_without_a_handler_is_stopped_by_sigterm_as_process_one(host: Host, tmp_path: Path) -> None:
    """The kernel ignores signals that process 1 has no handler for; the image gives every program one."""
    program = "print('begun', flush=True); import time; time.sleep(600)"
    container = host.start(JOBS, tmp_path, entrypoint=["python", "-c", program])
    wait_for(lambda: b"begun" in container.logs())

    container.stop(timeout=100)

    assert 143 == container.wait()["StatusCode"]


def test_job_over_its_memory_is_killed_and_takes_nobody_along(host: Host, tmp_path: Path) -> None:
    """The limit is the container's: 137 is what SageMaker reports as out of memory."""
    program = "b = bytearray(400 << 20); print(len(b))"

    ended = host.run(JOBS, ["python", "-c", program], tmp_path, mem_limit="128m", memswap_limit="128m")

    assert 137 == ended.code


def wait_for(condition: Callable[[], object]) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + START_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.1)
