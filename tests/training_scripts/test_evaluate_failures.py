"""The evaluate job names what is wrong with its inputs, in one line, and leaves no champion then."""

import re
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from evaluation_job import Job, pack

from bestiary.images import Preprocessing
from training_scripts import evaluate


@pytest.fixture
def empty_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    return Job(tmp_path, monkeypatch)


@pytest.fixture
def job(empty_job: Job) -> Job:
    return empty_job.with_two_candidates()


def failure(job: Job, *arguments: str) -> str:
    """Run a job that must fail and give the reason SageMaker would show."""
    with pytest.raises(SystemExit) as ended:
        evaluate.main(list(arguments))
    assert ended.value.code == 1
    reason = (job.base / "output" / "message").read_text("utf-8")
    assert "\n" not in reason.strip()
    return reason


def spoil_weights(job: Job) -> None:
    """Change one byte inside the archive: the manifest's digest no longer fits."""
    folder = job.base / "spoilt"
    with tarfile.open(job.archive("tuned")) as tar:
        tar.extractall(folder, filter="data")
    weights = folder / "weights.safetensors"
    data = weights.read_bytes()
    weights.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    pack(folder, job.archive("tuned"))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (spoil_weights, "candidate tuned cannot be used: .*weights.safetensors was changed"),
        (lambda job: job.archive("tuned").write_bytes(b"no archive"), "candidate tuned cannot be used"),
        (lambda job: job.archive("tuned").unlink(), "candidate tuned cannot be used: .*model.tar.gz"),
        (lambda job: shutil.rmtree(job.input / "training" / "tuned"), "output.tar.gz"),
        (lambda job: shutil.rmtree(job.input / "models"), "holds no candidate"),
        (lambda job: [view.unlink() for view in job.input.glob("test/*/view.json")], "holds no view of the"),
        (lambda job: (job.input / "test" / "dataset.json").write_text("{"), "dataset.json cannot be used"),
        (lambda job: (job.input / "test" / "dataset.json").write_text("{}"), "dataset.json lacks 'classes'"),
    ],
)  # fmt: skip
def test_what_is_damaged_is_named_in_one_line(job: Job, spoil: Callable[[Job], object], words: str) -> None:
    spoil(job)

    assert re.search(words, failure(job))
    assert not (job.output / "champion").exists()


def test_a_candidate_for_other_animals_is_refused(empty_job: Job) -> None:
    empty_job.candidate("tuned", 0.05, Preprocessing(32), classes=("bear", "cat", "owl"))

    assert "candidate tuned was trained on other animals (bear, cat, owl)" in failure(empty_job)


def test_a_damaged_approved_version_stops_the_gate(job: Job) -> None:
    """Who cannot compare must not decide."""
    job.approve(0.05, Preprocessing(32))
    (job.input / "approved" / "model.tar.gz").write_bytes(b"no archive")

    assert "the approved version 3 cannot be used" in failure(job)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--accuracy-threshold", "30"), "30 is not between 0 and 1"),
        (("--allowed-regression", "-1"), "is not between 0 and 1"),
        (("--parameter", "Epochs"), "'Epochs' is not NAME=VALUE"),
    ],
)
def test_wrong_arguments_are_named(job: Job, arguments: tuple[str, ...], words: str) -> None:
    assert words in failure(job, *arguments)
