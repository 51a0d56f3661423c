"""The instances of one endpoint configuration: a pool for each variant."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from uuid import uuid4

from infra.local.hosting.errors import StartError, StoppedError
from infra.local.hosting.instance import Instance, Site
from infra.local.hosting.log import GROUP

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from infra.local.account import Account
    from infra.local.hosting.plan import Plan, Variant
    from infra.local.hosting.runtime import Runtime

_LOOK_SECONDS = 0.1


class Pool:
    """The instances of one variant; traffic reads them, and whoever changes an endpoint changes them.

    Attributes
    ----------
    variant
        What they run.
    instances
        All that requests may be led to; replaced as a whole.
    """

    def __init__(self, variant: Variant) -> None:
        self.variant = variant
        self.instances: tuple[Instance, ...] = ()

    @property
    def ready(self) -> int:
        """Number of instances that can be asked now."""
        return sum(instance.ready for instance in self.instances)


class Fleet:
    """Every pool of one plan.

    Parameters
    ----------
    account
        Where it runs.
    endpoint
        The endpoint's name.
    plan
        What it runs; the pools are empty until they are grown.
    runtime
        How instances are run.
    """

    def __init__(self, account: Account, endpoint: str, plan: Plan, runtime: Runtime) -> None:
        self.plan = plan
        self.pools = {variant.name: Pool(variant) for variant in plan.variants}
        self._account = account
        self._endpoint = endpoint
        self._runtime = runtime
        self._generation = account.store.next("hosting generation")
        self._lock = threading.Lock()
        self._made: list[Instance] = []
        self._number = 0
        self._killed = False

    def grow(self, counts: Mapping[str, int], interrupt: threading.Event) -> None:
        """Start instances, so many of each variant, and wait until all of them can be asked.

        Raises
        ------
        StartError
            When one of them cannot be started; then none of the new ones stays.
        StoppedError
            When `interrupt` was set; then none of them stays either.
        """
        new = {name: [self._make(name) for _ in range(count)] for name, count in counts.items()}
        flat = [instance for instances in new.values() for instance in instances]
        for instance in flat:
            instance.start()
        try:
            for instance in flat:
                _settle(instance, flat, interrupt)
        except (StartError, StoppedError):
            self.end(flat)
            raise
        for name, instances in new.items():
            self.pools[name].instances += tuple(instances)

    def replan(self, plan: Plan) -> None:
        """Take the sizes and weights of another plan of the same variants."""
        self.plan = plan
        for variant in plan.variants:
            self.pools[variant.name].variant = variant

    def counts(self) -> dict[str, int]:
        """Number of instances by variant."""
        return {name: len(pool.instances) for name, pool in self.pools.items()}

    def is_ready(self) -> bool:
        """Say whether every variant that is to have instances has one that can be asked."""
        return all(pool.ready for pool in self.pools.values() if pool.variant.count)

    def end(self, instances: Iterable[Instance] | None = None) -> None:
        """Ask instances, all unless told, to end, and wait until nothing of them is left."""
        ending = list(self._made if instances is None else instances)
        for instance in ending:
            instance.kill() if self._killed else instance.stop()
        for instance in ending:
            instance.join()
        self._forget(ending)

    def kill(self) -> None:
        """End all instances at once."""
        with self._lock:
            self._killed = True
            made = list(self._made)
        for instance in made:
            instance.kill()
        for instance in made:
            instance.join()

    def _forget(self, ended: list[Instance]) -> None:
        with self._lock:
            self._made = [instance for instance in self._made if instance not in ended]

    def _make(self, variant: str) -> Instance:
        with self._lock:
            self._number += 1
            home = self._account.home.resolve()
            folder = home / "endpoints" / self._endpoint / str(self._generation) / variant / str(self._number)
            site = Site(
                group=f"{GROUP}{self._endpoint}",
                stream=f"{variant}/i-{uuid4().hex[:17]}",
                folder=folder,
                dimensions={"EndpointName": self._endpoint, "VariantName": variant},
                private=self._runtime.private,
                grace=self._runtime.grace,
            )
            instance = Instance(self._account, self.pools[variant].variant, site)
            self._made.append(instance)
            return instance


def _settle(instance: Instance, beside: list[Instance], interrupt: threading.Event) -> None:
    while not instance.settled.wait(_LOOK_SECONDS):
        if interrupt.is_set():
            raise StoppedError
        if failed := next((each for each in beside if each.failure), None):
            raise StartError(failed.failure)
    if instance.failure:
        raise StartError(instance.failure)
    if interrupt.is_set():
        raise StoppedError
