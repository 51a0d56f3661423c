"""How many machines the account may use, against how many the settings ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.check import Check
from pipelines.deployment.defaults import Defaults
from pipelines.parameters import PARAMETERS

if TYPE_CHECKING:
    from pipelines.place import Place

_AT_ONCE_PROCESSING, _AT_ONCE_TRAINING = 2, 3
"""Jobs of one run side by side: prepare and backbone; three candidates."""
_FLEETS = 2
"""A deploy warms a second fleet before the first one goes."""


@dataclass(frozen=True)
class Need:
    """So many machines of a type for a use.

    Attributes
    ----------
    quota
        Service Quotas' name of it.
    machines
        How many at once.
    """

    quota: str
    machines: int


def needs(place: Place) -> list[Need]:
    """List what the settings ask for."""
    deploys = Defaults.read(place.parameters)
    runs = {parameter.name: str(parameter.default) for parameter in PARAMETERS}
    return [
        Need(f"{deploys.instance_type} for endpoint usage", _FLEETS * deploys.instance_count),
        Need(
            f"{runs['TrainingInstanceType']} for {'spot ' if place.spot else ''}training job usage",
            _AT_ONCE_TRAINING * int(runs["TrainingInstanceCount"]),
        ),
        Need(
            f"{runs['ProcessingInstanceType']} for processing job usage",
            _AT_ONCE_PROCESSING * int(runs["ProcessingInstanceCount"]),
        ),
    ]


def examine(place: Place) -> list[Check]:
    """Compare each need with its quota."""
    pages = place.client("service-quotas").get_paginator("list_service_quotas")
    known = {
        quota["QuotaName"]: (quota["Value"], quota["QuotaCode"])
        for page in pages.paginate(ServiceCode="sagemaker")
        for quota in page["Quotas"]
    }
    return [_compared(need, known.get(need.quota), place.settings.region) for need in needs(place)]


def _compared(need: Need, known: tuple[float, str] | None, region: str) -> Check:
    name = f"quota {need.quota}"
    if known is None:
        detail = f"Service Quotas knows no such quota; {need.machines} are needed"
        return Check(name, ok=False, needed=False, detail=detail, fix="choose another instance type")
    value, code = known
    ok = value >= need.machines
    link = f"https://{region}.console.aws.amazon.com/servicequotas/home/services/sagemaker/quotas/{code}"
    fix = "" if ok else f"ask for {need.machines} at {link}"
    return Check(name, ok, needed=True, detail=f"{value:.0f}, {need.machines} needed at once", fix=fix)
