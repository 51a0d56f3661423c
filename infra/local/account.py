"""One account's world: where its state lives and who does what in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from infra.local import operations, protocol
from infra.local.clock import Clock
from infra.local.metrics import Metrics

if TYPE_CHECKING:
    from pathlib import Path

    from infra.local.alarms.alarms import Alarms
    from infra.local.asynchronous.inference import AsyncInference
    from infra.local.docker.engine import DockerEngine
    from infra.local.events.bus import Bus
    from infra.local.events.courier import Courier
    from infra.local.hosting.hosting import Hosting
    from infra.local.jobs.runner import JobRunner
    from infra.local.monitoring.monitor import Monitor
    from infra.local.objects import ObjectStore
    from infra.local.pipeline.engine import Engine
    from infra.local.scheduling.schedules import Schedules
    from infra.local.store import Store
    from infra.local.topics import Topics

ACCOUNT_ID = "123456789012"


@dataclass
class Account:
    """What an operation may reach.

    Attributes
    ----------
    home
        The folder that holds all state of this account.
    region
        The AWS region it plays, e.g. ``us-east-1``.
    store
        The control plane's records (SQLite).
    objects
        The S3 objects, without going through HTTP.
    jobs
        Starts, watches and stops processing and training jobs.
    engine
        Starts, watches and stops pipeline executions.
    hosting
        Creates, updates, asks and ends endpoints.
    asynchronous
        Queues the requests of asynchronous endpoints and works them off.
    clock
        Tells the time and runs what is to run again and again.
    metrics
        CloudWatch's data points.
    alarms
        CloudWatch's alarms, judged every second.
    topics
        SNS topics and their subscribers.
    events
        EventBridge's bus: what happens, and the rules that wait for it.
    courier
        Delivers to the targets of rules and schedules.
    schedules
        EventBridge Scheduler's, fired by the clock.
    monitor
        Runs the monitoring schedules' jobs.
    docker
        The Docker engine that runs jobs and endpoints; None where they are processes.
    """

    home: Path
    region: str
    store: Store
    objects: ObjectStore
    jobs: JobRunner = field(init=False)
    engine: Engine = field(init=False)
    hosting: Hosting = field(init=False)
    asynchronous: AsyncInference = field(init=False)
    clock: Clock = field(default_factory=Clock)
    metrics: Metrics = field(init=False)
    alarms: Alarms = field(init=False)
    topics: Topics = field(init=False)
    events: Bus = field(init=False)
    courier: Courier = field(init=False)
    schedules: Schedules = field(init=False)
    monitor: Monitor = field(init=False)
    docker: DockerEngine | None = None
    account_id: str = ACCOUNT_ID

    def __post_init__(self) -> None:
        self.metrics = Metrics(self.clock, self.store)

    def arn(self, kind: str, name: str) -> str:
        """ARN of one SageMaker resource, e.g. ``arn("training-job", "x")``."""
        return f"arn:aws:sagemaker:{self.region}:{self.account_id}:{kind}/{name}"

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Perform one SageMaker operation as a client would, checked both ways, without HTTP.

        Raises
        ------
        infra.local.errors.AwsError
            What the client would be answered.
        """
        checked = protocol.check_request("sagemaker", operation, request)
        handler = operations.HANDLERS["sagemaker", operation]
        return protocol.check_response("sagemaker", operation, handler(self, checked) or {})
