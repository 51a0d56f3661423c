"""The account as the function behind API Gateway finds it: by its environment."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config

BUCKET, ORIGINS = "BESTIARY_BUCKET", "BESTIARY_ORIGINS"
"""Variables of the environment: the bucket's name, and the origins of web pages with blanks between."""
SECONDS = 25
"""For which an endpoint is waited for: API Gateway itself waits 29."""


@dataclass(frozen=True)
class FunctionAccount:
    """An account, reached with the function's own role.

    Attributes
    ----------
    bucket
        Its bucket.
    """

    bucket: str
    _clients: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes clients at run time
        """Return a boto3 client; it is kept, since making one takes longer than most of its requests."""
        if service not in self._clients:
            how = Config(
                retries={"mode": "standard", "total_max_attempts": 2},
                connect_timeout=3,
                read_timeout=SECONDS,
                signature_version="s3v4" if service == "s3" else None,
                s3={"addressing_style": "virtual"},
            )
            self._clients[service] = boto3.client(service, config=how)  # type: ignore[call-overload]
        return self._clients[service]


def of_environment() -> tuple[FunctionAccount, tuple[str, ...]]:
    """Read the environment: the account, and the origins whose web pages may ask."""
    return FunctionAccount(os.environ[BUCKET]), tuple(os.environ.get(ORIGINS, "").split())
