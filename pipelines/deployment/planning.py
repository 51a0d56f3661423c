"""From what the operator wants to the requests that AWS will get, in order."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from pipelines.deployment import alarms, requests, retirement
from pipelines.deployment import endpoint as endpoints
from pipelines.deployment.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.deployment.defaults import Defaults
    from pipelines.deployment.endpoint import Endpoint
    from pipelines.deployment.history import Action, Deployment
    from pipelines.deployment.requests import Call
    from pipelines.deployment.served import Served
    from pipelines.place import Place
    from pipelines.registry import Version

HOSTING_ROLE = "hosting-role-arn"
"""SSM parameter of the role that endpoints take; the jobs' role where an account has none of their own."""
_PERIODS = 3
"""An alarm is quiet again after one period without cause, and a little later."""
INSTANT = Strategy("all-at-once", 100, 0)
"""How a rollback moves: the version is known to serve, and every second counts."""


@dataclass(frozen=True)
class Plan:
    """What is about to happen.

    Attributes
    ----------
    served
        Which endpoint moves.
    action
        What was asked for.
    version, from_version
        Which version goes live, and which serves now, ``None`` where none does.
    config
        Name of the EndpointConfig; its Model has the same.
    reused
        Whether the EndpointConfig was kept from an earlier time.
    strategy
        How traffic moves, in words.
    wait_seconds
        For how long the alarms are watched after each part of the traffic.
    alarms
        Names of those that take it back.
    calls
        The requests; the last one moves the endpoint.
    cancels
        Whether it takes back an update that is under way.
    patience_seconds
        For how long the alarms may still ring before it begins: they do for a while after a version was
        taken back.
    """

    served: Served
    action: Action
    version: Version
    from_version: int | None
    config: str
    reused: bool
    strategy: str
    wait_seconds: int
    calls: tuple[Call, ...]
    alarms: tuple[str, ...] = ()
    cancels: bool = False
    patience_seconds: int = 0


def plan_deploy(  # noqa: PLR0913 - what a deploy depends on
    place: Place,
    served: Served,
    version: Version,
    *,
    endpoint: Endpoint | None,
    from_version: int | None,
    strategy: Strategy,
    defaults: Defaults,
    watched: bool,
) -> Plan:
    """Plan a version's way behind the endpoint.

    Parameters
    ----------
    place
        Where.
    served
        Behind which endpoint.
    version
        Which.
    endpoint, from_version
        The endpoint as it is, and the version it serves.
    strategy
        How traffic is to move, where there is an endpoint.
    defaults
        The account's.
    watched
        Whether alarms take the update back.

    Raises
    ------
    UsageError
        Where the fleet cannot be moved so.
    """
    name = _new_name(served, version)
    serving = endpoint is not None and endpoint.status != "Failed"
    # A fleet that was scaled out keeps its size: a deploy is no time to lose instances.
    instances = max(defaults.instance_count, endpoint.instances if endpoint and serving else 0)
    made = _made(place, served, version, name, replace(defaults, instance_count=instances))
    put: tuple[Call, ...] = ()
    names = served.alarm_names if watched else ()
    if names:
        usually = alarms.usual_latency(place, served) if serving else None
        put = alarms.put_alarms(served, version.version, usually, defaults.alarm_period_seconds)
    if not serving:
        emptied = (requests.delete_endpoint(served),) if endpoint else ()
        calls = (*made, *put, *emptied, requests.create_endpoint(name, served))
        return Plan(
            served, "deploy", version, None, name, reused=False, strategy="new", wait_seconds=0, calls=calls
        )
    if not served.alarms:
        # There is nothing to watch, so nothing to wait for.
        strategy = replace(strategy, wait_seconds=0)
    strategy.check(instances)
    deployment = strategy.deployment_config(names)
    calls = (*made, *put, requests.update_endpoint(name, deployment, served, keep_size=False))
    return Plan(
        served, "deploy", version, from_version, name, reused=False, strategy=str(strategy),
        wait_seconds=strategy.wait_seconds, calls=calls,
        alarms=names, patience_seconds=_PERIODS * defaults.alarm_period_seconds if names else 0,
    )  # fmt: skip


def plan_rollback(  # noqa: PLR0913 - what a rollback depends on
    place: Place,
    served: Served,
    version: Version,
    *,
    from_version: int | None,
    configs: Sequence[str],
    defaults: Defaults,
) -> Plan:
    """Plan the way back to a version, over the EndpointConfig that served it where that was kept.

    It names no alarms: SageMaker refuses an update while one of its alarms rings, and that is when people
    roll back.
    """
    kept = _kept(place, served, version, configs)
    name = kept or _new_name(served, version)
    made = () if kept else _made(place, served, version, name, defaults)
    # An asynchronous endpoint may have no instance just now: one has to show that the version starts.
    moved = requests.update_endpoint(
        name, INSTANT.deployment_config(()), served, keep_size=not served.asynchronous
    )
    return Plan(
        served, "rollback", version, from_version, name, reused=bool(kept), strategy=str(INSTANT),
        wait_seconds=0, calls=(*made, moved),
    )  # fmt: skip


def plan_cancellation(served: Served, version: Version, *, config: str, going: Deployment, why: str) -> Plan:
    """Plan to take back an update that is under way, by ringing one of its alarms.

    SageMaker has no request that ends an update, but it goes back by itself once an alarm of the update
    rings.

    Parameters
    ----------
    served
        On which endpoint.
    version, config
        What still serves.
    going
        The deployment that is under way, with one alarm at least.
    why
        What the alarm says, and with it the history of whoever began the update.
    """
    rung = alarms.ring(going.alarms[0], f"bestiary rollback{why and ': '}{why}")
    return Plan(
        served, "rollback", version, going.version, config, reused=True, strategy="update taken back",
        wait_seconds=0, calls=(rung,), cancels=True,
    )  # fmt: skip


def _made(place: Place, served: Served, version: Version, name: str, defaults: Defaults) -> tuple[Call, ...]:
    around = place.surroundings
    role = place.parameters.get(HOSTING_ROLE, around.jobs_role)
    return (
        requests.create_model(name, version, role, served, around.network),
        requests.create_endpoint_config(name, version, defaults, around.bucket, served),
    )


def _kept(place: Place, served: Served, version: Version, configs: Sequence[str]) -> str:
    there = set(retirement.configs(place, f"{served.prefix}{version.version}-"))
    for name in configs:
        if name in there and _made_of(place, served, name) == version.version:
            return name
    return ""


def _made_of(place: Place, served: Served, model: str) -> int | None:
    try:
        return endpoints.package_version(place, model, served)
    except ClientError as error:
        if endpoints.missing(error):
            return None
        raise


def _new_name(served: Served, version: Version) -> str:
    return f"{served.prefix}{version.version}-{datetime.now(UTC):%Y%m%dt%H%M%S}-{uuid.uuid4().hex[:4]}"
