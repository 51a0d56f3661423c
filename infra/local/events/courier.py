"""Deliveries to targets: kept until they are made, repeated after a passing failure, else dead letters."""

from __future__ import annotations

import logging
import sqlite3
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from infra.local.errors import AwsError
from infra.local.events import targets
from infra.local.pipeline import tokens

if TYPE_CHECKING:
    from infra.local.account import Account

Record = dict[str, Any]

_log = logging.getLogger(__name__)

KIND = "delivery"
MOST_ATTEMPTS, OLDEST_SECONDS = 185, 86_400
"""The retry policy of who gives none, as EventBridge has it."""
_LONGEST_PAUSE = 600
_SECONDS = 0.2


class Courier:
    """Makes deliveries on the clock's ticks.

    A delivery is in the store from the moment that causes it until it is made, and a pipeline's start and the
    delivery's end are one change: so that it happens once, whenever the server is killed.

    Parameters
    ----------
    account
        Where.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        # What an earlier server left is looked at first.
        self._next: datetime | None = account.clock.now()

    def start(self) -> None:
        """Deliver from now on: all that may be called is there."""
        self._account.clock.every(_SECONDS, self.tick, "deliveries to targets")

    def hand(self, target: Record, body: str, about: Record) -> None:
        """Take a delivery, to be made soon.

        Parameters
        ----------
        target
            As the rule or schedule has it.
        body
            What the target gets.
        about
            ``Origin`` (``events`` or ``scheduler``), ``OriginArn``, and what else dead letters tell.
        """
        now = self._account.clock.now()
        made = {"Id": uuid4().hex, "Made": now, "Due": now, "Attempts": 0}
        delivery = {**made, "Target": target, "Body": body, **about}
        self._account.store.create(KIND, str(made["Id"]), delivery)
        self._next = now

    def tick(self) -> None:
        """Make the deliveries that are due."""
        now = self._account.clock.now()
        if self._next is None or self._next > now:
            return
        self._next = None
        for delivery in self._account.store.list(KIND):
            if delivery["Due"] <= now:
                self._make(delivery, now)
            else:
                self._look_again(delivery["Due"])

    def _make(self, delivery: Record, now: datetime) -> None:
        store = self._account.store
        try:
            with tokens.lock, store.together():
                targets.send(self._account, delivery)
                store.delete(KIND, delivery["Id"])
            self._count(delivery, "Invocations")
        except sqlite3.Error:
            _log.exception("delivery to %s", delivery["Target"]["Arn"])
            self._look_again(now + timedelta(seconds=1))
        except AwsError as error:
            self._failed(delivery, error, now)
        except Exception as error:  # noqa: BLE001 - one that cannot be made must not keep the others
            _log.exception("delivery to %s", delivery["Target"]["Arn"])
            self._failed(delivery, AwsError("InternalFailure", str(error), 500), now)

    def _failed(self, delivery: Record, error: AwsError, now: datetime) -> None:
        """Try again later where that may help, as the target's retry policy has it."""
        policy = delivery["Target"].get("RetryPolicy", {})
        attempts = delivery["Attempts"] + 1
        pause = timedelta(seconds=min(2 ** min(attempts, 20), _LONGEST_PAUSE))
        too_old = now + pause > delivery["Made"] + timedelta(
            seconds=policy.get("MaximumEventAgeInSeconds", OLDEST_SECONDS)
        )
        too_often = attempts > policy.get("MaximumRetryAttempts", MOST_ATTEMPTS)
        self._count(delivery, "TargetErrorCount")
        if error.status < 500 or too_old or too_often:
            exhausted = "MaximumEventAgeInSeconds" if too_old else "MaximumRetryAttempts" if too_often else ""
            self._bury(delivery, error, exhausted)
            return
        again = now + pause
        self._account.store.put(KIND, delivery["Id"], {**delivery, "Attempts": attempts, "Due": again})
        self._look_again(again)

    def _bury(self, delivery: Record, error: AwsError, exhausted: str) -> None:
        """Send it to the dead-letter queue, or drop it where there is none."""
        target = delivery["Target"]
        told = {
            "ERROR_CODE": error.code,
            "ERROR_MESSAGE": error.message,
            "RETRY_ATTEMPTS": str(delivery["Attempts"]),
            "TARGET_ARN": target["Arn"],
            **delivery.get("Told", {}),
            **({"EXHAUSTED_RETRY_CONDITION": exhausted} if exhausted else {}),
        }
        queue = target.get("DeadLetterConfig", {}).get("Arn")
        _log.warning("%s could not be delivered to %s: %s", delivery["OriginArn"], target["Arn"], error)
        try:
            if queue:
                targets.fill_queue(self._account, queue, delivery["Body"], **told)
            self._count(delivery, "InvocationsSentToDeadLetterCount" if queue else "InvocationDroppedCount")
        except AwsError as other:
            _log.warning("the dead letter is lost: %s", other)
            self._count(delivery, "InvocationsFailedToBeSentToDeadLetterCount")
        self._account.store.delete(KIND, delivery["Id"])

    def _count(self, delivery: Record, metric: str) -> None:
        self._account.metrics.put(delivery["Namespace"], metric, 1.0, delivery["Dimensions"], "Count")

    def _look_again(self, moment: datetime) -> None:
        self._next = min(self._next or moment, moment)
