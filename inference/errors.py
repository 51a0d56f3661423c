"""What an endpoint answers when it cannot do what it was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

RETRY_SECONDS = 1


class Refusal(Exception):  # noqa: N818 - it is an answer, not a failure of the program
    """An HTTP answer that is no success.

    Attributes
    ----------
    status
        The HTTP status.
    message
        One line for whoever asked: what is wrong and what would be right.
    headers
        Sent along.
    """

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = dict(headers or {})


def busy(message: str) -> Refusal:
    """Return the answer to a request that may be repeated soon."""
    return Refusal(503, message, {"Retry-After": str(RETRY_SECONDS)})


class ModelUnusable(Exception):  # noqa: N818 - it names what was found
    """The model cannot be served; the message is one line for the endpoint's log."""
