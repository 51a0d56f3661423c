"""A transform job: instances of a model, asked about every object until none is left."""

from __future__ import annotations

import queue
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar
from uuid import uuid4

from infra.local.hosting.containers import Container
from infra.local.hosting.instance import Instance, Site
from infra.local.hosting.plan import Variant
from infra.local.jobs import failures, records, staging
from infra.local.jobs.failures import JobFailedError, JobStoppedError
from infra.local.jobs.life import Life
from infra.local.jobs.plan import Input
from infra.local.jobs.records import End
from infra.local.log_files import LogFiles, LogWriter
from infra.local.transform.asking import NoResultError, ask, parameters
from infra.local.transform.objects import Conversion
from infra.local.transform.payloads import TooLargeError
from infra.local.transform.plan import TransformPlan

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.jobs.records import Record
    from infra.local.jobs.staging import Item

GROUP = "/aws/sagemaker/TransformJobs"
CONTAINER = "Container"
"""The member of a job's record that says what its model runs; no client sees it."""
_LOOK_SECONDS = 0.1
_GRACE = 30.0
"""Seconds between SIGTERM and SIGKILL of a serving container."""


class TransformJob(Life):
    """One transform job; see `Life`."""

    kind: ClassVar[str] = records.TRANSFORM

    def __init__(self, account: Account, name: str, *, private: bool, grace: float) -> None:
        super().__init__(account, name, private=private, grace=grace)
        self._stopped = threading.Event()
        self._instances: list[Instance] = []
        self._failed: list[str] = []

    def work(self, record: Record) -> End:
        """Start the instances, ask them about all objects, and end them."""
        plan = TransformPlan.of(record, {})
        source = Input("TransformInput", plan.source, "", manifest=plan.manifest)
        items = [
            item
            for item in staging.listed(self.account.objects, source)
            if not item.source.key.endswith("/")  # a folder's marker
        ]
        id_ = uuid4().hex[:16]
        try:
            self._start(record, plan, id_)
            if not record.get("MaxConcurrentTransforms"):
                plan = TransformPlan.of(record, parameters(self._instances[0]))
            with LogFiles(self.account.home / "logs").writer(GROUP, f"{self.name}/{id_}/data-log") as log:
                self._convert(items, plan, log)
        finally:
            self._end()
        self.going_on()
        if self._failed:
            raise JobFailedError(
                f"AlgorithmError: {len(self._failed)} of {len(items)} objects have no result, among them "
                f"{self._failed[0]}. See job logs for more information"
            )
        return End("Completed")

    def end_work(self, *, at_once: bool) -> None:
        """End the instances; what they are asked now gets an answer unless it is to be at once."""
        self._stopped.set()
        for instance in self._instances:
            (instance.kill if at_once else instance.stop)()

    def _start(self, record: Record, plan: TransformPlan, id_: str) -> None:
        container = Container.read(record[CONTAINER])
        own = {**container.environment, **plan.environment(), **record.get("Environment", {})}
        resources = record["TransformResources"]
        variant = Variant(
            self.name, replace(container, environment=own), 1, 1.0, instance_type=resources["InstanceType"]
        )
        with self.lock:
            self.going_on()
            for number in range(1, resources["InstanceCount"] + 1):
                site = Site(
                    group=GROUP,
                    stream=f"{self.name}/{id_}-{number}",
                    folder=self.base / str(number),
                    dimensions={"TransformJobName": self.name},
                    private=self.private,
                    grace=min(self.grace, _GRACE),
                )
                self._instances.append(Instance(self.account, variant, site))
                self._instances[-1].start()
        for instance in self._instances:
            while not instance.settled.wait(_LOOK_SECONDS):
                self.going_on()
            self.going_on()
            if instance.failure:
                raise JobFailedError(self._unable(instance.failure))

    def _unable(self, why: str) -> str:
        """Word an instance's failure for a job."""
        why = why.replace(f"production variant {self.name}", f"transform job {self.name}")
        kind = "AlgorithmError: " if "ping" in why else "ClientError: "
        prefix = "" if why.startswith("InternalServerError") else kind
        return f"{prefix}{why.replace('this endpoint', 'this job')}"

    def _convert(self, items: list[Item], plan: TransformPlan, log: LogWriter) -> None:
        strategy = "MULTI_RECORD" if plan.many else "SINGLE_RECORD"
        most = plan.most_bytes >> 20
        log.write_line(
            f"[sagemaker logs]: MaxConcurrentTransforms={plan.at_once}, MaxPayloadInMB={most}, "
            f"BatchStrategy={strategy}"
        )
        waiting: queue.SimpleQueue[tuple[int, Item]] = queue.SimpleQueue()
        for numbered in enumerate(items):
            waiting.put(numbered)
        threads = [
            threading.Thread(target=self._serve, args=(instance, waiting, plan, log), daemon=True)
            for instance in self._instances
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _serve(
        self,
        instance: Instance,
        waiting: queue.SimpleQueue[tuple[int, Item]],
        plan: TransformPlan,
        log: LogWriter,
    ) -> None:
        """Ask one instance, with as many objects under way as it may have requests."""

        def answer(body: bytes) -> bytes:
            return ask(instance, body, plan, self.going_on, self._stopped)

        def until_empty() -> None:
            while not self.asked:
                try:
                    number, item = waiting.get_nowait()
                except queue.Empty:
                    return
                folder = self.base / "objects" / str(number)
                try:
                    Conversion(self.account.objects, plan, folder).convert(item, requests, answer)
                except JobStoppedError:
                    return
                except (NoResultError, TooLargeError) as error:
                    self._note(item, str(error), log)
                except Exception as error:  # noqa: BLE001 - the other objects are still asked about
                    self._note(item, failures.reason(error), log)

        with ThreadPoolExecutor(plan.at_once) as requests, ThreadPoolExecutor(plan.at_once) as objects:
            for _ in range(plan.at_once):
                objects.submit(until_empty)
            objects.shutdown(wait=True)

    def _note(self, item: Item, why: str, log: LogWriter) -> None:
        log.write_line(f"[sagemaker logs]: {item.source.bucket}/{item.source.key}: {why}")
        with self.lock:
            self._failed.append(f"{item.source}: {why}")

    def _end(self) -> None:
        for instance in self._instances:
            instance.stop()
        for instance in self._instances:
            instance.join()
        shutil.rmtree(self.base, ignore_errors=True)  # what failed is in the log
