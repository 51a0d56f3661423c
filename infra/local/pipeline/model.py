"""A pipeline definition as values: parameters, steps and what hangs on a step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

Json = Any
Scalar = str | int | float | bool
Trigger = Literal["Completed", "Failed", "Stopped", "Any"]


@dataclass(frozen=True)
class Parameter:
    """A value that each execution may be given.

    Attributes
    ----------
    name
        Unique in its pipeline.
    type
        ``String``, ``Integer``, ``Float`` or ``Boolean``.
    default
        What holds when Start gives none; ``None`` means that Start must.
    allowed
        The only values it may have; empty means any.
    """

    name: str
    type: str
    default: Scalar | None = None
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dependency:
    """A step that must have ended in a certain way before another starts.

    Attributes
    ----------
    step
        The earlier step's name.
    trigger
        How it must have ended; ``Completed`` unless a run condition says otherwise.
    """

    step: str
    trigger: Trigger = "Completed"


@dataclass(frozen=True)
class Branch:
    """The side of a Condition step on which a step stands."""

    condition: str
    outcome: bool


@dataclass(frozen=True)
class PropertyFile:
    """A JSON file in a processing job's output that later steps read with ``Std:JsonGet``."""

    name: str
    output: str
    path: str


@dataclass(frozen=True)
class CacheConfig:
    """Whether an earlier result may stand in for a step, and how old it may be (``None``: any age)."""

    enabled: bool = False
    expire_after: timedelta | None = None


@dataclass(frozen=True)
class RetryPolicy:
    """When and how often a step is tried again.

    Attributes
    ----------
    exceptions
        What it is for, e.g. ``SageMaker.JOB_INTERNAL_ERROR``.
    interval
        Seconds before the first retry.
    backoff
        The factor by which each further wait is longer.
    attempts
        Retries at most; ``None`` when `expire_after` bounds them instead.
    expire_after
        Minutes after the step's start beyond which nothing is retried, or ``None``.
    """

    exceptions: frozenset[str]
    interval: float = 1
    backoff: float = 2.0
    attempts: int | None = 5
    expire_after: int | None = None


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes
    ----------
    arguments
        The request of its API operation with expressions in it; of a Condition step only ``Conditions``.
    depends_on
        What ``DependsOn`` names; references add to it (`infra.local.pipeline.graph.dependencies`).
    branch
        The Condition step's side that it stands on, or ``None`` at the top level.
    """

    name: str
    type: str
    arguments: dict[str, Json]
    depends_on: tuple[Dependency, ...] = ()
    display_name: str | None = None
    description: str | None = None
    cache: CacheConfig = CacheConfig()
    retry_policies: tuple[RetryPolicy, ...] = ()
    property_files: tuple[PropertyFile, ...] = ()
    branch: Branch | None = None


@dataclass(frozen=True)
class Definition:
    """A whole pipeline.

    Attributes
    ----------
    parameters
        By name, in the definition's order.
    steps
        By name, those of both sides of each Condition step included.
    experiment
        ``ExperimentName`` and ``TrialName`` with expressions in them, or ``None``.
    """

    parameters: Mapping[str, Parameter]
    steps: Mapping[str, Step]
    experiment: dict[str, Json] | None = None
