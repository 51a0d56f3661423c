"""How an account deploys unless the operator says otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.deployment.served import CLASSIFIER
from pipelines.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.deployment.served import Served

PREFIX = "deploy/"
INSTANCE_TYPE = "ml.g4dn.xlarge"


@dataclass(frozen=True)
class Defaults:
    """What the SSM parameters under ``/bestiary/deploy/`` say; these values where they say nothing.

    Those under ``/bestiary/deploy/ENDPOINT/`` go before.

    Attributes
    ----------
    instance_type, instance_count
        Of the fleet behind the endpoint; traffic moves in parts only where there are two or more.
    most_instances
        To which an asynchronous endpoint grows while much waits.
    wait_seconds
        For how long the alarms are watched after each part of the traffic, 0 to 3600.
    alarm_period_seconds
        Over which the alarms' metrics are taken: 10, 30 or a multiple of 60.
    startup_seconds
        How long a new instance may take until it answers ``/ping``, 60 to 3600.
    """

    instance_type: str = INSTANCE_TYPE
    instance_count: int = 2
    most_instances: int = 2
    wait_seconds: int = 300
    alarm_period_seconds: int = 60
    startup_seconds: int = 600

    @classmethod
    def read(cls, parameters: Mapping[str, str], served: Served = CLASSIFIER) -> Defaults:
        """Read the account's parameters for an endpoint, by name without ``/bestiary/``.

        Raises
        ------
        OperatorError
            Where one of them is no number.
        """
        own = f"{PREFIX}{served.endpoint}/"

        def number(name: str, otherwise: int, *, ours: bool = True) -> int:
            key = own + name if own + name in parameters or not ours else PREFIX + name
            value = parameters.get(key, str(otherwise))
            if not value.isdecimal():
                raise OperatorError(
                    f"the SSM parameter /bestiary/{key} is {value!r}: it takes a whole number"
                )
            return int(value)

        count = (
            number("instance-count", cls.instance_count)
            if served.instances is None
            else number("instance-count", served.instances, ours=False)
        )
        general = parameters.get(PREFIX + "instance-type", cls.instance_type)

        return cls(
            instance_type=parameters.get(own + "instance-type", general),
            instance_count=count,
            most_instances=number("most-instances", cls.most_instances),
            wait_seconds=number("wait-seconds", cls.wait_seconds),
            alarm_period_seconds=number("alarm-period-seconds", cls.alarm_period_seconds),
            startup_seconds=number("startup-seconds", cls.startup_seconds),
        )
