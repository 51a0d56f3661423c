"""The quality job: labels against answers, in Model Monitor's contract."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from captured_traffic import START, answered, write

from bestiary.labels import Label, Labelled
from bestiary.labels.ground_truth import key, write_lines
from training_scripts import quality

METRICS = {
    "multiclass_classification_metrics": {
        "confusion_matrix": {"bear": {"bear": 95, "crab": 5}, "crab": {"crab": 48, "bear": 2}}
    }
}
PHOTOS = 60


@pytest.fixture(scope="module")
def captured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write what the endpoint said of photos: it took each of them for a bear."""
    lines = [answered(seed, species="bear") for seed in range(PHOTOS)]
    return write(tmp_path_factory.mktemp("capture"), lines)


@pytest.fixture
def run(captured: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    def job(labels: list[Labelled], **changes: str) -> Path:
        truth = tmp_path / "truth" / key(START, "0")
        truth.parent.mkdir(parents=True)
        truth.write_text(write_lines(labels), "utf-8")
        (tmp_path / "metrics.json").write_text(json.dumps(METRICS))
        given = {
            "SAGEMAKER_BASE_DIR": str(tmp_path),
            "dataset_source": str(captured),
            "ground_truth_source": str(tmp_path / "truth"),
            "baseline_statistics": str(tmp_path / "metrics.json"),
            "output_path": "/opt/ml/processing/result",
            "end_time": f"{START + timedelta(hours=10):%Y-%m-%dT%H:%M:%SZ}",
            "BESTIARY_WINDOW_HOURS": "24",
            "BESTIARY_MODEL_VERSION": "3",
            "publish_cloudwatch_metrics": "Enabled",
            "sagemaker_endpoint_name": "bestiary-classifier",
            "sagemaker_monitoring_schedule_name": "bestiary-classifier-quality",
            **changes,
        }
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        quality.main()
        return tmp_path / "processing" / "result"

    return job


def labelled(bears: int, crabs: int) -> list[Labelled]:
    """Label photos: bears at the north site, crabs at the south one."""
    sites = [("bear", "north")] * bears + [("crab", "south")] * crabs
    return [Labelled(f"photo-{number}.jpg", Label(*each)) for number, each in enumerate(sites)]


def embedded(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines() if line.startswith('{"_aws"')]


def test_a_fall_is_a_violation_with_figures_by_species_and_by_site(
    run: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Files, message, metrics and page tell the same."""
    folder = run(labelled(30, 25))
    found = json.loads((folder / "constraint_violations.json").read_text())["violations"]
    assert {"accuracy", "species crab", "site south"} == {one["feature_name"] for one in found}
    assert {"LessThanThreshold"} == {one["constraint_check_type"] for one in found}
    assert "0 of 25 labelled photos of species “crab”" in (folder / "report.html").read_text("utf-8")
    scored = json.loads((folder / "statistics.json").read_text())["multiclass_classification_metrics"]
    assert {"bear": 25, "crab": 0} == scored["confusion_matrix"]["crab"]
    assert scored["accuracy"]["value"] == pytest.approx(30 / 55)
    message = (tmp_path / "output" / "message").read_text()
    assert message.startswith("CompletedWithViolations: Job completed successfully with 3 violations.")
    figures = embedded(capsys.readouterr().out)
    assert (3, 55) == (figures[0]["violations"], figures[0]["labelled"])
    shares = {line.get("Species") or line.get("Site"): line["accuracy"] for line in figures[1:]}
    assert {"bear": 1.0, "crab": 0.0, "north": 1.0, "south": 0.0} == shares


def test_what_did_not_fall_is_quiet(run: Callable[..., Path], tmp_path: Path) -> None:
    folder = run(labelled(40, 2))
    assert [] == json.loads((folder / "constraint_violations.json").read_text())["violations"]
    assert "no violations. accuracy 0.952" in (tmp_path / "output" / "message").read_text()


def test_too_few_labels_are_no_all_clear(
    run: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No violations file, no figure; labels of photos that nobody asked about do not count."""
    unknown = [Labelled(f"other-{number}.jpg", Label("bear")) for number in range(50)]
    folder = run([*labelled(10, 0), *unknown])
    assert not (folder / "constraint_violations.json").exists()
    assert "not enough to tell: 10 labelled photos of 60" in (tmp_path / "output" / "message").read_text()
    assert [] == embedded(capsys.readouterr().out)
    assert "no all-clear" in (folder / "report.html").read_text("utf-8")


def test_without_a_word_in_common_it_still_says_so(run: Callable[..., Path], tmp_path: Path) -> None:
    folder = run([Labelled("elsewhere.jpg", Label("bear"))])
    assert "item_count" in (folder / "statistics.json").read_text()
    assert "0 labelled photos" in (tmp_path / "output" / "message").read_text()


def test_labels_and_sites_of_strangers_are_escaped(run: Callable[..., Path]) -> None:
    hostile = "<script>alert(1)</script>"
    labels = [Labelled(f"photo-{number}.jpg", Label(hostile, hostile)) for number in range(30)]
    assert "<script" not in (run(labels) / "report.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ground_truth_source": ""}, "ground_truth_source"),
        ({"baseline_statistics": "/nowhere/metrics.json"}, "metrics"),
        ({"dataset_source": "/nowhere"}, "is no folder"),
    ],
)
def test_what_cannot_be_compared_fails_with_one_line(
    run: Callable[..., Path], tmp_path: Path, changes: dict[str, str], said: str
) -> None:
    with pytest.raises(SystemExit):
        run(labelled(30, 0), **changes)
    assert said in (tmp_path / "output" / "failure").read_text()
