"""The VPC that isolated jobs and models run in, where the account has one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

SUBNETS, SECURITY_GROUP, PRIVATE_CALLS = (
    "network/subnets",
    "network/security-group",
    "network/private-calls",
)
"""SSM parameters of the stack ``network``."""


@dataclass(frozen=True)
class Network:
    """Where interfaces are put.

    Attributes
    ----------
    subnets
        Their ids, one a zone.
    security_group
        Its id.
    """

    subnets: tuple[str, ...]
    security_group: str

    @classmethod
    def read(cls, parameters: Mapping[str, str]) -> Self | None:
        """Read the account's parameters, by name without ``/bestiary/``; ``None`` without a VPC."""
        if SUBNETS not in parameters or SECURITY_GROUP not in parameters:
            return None
        return cls(tuple(parameters[SUBNETS].split(",")), parameters[SECURITY_GROUP])


def vpc_config(network: Network | None) -> dict[str, dict[str, list[str]]]:
    """Return the member ``VpcConfig`` of a request, or nothing."""
    if network is None:
        return {}
    return {"VpcConfig": {"SecurityGroupIds": [network.security_group], "Subnets": [*network.subnets]}}


def isolated(network: Network | None) -> dict[str, object]:
    """Return the ``NetworkConfig`` of a processing job that is to reach nothing.

    What SageMaker fetches for it and puts goes through the VPC, where there is one.
    """
    return {"EnableNetworkIsolation": True, **vpc_config(network)}
