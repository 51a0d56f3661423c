"""``deploy`` and ``rollback``: which version, and whether anything has to be done at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines import registry
from pipelines.deployment import planning, standing
from pipelines.deployment.defaults import Defaults
from pipelines.deployment.lineage import earlier_versions, served_configs, settle
from pipelines.deployment.strategy import Kind, Strategy
from pipelines.errors import OperatorError

if TYPE_CHECKING:
    from pipelines.deployment.history import Deployment
    from pipelines.deployment.planning import Plan
    from pipelines.deployment.served import Served
    from pipelines.deployment.standing import Standing
    from pipelines.place import Place
    from pipelines.registry import Version


@dataclass(frozen=True)
class Wish:
    """What an operator may say about a deploy.

    Attributes
    ----------
    version
        Its number, ``None`` for the newest approved.
    kind, percent, wait_seconds
        See `Strategy`; ``None`` for the endpoint's kind and the account's wait.
    watched
        Whether alarms take the update back.
    """

    version: int | None = None
    kind: Kind | None = None
    percent: int = 10
    wait_seconds: int | None = None
    watched: bool = True


@dataclass(frozen=True)
class Live:
    """Nothing has to be done: the version serves already."""

    served: Served
    version: Version


def decide_deploy(place: Place, served: Served, wish: Wish) -> Plan | Live:
    """Find out what a deploy has to do.

    Raises
    ------
    UsageError
        Where there is no such version, or its way is none.
    OperatorError
        Where it is not approved, or the endpoint is on its way elsewhere.
    """
    version = approved(place, served, wish.version)
    now = standing.read(place, served)
    _refuse_or_settle(place, now)
    if now.live == version.version:
        return Live(served, version)
    defaults = Defaults.read(place.parameters, served)
    wait = defaults.wait_seconds if wish.wait_seconds is None else wish.wait_seconds
    return planning.plan_deploy(
        place,
        served,
        version,
        endpoint=now.endpoint,
        from_version=now.live,
        strategy=Strategy(wish.kind or served.strategy, wish.percent, wait),
        defaults=defaults,
        watched=wish.watched,
    )


def decide_rollback(place: Place, served: Served, number: int | None, why: str) -> Plan | Live:
    """Find out what a rollback has to do: to a version, or to the latest approved one before the live one.

    While an update is under way, it is the update that is rolled back.

    Raises
    ------
    OperatorError
        Where there is nothing to go back to, or nothing to go back from.
    """
    now = standing.read(place, served)
    going = _under_way(now)
    if going and now.endpoint and now.live is not None and number in {None, now.live}:
        version = registry.find(place, now.live, served.group)
        return planning.plan_cancellation(served, version, config=now.endpoint.config, going=going, why=why)
    _refuse_or_settle(place, now)
    if now.endpoint is None or now.endpoint.status == "Failed":
        raise OperatorError(
            f"nothing is deployed on {served.endpoint}, so nothing can be rolled back: "
            f"bestiary deploy{served.option}"
        )
    version = approved(place, served, number) if number is not None else _before(place, served, now)
    if now.live == version.version:
        return Live(served, version)
    return planning.plan_rollback(
        place,
        served,
        version,
        from_version=now.live,
        configs=served_configs(now.deployments),
        defaults=Defaults.read(place.parameters, served),
    )


def _under_way(now: Standing) -> Deployment | None:
    """Return the update that can be taken back."""
    pending = now.endpoint.pending if now.endpoint and now.endpoint.status == "Updating" else ""
    return next(
        (one for one in now.deployments if one.config == pending and one.alarms and not one.served), None
    )


def _refuse_or_settle(place: Place, now: Standing) -> None:
    standing.refuse_if_busy(now)
    settle(place, now.deployments)


def approved(place: Place, served: Served, number: int | None) -> Version:
    """Return the version of a number, or the newest approved one.

    Raises
    ------
    UsageError
        There is no such version.
    OperatorError
        It is not approved, or none is.
    """
    if number is None:
        newest = registry.approved(place, served.group)
        if newest is None:
            raise OperatorError(
                f"no version is approved: bestiary versions{served.option} lists them, "
                f"bestiary approve N{served.option} approves one"
            )
        return newest
    version = registry.find(place, number, served.group)
    if version.approval != "Approved":
        raise OperatorError(
            f"version {number} is {version.approval}: bestiary approve {number}{served.option}"
        )
    return version


def _before(place: Place, served: Served, now: Standing) -> Version:
    known = {version.version: version for version in registry.versions(place, served.group)}
    earlier = earlier_versions(now.deployments, now.live)
    for number in earlier:
        if number in known and known[number].approval == "Approved":
            return known[number]
    were = f"; {', '.join(map(str, earlier))} came before and is not approved any more" if earlier else ""
    raise OperatorError(
        f"there is no earlier version to go back to: version {now.live} serves{were}; bestiary "
        f"versions{served.option} lists what there is, bestiary rollback N{served.option} goes to one of them"
    )
