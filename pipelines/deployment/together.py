"""Endpoints that serve the same version: they move together, or stay together."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipelines.deployment import endpoint as endpoints
from pipelines.deployment import history
from pipelines.deployment.deploy import Live, Wish, approved, decide_deploy, decide_rollback
from pipelines.deployment.rollout import carry_out
from pipelines.deployment.served import OF
from pipelines.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipelines.deployment.history import Deployment
    from pipelines.deployment.planning import Plan
    from pipelines.deployment.served import Of, Served
    from pipelines.place import Place
    from pipelines.registry import Version


def plan_deploys(place: Place, of: Of, wish: Wish, say: Callable[[str], None]) -> list[Plan | Live]:
    """Find out what a deploy has to do, endpoint by endpoint; raises as `decide_deploy`."""
    services = OF[of]
    version = approved(place, services[0], wish.version)
    return [decide_deploy(place, served, wish) for served in _able(services, version, say)]


def plan_rollbacks(
    place: Place, of: Of, number: int | None, why: str, say: Callable[[str], None]
) -> list[Plan | Live]:
    """Find out what a rollback has to do, endpoint by endpoint; raises as `decide_rollback`.

    Where no number is given, the endpoint that moved last says which version was before.
    """
    there = [served for served in OF[of] if endpoints.describe(place, served)]
    if not there:
        raise OperatorError(
            f"nothing is deployed, so nothing can be rolled back: bestiary deploy{OF[of][0].option}"
        )
    last = max(there, key=lambda served: _moved(place, served))
    first = decide_rollback(place, last, number, why)
    others = _able([served for served in there if served is not last], first.version, say)
    return [*(decide_rollback(place, served, first.version.version, why) for served in others), first]


def carry_out_all(
    place: Place, plans: Sequence[Plan], why: str, say: Callable[[str], None]
) -> list[Deployment]:
    """Move the endpoints one after the other; where one does not get there, the others go back.

    Returns
    -------
    list of Deployment
        In the order in which they were carried out; after one that did not succeed come those that went back
        because of it.
    """
    done: list[Deployment] = []
    for plan in plans:
        done.append(carry_out(place, plan, why, say))
        if done[-1].status != "succeeded":
            back = f"{plan.served.endpoint} did not get to version {plan.version.version}"
            return [*done, *_back(place, [p for p in plans[: len(done) - 1] if p.from_version], back, say)]
    return done


def _moved(place: Place, served: Served) -> datetime:
    """Say when somebody last moved an endpoint."""
    known = history.read(place, served)
    return known[-1].started if known else datetime.min.replace(tzinfo=UTC)


def _back(place: Place, moved: Sequence[Plan], why: str, say: Callable[[str], None]) -> list[Deployment]:
    went = []
    for plan in reversed(moved):
        say(f"{why}: {plan.served.endpoint} goes back to version {plan.from_version}")
        decided = decide_rollback(place, plan.served, plan.from_version, why)
        if not isinstance(decided, Live):
            went.append(carry_out(place, decided, why, say))
    return went


def _able(services: Sequence[Served], version: Version, say: Callable[[str], None]) -> list[Served]:
    found = []
    for served in services:
        if not served.needs or served.needs in version.methods:
            found.append(served)
        else:
            lacking = f"it cannot paint by {served.needs}"
            say(f"version {version.version} has nothing for {served.endpoint}: {lacking}")
    return found
