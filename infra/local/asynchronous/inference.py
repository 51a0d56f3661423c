"""The queues of all asynchronous endpoints, and who works them off."""

from __future__ import annotations

import logging
import threading
from collections import defaultdict, deque
from typing import TYPE_CHECKING, Any

from infra.local.asynchronous import backlog, outcome
from infra.local.asynchronous.outcome import NotNowError, Outcome
from infra.local.asynchronous.request import KIND, AsyncRequest
from infra.local.errors import AwsError
from infra.local.hosting.records import ENDPOINT

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.hosting.endpoint import Endpoint

_log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.1
_PAUSE_SECONDS = 1.0
_AT_ONCE = 4
"""Requests at an instance where ``MaxConcurrentInvocationsPerInstance`` is not given."""


class AsyncInference:
    """Queues requests and works them off; for any thread.

    A request is in the store from its acceptance until its answer is in S3: a killed server loses none, and
    may ask a container twice.

    Parameters
    ----------
    account
        Whose; its hosting must be there.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._changed = threading.Condition()
        self._waiting: dict[str, deque[AsyncRequest]] = defaultdict(deque)
        self._under_way: dict[str, set[str]] = defaultdict(set)
        self._alone: set[str] = set()
        self._workers: set[threading.Thread] = set()
        self._closed = threading.Event()
        for record in account.store.list(KIND):
            request = AsyncRequest.read(record)
            self._waiting[request.endpoint].append(request)
        self._dispatcher = threading.Thread(target=self._dispatch, name="asynchronous requests", daemon=True)
        self._dispatcher.start()
        account.clock.every(1.0, self._measure, "the metrics of asynchronous endpoints")

    def config(self, endpoint: str) -> dict[str, Any]:
        """Return the ``AsyncInferenceConfig`` of an endpoint.

        Raises
        ------
        infra.local.errors.AwsError
            ``ValidationError`` when there is no such endpoint, or it is none of the asynchronous.
        """
        record = self._account.store.get(ENDPOINT, endpoint)
        if record is None or record["EndpointStatus"] in {"Creating", "Deleting", "Failed"}:
            account_id = self._account.account_id
            raise AwsError("ValidationError", f"Endpoint {endpoint} of account {account_id} not found.")
        if not record.get("AsyncInferenceConfig"):
            raise AwsError(
                "ValidationError", f"Endpoint {endpoint} is not asynchronous: use InvokeEndpoint instead."
            )
        config: dict[str, Any] = record["AsyncInferenceConfig"]
        return config

    def submit(self, request: AsyncRequest) -> None:
        """Queue a request; on return it is on disk."""
        self._account.store.create(KIND, request.id, request.record())
        with self._changed:
            self._waiting[request.endpoint].append(request)
            self._changed.notify_all()

    def close(self) -> None:
        """Begin nothing more; what is under way is asked again by the next server."""
        with self._changed:
            self._closed.set()
            self._changed.notify_all()
        self._dispatcher.join()

    def join(self) -> None:
        """Wait for what was under way; the instances must be ending."""
        for worker in list(self._workers):
            worker.join()

    def _dispatch(self) -> None:
        while not self._closed.is_set():
            for request, endpoint in self._startable():
                worker = threading.Thread(target=self._work, args=(request, endpoint), daemon=True)
                with self._changed:
                    self._workers.add(worker)
                worker.start()
            with self._changed:
                if not self._closed.is_set():
                    self._changed.wait(_LOOK_SECONDS if any(self._waiting.values()) else None)

    def _startable(self) -> list[tuple[AsyncRequest, Endpoint | None]]:
        """Take the requests that an instance is free for, and those that waited too long, which need none."""
        now = self._account.clock.now()
        taken: list[tuple[AsyncRequest, Endpoint | None]] = []
        with self._changed:
            names = [name for name, waiting in self._waiting.items() if waiting]
        for name in names:
            endpoint = self._account.hosting.endpoint(name)
            if endpoint is None and self._account.store.get(ENDPOINT, name) is None:
                self._forget(name)
                continue
            free = self._free(name, endpoint)
            with self._changed:
                waiting = self._waiting[name]
                while waiting and (free > 0 or waiting[0].expires <= now):
                    if waiting[0].expires <= now:
                        taken.append((waiting.popleft(), None))
                        continue
                    # One that saw its instance end may have ended it: it is asked alone, so that it takes no
                    # others with it.
                    alone = waiting[0].attempts > 0
                    if alone and self._under_way[name]:
                        break
                    request = waiting.popleft()
                    free = 0 if alone else free - 1
                    self._under_way[name].add(request.id)
                    if alone:
                        self._alone.add(name)
                    taken.append((request, endpoint))
        return taken

    def _free(self, name: str, endpoint: Endpoint | None) -> int:
        """How many more requests the instances of an endpoint may have."""
        if endpoint is None or endpoint.fleet is None or name in self._alone:
            return 0
        config = endpoint.fleet.plan.asynchronous.get("ClientConfig", {})
        each = config.get("MaxConcurrentInvocationsPerInstance", _AT_ONCE)
        ready = sum(pool.ready for pool in endpoint.fleet.pools.values())
        return int(ready * each) - len(self._under_way[name])

    def _work(self, request: AsyncRequest, endpoint: Endpoint | None) -> None:
        began = self._account.clock.now()
        try:
            found = (
                outcome.of_request(self._account, endpoint, request) if endpoint else outcome.expired(request)
            )
            if not self._closed.is_set():
                self._conclude(request, found)
                backlog.count(self._account, request, found, began)
        except NotNowError as error:
            self._wait_again(request.again() if error.tried else request)
        except Exception:  # noqa: BLE001 - such as a full disk: tried again until the request expires
            _log.exception("asynchronous request %s of endpoint %s failed", request.id, request.endpoint)
            self._closed.wait(_PAUSE_SECONDS)
            self._wait_again(request)
        finally:
            with self._changed:
                self._under_way[request.endpoint].discard(request.id)
                self._alone.discard(request.endpoint)
                self._workers.discard(threading.current_thread())
                self._changed.notify_all()

    def _conclude(self, request: AsyncRequest, found: Outcome) -> None:
        """Put the outcome, tell SNS, and forget the request."""
        account = self._account
        put = outcome.put(account, request, found)
        record = account.store.get(ENDPOINT, request.endpoint) or {}
        config = record.get("AsyncInferenceConfig", {}).get("OutputConfig", {}).get("NotificationConfig", {})
        kind = "ERROR" if put.reason else "SUCCESS"
        if topic := config.get(f"{kind.title()}Topic"):
            included = f"{kind}_NOTIFICATION_TOPIC" in config.get("IncludeInferenceResponseIn", [])
            now = account.clock.now()
            account.topics.publish(
                topic, outcome.notice(account.region, request, put, now, with_response=included)
            )
        account.store.delete(KIND, request.id)

    def _wait_again(self, request: AsyncRequest) -> None:
        if self._closed.is_set():  # it is in the store as it was
            return
        self._account.store.put(KIND, request.id, request.record())
        with self._changed:
            self._waiting[request.endpoint].appendleft(request)

    def _forget(self, endpoint: str) -> None:
        """Drop the queue of an endpoint that is deleted."""
        with self._changed:
            waiting = self._waiting.pop(endpoint, deque())
        for request in waiting:
            self._account.store.delete(KIND, request.id)

    def _measure(self) -> None:
        """Tell CloudWatch how long the queues are."""
        for record in self._account.store.list(ENDPOINT):
            if not record.get("AsyncInferenceConfig"):
                continue
            name = record["EndpointName"]
            with self._changed:
                waiting, under_way = list(self._waiting[name]), len(self._under_way[name])
            backlog.measure(self._account, record, waiting, under_way)
