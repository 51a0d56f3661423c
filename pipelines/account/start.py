"""What a new account needs besides its stacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines import s3

if TYPE_CHECKING:
    from pipelines.place import Place


def account(place: Place) -> str:
    """Return the account's number."""
    return str(place.client("sts").get_caller_identity()["Account"])


def put_no_approved(place: Place) -> None:
    """Put the object that stands for "no version is approved yet": an input of a job must not be empty."""
    s3.write(place, place.parameters["approved-none-uri"], b"{}", "application/json")
