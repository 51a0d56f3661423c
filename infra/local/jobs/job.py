"""A job of one program: stage its inputs, run it, put its results."""

from __future__ import annotations

import json
import shutil
import time
from abc import abstractmethod
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar

from infra.local.hosting import embedded_metrics
from infra.local.jobs import environment, records, staging
from infra.local.jobs.checkpoints import Checkpoints
from infra.local.jobs.life import Life
from infra.local.jobs.metrics import MetricReader
from infra.local.jobs.plan import HOSTS
from infra.local.jobs.records import End
from infra.local.jobs.together import Together
from infra.local.log_files import LogFiles

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

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
    host
        Place of the host that failed, whose code and last line these are.
    """

    code: int
    last_line: str
    stopped: bool
    late: bool
    metrics: list[dict[str, Any]]
    host: int = 0

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
    checkpoints: Sequence[Checkpoints] = ()
    process: Program | None = None

    @cached_property
    def bases(self) -> list[Path]:
        """The folder that is ``/opt/ml`` to each of its hosts."""
        return [self.base]

    @abstractmethod
    def plan(self, record: Record) -> Plan:
        """Read from the record what is to be done."""

    @abstractmethod
    def results(self, record: Record, plan: Plan, run: Run) -> End:
        """Put the results to S3 and say how the job ended."""

    def work(self, record: Record) -> End:
        """Stage the inputs, run the program and put its results."""
        plan = self.plan(record)
        if plan.hosts > 1:
            self.bases = [self.base / name for name in plan.host_names]
        deadline = time.monotonic() + plan.seconds
        if plan.checkpoints:
            folder, place = plan.checkpoints
            self.checkpoints = [
                Checkpoints(self.account.objects, base / folder, place) for base in self.bases
            ]
        while True:
            self._stage(plan)
            with ExitStack() as following:
                for each in self.checkpoints:
                    following.enter_context(each.followed())
                run = self._execute(plan, deadline)
            if self.server_stops.is_set():
                return End("Stopped")
            if not self.begins_again(run):
                return self.results(record, plan, run)

    def begins_again(self, run: Run) -> bool:  # noqa: ARG002 - trainings may
        """Say whether the job has to be done once more, from its checkpoints."""
        return False

    def end_work(self, *, at_once: bool) -> None:
        """End the program."""
        if self.process:
            (self.process.kill if at_once else self.process.stop)()

    def _stage(self, plan: Plan) -> None:
        shutil.rmtree(self.base, ignore_errors=True)
        for place, (name, base) in enumerate(zip(plan.host_names, self.bases, strict=True)):
            for folder in plan.folders:
                (base / folder).mkdir(parents=True, exist_ok=True)
            for item in plan.inputs:
                staging.fetch(self.account.objects, item, base, self.going_on, (place, plan.hosts))
            for path, document in plan.files.items():
                _write(base / path, document)
            if plan.resources:
                path, about = plan.resources
                _write(base / path, {"current_host": name, "hosts": plan.host_names, **about})
            if plan.talks:
                known = "".join(f"127.0.0.1 {other}\n" for other in ("localhost", *plan.host_names))
                (base / HOSTS).write_text(known, encoding="ascii")
        for each in self.checkpoints:
            each.restore()

    def _execute(self, plan: Plan, deadline: float) -> Run:
        tasks = [
            environment.task(plan, base, self.account, private=self.private, grace=self.grace)
            for base in self.bases
        ]
        self.change(lambda record: records.at(self.kind, record, "Training"))
        metrics = MetricReader(self.account, self.name, plan.metrics)
        last = [""] * plan.hosts
        logs = LogFiles(self.account.home / "logs")
        streams = [f"{self.name}/{name}-{int(time.time())}" for name in plan.host_names]
        with ExitStack() as opened:
            writers = [opened.enter_context(logs.writer(self.log_group, stream)) for stream in streams]

            def on_line(host: int, line: str) -> None:
                last[host] = line.strip() or last[host]
                metrics.read(line)
                embedded_metrics.read(line, self.account.metrics, lasting=True)
                writers[host].write_line(line)

            with self.lock:
                self.going_on()
                started: list[Program] = []
                for host, task in enumerate(tasks):
                    started.append(task.start(partial(on_line, host), started[0] if started else None))
                process = self.process = Together(started)
            code = process.wait(max(0.0, deadline - time.monotonic()))
            late = code is None
            if late:
                process.stop()
                code = process.wait()
        return Run(
            code or 0,
            last[process.host],
            stopped=self.asked,
            late=late,
            metrics=metrics.final(),
            host=process.host,
        )


def _write(file: Path, document: Any) -> None:  # noqa: ANN401 - what JSON can hold
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(document, indent=2, ensure_ascii=False), encoding="utf-8")
