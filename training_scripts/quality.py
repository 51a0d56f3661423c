"""The quality job: what an endpoint said in a window, against the labels that people gave later.

It keeps the same contract as `training_scripts.monitor`. From the environment it takes ``dataset_source``,
``ground_truth_source`` (a folder of labels in the layout that Model Monitor merges), ``baseline_statistics``
(the version's ``metrics.json``), ``output_path``, ``start_time`` and ``end_time`` or
``BESTIARY_WINDOW_HOURS``, ``publish_cloudwatch_metrics``, ``sagemaker_endpoint_name``,
``sagemaker_monitoring_schedule_name``, and ``BESTIARY_MODEL_VERSION``, whose answers alone count.

Writes ``statistics.json``, ``constraints.json``, ``constraint_violations.json`` (and
``constraints_violations.json``) in the layouts of Model Monitor's model quality jobs, ``report.html``,
metrics for CloudWatch, and the message. A fall is a result and no failure. Where there are not enough labels
to tell, neither violations nor metrics are written.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bestiary.drift import UnusableBaseline, Verdict
from bestiary.drift.files import CONSTRAINTS, STATISTICS, write_json
from bestiary.drift.page import About
from bestiary.drift.violations import NAMES
from bestiary.labels import UnusableLabels
from bestiary.labels.ground_truth import read_folder
from bestiary.quality import check, files, message, metrics, page, read_baseline
from training_scripts.monitoring_contract import run, say

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from bestiary.quality import Result
    from training_scripts.monitoring_contract import Settings


def main() -> None:
    """Run the job as the environment says."""
    run(_run)


def _run(settings: Settings) -> str:
    if settings.truth is None or settings.baseline is None:
        raise UnusableLabels("ground_truth_source and baseline_statistics say where labels and metrics lie")
    labels = read_folder(settings.truth)
    result = check(
        settings.source,
        settings.window,
        labels,
        read_baseline(_metrics(settings.baseline)),
        settings.version,
    )
    say(f"{result.window}: {len(labels)} labels, {len(result.matched.pairs)} of them of answered photos")
    _write(result, settings)
    _publish(result, settings)
    return message(result)


def _metrics(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UnusableBaseline(f"the model's metrics {path} cannot be read: {error}") from error
    return dict(found)


def _write(result: Result, settings: Settings) -> None:
    write_json(settings.output / STATISTICS, files.statistics(result))
    write_json(settings.output / CONSTRAINTS, files.constraints(result))
    about = About(settings.endpoint, settings.version, datetime.now(UTC))
    (settings.output / "report.html").write_text(page.render(result, about), encoding="utf-8")
    if result.verdict is not Verdict.NOT_ENOUGH:
        for name in NAMES:
            write_json(settings.output / name, files.violations(result))


def _publish(result: Result, settings: Settings) -> None:
    moment = settings.window.end or datetime.now(UTC)
    for fall in result.falls:
        say(f"violation: {fall.of}: {files.sentence(fall)}")
    if settings.publish:
        for line in metrics.log_lines(result, settings.dimensions, moment):
            say(line)


if __name__ == "__main__":
    main()
