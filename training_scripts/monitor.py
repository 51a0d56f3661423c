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

import json
import os
import traceback
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bestiary import container
from bestiary.drift import (
    Baseline,
    Result,
    UnusableBaseline,
    UnusableWindow,
    Verdict,
    Window,
    files,
    metrics,
    monitor,
    page,
    violations,
)
from bestiary.drift.capture import read_capture
from bestiary.drift.constraints import constraints
from bestiary.drift.gathering import gather
from bestiary.drift.making import of_capture
from bestiary.drift.statistics import statistics

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """What the environment asks for.

    Attributes
    ----------
    source, output
        Folders of the captured lines and of the results.
    baseline, constraints
        The baseline's files; None where there is none.
    window
        What to look at.
    publish
        Whether figures go to CloudWatch.
    endpoint, schedule, version
        Their names; empty where they are not known.
    """

    source: Path
    output: Path
    baseline: Path | None
    constraints: Path | None
    window: Window
    publish: bool
    endpoint: str
    schedule: str
    version: str

    @property
    def dimensions(self) -> dict[str, str]:
        """What the metrics are of, as Model Monitor names it."""
        named = {"Endpoint": self.endpoint, "MonitoringSchedule": self.schedule}
        return {name: value for name, value in named.items() if value}


def main() -> None:
    """Run the job as the environment says."""
    try:
        settings = _settings(_environment())
        settings.output.mkdir(parents=True, exist_ok=True)
        message = _run(settings)
    except (UnusableBaseline, UnusableWindow) as error:
        container.fail(str(error))
    except OSError as error:
        container.fail(f"{error.filename or 'the monitor'}: {error.strerror or error}")
    except Exception as error:  # noqa: BLE001 - the job's edge: the log gets the traceback, the user one line
        traceback.print_exc()
        container.fail(f"the monitor broke off: {type(error).__name__}: {error}")
    container.conclude(message)
    _say(message)


def _run(settings: Settings) -> str:
    if not settings.source.is_dir():
        raise UnusableWindow(
            f"{settings.source} is no folder: nothing was captured, or dataset_source is wrong"
        )
    if settings.baseline is None:
        return _make_baseline(settings)
    baseline = files.read(settings.baseline, settings.constraints)
    result = monitor(settings.source, settings.window, baseline, settings.version)
    _write(result, settings)
    for one in result.violations:
        _say(f"violation: {one.feature_name}: {one.description}")
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
    _say(metrics.as_log_line(found, settings.dimensions, moment))


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
    _say(
        f"{result.window}: {counts.requests} requests, {counts.photos} photos named, {counts.errors} errors, "
        f"{counts.unanswered} answers not captured, {counts.bad_lines} lines that could not be read"
    )
    for line in counts.examples[:10]:
        _say(f"bad line: {line.file}:{line.number}: {line.reason}")
    for version, photos in counts.other_versions.items():
        _say(f"left out: {photos} answers of version {version}")


def _environment() -> dict[str, str]:
    """Give the job's own variables: those of the process, or else of the job's configuration."""
    path = container.base() / "config" / "processingjobconfig.json"
    configured: dict[str, str] = {}
    if path.exists():
        configured = json.loads(path.read_text("utf-8")).get("Environment") or {}
    return {**configured, **os.environ}


def _settings(given: Mapping[str, str]) -> Settings:
    def path(name: str) -> Path | None:
        return container.resolve(given[name]) if given.get(name) else None

    return Settings(
        source=path("dataset_source") or container.processing_input("endpoint"),
        output=path("output_path") or container.processing_output("monitoring"),
        baseline=path("baseline_statistics"),
        constraints=path("baseline_constraints"),
        window=_window(given),
        publish=given.get("publish_cloudwatch_metrics", "") == "Enabled",
        endpoint=given.get("sagemaker_endpoint_name", ""),
        schedule=given.get("sagemaker_monitoring_schedule_name", ""),
        version=given.get("BESTIARY_MODEL_VERSION", ""),
    )


def _window(given: Mapping[str, str]) -> Window:
    """Read the window; a pipeline cannot compute its start and says how long it is."""
    window = Window.parse(given.get("start_time", ""), given.get("end_time", ""))
    hours = given.get("BESTIARY_WINDOW_HOURS", "")
    if window.start or window.end is None or not hours:
        return window
    if not hours.isdecimal() or int(hours) < 1:
        raise UnusableWindow(f"BESTIARY_WINDOW_HOURS is {hours!r}: it takes hours, 1 or more")
    return Window(window.end - timedelta(hours=int(hours)), window.end)


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a job's log is its standard output


if __name__ == "__main__":
    main()
