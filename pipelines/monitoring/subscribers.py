"""Who gets the alerts: addresses and webhooks on the account's topic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.errors import UsageError
from pipelines.monitoring import alerts

if TYPE_CHECKING:
    from pipelines.place import Place

_PENDING = "PendingConfirmation"


@dataclass(frozen=True)
class Subscriber:
    """One address; until somebody there has confirmed it, nothing is sent."""

    address: str
    confirmed: bool


def add(place: Place, address: str) -> None:
    """Send alerts to an email address or a webhook from now on.

    Raises
    ------
    UsageError
        Where it is neither.
    """
    scheme = address.partition("://")[0]
    if scheme in {"http", "https"} and "://" in address:
        protocol = scheme
    elif "@" in address:
        protocol = "email"
    else:
        raise UsageError(
            f"{address!r} is neither an email address nor a webhook such as https://example.org/hook"
        )
    alerts.put_rules(place)
    place.client("sns").subscribe(
        TopicArn=alerts.setting(place, alerts.TOPIC), Protocol=protocol, Endpoint=address
    )


def remove(place: Place) -> int:
    """Send alerts to nobody any more, and say how many they were; the unconfirmed fall away by themselves."""
    sns = place.client("sns")
    arns = [arn for arn, _ in _known(place) if arn != _PENDING]
    for arn in arns:
        sns.unsubscribe(SubscriptionArn=arn)
    return len(arns)


def read(place: Place) -> list[Subscriber]:
    """List them; nobody where the account has no topic."""
    return [Subscriber(address, arn != _PENDING) for arn, address in _known(place)]


def _known(place: Place) -> list[tuple[str, str]]:
    topic = place.parameters.get(alerts.TOPIC)
    if topic is None:
        return []
    pages = place.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    return [(each["SubscriptionArn"], each["Endpoint"]) for page in pages for each in page["Subscriptions"]]
