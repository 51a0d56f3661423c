"""What deploys leave behind: the last configurations stay for an instant return, all else goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pipelines.deployment import endpoint as endpoints
from pipelines.deployment import history
from pipelines.deployment.lineage import at_work, served_configs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipelines.deployment.served import Served
    from pipelines.place import Place

KEPT = 5
"""Configurations, with their Models, that stay besides the live one's."""


def configs(place: Place, name: str) -> list[str]:
    """Names of EndpointConfigs that begin so, newest first."""
    pages = place.sagemaker.get_paginator("list_endpoint_configs").paginate(
        NameContains=name, SortBy="CreationTime", SortOrder="Descending"
    )
    names = (item["EndpointConfigName"] for page in pages for item in page["EndpointConfigs"])
    return [found for found in names if found.startswith(name)]


def models(place: Place, name: str) -> list[str]:
    """Names of Models that begin so, newest first."""
    pages = place.sagemaker.get_paginator("list_models").paginate(
        NameContains=name, SortBy="CreationTime", SortOrder="Descending"
    )
    names = (item["ModelName"] for page in pages for item in page["Models"])
    return [found for found in names if found.startswith(name)]


def retire(place: Place, served: Served) -> list[str]:
    """Delete what neither serves, nor may serve again, nor is somebody's work in progress.

    Returns
    -------
    list of str
        Names of what was deleted.
    """
    endpoint = endpoints.describe(place, served)
    deployments = history.read(place, served)
    kept = set(served_configs(deployments)[:KEPT])
    kept |= {one.config for one in deployments if at_work(one, endpoint)}
    kept |= {endpoint.config, endpoint.pending} if endpoint else set()
    gone = sorted({*configs(place, served.prefix), *models(place, served.prefix)} - kept)
    remove(place, gone)
    return gone


def remove(place: Place, names: Iterable[str]) -> None:
    """Delete the EndpointConfig and the Model of each name; what is not there is fine."""
    for name in names:
        _delete(place.sagemaker.delete_endpoint_config, EndpointConfigName=name)
        _delete(place.sagemaker.delete_model, ModelName=name)


def _delete(operation: Any, **request: str) -> None:  # noqa: ANN401 - a boto3 method
    try:
        operation(**request)
    except ClientError as error:
        if not endpoints.missing(error):
            raise
