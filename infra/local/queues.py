"""What CloudWatch is told of SQS's queues, in namespace ``AWS/SQS``; moto holds them and tells nothing.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from infra.local.account import Account

NAMESPACE = "AWS/SQS"
_SECONDS = 5.0


def tell(account: Account) -> None:
    """Tell, from now on, how many messages wait in each queue and how old the oldest one is."""
    account.clock.every(_SECONDS, lambda: measure(account), "the metrics of queues")


def measure(account: Account) -> None:
    """Tell once. Ages are by the system's clock, as moto's messages are."""
    from moto.backends import get_backend
    from moto.core.utils import unix_time_millis

    queues: Any = get_backend("sqs")[account.account_id][account.region].queues
    now = float(unix_time_millis())
    for name, queue in list(queues.items()):
        waiting = [message for message in list(queue.messages) if message.visible]
        age = max((now - message.sent_timestamp for message in waiting), default=0.0) / 1000
        dimensions = {"QueueName": name}
        account.metrics.put(
            NAMESPACE, "ApproximateNumberOfMessagesVisible", float(len(waiting)), dimensions, "Count"
        )
        account.metrics.put(NAMESPACE, "ApproximateAgeOfOldestMessage", age, dimensions, "Seconds")
