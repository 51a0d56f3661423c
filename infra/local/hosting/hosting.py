"""All endpoints of an account: created, updated, asked, ended, and back after a restart."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from infra.local import tags
from infra.local.errors import AwsError
from infra.local.hosting import model_data, records
from infra.local.hosting.endpoint import Endpoint
from infra.local.hosting.records import ENDPOINT
from infra.local.hosting.runtime import Runtime
from infra.local.hosting.update import Update
from infra.local.jobs import leftovers

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.hosting.invocations import Invocation, Invoked
    from infra.local.hosting.plan import Plan
    from infra.local.hosting.policy import Policy


class Hosting:
    """Runs the endpoints whose records are in the store; every method may be called from any thread.

    Parameters
    ----------
    account
        Whose endpoints.
    runtime
        How instances are run.
    """

    def __init__(self, account: Account, runtime: Runtime | None = None) -> None:
        self._account = account
        self._runtime = runtime or Runtime()
        self._lock = threading.Lock()
        self._endpoints: dict[str, Endpoint] = {}
        self._closed = False

    def create(self, name: str, plan: Plan) -> None:
        """Bring up an endpoint whose record is in the store."""
        endpoint = self._add(name)
        endpoint.begin(lambda: endpoint.create(plan), "creation")

    def update(self, name: str, plan: Plan, policy: Policy, config: dict[str, Any]) -> None:
        """Take an endpoint to another plan; its record says that it is being updated."""
        endpoint = self._of(name)
        endpoint.begin(lambda: Update(endpoint, plan, policy, config).run(), "update")

    def rescale(self, name: str, plan: Plan) -> None:
        """Give an endpoint's variants other sizes and weights; its record says that it is being updated."""
        endpoint = self._of(name)
        endpoint.begin(lambda: endpoint.rescale(plan), "rescaling")

    def delete(self, name: str) -> None:
        """End an endpoint and forget its record; requests under way are answered first."""
        with self._lock:
            endpoint = self._endpoints.get(name)

        def gone() -> None:
            if endpoint:
                endpoint.close(kill=False)
            self._forget(name)

        threading.Thread(target=gone, name=f"deletion of endpoint {name}", daemon=True).start()

    def endpoint(self, name: str) -> Endpoint | None:
        """Return an endpoint that lives; None for one that is not there or has failed."""
        with self._lock:
            return self._endpoints.get(name)

    def invoke(self, name: str, invocation: Invocation) -> Invoked:
        """Answer one InvokeEndpoint request.

        Raises
        ------
        infra.local.errors.AwsError
            See `Invoker.invoke`; ``ValidationError`` when there is no such endpoint, or it is new.
        """
        endpoint = self.endpoint(name)
        if endpoint is None or (endpoint.fleet is None and not self._comes_back(name)):
            raise AwsError(
                "ValidationError", f"Endpoint {name} of account {self._account.account_id} not found."
            )
        if endpoint.fleet and endpoint.fleet.plan.asynchronous:
            raise AwsError(
                "ValidationError", f"Endpoint {name} is asynchronous: use InvokeEndpointAsync instead."
            )
        return endpoint.invoker.invoke(invocation)

    def recover(self) -> None:
        """End what an earlier server left, and say of endpoints that they are on their way; see `resume`."""
        folder = self._account.home.resolve() / "endpoints"
        leftovers.end(folder)
        if folder.is_dir():
            model_data.remove(folder)
        now = self._account.clock.now()
        for record in self._account.store.list(ENDPOINT):
            status, name = record["EndpointStatus"], record["EndpointName"]
            if status == "Deleting":
                self._forget(name)
            elif status not in {"Creating", "Failed"}:
                cut = status == "Updating" and "PendingDeploymentSummary" in record
                reason = records.STOPPED if cut else record.get("FailureReason")
                self._account.store.put(
                    ENDPOINT,
                    name,
                    records.at(
                        record, "SystemUpdating", now, PendingDeploymentSummary=None, FailureReason=reason
                    ),
                )

    def resume(self) -> None:
        """Bring back the endpoints that were there before the server was started."""
        for record in self._account.store.list(ENDPOINT):
            if record["EndpointStatus"] in {"SystemUpdating", "Creating"}:
                self._resume(record["EndpointName"], records.plan_of(record), record.get("FailureReason"))

    def close(self) -> None:
        """End all endpoints at once; their records stay."""
        with self._lock:
            self._closed = True
            endpoints = list(self._endpoints.values())
        for endpoint in endpoints:
            endpoint.close(kill=True)

    def _resume(self, name: str, plan: Plan, reason: str | None) -> None:
        endpoint = self._add(name)

        endpoint.begin(lambda: endpoint.create(plan, reason), "return")

    def _of(self, name: str) -> Endpoint:
        found = self.endpoint(name)
        if found is None:
            raise AwsError("ServiceUnavailable", f"Endpoint {name} is being brought back.", 503)
        return found

    def _add(self, name: str) -> Endpoint:
        endpoint = Endpoint(self._account, name, self._runtime)
        with self._lock:
            if self._closed:
                raise AwsError("ServiceUnavailable", "The local SageMaker is being stopped.", 503)
            self._endpoints[name] = endpoint
        return endpoint

    def _comes_back(self, name: str) -> bool:
        record = self._account.store.get(ENDPOINT, name)
        return record is not None and record["EndpointStatus"] == "SystemUpdating"

    def _forget(self, name: str) -> None:
        """Leave nothing of an endpoint; its name may be used again as soon as its record is gone."""
        model_data.remove(self._account.home.resolve() / "endpoints" / name)
        tags.forget(self._account.store, self._account.arn(ENDPOINT, name))
        with self._lock:
            self._endpoints.pop(name, None)
        self._account.store.delete(ENDPOINT, name)
