"""The monitor in the jobs image, on what the serving image answered."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import Learned
from contract_runs import JOBS, Host
from served_model import client, ready, serve

pytestmark = pytest.mark.docker

INPUT = "/opt/ml/processing/input"
OUTPUT = "/opt/ml/processing/resultdata"


def test_what_the_endpoint_answered_is_compared_with_the_baseline_of_training(
    host: Host, learned: Learned, champion: Path, photos: Path, tmp_path: Path
) -> None:
    """Answers of one image, written as SageMaker captures them, are a window that the other can read."""
    now = datetime.now(UTC)
    window = tmp_path / "processing" / "input" / "endpoint" / f"{now:%Y/%m/%d/%H}" / "capture.jsonl"
    window.parent.mkdir(parents=True)
    window.write_text("".join(captured(answer, now) for answer in answers(host, champion, photos)))
    baseline = learned.evaluating / "processing" / "output" / "evaluation" / "baseline"
    shutil.copytree(baseline, tmp_path / "processing" / "input" / "baseline")
    environment = {
        "dataset_source": f"{INPUT}/endpoint",
        "output_path": OUTPUT,
        "baseline_statistics": f"{INPUT}/baseline/statistics.json",
        "baseline_constraints": f"{INPUT}/baseline/constraints.json",
        "start_time": f"{now - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}",
        "end_time": f"{now + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}",
        "publish_cloudwatch_metrics": "Enabled",
        "sagemaker_endpoint_name": "bestiary-classifier",
    }

    ended = host.run(JOBS, ["python", "-m", "training_scripts.monitor"], tmp_path, environment=environment)

    assert 0 == ended.code, ended.log
    assert (tmp_path / "output" / "message").read_text().startswith("Completed")
    assert (tmp_path / "processing" / "resultdata" / "report.html").is_file()


def answers(host: Host, champion: Path, photos: Path) -> list[str]:
    """Ask a served champion about every photo."""
    served = serve(host, champion, ports={"8080/tcp": ("127.0.0.1", None)})
    with client(served, "8080/tcp") as http:
        ready(served, lambda: http.get("/ping").status_code)
        sent = {"Content-Type": "image/jpeg"}
        told = [
            http.post("/invocations", content=photo.read_bytes(), headers=sent)
            for photo in sorted(photos.glob("*/*.jpg"))
        ]
    assert {200} == {answer.status_code for answer in told}
    return [answer.text for answer in told]


def captured(answer: str, when: datetime) -> str:
    """Write one line of a capture."""
    output = {"observedContentType": "application/json", "mode": "OUTPUT", "data": answer, "encoding": "JSON"}
    about = {"eventId": "1", "inferenceTime": f"{when:%Y-%m-%dT%H:%M:%SZ}"}
    line = {"captureData": {"endpointOutput": output}, "eventMetadata": about, "eventVersion": "0"}
    return json.dumps(line) + "\n"
