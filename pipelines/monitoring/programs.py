"""The monitor's two jobs: what they are called, and what they are handed beside what was captured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipelines.names import CLASSIFIER

FOLDER = "/opt/ml/processing"
OUTPUT = f"{FOLDER}/output/result"
CAPTURED = "input/endpoint"


@dataclass(frozen=True)
class Input:
    """Something that a job compares with.

    Attributes
    ----------
    parameter
        The pipeline's parameter that says where in S3 it is.
    name
        The job's name for it.
    folder
        Where the job finds it, below `FOLDER`.
    variable
        The variable that tells the job so.
    file
        Its name in there; empty for the whole folder.
    """

    parameter: str
    name: str
    folder: str
    variable: str
    file: str = ""

    @property
    def path(self) -> str:
        """Where the job finds it, in full."""
        return "/".join(filter(None, (FOLDER, self.folder, self.file)))


@dataclass(frozen=True)
class Program:
    """One of the jobs.

    Attributes
    ----------
    name
        The module under ``training_scripts``, and part of all its names.
    pipeline
        The pipeline that runs it on schedule.
    purpose
        That pipeline's description.
    inputs
        What it compares with.
    """

    name: Literal["monitor", "quality"]
    pipeline: str
    purpose: str
    inputs: tuple[Input, ...]

    @property
    def schedule(self) -> str:
        """Name of its schedule."""
        return f"{CLASSIFIER}-{self.name}"

    @property
    def entrypoint(self) -> list[str]:
        """The command of its container."""
        return ["python", "-m", f"training_scripts.{self.name}"]

    @property
    def variables(self) -> dict[str, str]:
        """The job's variables that say where its inputs are."""
        return {given.variable: given.path for given in self.inputs}


MONITOR = Program(
    "monitor",
    "bestiary-monitoring",
    "Compares what the endpoint was sent and said with what is usual",
    (
        Input("StatisticsUri", "baseline", "baseline/stats", "baseline_statistics", "statistics.json"),
        Input(
            "ConstraintsUri",
            "constraints",
            "baseline/constraints",
            "baseline_constraints",
            "constraints.json",
        ),
    ),
)
QUALITY = Program(
    "quality",
    "bestiary-quality",
    "Compares what the endpoint said with the labels that people gave later",
    (
        Input("MetricsUri", "baseline", "baseline/stats", "baseline_statistics", "metrics.json"),
        Input("GroundTruthUri", "ground-truth", "input/ground-truth", "ground_truth_source"),
    ),
)
