"""How the endpoint stands before anything is asked of it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.deployment import endpoint as endpoints
from pipelines.deployment import history, lineage
from pipelines.deployment.served import CLASSIFIER
from pipelines.errors import OperatorError

if TYPE_CHECKING:
    from pipelines.deployment.endpoint import Endpoint
    from pipelines.deployment.history import Deployment
    from pipelines.deployment.served import Served
    from pipelines.place import Place


_PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Standing:
    """The endpoint and its history.

    Attributes
    ----------
    endpoint
        ``None`` where there is none.
    live
        The version that serves, ``None`` where none does.
    deployments
        Oldest first; those whose command was killed are interrupted.
    """

    endpoint: Endpoint | None
    live: int | None
    deployments: tuple[Deployment, ...]


def read(place: Place, served: Served = CLASSIFIER) -> Standing:
    """Look; one that SageMaker itself is at, as after a restart, is given a minute to come to rest."""
    endpoint = _rested(place, served)
    serving = endpoint is not None and endpoint.status not in ("Failed", "Creating", "Deleting")
    live = endpoints.version_of(place, endpoint.config, served) if endpoint and serving else None
    return Standing(endpoint, live, tuple(lineage.seen(history.read(place, served), endpoint)))


def _rested(place: Place, served: Served) -> Endpoint | None:
    until = time.monotonic() + _PATIENCE_SECONDS
    found = None
    for found in endpoints.follow(place, served):
        if found is None or found.status != "SystemUpdating" or time.monotonic() > until:
            break
    return found


def refuse_if_busy(standing: Standing) -> None:
    """See that nobody else is moving the endpoint.

    Raises
    ------
    OperatorError
        Where somebody is; it says who.
    """
    for one in reversed(standing.deployments):
        if not one.status:
            since = f"{one.started.astimezone():%H:%M:%S}"
            raise OperatorError(
                f"{one.who} has been moving the endpoint to version {one.version} since {since} "
                f"({one.strategy}): wait for its end, bestiary history shows it"
            )
    if standing.endpoint and standing.endpoint.moving:
        raise OperatorError(
            f"the endpoint is {standing.endpoint.status}, and SageMaker takes no change until that has "
            "ended: wait, bestiary history shows what is under way"
        )
