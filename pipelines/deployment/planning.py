"""From what the operator wants to the requests that AWS will get, in order."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from pipelines.deployment import alarms, requests
from pipelines.deployment import endpoint as endpoints
from pipelines.deployment.retirement import PREFIX, configs
from pipelines.deployment.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.deployment.defaults import Defaults
    from pipelines.deployment.endpoint import Endpoint
    from pipelines.deployment.history import Action, Deployment
    from pipelines.deployment.requests import Call
    from pipelines.place import Place
    from pipelines.registry import Version

_PERIODS = 3
"""An alarm is quiet again after one period without cause, and a little later."""
INSTANT = Strategy("all-at-once", 100, 0)
"""How a rollback moves: the version is known to serve, and every second counts."""


@dataclass(frozen=True)
class Plan:
    """What is about to happen.

    Attributes
    ----------
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
    name = _new_name(version)
    serving = endpoint is not None and endpoint.status != "Failed"
    # A fleet that was scaled out keeps its size: a deploy is no time to lose instances.
    instances = max(defaults.instance_count, endpoint.instances if endpoint and serving else 0)
    around = place.surroundings
    made = (
        requests.create_model(name, version, around.jobs_role),
        requests.create_endpoint_config(name, version, defaults, instances, around.bucket),
    )
    put: tuple[Call, ...] = ()
    if watched:
        usually = alarms.usual_latency(place) if serving else None
        put = alarms.put_alarms(usually, defaults.alarm_period_seconds)
    if not serving:
        emptied = (requests.delete_endpoint(),) if endpoint else ()
        calls = (*made, *put, *emptied, requests.create_endpoint(name))
        return Plan("deploy", version, None, name, reused=False, strategy="new", wait_seconds=0, calls=calls)
    strategy.check(instances)
    names = alarms.NAMES if watched else ()
    deployment = strategy.deployment_config(names)
    calls = (*made, *put, requests.update_endpoint(name, deployment, keep_size=False))
    return Plan(
        "deploy", version, from_version, name, reused=False, strategy=str(strategy),
        wait_seconds=strategy.wait_seconds, calls=calls,
        alarms=names, patience_seconds=_PERIODS * defaults.alarm_period_seconds if watched else 0,
    )  # fmt: skip


def plan_rollback(
    place: Place,
    version: Version,
    *,
    from_version: int | None,
    served: Sequence[str],
    defaults: Defaults,
) -> Plan:
    """Plan the way back to a version, over the EndpointConfig that served it where that was kept.

    It names no alarms: SageMaker refuses an update while one of its alarms rings, and that is when people
    roll back.
    """
    kept = _kept(place, version, served)
    name = kept or _new_name(version)
    around = place.surroundings
    made = () if kept else (
        requests.create_model(name, version, around.jobs_role),
        requests.create_endpoint_config(name, version, defaults, defaults.instance_count, around.bucket),
    )  # fmt: skip
    moved = requests.update_endpoint(name, INSTANT.deployment_config(()), keep_size=True)
    return Plan(
        "rollback", version, from_version, name, reused=bool(kept), strategy=str(INSTANT),
        wait_seconds=0, calls=(*made, moved),
    )  # fmt: skip


def plan_cancellation(version: Version, *, config: str, going: Deployment, why: str) -> Plan:
    """Plan to take back an update that is under way, by ringing one of its alarms.

    SageMaker has no request that ends an update, but it goes back by itself once an alarm of the update
    rings.

    Parameters
    ----------
    version, config
        What still serves.
    going
        The deployment that is under way, with one alarm at least.
    why
        What the alarm says, and with it the history of whoever began the update.
    """
    rung = alarms.ring(going.alarms[0], f"bestiary rollback{why and ': '}{why}")
    return Plan(
        "rollback", version, going.version, config, reused=True, strategy="update taken back",
        wait_seconds=0, calls=(rung,), cancels=True,
    )  # fmt: skip


def _kept(place: Place, version: Version, served: Sequence[str]) -> str:
    there = set(configs(place, f"{PREFIX}{version.version}-"))
    for name in served:
        if name in there and _made_of(place, name) == version.version:
            return name
    return ""


def _made_of(place: Place, model: str) -> int | None:
    try:
        return endpoints.package_version(place, model)
    except ClientError as error:
        if endpoints.missing(error):
            return None
        raise


def _new_name(version: Version) -> str:
    return f"{PREFIX}{version.version}-{datetime.now(UTC):%Y%m%dt%H%M%S}-{uuid.uuid4().hex[:4]}"
