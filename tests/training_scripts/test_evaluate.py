"""The evaluate job on real artifacts: what it writes, and what it compares with."""

import csv
import hashlib
import shutil
from pathlib import Path

import pytest
from evaluation_job import Job

from bestiary.images import Preprocessing


@pytest.fixture
def empty_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    return Job(tmp_path, monkeypatch)


@pytest.fixture
def job(empty_job: Job) -> Job:
    return empty_job.with_two_candidates()


def test_the_best_candidate_becomes_the_champion_byte_for_byte(job: Job) -> None:
    found = job.run(
        "--accuracy-threshold", "0.9", "--parameter", "Epochs=1", "--parameter", "DataUri=s3://b/a=b/"
    )

    archive = job.archive("tuned").read_bytes()
    assert (job.output / "champion" / "model.tar.gz").read_bytes() == archive
    assert found["champion"] == {
        "name": "tuned",
        "accuracy": 1.0,
        "macro_f1": 1.0,
        "sha256": hashlib.sha256(archive).hexdigest(),
    }
    assert found["gate"]["passed"] is True
    assert found["models"]["custom_cnn"]["accuracy"] == pytest.approx(1 / 3)
    assert found["models"]["custom_cnn"]["training_seconds"] == 4.2
    assert found["models"]["tuned"]["bytes"] == len(archive)
    assert found["models"]["tuned"]["seconds_per_image"] > 0
    assert found["approved"] is None
    assert found["data"]["test_images"] == 36
    assert found["data"]["quarantined"] == 1
    assert found["lineage"] == {
        "data_digest": "5f" * 32,
        "commit": "8d1f0c2",
        "image": "jobs@sha256:ab",
        "parameters": {"Epochs": "1", "DataUri": "s3://b/a=b/"},
    }


def test_the_files_for_others_are_complete(job: Job) -> None:
    """A version points at metrics.json by its digest; predictions.csv has a line a model and photo."""
    found = job.run()
    folder = job.output / "evaluation"

    assert hashlib.sha256((folder / "metrics.json").read_bytes()).hexdigest() == found["metrics"]["sha256"]
    with (folder / "predictions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 36
    assert rows[0].keys() == {"model", "file", "true", "predicted", "confidence"}
    assert all(row["true"] == row["predicted"] for row in rows if row["model"] == "tuned")
    page = (folder / "report.html").read_text("utf-8")
    assert "bear/<wbr>broken.jpg" in page
    assert "class cow is left out" in page


def test_the_log_shows_the_comparison_to_whoever_reads_it(
    job: Job, capsys: pytest.CaptureFixture[str]
) -> None:
    job.run()

    lines = capsys.readouterr().out.splitlines()
    table = lines[next(place for place, line in enumerate(lines) if line.startswith("model ")) :]
    assert table[1].split()[:2] == ["custom_cnn", "0.333"]
    assert table[2].split()[:2] == ["tuned", "1.000"]
    assert table[3] == "champion: tuned"
    assert table[4].startswith("gate: passed: tuned names 36 of the 36 test photos right (1.000)")


def test_a_refusal_is_a_result_and_not_a_failure(job: Job) -> None:
    """The pipeline's condition reads the refusal; a failed job would hide the report."""
    shutil.rmtree(job.input / "models" / "tuned")

    found = job.run("--accuracy-threshold", "0.9")

    assert found["gate"]["passed"] is False
    assert "under the threshold of 0.900" in found["gate"]["reason"]
    assert (job.output / "evaluation" / "report.html").exists()


def test_the_approved_version_is_scored_on_the_same_photos_now(job: Job) -> None:
    """It is as good as the champion, so the gate lets the champion pass and says so."""
    job.approve(0.05, Preprocessing(32))

    found = job.run()

    assert found["approved"] == {"version": "version 3", "accuracy": 1.0, "macro_f1": 1.0, "warnings": []}
    assert "as good as the approved version 3 on the same photos (1.000)" in found["gate"]["reason"]


def test_an_approved_version_that_may_have_learnt_from_the_test_photos_is_said_to(job: Job) -> None:
    """It was tested on others: nobody knows which of these it was trained on."""
    job.approve(0.05, Preprocessing(32))
    (job.input / "approved" / "version.json").write_text('{"version": 3, "test_digest": "other"}')
    (warning,) = job.run()["approved"]["warnings"]
    assert "may have learnt from some of these" in warning


def test_a_champion_worse_than_the_approved_version_is_refused(job: Job) -> None:
    shutil.rmtree(job.input / "models" / "tuned")
    job.approve(0.05, Preprocessing(32))

    gate = job.run()["gate"]

    assert gate["passed"] is False
    assert gate["approved_accuracy"] == 1.0
    assert "0.667 worse than the approved version 3" in gate["reason"]


def test_no_approved_version_may_be_said_by_a_file(job: Job) -> None:
    """The pipeline hands over an object that stands for none."""
    (job.input / "approved").mkdir()
    (job.input / "approved" / "none.json").write_text("{}", encoding="utf-8")

    assert job.run()["approved"] is None


def test_an_approved_version_of_another_size_is_scored_on_resized_pictures_and_that_is_said(job: Job) -> None:
    job.approve(0.05, Preprocessing(24))

    found = job.run()

    warning = "its test pictures were resized from 32 to 24 pixels, not from the photos themselves"
    assert found["approved"]["accuracy"] == 1.0
    assert warning in found["approved"]["warnings"][0]
    assert f"version 3:</b> {warning}" in (job.output / "evaluation" / "report.html").read_text("utf-8")


def test_an_approved_version_that_knows_other_animals_is_judged_by_names(job: Job) -> None:
    """It learnt cat, dog, owl: red photos are cats to it, green ones dogs, blue ones owls; all wrong."""
    job.approve(0.05, Preprocessing(32), classes=("cat", "dog", "owl"))

    approved = job.run()["approved"]

    assert approved["accuracy"] == 0.0
    assert "does not know bear" in approved["warnings"][0]


def test_equalized_and_plain_candidates_each_see_their_own_view(empty_job: Job) -> None:
    """A transfer model that decided to equalize gets the large view equalized, without a warning."""
    empty_job.candidate("efficientnetb3", 0.05, Preprocessing(32, equalize=True))

    found = empty_job.run()

    assert found["models"]["efficientnetb3"]["equalize"] is True
    assert found["models"]["efficientnetb3"]["image_size"] == 32
    assert found["models"]["efficientnetb3"]["warnings"] == []


def test_random_weights_reach_the_table_the_json_and_the_page(
    empty_job: Job, capsys: pytest.CaptureFixture[str]
) -> None:
    backbone = {
        "name": "efficientnetb3",
        "weights": "random",
        "warning": "Random weights: no network.",
        "parameters": 9,
    }
    empty_job.candidate("tuned", 0.05, Preprocessing(32), backbone=backbone)

    found = empty_job.run()

    assert found["models"]["tuned"]["warnings"] == ["Random weights: no network."]
    assert "warning: tuned: Random weights: no network." in capsys.readouterr().out
    page = (empty_job.output / "evaluation" / "report.html").read_text("utf-8")
    assert "⚠ Random weights: tuned cannot be judged by this run" in page
