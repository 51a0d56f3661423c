"""The event bus: rules with patterns and targets, and the events that match them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from infra.local.events import changes, patterns, transforming

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from infra.local.account import Account

Record = dict[str, Any]

RULE = "event-rule"
BUS = "default"


class Bus:
    """The account's one bus; for any thread.

    Parameters
    ----------
    account
        Whose; what changes in its store becomes an event.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._rules: tuple[Record, ...] = ()
        self.reread()
        changes.watch(account.store, self)

    def reread(self) -> None:
        """Go by the rules that are in the store now."""
        self._rules = tuple(self._account.store.list(RULE))

    def publish(
        self,
        kind: str,
        source: str,
        resources: Sequence[str],
        detail: Record,
        moment: datetime | None = None,
    ) -> str:
        """Hand an event to the targets of the rules that it matches.

        Parameters
        ----------
        kind
            Its ``detail-type``.
        source, resources, detail
            As events have them.
        moment
            When it happened; now unless told.

        Returns
        -------
        str
            The event's id.
        """
        account = self._account
        event = {
            "version": "0",
            "id": str(uuid4()),
            "detail-type": kind,
            "source": source,
            "account": account.account_id,
            "time": f"{moment or account.clock.now():%Y-%m-%dT%H:%M:%SZ}",
            "region": account.region,
            "resources": list(resources),
            "detail": detail,
        }
        wanted = [
            rule
            for rule in self._rules
            if rule["State"] != "DISABLED" and patterns.matches(rule["EventPattern"], event)
        ]
        if wanted:
            with account.store.together():
                for rule in wanted:
                    self._lead(rule, event)
        return str(event["id"])

    def _lead(self, rule: Record, event: Record) -> None:
        dimensions = {"RuleName": rule["Name"]}
        self._account.metrics.put("AWS/Events", "TriggeredRules", 1.0, dimensions, "Count")
        for target in rule["Targets"]:
            about = {
                "OriginArn": rule["Arn"],
                "Namespace": "AWS/Events",
                "Dimensions": dimensions,
                "Event": json.dumps(event),
                "Told": {"RULE_ARN": rule["Arn"]},
            }
            self._account.courier.hand(target, transforming.body(target, event), about)
