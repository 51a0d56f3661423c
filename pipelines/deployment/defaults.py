"""How an account deploys unless the operator says otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "deploy/"
INSTANCE_TYPE = "ml.g4dn.xlarge"


@dataclass(frozen=True)
class Defaults:
    """What the SSM parameters under ``/bestiary/deploy/`` say; these values where they say nothing.

    Attributes
    ----------
    instance_type, instance_count
        Of the fleet behind the endpoint; traffic moves in parts only where there are two or more.
    wait_seconds
        For how long the alarms are watched after each part of the traffic, 0 to 3600.
    alarm_period_seconds
        Over which the alarms' metrics are taken: 10, 30 or a multiple of 60.
    startup_seconds
        How long a new instance may take until it answers ``/ping``, 60 to 3600.
    """

    instance_type: str = INSTANCE_TYPE
    instance_count: int = 2
    wait_seconds: int = 300
    alarm_period_seconds: int = 60
    startup_seconds: int = 600

    @classmethod
    def read(cls, parameters: Mapping[str, str]) -> Defaults:
        """Read the account's parameters, by name without ``/bestiary/``.

        Raises
        ------
        OperatorError
            Where one of them is no number.
        """

        def number(name: str, otherwise: int) -> int:
            value = parameters.get(PREFIX + name, str(otherwise))
            if not value.isdecimal():
                raise OperatorError(
                    f"the SSM parameter /bestiary/{PREFIX}{name} is {value!r}: it takes a whole number"
                )
            return int(value)

        return cls(
            instance_type=parameters.get(PREFIX + "instance-type", cls.instance_type),
            instance_count=number("instance-count", cls.instance_count),
            wait_seconds=number("wait-seconds", cls.wait_seconds),
            alarm_period_seconds=number("alarm-period-seconds", cls.alarm_period_seconds),
            startup_seconds=number("startup-seconds", cls.startup_seconds),
        )
