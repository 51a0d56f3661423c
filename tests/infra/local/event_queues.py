"""A queue that tests have things sent to, to see what came."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import count
from typing import Any

from job_world import LONG, ROLE, World

_NUMBERS = count()


@dataclass(frozen=True)
class Queue:
    """A queue of one test."""

    sqs: Any
    url: str
    arn: str

    @classmethod
    def open(cls, world: World) -> Queue:
        """Make a new one."""
        sqs = world.client("sqs")
        url = sqs.create_queue(QueueName=f"heard-{next(_NUMBERS)}")["QueueUrl"]
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return cls(sqs, url, found["Attributes"]["QueueArn"])

    def target(self, text: str) -> dict[str, Any]:
        """Write the queue as the target of a schedule."""
        return {"Arn": self.arn, "RoleArn": ROLE, "Input": text}

    def letters(self, number: int) -> list[dict[str, Any]]:
        """Wait for so many messages, and take them."""
        deadline = time.monotonic() + LONG
        found: list[dict[str, Any]] = []
        while len(found) < number:
            assert time.monotonic() < deadline, f"{len(found)} of {number} messages came"
            found += self._take()
        return found

    def messages(self, number: int) -> list[str]:
        """Wait for so many messages and read them."""
        return [letter["Body"] for letter in self.letters(number)]

    def within(self, seconds: float) -> list[str]:
        """Read what comes within some seconds."""
        time.sleep(seconds)
        return [letter["Body"] for letter in self._take()]

    def _take(self) -> list[dict[str, Any]]:
        which = {"QueueUrl": self.url, "MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"]}
        taken: list[dict[str, Any]] = self.sqs.receive_message(**which).get("Messages", [])
        for letter in taken:
            self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=letter["ReceiptHandle"])
        time.sleep(0 if taken else 0.02)
        return taken
