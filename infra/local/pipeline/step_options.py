"""What a step's definition holds besides its arguments: run conditions, caching, retries, property files."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast, get_args

from infra.local.pipeline import durations
from infra.local.pipeline.model import CacheConfig, Dependency, PropertyFile, RetryPolicy, Trigger
from infra.local.pipeline.reading import Reader, refused

if TYPE_CHECKING:
    from infra.local.pipeline.model import Json

_EXCEPTIONS = (
    "Step.SERVICE_FAULT",
    "Step.THROTTLING",
    "SageMaker.JOB_INTERNAL_ERROR",
    "SageMaker.CAPACITY_ERROR",
    "SageMaker.RESOURCE_LIMIT",
)


def dependency(entry: Json, where: str) -> Dependency:
    """Read one entry of ``DependsOn``: a step's name, or that and SDK v3's run condition."""
    if isinstance(entry, str):
        return Dependency(entry)
    reader = Reader(entry, f"{where}: DependsOn")
    name = reader.required("Step", str)
    trigger = reader.required("Trigger", str)
    reader.finish()
    if trigger not in get_args(Trigger):
        raise refused(f"{where}: unknown Trigger '{trigger}'; known are: {', '.join(get_args(Trigger))}.")
    return Dependency(name, cast("Trigger", trigger))


def cache_config(config: dict[str, Json] | None, where: str) -> CacheConfig:
    """Read ``CacheConfig``; without one nothing is cached."""
    if config is None:
        return CacheConfig()
    reader = Reader(config, f"{where}: CacheConfig")
    enabled = reader.required("Enabled", bool)
    age = reader.optional("ExpireAfter", str)
    reader.finish()
    try:
        return CacheConfig(enabled, durations.parse(age) if age else None)
    except ValueError as error:
        raise refused(f"{where}: ExpireAfter: {error}.") from None


def retry_policy(policy: Json, where: str) -> RetryPolicy:
    """Read one of ``RetryPolicies``, with defaults and limits of AWS's guide ("Retry Policy")."""
    where = f"{where}: RetryPolicies"
    reader = Reader(policy, where)
    exceptions = reader.required("ExceptionType", list)
    interval = reader.optional("IntervalSeconds", float)
    backoff = reader.optional("BackoffRate", float)
    attempts = reader.optional("MaxAttempts", int)
    expire_after = reader.optional("ExpireAfterMin", int)
    reader.finish()
    for name in exceptions:
        if name not in _EXCEPTIONS:
            raise refused(f"{where}: unknown ExceptionType '{name}'; known are: {', '.join(_EXCEPTIONS)}.")
    if attempts is not None and expire_after is not None:
        raise refused(f"{where}: give MaxAttempts or ExpireAfterMin, not both.")
    limits = {"IntervalSeconds": (interval, 0, 43200), "BackoffRate": (backoff, 0, float("inf")),
              "MaxAttempts": (attempts, 1, 20), "ExpireAfterMin": (expire_after, 0, 14400)}  # fmt: skip
    for name, (value, least, most) in limits.items():
        if value is not None and not least <= value <= most:
            raise refused(f"{where}: {name} is {value:g}; it must be from {least} to {most:g}.")
    return RetryPolicy(
        exceptions=frozenset(exceptions),
        interval=1 if interval is None else interval,
        backoff=2.0 if backoff is None else backoff,
        attempts=5 if attempts is None and expire_after is None else attempts,
        expire_after=expire_after,
    )


def property_file(item: Json, where: str) -> PropertyFile:
    """Read one of ``PropertyFiles``."""
    reader = Reader(item, f"{where}: PropertyFiles")
    file = PropertyFile(
        name=reader.required("PropertyFileName", str),
        output=reader.required("OutputName", str),
        path=reader.required("FilePath", str),
    )
    reader.finish()
    return file
