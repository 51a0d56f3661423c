"""Errors as AWS words them."""

from __future__ import annotations


class AwsError(Exception):
    """An answer other than success, as a client of the API sees it.

    Parameters
    ----------
    code
        AWS's error code, e.g. ``ValidationException`` or ``ResourceNotFound``.
    message
        What, where and what to do, in one line.
    status
        HTTP status, 400 unless told.
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


def validation(message: str) -> AwsError:
    """Say that a request breaks a rule of the API (``ValidationException``)."""
    return AwsError("ValidationException", message)


def not_found(message: str) -> AwsError:
    """Say that what a request names is not there (SageMaker's ``ResourceNotFound``)."""
    return AwsError("ResourceNotFound", message)


def in_use(message: str) -> AwsError:
    """Say that a name is taken or a resource is busy (``ResourceInUse``)."""
    return AwsError("ResourceInUse", message)
