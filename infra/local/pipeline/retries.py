"""Whether and when a step that failed is tried again (AWS's guide, "Retry Policy for Pipeline Steps")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.local.pipeline.model import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from infra.local.errors import AwsError

_SERVICE_FAULT = "Step.SERVICE_FAULT"
_THROTTLING = "Step.THROTTLING"
_ALWAYS = RetryPolicy(frozenset({_SERVICE_FAULT, _THROTTLING}))


class StepFailedError(Exception):
    """A step's failure.

    Parameters
    ----------
    reason
        Its ``FailureReason``.
    exception
        The kind of failure that a retry policy can name, or ``None`` when none can.
    """

    def __init__(self, reason: str, exception: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.exception = exception


def of_call(operation: str, error: AwsError) -> StepFailedError:
    """Describe the failure of a call that a step made, in AWS's words."""
    exception = None
    if error.status >= 500:
        exception = _SERVICE_FAULT
    elif error.code in {"ThrottlingException", "Throttling", "TooManyRequestsException"}:
        exception = _THROTTLING
    elif error.code == "ResourceLimitExceeded":
        exception = "SageMaker.RESOURCE_LIMIT"
    reason = f"ClientError: Failed to invoke sagemaker:{operation}. Error Details: {error.message}"
    return StepFailedError(reason, exception)


def of_job(reason: str) -> StepFailedError:
    """Describe the failure of a job by its ``FailureReason``."""
    exception = None
    if reason.startswith("InternalServerError"):
        exception = "SageMaker.JOB_INTERNAL_ERROR"
    elif reason.startswith(("CapacityError", "InsufficientCapacityError")):
        exception = "SageMaker.CAPACITY_ERROR"
    return StepFailedError(
        reason if reason.startswith("ClientError") else f"ClientError: {reason}", exception
    )


def pause(policies: Iterable[RetryPolicy], exception: str | None, retry: int, elapsed: float) -> float | None:
    """Say how long to wait before a retry.

    Parameters
    ----------
    policies
        The step's own; faults and throttling of the service are retried without one, too.
    exception
        What failed.
    retry
        Which retry it would be: 1 for the first.
    elapsed
        Seconds since the step started.

    Returns
    -------
    float or None
        Seconds, or ``None`` when the failure is final.
    """
    policy = next((p for p in (*policies, _ALWAYS) if exception in p.exceptions), None)
    if policy is None or (policy.attempts is not None and retry > policy.attempts):
        return None
    seconds = policy.interval * policy.backoff ** (retry - 1)
    if policy.expire_after is not None and elapsed + seconds > policy.expire_after * 60:
        return None
    return seconds
