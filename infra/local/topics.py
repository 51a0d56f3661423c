"""SNS topics and subscriptions that outlast the server, and messages sent to them from here.

moto answers for SNS, in RAM; what it holds is noted after each request that may have changed it.
"""

from __future__ import annotations

import json
import logging
import queue
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from infra.local.store import Record, Store

_log = logging.getLogger(__name__)

KIND = "sns"
_NAME = "topics"
_NOT_STATE = {"sns_backend", "sent_notifications"}
_FILTERS = ("FilterPolicyScope", "FilterPolicy")


class Topics:
    """The topics of an account; for any thread.

    Parameters
    ----------
    store
        Where they are kept; what is in it is put into moto.
    account_id, region
        Whose SNS.
    written
        File that messages sent from here are added to, for whoever has no subscription; ``None`` for none.
        They are also in the server's log then, which is the terminal where it runs in one.
    """

    def __init__(self, store: Store, account_id: str, region: str, written: Path | None = None) -> None:
        self._written = written
        self._store = store
        self._account_id = account_id
        self._region = region
        self._lock = threading.Lock()
        self._messages: queue.SimpleQueue[tuple[str, str, str | None] | None] = queue.SimpleQueue()
        self._sender: threading.Thread | None = None
        self._saved = store.get(KIND, _NAME) or {"Topics": [], "Subscriptions": []}
        self._load()

    def save(self) -> None:
        """Note what there is, if it has changed."""
        with self._lock:
            now = self._state()
            if now != self._saved:
                self._store.put(KIND, _NAME, now)
                self._saved = now

    def publish(self, arn: str, message: str, subject: str | None = None) -> None:
        """Send a message to a topic's subscribers soon, on another thread; a failure is logged."""
        with self._lock:
            if self._sender is None:
                self._sender = threading.Thread(target=self._send, name="SNS", daemon=True)
                self._sender.start()
        self._messages.put((arn, message, subject))

    def has(self, arn: str) -> bool:
        """Say whether there is a topic."""
        return arn in self._sns.topics

    def close(self) -> None:
        """Send no more than what is waiting now; who does not take it in time does not get it."""
        self._messages.put(None)
        if self._sender:
            self._sender.join(2.0)

    @property
    def _sns(self) -> Any:  # noqa: ANN401 - moto has no types
        from moto.backends import get_backend

        return get_backend("sns")[self._account_id][self._region]

    def _send(self) -> None:
        while (item := self._messages.get()) is not None:
            arn, message, subject = item
            try:
                topic = self._sns.get_topic(arn)
                topic.publish(message, subject)
                topic.sent_notifications.clear()  # moto remembers all of them, for ever
                self._write(arn, subject, message)
            except Exception as error:  # noqa: BLE001 - moto's, or a subscriber's that is gone
                _log.warning("a message to %s could not be sent: %s", arn, error)

    def _write(self, arn: str, subject: str | None, message: str) -> None:
        if self._written is not None:
            said = {"time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", "topic": arn.rpartition(":")[2]}
            told = {**said, "subject": subject, "message": message}
            _log.warning("%s: %s", said["topic"], message)
            with self._written.open("a", encoding="utf-8") as file:
                file.write(json.dumps(told, ensure_ascii=False) + "\n")

    def _state(self) -> Record:
        topics = [
            {name: value for name, value in vars(topic).items() if name not in _NOT_STATE}
            for topic in list(self._sns.topics.values())
        ]
        subscriptions = [
            {
                "arn": each.arn,
                "topic": each.topic.arn,
                "endpoint": each.endpoint,
                "protocol": each.protocol,
                "confirmed": each.confirmed,
                "attributes": dict(each.attributes),
            }
            for each in list(self._sns.subscriptions.values())
        ]
        return {"Topics": topics, "Subscriptions": subscriptions}

    def _load(self) -> None:
        sns = self._sns
        sns.topics.clear()
        sns.subscriptions.clear()
        for kept in self._saved["Topics"]:
            vars(sns.create_topic(kept["name"])).update(kept)
        for kept in self._saved["Subscriptions"]:
            made = sns.subscribe(kept["topic"], kept["endpoint"], kept["protocol"])
            del sns.subscriptions[made.arn]
            made.arn, made.confirmed = kept["arn"], kept["confirmed"]
            made.attributes = dict(kept["attributes"])
            sns.subscriptions[made.arn] = made
            for name in _FILTERS:
                if name in made.attributes:
                    sns.set_subscription_attributes(made.arn, name, made.attributes[name])
