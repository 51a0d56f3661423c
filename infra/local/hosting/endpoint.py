"""One endpoint that lives: what it runs, who it leads requests to, and what is being done with it."""

from __future__ import annotations

import itertools
import logging
import sqlite3
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from infra.local.hosting import records
from infra.local.hosting.capture import Capture
from infra.local.hosting.errors import StartError, StoppedError
from infra.local.hosting.fleet import Fleet
from infra.local.hosting.invocations import Invoker
from infra.local.hosting.records import ENDPOINT
from infra.local.hosting.traffic import Route, Traffic
from infra.local.store import AbsentError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from infra.local.account import Account
    from infra.local.hosting.fleet import Pool
    from infra.local.hosting.instance import Instance
    from infra.local.hosting.plan import Plan
    from infra.local.hosting.records import Record
    from infra.local.hosting.runtime import Runtime

_log = logging.getLogger(__name__)

DRAIN_SECONDS = 65.0
"""Longer than a container has for a request."""


class Endpoint:
    """One endpoint; its record is in the store.

    Parameters
    ----------
    account
        Where it is.
    name
        Its name.
    runtime
        How instances are run.

    Attributes
    ----------
    traffic
        Leads requests to instances.
    fleet
        What serves; None while nothing does.
    invoker
        Answers requests.
    interrupt
        Set when what is under way is to be given up, because the endpoint is deleted or the server ends.
    """

    def __init__(self, account: Account, name: str, runtime: Runtime) -> None:
        self.account = account
        self.name = name
        self.runtime = runtime
        self.traffic = Traffic()
        self.invoker = Invoker(account, name, self.traffic, runtime.seconds)
        self.fleet: Fleet | None = None
        self.interrupt = threading.Event()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._fleets: list[Fleet] = []

    def begin(self, work: Callable[[], None], what: str) -> None:
        """Do something that takes its time on a thread of its own."""

        def done() -> None:
            try:
                work()
            except (StoppedError, AbsentError):  # deleted meanwhile, or the server ends
                pass
            except Exception as error:  # noqa: BLE001 - an endpoint's trouble is its own, and said in its record
                _log.exception("%s of endpoint %s failed", what, self.name)
                self._fall_back(f"InternalServerError: {type(error).__name__}: {error}")

        thread = threading.Thread(target=done, name=f"{what} of endpoint {self.name}", daemon=True)
        with self._lock:
            self._threads = [*(each for each in self._threads if each.is_alive()), thread]
            thread.start()

    def create(self, plan: Plan, reason: str | None = None) -> None:
        """Bring the endpoint up for the first time, or after the server was started again.

        Parameters
        ----------
        plan
            What it runs.
        reason
            ``FailureReason`` of what went wrong before.
        """
        fleet = self.new_fleet(plan)
        try:
            fleet.grow({each.name: each.count for each in plan.variants}, self.interrupt)
        except StartError as error:
            self.change("Failed", FailureReason=str(error))
            return
        self.serve(fleet)
        self.deployed("InService", FailureReason=reason)

    def serve(self, fleet: Fleet) -> None:
        """Lead all requests to a fleet, and capture as its plan says."""
        self.fleet = fleet
        self.capture(fleet.plan)
        self.traffic.route([Route(fleet, 1.0)])

    def new_fleet(self, plan: Plan) -> Fleet:
        """Make a fleet without instances, which ends with the endpoint."""
        fleet = Fleet(self.account, self.name, plan, self.runtime)
        with self._lock:
            self._fleets.append(fleet)
        return fleet

    def rescale(self, plan: Plan) -> None:
        """Give the variants other numbers of instances, or other weights."""
        fleet = self.fleet
        if fleet is None:
            return
        wanted = {each.name: each.count for each in plan.variants}
        missing = {name: max(0, wanted[name] - size) for name, size in fleet.counts().items()}
        try:
            fleet.grow(missing, self.interrupt)
        except StartError as error:
            self.deployed("InService", FailureReason=str(error))
            return
        fleet.replan(plan)
        self.traffic.route([Route(fleet, 1.0)])
        for name, pool in fleet.pools.items():
            self.withdraw(fleet, pool, pool.instances[wanted[name] :])
        self.deployed("InService")

    def withdraw(self, fleet: Fleet, pool: Pool, instances: Sequence[Instance]) -> None:
        """End some instances of a pool, once they have answered what they have."""
        self.traffic.withdraw(pool, instances, DRAIN_SECONDS)
        fleet.end(instances)

    def retire_all_but(self, kept: Fleet) -> None:
        """End the fleets that get no requests any more, once they have answered those that they have."""
        with self._lock:
            others = [fleet for fleet in self._fleets if fleet is not kept]
        for fleet in others:
            self._retire(fleet)

    def _fall_back(self, reason: str) -> None:
        """Go on with what serves, if anything does, after something that nobody thought of."""
        with suppress(StoppedError, AbsentError):
            if self.fleet is None:
                self.change("Failed", FailureReason=reason)
                return
            self.serve(self.fleet)
            self.retire_all_but(self.fleet)
            self.deployed("InService", FailureReason=reason)

    def _retire(self, fleet: Fleet) -> None:
        for pool in fleet.pools.values():
            self.traffic.drain(pool.instances, DRAIN_SECONDS)
        fleet.end()
        with self._lock:
            self._fleets.remove(fleet)

    def capture(self, plan: Plan) -> None:
        """Begin to capture as a plan says, and end capturing as before."""
        before = self.invoker.capture
        if before and before.config == plan.capture:
            return
        wanted = plan.capture and plan.capture.get("EnableCapture", True)
        self.invoker.capture = (
            Capture(self.account.objects, self.name, plan.capture, self.runtime.capture_seconds)
            if wanted
            else None
        )
        if before:
            before.close()

    def change(self, status: str, **members: Any) -> Record:  # noqa: ANN401 - members of a record
        """Give the endpoint's record another status; members of None are taken out.

        Raises
        ------
        StoppedError
            When the endpoint is being deleted.
        """
        now = self.account.clock.now()

        def changed(record: Record) -> Record:
            if record["EndpointStatus"] == "Deleting":
                raise StoppedError
            return records.at(record, status, now, **members)

        # On a full disk, wait for room: what is under way goes on once its status can be written.
        for pause in itertools.chain((0.1, 1.0, 5.0), itertools.repeat(15.0)):
            with suppress(sqlite3.OperationalError):
                return self.account.store.update(ENDPOINT, self.name, changed)
            if self.interrupt.wait(pause):
                break
        raise StoppedError

    def flush(self) -> None:
        """Put what was captured so far to S3."""
        if (capture := self.invoker.capture) is not None:
            capture.flush()

    def deployed(self, status: str, **members: Any) -> None:  # noqa: ANN401 - as above
        """Write down what serves now."""
        if self.fleet is None:
            return
        now = self.account.clock.now()
        shown = records.deployed(self.fleet.plan, self.fleet.counts(), now)
        self.change(status, **{"FailureReason": None, "PendingDeploymentSummary": None, **shown, **members})

    def close(self, *, kill: bool) -> None:
        """End everything of the endpoint.

        Parameters
        ----------
        kill
            Whether to end at once, because the server ends; else requests under way are answered first.
        """
        self.interrupt.set()
        self.traffic.route([])
        with self._lock:
            threads, fleets = list(self._threads), list(self._fleets)
        if kill:
            for fleet in fleets:
                fleet.kill()
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join()
        with self._lock:
            fleets = list(self._fleets)
        for fleet in fleets:
            if kill:
                fleet.kill()
            else:
                self._retire(fleet)
        if self.invoker.capture:
            self.invoker.capture.close()
            self.invoker.capture = None
