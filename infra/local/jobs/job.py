"""A job of one program: stage its inputs, run it, put its results."""

from __future__ import annotations

import json
import shutil
import time
from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from infra.local.hosting import embedded_metrics
from infra.local.jobs import environment, records, staging
from infra.local.jobs.life import Life
from infra.local.jobs.metrics import MetricReader
from infra.local.jobs.records import End
from infra.local.log_files import LogFiles

if TYPE_CHECKING:
    from infra.local.jobs.plan import Plan
    from infra.local.jobs.process import Program
    from infra.local.jobs.records import Record


@dataclass(frozen=True)
class Run:
    """How a job's program ended.

    Attributes
    ----------
    code
        Its exit code.
    last_line
        The last line it printed that was not blank.
    stopped, late
        Whether it was asked to end, by somebody or because its time was over.
    metrics
        The last value of each metric, as ``FinalMetricDataList`` has it.
    """

    code: int
    last_line: str
    stopped: bool
    late: bool
    metrics: list[dict[str, Any]]

    @property
    def cut_short(self) -> bool:
        """Whether it was asked to end."""
        return self.stopped or self.late

    @property
    def failed(self) -> bool:
        """Whether it ended by itself, and badly."""
        return self.code != 0 and not self.cut_short


class Job(Life):
    """One job whose program ends by itself; see `Life`."""

    log_group: ClassVar[str]
    _process: Program | None = None

    @abstractmethod
    def plan(self, record: Record) -> Plan:
        """Read from the record what is to be done."""

    @abstractmethod
    def results(self, record: Record, plan: Plan, run: Run) -> End:
        """Put the results to S3 and say how the job ended."""

    def work(self, record: Record) -> End:
        """Stage the inputs, run the program and put its results."""
        plan = self.plan(record)
        deadline = time.monotonic() + plan.seconds
        self._stage(plan)
        run = self._execute(plan, deadline)
        return End("Stopped") if self.server_stops.is_set() else self.results(record, plan, run)

    def end_work(self, *, at_once: bool) -> None:
        """End the program."""
        if self._process:
            (self._process.kill if at_once else self._process.stop)()

    def _stage(self, plan: Plan) -> None:
        shutil.rmtree(self.base, ignore_errors=True)
        for folder in plan.folders:
            (self.base / folder).mkdir(parents=True, exist_ok=True)
        for item in plan.inputs:
            staging.fetch(self.account.objects, item, self.base, self.going_on)
        if plan.checkpoints:
            folder, source = plan.checkpoints
            staging.restore(self.account.objects, source, self.base / folder)
        for path, document in plan.files.items():
            file = self.base / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(document, indent=2, ensure_ascii=False), encoding="utf-8")

    def _execute(self, plan: Plan, deadline: float) -> Run:
        task = environment.task(plan, self.base, self.account, private=self.private, grace=self.grace)
        self.change(lambda record: records.at(self.kind, record, "Training"))
        metrics = MetricReader(self.account, self.name, plan.metrics)
        last_line = ""
        stream = f"{self.name}/algo-1-{int(time.time())}"
        with LogFiles(self.account.home / "logs").writer(self.log_group, stream) as log:

            def on_line(line: str) -> None:
                nonlocal last_line
                last_line = line.strip() or last_line
                metrics.read(line)
                embedded_metrics.read(line, self.account.metrics, lasting=True)
                log.write_line(line)

            with self.lock:
                self.going_on()
                process = self._process = task.start(on_line)
            code = process.wait(max(0.0, deadline - time.monotonic()))
            late = code is None
            if late:
                process.stop()
                code = process.wait()
        return Run(code or 0, last_line, stopped=self.asked, late=late, metrics=metrics.final())
