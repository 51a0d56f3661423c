"""An endpoint as SageMaker describes it."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pipelines.deployment.served import CLASSIFIER
from pipelines.errors import OperatorError
from pipelines.place import reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.deployment.served import Served
    from pipelines.place import Place

VARIANT = "AllTraffic"
"""The one production variant; SageMaker wants the name to stay from update to update."""
MOVING = ("Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting")
_POLL_SECONDS = 0.5


@dataclass(frozen=True)
class Stage:
    """What SageMaker says a fleet is doing.

    Attributes
    ----------
    status
        Creating, Updating, Deleting, ActivatingTraffic or Baking.
    message
        SageMaker's own words, often empty.
    """

    status: str
    message: str


@dataclass(frozen=True)
class Endpoint:
    """The endpoint at one moment.

    Attributes
    ----------
    status
        SageMaker's word, such as InService or RollingBack.
    config
        Name of the EndpointConfig that serves.
    pending
        Name of the one that is on its way, empty where nothing moves.
    instances
        How many the fleet should have.
    stages
        What its fleets are doing while something moves.
    failure_reason
        SageMaker's own words, empty where nothing failed.
    """

    status: str
    config: str
    pending: str
    instances: int
    stages: tuple[Stage, ...]
    failure_reason: str

    @property
    def moving(self) -> bool:
        """Whether SageMaker is changing it, and would refuse another change."""
        return self.status in MOVING


def describe(place: Place, served: Served = CLASSIFIER) -> Endpoint | None:
    """Read an endpoint; ``None`` where there is none."""
    try:
        told: Any = place.sagemaker.describe_endpoint(EndpointName=served.endpoint)
    except ClientError as error:
        if missing(error):
            return None
        raise OperatorError(reason(error)) from None
    pending = told.get("PendingDeploymentSummary", {})
    fleets = [*pending.get("ProductionVariants", []), *told.get("ProductionVariants", [])]
    return Endpoint(
        status=told["EndpointStatus"],
        config=told.get("EndpointConfigName", ""),
        pending=pending.get("EndpointConfigName", ""),
        instances=max(
            (f.get("DesiredInstanceCount", 0) for f in told.get("ProductionVariants", [])), default=0
        ),
        stages=tuple(
            Stage(stage["Status"], stage.get("StatusMessage", ""))
            for fleet in fleets
            for stage in fleet.get("VariantStatus", [])
        ),
        failure_reason=told.get("FailureReason", ""),
    )


def follow(place: Place, served: Served) -> Iterator[Endpoint | None]:
    """Yield an endpoint as it moves, about twice a second; how it came to rest comes last."""
    while True:
        now = describe(place, served)
        yield now
        if now is None or not now.moving:
            return
        time.sleep(_POLL_SECONDS)


def version_of(place: Place, config: str, served: Served = CLASSIFIER) -> int | None:
    """Return the version that an EndpointConfig serves; ``None`` where that is no registered version."""
    try:
        variants = place.sagemaker.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"]
        return package_version(place, variants[0].get("ModelName", ""), served)
    except ClientError as error:
        if missing(error):
            return None
        raise OperatorError(reason(error)) from None


def package_version(place: Place, model: str, served: Served = CLASSIFIER) -> int | None:
    """Return the version that a Model was made of.

    Raises
    ------
    botocore.exceptions.ClientError
        Where there is no such Model.
    """
    told: Any = place.sagemaker.describe_model(ModelName=model)
    container: dict[str, Any] = told.get("PrimaryContainer") or next(iter(told.get("Containers", [])), {})
    match = re.search(rf"model-package/{served.group}/(\d+)$", container.get("ModelPackageName", ""))
    return int(match.group(1)) if match else None


def live_version(place: Place, served: Served = CLASSIFIER) -> int | None:
    """Return the version that answers now; ``None`` where there is none."""
    now = describe(place, served)
    return version_of(place, now.config, served) if now and now.config and now.status != "Failed" else None


def missing(error: ClientError) -> bool:
    """Whether AWS says that what was asked for is not there."""
    told = error.response.get("Error", {})
    return told.get("Code") in {"ResourceNotFound", "ResourceNotFoundException"} or bool(
        re.match(r"(?i)could not find|cannot find|.*does not exist", told.get("Message", ""))
    )
