"""What an endpoint runs: its variants, taken from an endpoint configuration once and kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from infra.local.hosting import containers
from infra.local.hosting.containers import Container

if TYPE_CHECKING:
    from infra.local.account import Account

Record = dict[str, Any]

DOWNLOAD_SECONDS = 3600
"""Default of ``ModelDataDownloadTimeoutInSeconds``."""
STARTUP_SECONDS = 480
"""Default of ``ContainerStartupHealthCheckTimeoutInSeconds``: the guide gives a container 8 minutes."""


@dataclass(frozen=True)
class Variant:
    """One production variant.

    Attributes
    ----------
    name
        The variant's name.
    container
        What its instances run.
    count
        Number of instances.
    weight
        Its share of the traffic, relative to the other variants'.
    download_seconds, startup_seconds
        The longest that fetching the model, and answering /ping after that, may take.
    instance_type
        How large its instances are; empty for any.
    """

    name: str
    container: Container
    count: int
    weight: float
    download_seconds: int = DOWNLOAD_SECONDS
    startup_seconds: int = STARTUP_SECONDS
    instance_type: str = ""


@dataclass(frozen=True)
class Plan:
    """What one endpoint configuration asks for; models and configuration may be deleted afterwards.

    Attributes
    ----------
    config
        Name of the endpoint configuration.
    variants
        Its variants, at least one.
    capture
        Its ``DataCaptureConfig``; empty for none.
    asynchronous
        Its ``AsyncInferenceConfig``; empty for none.
    """

    config: str
    variants: tuple[Variant, ...]
    capture: Record
    asynchronous: Record

    def record(self) -> Record:
        """Write it down for the store."""
        variants = [{**vars(each), "container": each.container.record()} for each in self.variants]
        return {**vars(self), "variants": variants}

    @classmethod
    def read(cls, record: Record) -> Self:
        """Read what `record` wrote."""
        variants = tuple(
            Variant(**{**each, "container": Container.read(each["container"])}) for each in record["variants"]
        )
        return cls(**{**record, "variants": variants})

    def variant(self, name: str) -> Variant | None:
        """Find a variant by its name."""
        return next((each for each in self.variants if each.name == name), None)

    def keeping(self, before: Plan, excluded: frozenset[str]) -> Plan:
        """Return the plan with the sizes, weights and data capture of the one before it.

        Parameters
        ----------
        before
            What an endpoint runs now.
        excluded
            What is not kept: ``DesiredInstanceCount``, ``DesiredWeight``, ``DataCaptureConfig``.
        """
        variants = []
        for new in self.variants:
            old = before.variant(new.name) or new
            variants.append(
                replace(
                    new,
                    count=new.count if "DesiredInstanceCount" in excluded else old.count,
                    weight=new.weight if "DesiredWeight" in excluded else old.weight,
                )
            )
        capture = self.capture if "DataCaptureConfig" in excluded else before.capture
        return replace(self, variants=tuple(variants), capture=capture)

    def changed(self, name: str, *, count: int | None, weight: float | None) -> Plan:
        """Return the plan with another size or weight of one variant; None leaves it."""
        return replace(
            self,
            variants=tuple(
                replace(
                    each,
                    count=each.count if count is None else count,
                    weight=each.weight if weight is None else weight,
                )
                if each.name == name
                else each
                for each in self.variants
            ),
        )


def of_config(account: Account, config: Record) -> Plan:
    """Resolve an endpoint configuration's record.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException`` when one of its models cannot be used.
    """
    return Plan(
        config=config["EndpointConfigName"],
        variants=tuple(_variant(account, config, each) for each in config["ProductionVariants"]),
        capture=config.get("DataCaptureConfig", {}),
        asynchronous=config.get("AsyncInferenceConfig", {}),
    )


def _variant(account: Account, config: Record, variant: Record) -> Variant:
    container = containers.of_model(account, variant["ModelName"])
    if config.get("EnableNetworkIsolation"):
        container = replace(container, isolated=True)
    return Variant(
        name=variant["VariantName"],
        container=container,
        count=variant["InitialInstanceCount"],
        weight=variant.get("InitialVariantWeight", 1.0),
        download_seconds=variant.get("ModelDataDownloadTimeoutInSeconds", DOWNLOAD_SECONDS),
        startup_seconds=variant.get("ContainerStartupHealthCheckTimeoutInSeconds", STARTUP_SECONDS),
        instance_type=variant.get("InstanceType", ""),
    )
