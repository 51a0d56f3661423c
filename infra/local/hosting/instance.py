"""One instance: a serving process with a folder of its own, kept running until it is told to end."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from infra.local.hosting import embedded_metrics, model_data
from infra.local.hosting.errors import CutOffError, DialError, StartError, StoppedError
from infra.local.hosting.launching import launch
from infra.local.hosting.log import InstanceLog
from infra.local.hosting.run import Run

if TYPE_CHECKING:
    from pathlib import Path

    from infra.local.account import Account
    from infra.local.hosting.connections import Answer, Request
    from infra.local.hosting.plan import Variant

_log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.1
_CHECK_SECONDS = 5.0
_MOST_MISSED = 6
_TRIES = 2
_STEADY_SECONDS = 60.0
_LONGEST_PAUSE = 30.0
RESTARTS = "ContainerRestarts"
"""Metric of namespace ``/aws/sagemaker/Endpoints`` that counts what was started again."""


@dataclass(frozen=True)
class Site:
    """Where an instance belongs and how it is run.

    Attributes
    ----------
    group, stream
        Its log.
    folder
        Its folder; made by it, and removed when it ends.
    dimensions
        Of its metrics: endpoint and variant.
    private
        Whether it gets a ``/opt/ml`` of its own where the kernel allows it.
    grace
        Seconds between SIGTERM and SIGKILL.
    """

    group: str
    stream: str
    folder: Path
    dimensions: dict[str, str]
    private: bool
    grace: float


class Instance:
    """One instance; `start` begins its life on a thread of its own, `stop` ends it.

    Parameters
    ----------
    account
        Where it runs.
    variant
        What it runs.
    site
        Where it belongs.

    Attributes
    ----------
    ready
        Whether it can be asked now.
    settled
        Set when it was ready for the first time, or cannot be.
    failure
        Why it cannot be; empty otherwise.
    outstanding
        Requests under way; kept by whoever routes.
    restarts
        How often its program was started again.
    """

    def __init__(self, account: Account, variant: Variant, site: Site) -> None:
        self.ready = False
        self.settled = threading.Event()
        self.failure = ""
        self.outstanding = 0
        self.restarts = 0
        self._account = account
        self._variant = variant
        self._site = site
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._current: Run | None = None
        self._thread = threading.Thread(target=self._live, name=f"instance {site.stream}", daemon=True)

    def start(self) -> None:
        """Begin to fetch the model and to start the program."""
        self._thread.start()

    def exchange(self, request: Request, seconds: float) -> Answer:
        """Ask the program; see `Connections.exchange`."""
        run = self._current
        if run is None:
            raise DialError("the container is not running")
        try:
            return run.connections.exchange(request, seconds)
        except CutOffError:
            run.doubt()
            raise

    @property
    def doubted(self) -> bool:
        """Whether it broke off a request and was not seen well since: better ask another."""
        run = self._current
        return run is not None and run.doubted

    def stop(self) -> None:
        """Ask the program to end and return at once; nobody should be asking it anything."""
        with self._lock:
            self._stopping.set()
            self.ready = False
            if self._current:
                self._current.stop()

    def kill(self) -> None:
        """End the program at once."""
        with self._lock:
            self._stopping.set()
            self.ready = False
            if self._current:
                self._current.kill()

    def join(self) -> None:
        """Wait until nothing of it is left."""
        if self._thread.ident is not None:
            self._thread.join()

    def _live(self) -> None:
        try:
            with InstanceLog(self._account, self._site.group, self._site.stream) as log:
                self._fetch()
                self._keep_running(log)
        except StoppedError:
            pass
        except StartError as error:
            self.failure = str(error)
        except Exception as error:  # noqa: BLE001 - an instance's trouble is its own, and said by its endpoint
            _log.exception("instance %s failed", self._site.stream)
            self.failure = f"InternalServerError: {type(error).__name__}: {error}"
        finally:
            self.ready = False
            self.settled.set()
            model_data.remove(self._site.folder)

    def _fetch(self) -> None:
        deadline = time.monotonic() + self._variant.download_seconds

        def going_on() -> None:
            if self._stopping.is_set():
                raise StoppedError
            if time.monotonic() > deadline:
                raise StartError(
                    f"The model data of production variant {self._variant.name} could not be fetched within "
                    f"ModelDataDownloadTimeoutInSeconds ({self._variant.download_seconds} s)."
                )

        model_data.remove(self._site.folder)
        model_data.fetch(self._account.objects, self._variant.container, self._site.folder, going_on)

    def _keep_running(self, log: InstanceLog) -> None:
        pause = _LOOK_SECONDS
        while True:
            began = time.monotonic()
            code = self._run(log)
            if self._stopping.is_set():
                return
            self.restarts += 1
            if not self.settled.is_set() and self.restarts >= _TRIES:
                raise StartError(self._not_healthy(log, f"its program ended with status {code}"))
            if time.monotonic() - began > _STEADY_SECONDS:
                pause = _LOOK_SECONDS
            log.note(
                f"The container ended with status {code} and is started again (restart {self.restarts})."
            )
            self._account.metrics.put("/aws/sagemaker/Endpoints", RESTARTS, 1, self._site.dimensions, "Count")
            if self._stopping.wait(pause):
                return
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _run(self, log: InstanceLog) -> int:
        """Run the program once and return its exit code."""
        site = self._site
        started = launch(
            self._account,
            self._variant,
            site.folder,
            private=site.private,
            grace=site.grace,
        )

        log.begin()

        def on_line(line: str) -> None:
            log.write(line)
            embedded_metrics.read(line, self._account.metrics)

        with self._lock:
            if self._stopping.is_set():
                raise StoppedError
            run = self._current = Run(started, on_line)
        try:
            if self._became_healthy(run, log):
                self._watch(run, log)
        finally:
            self.ready = False
            if not self._stopping.is_set():
                run.kill()
            code = run.finish()
        return code

    def _became_healthy(self, run: Run, log: InstanceLog) -> bool:
        """Wait until /ping answers; False when the program ended before."""
        clock = self._account.clock
        deadline = clock.now() + timedelta(seconds=self._variant.startup_seconds)
        while not run.ended.wait(_LOOK_SECONDS):
            if run.pings():
                with self._lock:
                    self.ready = not self._stopping.is_set()
                self.settled.set()
                return True
            if clock.now() > deadline:
                waited = f"it did not answer /ping with 200 within {self._variant.startup_seconds} s"
                if not self.settled.is_set():
                    raise StartError(self._not_healthy(log, waited))
                log.note(f"The container is ended: {waited}.")
                return False
        return False

    def _watch(self, run: Run, log: InstanceLog) -> None:
        """Wait until the program ends, or has to be ended because it does not answer /ping any more."""
        missed = 0
        while missed < _MOST_MISSED:
            in_turn = run.rest(_CHECK_SECONDS)
            if run.ended.is_set():
                return
            if self._stopping.is_set() or run.pings():
                missed, run.doubted = 0, False
            else:
                missed += in_turn
        log.note(f"The container is ended: it did not answer /ping {missed} times.")

    def _not_healthy(self, log: InstanceLog, why: str) -> str:
        last = f": {log.last_words}" if log.last_words else "."
        return (
            f"The primary container for production variant {self._variant.name} did not pass the ping health "
            f"check ({why}). Please check CloudWatch logs for this endpoint{last}"
        )
