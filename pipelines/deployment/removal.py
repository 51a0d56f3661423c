"""What ``bestiary down`` removes, and what it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines import registry
from pipelines.deployment import endpoint as endpoints
from pipelines.deployment import expiry, history, requests, retirement, scaling, standing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipelines.deployment.history import Deployment
    from pipelines.deployment.served import Served
    from pipelines.place import Place


@dataclass(frozen=True)
class Removal:
    """What there is to remove behind one endpoint.

    Attributes
    ----------
    served
        Which one.
    live
        The version that serves, ``None`` where none does.
    endpoint
        Name of the endpoint, empty where there is none.
    configs, models, alarms
        Their names.
    """

    served: Served
    live: int | None
    endpoint: str
    configs: tuple[str, ...]
    models: tuple[str, ...]
    alarms: tuple[str, ...]

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to remove."""
        return not (self.endpoint or self.configs or self.models or self.alarms)


def look(place: Place, served: Served) -> Removal:
    """List what Bestiary put behind an endpoint.

    Raises
    ------
    OperatorError
        Where the endpoint is on its way somewhere: SageMaker deletes none that moves.
    """
    now = standing.read(place, served)
    standing.refuse_if_busy(now)
    of_queue = (scaling.alarm_name(served), scaling.age_alarm_name(served)) if served.asynchronous else ()
    names = [*served.alarm_names, *of_queue]
    told = place.client("cloudwatch").describe_alarms(AlarmNames=names)
    return Removal(
        served=served,
        live=now.live,
        endpoint=served.endpoint if now.endpoint else "",
        configs=tuple(retirement.configs(place, served.prefix)),
        models=tuple(retirement.models(place, served.prefix)),
        alarms=tuple(alarm["AlarmName"] for alarm in told.get("MetricAlarms", [])),
    )


def remove(place: Place, removal: Removal, why: str) -> Deployment:
    """Remove it, with a record in the history."""
    served = removal.served
    made = history.intent(
        place, served, "down", version=None, from_version=removal.live, strategy="", config="", why=why
    )
    intent = history.begin(place, made)
    if served.asynchronous:
        scaling.remove(place, served)
    if removal.endpoint:
        place.sagemaker.delete_endpoint(**requests.delete_endpoint(served).request)
        for _ in endpoints.follow(place, served):
            pass
    expiry.remove(place, served)
    retirement.remove(place, dict.fromkeys((*removal.configs, *removal.models)))
    if removal.alarms:
        place.client("cloudwatch").delete_alarms(AlarmNames=list(removal.alarms))
    return history.end(place, intent, "succeeded", "")


def left(place: Place, groups: Iterable[str]) -> dict[str, object]:
    """Say what stays of some groups, and where."""
    bucket = place.surroundings.bucket
    return {
        "versions": sum(len(registry.versions(place, group)) for group in groups),
        "history": f"s3://{bucket}/{history.PREFIX}",
        "captures": f"s3://{bucket}/{requests.CAPTURES}/",
        "bucket": f"s3://{bucket}",
    }
