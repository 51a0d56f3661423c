"""What a job of the monitor is told and how it answers: Model Monitor's contract for own containers.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-containers.html
"""

from __future__ import annotations

import json
import os
import traceback
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bestiary import container
from bestiary.drift import UnusableBaseline, UnusableWindow, Window
from bestiary.labels import UnusableLabels

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
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
    truth
        Folder of the labels; None where there is none.
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
    truth: Path | None
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


def run(job: Callable[[Settings], str]) -> None:
    """Run a job as the environment says; its message becomes the job's, what goes wrong one clear line."""
    try:
        settings = _settings(_environment())
        settings.output.mkdir(parents=True, exist_ok=True)
        message = job(settings)
    except (UnusableBaseline, UnusableLabels, UnusableWindow) as error:
        container.fail(str(error))
    except OSError as error:
        container.fail(f"{error.filename or 'the monitor'}: {error.strerror or error}")
    except Exception as error:  # noqa: BLE001 - the job's edge: the log gets the traceback, the user one line
        traceback.print_exc()
        container.fail(f"the monitor broke off: {type(error).__name__}: {error}")
    container.conclude(message)
    say(message)


def say(text: str) -> None:
    """Write a line to the job's log, which is its standard output."""
    print(text, flush=True)  # noqa: T201 - a job's log is its standard output


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

    source = path("dataset_source") or container.processing_input("endpoint")
    if not source.is_dir():
        raise UnusableWindow(f"{source} is no folder: nothing was captured, or dataset_source is wrong")
    return Settings(
        source=source,
        output=path("output_path") or container.processing_output("monitoring"),
        baseline=path("baseline_statistics"),
        constraints=path("baseline_constraints"),
        truth=path("ground_truth_source"),
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
