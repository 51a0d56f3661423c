"""Which instance answers the next request: fleets by share, variants by weight, instances by load."""

from __future__ import annotations

import itertools
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from infra.local.hosting.fleet import Fleet, Pool
    from infra.local.hosting.instance import Instance


class NoVariantError(Exception):
    """The endpoint has no variant of the name that was asked for."""


@dataclass(frozen=True)
class Route:
    """A fleet and its share of the traffic.

    Attributes
    ----------
    fleet
        Where requests go.
    share
        From 0 to 1.
    """

    fleet: Fleet
    share: float


@dataclass
class _Lane:
    name: str
    pool: Pool
    config: str
    weight: float
    credit: float = 0.0


@dataclass(frozen=True)
class Chosen:
    """Where a request goes.

    Attributes
    ----------
    variant
        Name of the variant.
    config
        Name of the endpoint configuration that it belongs to.
    instances
        How many instances the variant has.
    """

    variant: str
    config: str
    instances: int


@dataclass(frozen=True)
class Turn:
    """One request's instance, to be given back with `Traffic.release`.

    Attributes
    ----------
    instance
        Whom to ask.
    chosen
        Where it belongs.
    """

    instance: Instance
    chosen: Chosen


class NoInstanceError(Exception):
    """No instance can be asked now.

    Attributes
    ----------
    chosen
        Where the request should have gone; None when the endpoint serves nothing yet.
    """

    def __init__(self, chosen: Chosen | None = None) -> None:
        super().__init__()
        self.chosen = chosen


class Traffic:
    """Leads requests to the instances of an endpoint; for any thread.

    Shares are kept exactly, not by chance: of ten requests with a share of a tenth, one goes there.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._lanes: list[_Lane] = []
        self._turns = itertools.count()
        self._last: dict[Instance, int] = {}

    def route(self, routes: Sequence[Route]) -> None:
        """Lead every request that comes from now on to these fleets."""
        lanes = [lane for route in routes if route.share > 0 for lane in _lanes(route)]
        with self._changed:
            known = {id(lane.pool): lane.credit for lane in self._lanes}
            for lane in lanes:
                lane.credit = known.get(id(lane.pool), 0.0)
            self._lanes = lanes
            self._last = {}

    def acquire(self, variant: str | None = None, without: AbstractSet[Instance] = frozenset()) -> Turn:
        """Choose an instance for a request.

        Parameters
        ----------
        variant
            The only variant to choose from; None for all, by weight.
        without
            Instances that were tried in vain.

        Raises
        ------
        NoVariantError, NoInstanceError
            When there is no such variant, or no instance that can be asked.
        """
        with self._changed:
            lane = self._next(variant)
            able = [each for each in lane.pool.instances if each.ready and each not in without]
            chosen = Chosen(lane.name, lane.config, len(lane.pool.instances))
            if not able:
                raise NoInstanceError(chosen)
            # One that dies answers nothing, and so has the least to do: it would draw all requests to itself.
            instance = min(able, key=lambda each: (each.doubted, each.outstanding, self._last.get(each, -1)))
            instance.outstanding += 1
            self._last[instance] = next(self._turns)
            return Turn(instance, chosen)

    def release(self, turn: Turn) -> None:
        """Say that a request is done, whatever came of it."""
        with self._changed:
            turn.instance.outstanding -= 1
            if not turn.instance.outstanding:
                self._changed.notify_all()

    def withdraw(self, pool: Pool, instances: Sequence[Instance], seconds: float) -> None:
        """Lead nothing more to some instances of a pool, and wait until nothing is under way at them."""
        with self._changed:
            pool.instances = tuple(each for each in pool.instances if each not in instances)
        self.drain(instances, seconds)

    def drain(self, instances: Sequence[Instance], seconds: float) -> None:
        """Wait, `seconds` at most, until nothing is under way at instances that get nothing new."""
        until = time.monotonic() + seconds
        with self._changed:
            while any(each.outstanding for each in instances) and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)

    def _next(self, variant: str | None) -> _Lane:
        lanes = [lane for lane in self._lanes if variant in {None, lane.name}]
        if not lanes:
            raise NoVariantError if self._lanes else NoInstanceError
        total = sum(lane.weight for lane in lanes)
        if not total:  # variants without weight, one of which was asked for, or all of them
            return lanes[next(self._turns) % len(lanes)]
        for lane in lanes:
            lane.credit += lane.weight
        chosen = max(lanes, key=lambda lane: lane.credit)
        chosen.credit -= total
        return chosen


def _lanes(route: Route) -> list[_Lane]:
    pools = list(route.fleet.pools.items())
    total = sum(pool.variant.weight for _, pool in pools)
    config = route.fleet.plan.config
    return [
        _Lane(name, pool, config, route.share * (pool.variant.weight / total if total else 1 / len(pools)))
        for name, pool in pools
    ]
