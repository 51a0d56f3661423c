"""All executions that run, by their ARNs."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from infra.local.pipeline import definition, parameters, records, versions
from infra.local.pipeline.execution import Execution
from infra.local.pipeline.run import Run

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.pipeline.model import Json
    from infra.local.store import Record


class Engine:
    """Starts, watches and stops pipeline executions; what it knows is in the account's store.

    Parameters
    ----------
    account
        Whose executions they are.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._lock = Lock()
        self._runs: dict[str, Run] = {}

    def start(self, arn: str) -> None:
        """Run the execution whose record is in the store, from where its record says that it is."""
        run = Run(self._execution(arn))
        with self._lock:
            self._runs = {known: other for known, other in self._runs.items() if not other.wait(0)}
            self._runs[arn] = run
        run.start()

    def stop(self, arn: str) -> None:
        """Stop an execution's steps; returns before they have ended."""
        run = self._runs.get(arn)
        if run:
            run.stop()

    def wait(self, arn: str, timeout: float | None = None) -> bool:
        """Wait until an execution has ended, at most so many seconds, and say whether it has."""
        run = self._runs.get(arn)
        return run is None or run.wait(timeout)

    def recover(self) -> None:
        """Note of executions that ran when the server was killed that they failed, and why."""
        for record in self._account.store.list(records.EXECUTION):
            if record["PipelineExecutionStatus"] in records.RUNNING:
                records.interrupt(self._account.store, record["PipelineExecutionArn"])

    def close(self) -> None:
        """Note the same of executions that run now; their jobs are the job runner's to end."""
        with self._lock:
            runs = list(self._runs.values())
        for run in runs:
            if not run.wait(0):
                run.abandon()

    def _execution(self, arn: str) -> Execution:
        record = self._account.store.get(records.EXECUTION, arn)
        assert record is not None  # noqa: S101 - operations start what they have just written
        version = versions.get(self._account.store, record, record["PipelineVersionId"])
        parsed = definition.parse(version["PipelineDefinition"])
        return Execution(
            account=self._account,
            definition=parsed,
            arn=arn,
            pipeline_name=record["PipelineName"],
            role_arn=record["RoleArn"],
            started=record["CreationTime"],
            parameters=parameters.bind(parsed.parameters, record["Parameters"]),
            experiment=record.get("PipelineExperimentConfig", {}),
            metadata=lambda step: self._metadata(arn, step),
        )

    def _metadata(self, arn: str, step: str) -> Json:
        record: Record = self._account.store.get(records.EXECUTION, arn) or {"Steps": {}}
        return record["Steps"].get(step, {}).get("Metadata")
