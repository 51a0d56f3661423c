"""One account's world: where its state lives and who does what in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from infra.local import operations, protocol

if TYPE_CHECKING:
    from pathlib import Path

    from infra.local.jobs.runner import JobRunner
    from infra.local.objects import ObjectStore
    from infra.local.pipeline.engine import Engine
    from infra.local.store import Store

ACCOUNT_ID = "123456789012"


@dataclass
class Account:
    """What an operation may reach.

    Attributes
    ----------
    home
        The folder that holds all state of this account.
    region
        The AWS region it plays, e.g. ``us-east-1``.
    store
        The control plane's records (SQLite).
    objects
        The S3 objects, without going through HTTP.
    jobs
        Starts, watches and stops processing and training jobs.
    engine
        Starts, watches and stops pipeline executions.
    """

    home: Path
    region: str
    store: Store
    objects: ObjectStore
    jobs: JobRunner = field(init=False)
    engine: Engine = field(init=False)
    account_id: str = ACCOUNT_ID

    def arn(self, kind: str, name: str) -> str:
        """ARN of one SageMaker resource, e.g. ``arn("training-job", "x")``."""
        return f"arn:aws:sagemaker:{self.region}:{self.account_id}:{kind}/{name}"

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Perform one SageMaker operation as a client would, checked both ways, without HTTP.

        Raises
        ------
        infra.local.errors.AwsError
            What the client would be answered.
        """
        checked = protocol.check_request("sagemaker", operation, request)
        handler = operations.HANDLERS["sagemaker", operation]
        return protocol.check_response("sagemaker", operation, handler(self, checked) or {})
