"""One request of a transform job to one instance, made again when it fails."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from infra.local.hosting.connections import Request
from infra.local.hosting.errors import CutOffError, DialError, LateError

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from infra.local.hosting.instance import Instance
    from infra.local.transform.plan import TransformPlan

_PAUSE_SECONDS = 0.5
_MOST_PAUSES = 60
_PARAMETERS_SECONDS = 2.0
_LONGEST_MESSAGE = 300


class NoResultError(Exception):
    """A container gave no result for a record; the message says why, as SageMaker's data log does."""


def ask(
    instance: Instance, body: bytes, plan: TransformPlan, going_on: Callable[[], None], stopped: Event
) -> bytes:
    """Return an instance's answer to one body.

    Parameters
    ----------
    instance
        Whom to ask.
    body
        The records.
    plan
        Says how long to wait and how often to try.
    going_on
        Raises when the job is to stop.
    stopped
        Set when the job is to stop.

    Raises
    ------
    NoResultError
        When no try succeeds, or the container finds fault with the request (4xx).
    """
    request = Request("POST", "/invocations", plan.headers, body)
    problem = ""
    for _ in range(plan.retries + 1):
        going_on()
        try:
            answer = instance.exchange(request, plan.seconds)
        except (DialError, CutOffError) as error:
            problem = f"Unable to get response from algorithm: {error}"
            _wait_until_ready(instance, stopped)
            continue
        except LateError:
            problem = f"Model did not respond within {plan.seconds} s (InvocationsTimeoutInSeconds)"
            continue
        if 200 <= answer.status < 300:
            return answer.body
        said = answer.body.decode(errors="replace").strip()[:_LONGEST_MESSAGE]
        problem = f"Bad HTTP status received from algorithm: {answer.status}" + (f": {said}" if said else "")
        if answer.status < 500:
            break
    going_on()
    raise NoResultError(problem)


def parameters(instance: Instance) -> dict[str, Any]:
    """Return what a container's ``/execution-parameters`` says; nothing when it has no such route."""
    with suppress(DialError, CutOffError, LateError, ValueError):
        answer = instance.exchange(Request("GET", "/execution-parameters"), _PARAMETERS_SECONDS)
        said = json.loads(answer.body) if answer.status == 200 else {}
        return said if isinstance(said, dict) else {}
    return {}


def _wait_until_ready(instance: Instance, stopped: Event) -> None:
    """Wait while the instance starts its program again."""
    for _ in range(_MOST_PAUSES):
        if stopped.wait(_PAUSE_SECONDS) or instance.ready or instance.failure:
            return
