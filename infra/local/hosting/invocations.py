"""One InvokeEndpoint request, from the endpoint's traffic to the caller's answer."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra.local.errors import AwsError
from infra.local.hosting.capture import Event, Side
from infra.local.hosting.connections import Request
from infra.local.hosting.errors import CutOffError, DialError, LateError
from infra.local.hosting.log import GROUP
from infra.local.hosting.outcomes import Outcome, count
from infra.local.hosting.traffic import NoInstanceError, NoVariantError

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.hosting.capture import Capture
    from infra.local.hosting.connections import Answer
    from infra.local.hosting.instance import Instance
    from infra.local.hosting.traffic import Traffic, Turn

CUSTOM_ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"
INFERENCE_ID = "X-Amzn-SageMaker-Inference-Id"
_LATE = (
    "Your invocation timed out while waiting for a response from container primary. Review the latency "
    "metrics for each container in Amazon CloudWatch, resolve the issue, and try again."
)


class ModelError(AwsError):
    """The container answered with an error, or not at all.

    Parameters
    ----------
    account, endpoint
        Whose container.
    status
        What it answered; 0 when it did not.
    said
        The body of its answer, or what went wrong.
    """

    def __init__(self, account: Account, endpoint: str, status: int, said: str) -> None:
        side = "client" if 400 <= status < 500 else "server"
        region, group = account.region, f"{GROUP}{endpoint}"
        super().__init__(
            "ModelError",
            f'Received {side} error ({status}) from primary with message "{said}". See '
            f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#logEventViewer:group="
            f"{group} in account {account.account_id} for more information.",
            424,
        )
        self.members = {
            "OriginalStatusCode": status,
            "OriginalMessage": said,
            "LogStreamArn": f"arn:aws:logs:{region}:{account.account_id}:log-group:{group}",
        }


@dataclass(frozen=True)
class Invocation:
    """What a caller asks an endpoint.

    Attributes
    ----------
    headers
        Those that reach the container.
    body
        The payload.
    variant
        The variant that has to answer; None for any.
    inference_id
        As the caller named the request; empty for none.
    """

    headers: dict[str, str]
    body: bytes
    variant: str | None = None
    inference_id: str = ""


@dataclass(frozen=True)
class Invoked:
    """What the caller is answered.

    Attributes
    ----------
    answer
        The container's answer, of a 2xx status.
    variant
        The variant that gave it.
    """

    answer: Answer
    variant: str


class Invoker:
    """Answers the requests of one endpoint; for any thread.

    Parameters
    ----------
    account
        Where it is.
    endpoint
        Its name.
    traffic
        Leads requests to instances.
    seconds
        Within which a container has to answer.
    """

    def __init__(self, account: Account, endpoint: str, traffic: Traffic, seconds: float) -> None:
        self._account = account
        self._endpoint = endpoint
        self._traffic = traffic
        self._seconds = seconds
        self.capture: Capture | None = None

    def invoke(self, invocation: Invocation) -> Invoked:
        """Ask an instance.

        Raises
        ------
        infra.local.errors.AwsError
            `ModelError`, ``ServiceUnavailable`` when no instance can be asked, ``ValidationError`` when there
            is no such variant.
        """
        began = time.perf_counter()
        request = Request("POST", "/invocations", invocation.headers, invocation.body)
        turn, found, model_seconds = self._ask(invocation.variant, request)
        status = 0 if isinstance(found, str) else found.status
        count(
            self._account.metrics,
            self._endpoint,
            turn.chosen,
            Outcome(status, model_seconds, time.perf_counter() - began - model_seconds),
        )
        if isinstance(found, str):
            raise ModelError(self._account, self._endpoint, 0, found)
        if not 200 <= status < 300:
            said = found.body.decode(errors="replace")
            raise ModelError(self._account, self._endpoint, status, said)
        if (capture := self.capture) is not None:
            capture.take(self._event(invocation, found, turn.chosen.variant))
        return Invoked(found, turn.chosen.variant)

    def _ask(self, variant: str | None, request: Request) -> tuple[Turn, Answer | str, float]:
        """Return who was asked, the answer or what went wrong, and how long it took."""
        without: set[Instance] = set()
        while True:
            turn = self._acquire(variant, without)
            began = time.perf_counter()
            try:
                found: Answer | str = turn.instance.exchange(request, self._seconds)
            except DialError:  # it saw nothing of the request, so another may have it
                without.add(turn.instance)
                continue
            except CutOffError as error:
                found = str(error)
            except LateError:
                found = _LATE
            finally:
                self._traffic.release(turn)
            return turn, found, time.perf_counter() - began

    def _acquire(self, variant: str | None, without: set[Instance]) -> Turn:
        try:
            return self._traffic.acquire(variant, without)
        except NoVariantError:
            raise AwsError(
                "ValidationError", f"Variant {variant} not found for Request: endpoint {self._endpoint}."
            ) from None
        except NoInstanceError as error:
            if error.chosen:
                count(self._account.metrics, self._endpoint, error.chosen, Outcome(0, 0.0, 0.0))
            raise AwsError(
                "ServiceUnavailable",
                "A transient exception occurred while retrieving variant instances. Please try again later.",
                503,
            ) from None

    def _event(self, invocation: Invocation, answer: Answer, variant: str) -> Event:
        given = Side(invocation.headers.get("Content-Type", ""), invocation.body)
        answered = Side(answer.headers.get("content-type", ""), answer.body)
        return Event(variant, self._account.clock.now(), given, answered, invocation.inference_id)
