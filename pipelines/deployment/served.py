"""The endpoints there are, and whose versions each of them serves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

from pipelines import names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.deployment.strategy import Kind

Of = Literal["classifier", "stylizer"]
MODELS: tuple[Of, ...] = get_args(Of)


@dataclass(frozen=True)
class Served:
    """One endpoint.

    Attributes
    ----------
    endpoint
        Its name.
    group
        Model package group whose versions it serves.
    alarms
        What takes an update of it back: ``errors``, ``latency``, ``slow``.
    strategy
        How traffic moves unless the operator says.
    instances
        How many it has unless the account says; ``None`` for what the account says of all.
    captured
        Whether SageMaker keeps its answers for the monitor.
    asynchronous
        Whether requests come through S3, and instances only as long as there are any.
    needs
        The method that a version must be able to do to be served here; empty for none.
    environment
        What its containers are told.
    """

    endpoint: str
    group: str
    alarms: tuple[str, ...] = ()
    strategy: Kind = "all-at-once"
    instances: int | None = 1
    captured: bool = False
    asynchronous: bool = False
    needs: str = ""
    environment: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def prefix(self) -> str:
        """What the names of its EndpointConfigs and Models begin with; a version's number follows."""
        return f"{self.endpoint}-v"

    @property
    def option(self) -> str:
        """What a command takes to mean it, with a space before it; nothing for the classifier."""
        return "" if self.group == names.CLASSIFIER else " --of stylizer"

    @property
    def alarm_names(self) -> tuple[str, ...]:
        """Names of what takes an update back."""
        return tuple(f"{self.endpoint}-{alarm}" for alarm in self.alarms)


CLASSIFIER = Served(
    names.CLASSIFIER,
    names.CLASSIFIER,
    alarms=("errors", "latency", "slow"),
    strategy="canary",
    instances=None,
    captured=True,
)
STYLIZER = Served(
    names.STYLIZER,
    names.STYLIZER,
    # How long a picture takes says more of its size than of the version.
    alarms=("errors",),
    needs="fast",
    # A picture takes about a second: a longer queue would only be told so after a minute.
    environment={"BESTIARY_STYLE_METHODS": "fast", "BESTIARY_QUEUE": "32"},
)
STYLIZER_ASYNC = Served(
    names.STYLIZER_ASYNC,
    names.STYLIZER,
    asynchronous=True,
    environment={
        "BESTIARY_REQUEST_SECONDS": "3600",
        "BESTIARY_LONGEST_SIDE": "8192",
        "SAGEMAKER_MAX_PAYLOAD_IN_MB": "100",
    },
)
OF: Mapping[Of, tuple[Served, ...]] = {
    "classifier": (CLASSIFIER,),
    # Nobody waits in front of the asynchronous one: what cannot start is found out there.
    "stylizer": (STYLIZER_ASYNC, STYLIZER),
}


def of_group(group: str) -> tuple[Served, ...]:
    """Return the endpoints that serve a group's versions."""
    return tuple(one for services in OF.values() for one in services if one.group == group)
