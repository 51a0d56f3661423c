"""The monitor job, by those who know only Model Monitor's contract for own containers."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from captured_traffic import LABELS, START, answered, embedding, measured, picture, scores, write
from monitoring_schemas import CONSTRAINTS, METRIC, STATISTICS, VIOLATIONS

from bestiary.drift import files
from bestiary.drift.making import of_training
from training_scripts import monitor

END = START + timedelta(hours=10)
VIOLATION_FILES = ("constraint_violations.json", "constraints_violations.json")


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the files that a version is registered with: 120 photos as they usually are."""
    folder = tmp_path_factory.mktemp("baseline")
    seeds = range(1000, 1120)
    said, seen = np.array([scores(seed) for seed in seeds]), np.array([embedding(seed) for seed in seeds])
    files.write(of_training([measured(picture(seed)) for seed in seeds], said, LABELS, seen), folder)
    return folder


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Write a window's captured lines once for each kind of traffic."""
    made: dict[Any, Path] = {}

    def traffic(count: int = 80, light: float = 1.0, *, photo_too: bool = False) -> Path:
        if (count, light, photo_too) not in made:
            lines = [answered(seed, light, photo_too=photo_too) for seed in range(count)]
            made[count, light, photo_too] = write(tmp_path_factory.mktemp("capture"), [*lines, "{cut"])
        return made[count, light, photo_too]

    return traffic


def environment(base: Path, source: Path, baseline: Path | None) -> dict[str, str]:
    """Return the variables of the guide's page on the contract's inputs."""
    usual = {
        "dataset_format": '{"sagemakerCaptureJson": {"captureIndexNames": ["endpointOutput"]}}',
        "dataset_source": str(source),
        "output_path": "/opt/ml/processing/resultdata",
        "start_time": f"{START:%Y-%m-%dT%H:%M:%SZ}",
        "end_time": f"{END:%Y-%m-%dT%H:%M:%SZ}",
        "publish_cloudwatch_metrics": "Enabled",
        "sagemaker_endpoint_name": "bestiary-classifier",
        "sagemaker_monitoring_schedule_name": "bestiary-monitor",
        "SAGEMAKER_BASE_DIR": str(base),
    }
    if baseline:
        usual |= {
            "baseline_statistics": str(baseline / "statistics.json"),
            "baseline_constraints": str(baseline / "constraints.json"),
        }
    return usual


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    def job(source: Path, baseline: Path | None, **changes: str) -> Path:
        for name, value in {**environment(tmp_path, source, baseline), **changes}.items():
            monkeypatch.setenv(name, value)
        monitor.main()
        return tmp_path / "processing" / "resultdata"

    return job


def message(base: Path) -> str:
    return (base / "output" / "message").read_text("utf-8")


def metrics(base: Path) -> dict[str, Any]:
    lines = (base / "output" / "metrics" / "cloudwatch" / "monitoring.jsonl").read_text("utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    for one in found:
        jsonschema.validate(one, METRIC)
        assert {"Endpoint": "bestiary-classifier", "MonitoringSchedule": "bestiary-monitor"} == {
            each["Name"]: each["Value"] for each in one["Dimensions"]
        }
    return {one["MetricName"]: one.get("Value", one.get("StatisticValues")) for one in found}


def test_the_program_keeps_the_contract(tmp_path: Path, baseline: Path, capture: Callable[..., Path]) -> None:
    """Run as SageMaker runs it: a process with an environment, in another folder, read by its files alone."""
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "training_scripts.monitor"],
        cwd=tmp_path,
        env={
            **environment(tmp_path, capture(light=0.4, photo_too=True), baseline),
            "PYTHONPATH": str(root),
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stderr
    output = tmp_path / "processing" / "resultdata"
    for name in VIOLATION_FILES:
        jsonschema.validate(json.loads((output / name).read_bytes()), VIOLATIONS)
    jsonschema.validate(json.loads((output / "statistics.json").read_bytes()), STATISTICS)
    jsonschema.validate(json.loads((output / "constraints.json").read_bytes()), CONSTRAINTS)
    found = json.loads((output / VIOLATION_FILES[0]).read_bytes())["violations"]
    assert f"CompletedWithViolations: Job completed successfully with {len(found)} violations." == message(
        tmp_path
    )
    [brightness] = [one["description"] for one in found if one["feature_name"] == "brightness"]
    assert brightness.startswith("the photos are darker: median 0.")
    published = metrics(tmp_path)
    assert (len(found), 80, 1) == (published["violations"], published["photos"], published["bad_lines"])
    assert 80 == published["feature_data_brightness"]["SampleCount"]
    assert 1 == published["feature_violation_brightness"]
    assert published["feature_baseline_drift_brightness"] > 0.5
    [logged] = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"_aws"')]
    assert ["Endpoint", "MonitoringSchedule"] == logged["_aws"]["CloudWatchMetrics"][0]["Dimensions"][0]
    assert len(found) == logged["violations"]


def test_usual_traffic_is_no_violation(
    run: Callable[..., Path], tmp_path: Path, baseline: Path, capture: Callable[..., Path]
) -> None:
    output = run(capture(), baseline)
    assert "Completed: Job completed successfully with no violations." == message(tmp_path)
    assert {"violations": []} == json.loads((output / VIOLATION_FILES[0]).read_bytes())
    assert 0 == metrics(tmp_path)["violations"]
    assert "No change found" in (output / "report.html").read_text("utf-8")


def test_too_few_photos_publish_nothing_and_are_no_all_clear(
    run: Callable[..., Path], tmp_path: Path, baseline: Path, capture: Callable[..., Path]
) -> None:
    """Whatever they look like: twelve dark photos are neither a violation nor fine."""
    output = run(capture(12, 0.4), baseline)
    assert message(tmp_path).startswith("Completed: not enough to tell: 12 answered photos")
    assert not any((output / name).exists() for name in VIOLATION_FILES)
    assert not (tmp_path / "output" / "metrics").exists()
    assert "this is no all-clear" in (output / "report.html").read_text("utf-8")


def test_nothing_is_published_where_that_is_disabled(
    run: Callable[..., Path], tmp_path: Path, baseline: Path, capture: Callable[..., Path]
) -> None:
    run(capture(), baseline, publish_cloudwatch_metrics="Disabled")
    assert not (tmp_path / "output" / "metrics").exists()


def test_only_the_window_and_the_live_version_are_compared(
    run: Callable[..., Path], tmp_path: Path, baseline: Path, capture: Callable[..., Path]
) -> None:
    later = f"{END:%Y-%m-%dT%H:%M:%SZ}"
    run(capture(light=0.4), baseline, start_time=later, end_time="2026-11-30T00:00:00Z")
    assert message(tmp_path).startswith("Completed: not enough to tell: 0 answered photos")
    run(capture(light=0.4), baseline, BESTIARY_MODEL_VERSION="4")
    assert message(tmp_path).startswith("Completed: not enough to tell: 0 answered photos")


def test_settings_may_stand_in_the_job_s_configuration(
    tmp_path: Path, baseline: Path, capture: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = environment(tmp_path, capture(), baseline)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "processingjobconfig.json").write_text(json.dumps({"Environment": given}))
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    monitor.main()
    assert message(tmp_path).startswith("Completed: Job completed")


def test_without_a_baseline_the_window_becomes_one(
    run: Callable[..., Path], tmp_path: Path, capture: Callable[..., Path]
) -> None:
    """And the same traffic is then as usual, darker traffic not."""
    made = run(capture(), None)
    assert "Completed: a baseline of 80 photos was made." == message(tmp_path)
    run(capture(), made, output_path="/opt/ml/processing/again")
    assert message(tmp_path).startswith("Completed: Job completed")
    run(capture(light=0.4), made, output_path="/opt/ml/processing/dark")
    assert message(tmp_path).startswith("CompletedWithViolations")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"dataset_source": "/nowhere"}, "/nowhere is no folder: nothing was captured"),
        ({"start_time": "yesterday"}, "'yesterday' is no time"),
        ({"baseline_statistics": "/nowhere/statistics.json"}, "cannot be read: No such file"),
    ],
)
def test_what_cannot_work_fails_with_one_line(
    run: Callable[..., Path], baseline: Path, capture: Callable[..., Path], changes: dict[str, str], said: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(capture(), baseline, **changes)
    assert 1 == ended.value.code
    line = message(Path(os.environ["SAGEMAKER_BASE_DIR"]))
    assert said in line
    assert "\n" not in line


def test_without_constraints_the_usual_limits_hold(
    run: Callable[..., Path], tmp_path: Path, baseline: Path, capture: Callable[..., Path]
) -> None:
    run(capture(light=0.4), baseline, baseline_constraints="")
    assert message(tmp_path).startswith("CompletedWithViolations")


def test_what_people_switch_off_is_no_want_of_photos(
    run: Callable[..., Path], tmp_path: Path, baseline: Path, capture: Callable[..., Path]
) -> None:
    """Of one feature, the others still tell; of all, as the SDK can do it, there is no all-clear."""
    edited = json.loads((baseline / "constraints.json").read_bytes())
    [confidence] = [one for one in edited["features"] if one["name"] == "confidence"]
    confidence["monitoring_config_overrides"] = {"evaluate_constraints": "Disabled"}
    file = tmp_path / "edited.json"
    file.write_text(json.dumps(edited))
    run(capture(), baseline, baseline_constraints=str(file))
    assert message(tmp_path).startswith("Completed: Job completed successfully")
    edited["monitoring_config"]["evaluate_constraints"] = "Disabled"
    file.write_text(json.dumps(edited))
    run(capture(light=0.4), baseline, baseline_constraints=str(file), output_path="/opt/ml/processing/off")
    assert message(tmp_path).startswith("Completed: not enough to tell: the constraints switch every")


class Page(HTMLParser):
    """Collects a page's tags."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_the_report_stands_alone_shows_the_photos_and_trusts_nobody(
    run: Callable[..., Path], baseline: Path, tmp_path: Path
) -> None:
    """Names come from strangers: a label and an error that are markup come out as text."""
    evil = "<script>alert(1)</script>"
    lines = [answered(seed, photo_too=True, species=evil if seed < 9 else "bear") for seed in range(70)]
    refused = json.loads(lines[-1])
    refused["captureData"]["endpointOutput"] |= {"data": json.dumps({"error": evil}), "encoding": "JSON"}
    source = write(tmp_path / "capture", [*lines, json.dumps(refused)])
    text = (run(source, baseline) / "report.html").read_text("utf-8")
    assert evil not in text
    assert "&lt;script&gt;" in text
    page = Page(text)
    assert not {"script", "link[rel=stylesheet]", "iframe"} & {tag for tag, _ in page.tags}
    links = [
        value for _, attributes in page.tags for name, value in attributes.items() if name in {"src", "href"}
    ]
    assert all(value is not None and value.startswith(("data:", "#")) for value in links)
    assert 24 == sum(tag == "img" for tag, _ in page.tags)
    assert all(attributes.get("alt") for tag, attributes in page.tags if tag == "img")
