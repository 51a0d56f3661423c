"""What the history says: who is at work, what was cut off, and which version to go back to."""

from __future__ import annotations

import os
import platform
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pipelines.deployment import history

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipelines.deployment.endpoint import Endpoint
    from pipelines.deployment.history import Deployment
    from pipelines.place import Place

_UNSEEN = timedelta(minutes=10)
"""How long a command on another machine is believed to be at work while the endpoint does not move for it."""


def at_work(deployment: Deployment, endpoint: Endpoint | None) -> bool:
    """Whether the command that wrote an intent still runs, as far as can be seen from here."""
    if deployment.status:
        return False
    if deployment.who.host == platform.node():
        return _runs(deployment.who.pid)
    moves = (
        endpoint is not None and endpoint.moving and deployment.config in {endpoint.config, endpoint.pending}
    )
    return moves or datetime.now(UTC) - deployment.started < _UNSEEN


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def seen(deployments: Iterable[Deployment], endpoint: Endpoint | None) -> list[Deployment]:
    """Say of every intent without outcome whose command is gone how it stands: interrupted."""
    return [one if one.status or at_work(one, endpoint) else _cut_off(one, endpoint) for one in deployments]


def _cut_off(deployment: Deployment, endpoint: Endpoint | None) -> Deployment:
    served = endpoint is not None and not endpoint.moving and endpoint.config == deployment.config
    if endpoint and endpoint.moving:
        came = "the endpoint goes on without it"
    elif served:
        came = "the endpoint went on without it and serves this version"
    else:
        came = "the endpoint does not serve this version"
    reason = f"the command was ended before it was done; {came}"
    return replace(deployment, status="interrupted", reason=reason, served=served)


def settle(place: Place, deployments: Iterable[Deployment]) -> None:
    """Write down what was `seen` of interrupted deployments, while the endpoint still shows it."""
    for one in deployments:
        if one.status == "interrupted" and one.ended is None:
            history.end(place, one, one.status, one.reason, served=one.served)


def earlier_versions(deployments: Sequence[Deployment], live: int | None) -> list[int]:
    """Versions that were live before the live one, the latest first.

    A deploy adds to them; a rollback takes away what it went back over, so that rolling back twice goes two
    versions back instead of returning to the first mistake.
    """
    went: list[int] = []
    for deployment in deployments:
        version = deployment.version
        if not deployment.served or version is None:
            continue
        if deployment.action == "rollback" and version in went:
            del went[_last(went, version) + 1 :]
        elif went[-1:] != [version]:
            went.append(version)
    if live in went:
        del went[_last(went, live) :]
    return list(dict.fromkeys(version for version in reversed(went) if version != live))


def _last(versions: list[int], version: int | None) -> int:
    return max(place for place, one in enumerate(versions) if one == version)


def served_configs(deployments: Sequence[Deployment]) -> list[str]:
    """EndpointConfigs that were live, the latest first, each once."""
    return list(dict.fromkeys(one.config for one in reversed(deployments) if one.served and one.config))
