"""Sends a plan's requests, follows the endpoint to its rest, and says honestly how it ended."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pipelines import registry
from pipelines.deployment import alarms, endpoint, history, progress, requests, retirement, scaling
from pipelines.errors import OperatorError
from pipelines.place import reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipelines.deployment.endpoint import Endpoint
    from pipelines.deployment.history import Deployment
    from pipelines.deployment.planning import Plan
    from pipelines.deployment.requests import Call
    from pipelines.place import Place

_RING_SECONDS = 5
"""A rung alarm falls silent when it is next evaluated, and an update looks when it gets to it."""


@dataclass(frozen=True)
class _Rest:
    """How the endpoint came to rest, and the alarms that were seen ringing on the way."""

    endpoint: Endpoint | None
    rang: dict[str, str]


def carry_out(place: Place, plan: Plan, why: str, say: Callable[[str], None]) -> Deployment:
    """Do what was planned, with an intent before and an outcome after it in the history.

    Parameters
    ----------
    place
        Where.
    plan
        What.
    why
        The operator's words, kept with it.
    say
        Told what is being done.

    Returns
    -------
    Deployment
        As it ended; ``served`` says whether the version is live.
    """
    intent = history.begin(
        place,
        history.intent(
            place,
            plan.served,
            plan.action,
            version=plan.version.version,
            from_version=plan.from_version,
            strategy=plan.strategy,
            config=plan.config,
            alarms=plan.alarms,
            why=why,
        ),
    )
    ended = _moved(place, plan, intent, say)
    if ended.served and plan.served.asynchronous:
        scaling.put(place, plan.served)
    live = ended.version if ended.served else ended.from_version
    try:
        if live is not None:
            alarms.name_version(place, plan.served, live)
        gone = retirement.retire(place, plan.served)
    except ClientError as error:
        say(f"what is no longer needed could not be removed: {reason(error)}")
    else:
        if gone:
            say(f"removed {', '.join(gone)}")
    return ended


def _moved(place: Place, plan: Plan, intent: Deployment, say: Callable[[str], None]) -> Deployment:
    try:
        _verify(place, plan, say)
        if plan.patience_seconds:
            _wait_for_alarms(place, plan, say)
        started = time.monotonic()
        for call in plan.calls:
            _send(place, plan, call)
    except ClientError as error:
        return history.end(place, intent, "refused", reason(error))
    except OperatorError as error:
        return history.end(place, intent, "refused", str(error))
    rest = _followed(place, plan, say)
    seconds = round(time.monotonic() - started, 1)
    return _judged(place, plan, intent, rest, seconds)


def _verify(place: Place, plan: Plan, say: Callable[[str], None]) -> None:
    version = plan.version
    if plan.cancels:
        return
    # S3 never changes the bytes of a VersionId, and a rollback is in a hurry.
    if plan.action == "rollback" and registry.is_checked(place, version):
        return
    registry.check_artifact(place, version)
    digest = f"sha256 {version.sha256[:12]}…"
    say(f"version {version.version}: the archive is the one that was registered ({digest})")


def _wait_for_alarms(place: Place, plan: Plan, say: Callable[[str], None]) -> None:
    rings = alarms.wait_until_quiet(place, plan.served, plan.patience_seconds, say)
    if rings:
        why = "; ".join(rings.values())
        raise OperatorError(
            f"{' and '.join(rings)} in ALARM, so that the update would go back at once: {why} "
            "Go back (bestiary rollback), wait until it is over, or deploy with --no-alarms"
        )


def _send(place: Place, plan: Plan, call: Call) -> None:
    getattr(place.client(call.service), call.operation)(**call.request)
    if call.operation == "delete_endpoint":
        for _ in endpoint.follow(place, plan.served):
            pass


def _followed(place: Place, plan: Plan, say: Callable[[str], None]) -> _Rest:
    last: Endpoint | None = None
    said = ""
    rang: dict[str, str] = {}
    again = time.monotonic() + _RING_SECONDS
    for last in endpoint.follow(place, plan.served):
        if last is None:
            break
        if plan.cancels and last.status == "Updating" and time.monotonic() > again:
            _send(place, plan, plan.calls[-1])
            again = time.monotonic() + _RING_SECONDS
        if last.status == "RollingBack" and not rang:
            rang = alarms.ringing(place, plan.served.alarm_names)
        line = progress.line(plan, last)
        if line and line != said:
            say(line)
            said = line
    return _Rest(last, rang)


def _judged(place: Place, plan: Plan, intent: Deployment, rest: _Rest, seconds: float) -> Deployment:
    def ends(status: history.Status, why: str, **more: Any) -> Deployment:  # noqa: ANN401 - a record's attributes
        return history.end(place, intent, status, why, seconds=seconds, **more)

    now = rest.endpoint
    if now is None:
        return ends("failed", "the endpoint was deleted meanwhile")
    rings = rest.rang or alarms.ringing(place, plan.served.alarm_names)
    rang = "; ".join(f"{name}: {why}" for name, why in rings.items())
    why = now.failure_reason or rang or "SageMaker gives no reason"
    if now.status == "InService" and now.config == plan.config:
        return ends("succeeded", "", served=True)
    if now.status == "InService" and plan.cancels:
        return ends(
            "failed", "the update was done before it could be taken back: bestiary rollback once more"
        )
    # SageMaker calls an update that it took back a success: InService, on the configuration from before.
    if now.status == "InService":
        told = not rings or any(name in why for name in rings)
        return ends("rolled back", why if told else f"{why} ({rang})")
    if now.status == "Failed" and plan.from_version is None:
        # Nothing serves, and a failed endpoint takes no update: leave room for the next deploy.
        _send(place, plan, requests.delete_endpoint(plan.served))
        return ends("failed", why)
    return ends("failed", f"the endpoint is {now.status}: {why}")
