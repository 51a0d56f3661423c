"""The monitor job: what an endpoint was sent and said in a window, against the live version's baseline.

It keeps Model Monitor's contract for own containers, so the same image serves a monitoring schedule and a
pipeline's processing job, in both without network. From the environment it takes ``dataset_source``,
``output_path``, ``baseline_statistics``, ``baseline_constraints``, ``start_time``, ``end_time``,
``publish_cloudwatch_metrics``, ``sagemaker_endpoint_name`` and ``sagemaker_monitoring_schedule_name``, and
``BESTIARY_MODEL_VERSION``, whose answers alone are compared; ``BESTIARY_WINDOW_HOURS`` stands for a
``start_time`` so long before ``end_time``. Without ``baseline_statistics`` it makes a
baseline of the window instead.

Writes ``statistics.json``, ``constraints.json``, ``constraint_violations.json`` (and
``constraints_violations.json``: the guide uses both) and ``report.html``, metrics for CloudWatch, and the
message from which the execution gets its status. Drift is a result and no failure: the exit status is 0.
Where there is not enough to tell, neither violations nor metrics are written.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-containers.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bestiary import container
from bestiary.drift import UnusableBaseline, Verdict, files, metrics, monitor, page, violations
from bestiary.drift.capture import read_capture
from bestiary.drift.constraints import constraints
from bestiary.drift.gathering import gather
from bestiary.drift.making import of_capture
from bestiary.drift.statistics import statistics
from training_scripts.monitoring_contract import run, say

if TYPE_CHECKING:
    from bestiary.drift import Baseline, Result
    from training_scripts.monitoring_contract import Settings


def main() -> None:
    """Run the job as the environment says."""
    run(_run)


def _run(settings: Settings) -> str:
    if settings.baseline is None:
        return _make_baseline(settings)
    baseline = files.read(settings.baseline, settings.constraints)
    result = monitor(settings.source, settings.window, baseline, settings.version)
    _write(result, settings)
    for one in result.violations:
        say(f"violation: {one.feature_name}: {one.description}")
    _say_counts(result)
    _publish(result, settings)
    return violations.message(result)


def _write(result: Result, settings: Settings) -> None:
    gathered, counts = result.gathered, result.gathered.counts
    described = statistics(gathered.sample, gathered.labels, missing=counts.errors)
    files.write_json(settings.output / files.STATISTICS, described)
    files.write_json(settings.output / files.CONSTRAINTS, constraints(result.baseline))
    about = page.About(settings.endpoint, settings.version, datetime.now(UTC))
    (settings.output / "report.html").write_text(page.render(result, about), encoding="utf-8")
    if result.verdict is not Verdict.NOT_ENOUGH:
        for name in violations.NAMES:
            files.write_json(settings.output / name, violations.document(result.violations))


def _publish(result: Result, settings: Settings) -> None:
    found = metrics.metrics(result)
    if not (settings.publish and found):
        return
    moment = settings.window.end or datetime.now(UTC)
    folder = container.base() / "output" / "metrics" / "cloudwatch"
    folder.mkdir(parents=True, exist_ok=True)
    lines = metrics.as_file(found, settings.dimensions, moment)
    (folder / "monitoring.jsonl").write_text(lines, encoding="utf-8")
    say(metrics.as_log_line(found, settings.dimensions, moment))


def _make_baseline(settings: Settings) -> str:
    gathered = gather(read_capture(settings.source, settings.window), version=settings.version)
    made: Baseline = of_capture(gathered)
    photos = gathered.counts.photos
    if photos < made.limits.least_photos:
        raise UnusableBaseline(
            f"{photos} answered photos between {settings.window} are too few for a baseline: "
            f"{made.limits.least_photos} are needed"
        )
    files.write(made, settings.output)
    return f"Completed: a baseline of {photos} photos was made."


def _say_counts(result: Result) -> None:
    counts = result.gathered.counts
    say(
        f"{result.window}: {counts.requests} requests, {counts.photos} photos named, {counts.errors} errors, "
        f"{counts.unanswered} answers not captured, {counts.bad_lines} lines that could not be read"
    )
    for line in counts.examples[:10]:
        say(f"bad line: {line.file}:{line.number}: {line.reason}")
    for version, photos in counts.other_versions.items():
        say(f"left out: {photos} answers of version {version}")


if __name__ == "__main__":
    main()
