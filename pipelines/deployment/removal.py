"""What ``bestiary down`` removes, and what it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines import registry
from pipelines.deployment import alarms, history, requests, retirement, standing
from pipelines.deployment import endpoint as endpoints
from pipelines.names import CLASSIFIER

if TYPE_CHECKING:
    from pipelines.deployment.history import Deployment
    from pipelines.place import Place


@dataclass(frozen=True)
class Removal:
    """What there is to remove.

    Attributes
    ----------
    live
        The version that serves, ``None`` where none does.
    endpoint
        Name of the endpoint, empty where there is none.
    configs, models, alarms
        Their names.
    """

    live: int | None
    endpoint: str
    configs: tuple[str, ...]
    models: tuple[str, ...]
    alarms: tuple[str, ...]

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to remove."""
        return not (self.endpoint or self.configs or self.models or self.alarms)


def look(place: Place) -> Removal:
    """List what Bestiary put behind the endpoint.

    Raises
    ------
    OperatorError
        Where the endpoint is on its way somewhere: SageMaker deletes none that moves.
    """
    now = standing.read(place)
    standing.refuse_if_busy(now)
    told = place.client("cloudwatch").describe_alarms(AlarmNames=list(alarms.NAMES))
    return Removal(
        live=now.live,
        endpoint=CLASSIFIER if now.endpoint else "",
        configs=tuple(retirement.configs(place)),
        models=tuple(retirement.models(place)),
        alarms=tuple(alarm["AlarmName"] for alarm in told.get("MetricAlarms", [])),
    )


def remove(place: Place, removal: Removal, why: str) -> Deployment:
    """Remove it, with a record in the history."""
    intent = history.begin(
        place,
        history.intent(
            place, "down", version=None, from_version=removal.live, strategy="", config="", why=why
        ),
    )
    if removal.endpoint:
        place.sagemaker.delete_endpoint(**requests.delete_endpoint().request)
        for _ in endpoints.follow(place):
            pass
    retirement.remove(place, dict.fromkeys((*removal.configs, *removal.models)))
    if removal.alarms:
        place.client("cloudwatch").delete_alarms(AlarmNames=list(removal.alarms))
    return history.end(place, intent, "succeeded", "")


def left(place: Place) -> dict[str, object]:
    """Say what stays, and where."""
    bucket = place.surroundings.bucket
    return {
        "versions": len(registry.versions(place)),
        "history": f"s3://{bucket}/{history.PREFIX}",
        "captures": f"s3://{bucket}/{requests.CAPTURES}/",
        "bucket": f"s3://{bucket}",
    }
