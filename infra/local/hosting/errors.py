"""How hosting can go wrong."""

from __future__ import annotations


class StartError(Exception):
    """An instance cannot be started; the message is what an endpoint's ``FailureReason`` says."""


class StoppedError(Exception):
    """An instance, or all of hosting, was told to end while something was under way."""


class DialError(OSError):
    """No connection to an instance could be had: it saw nothing of the request."""


class CutOffError(Exception):
    """An instance ended a connection before it answered; what it did with the request is not known."""


class LateError(Exception):
    """An instance did not answer in time."""
