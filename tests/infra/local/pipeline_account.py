"""An account of its own for each test of pipelines: real store, real S3, real jobs."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from pipeline_definitions import ROLE

from infra.local import operations
from infra.local.account import ACCOUNT_ID, Account
from infra.local.errors import AwsError
from infra.local.jobs.runner import JobRunner
from infra.local.objects import ObjectStore
from infra.local.pipeline.engine import Engine
from infra.local.s3.service import S3
from infra.local.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Json = Any


@dataclass
class World:
    """An account and short ways to use it; its bucket is ``bucket``."""

    account: Account

    def call(self, operation: str, **request: Json) -> Json:
        """Call an operation; requests that need a token get one."""
        if operation.partition("Pipeline")[0] in {"Create", "Delete", "Start", "Stop", "Retry"}:
            request.setdefault("ClientRequestToken", secrets.token_hex(16))
        return self.account.call(operation, request)

    def refused(self, operation: str, **request: Json) -> tuple[str, str]:
        """Call an operation that must not work, and return the error's code and message."""
        with pytest.raises(AwsError) as error:
            self.call(operation, **request)
        return error.value.code, error.value.message

    def create(self, definition: str, name: str = "pipe", **request: Json) -> None:
        """Create a pipeline, or update it."""
        known = [found["PipelineName"] for found in self.call("ListPipelines")["PipelineSummaries"]]
        verb = "Update" if name in known else "Create"
        self.call(
            f"{verb}Pipeline", PipelineName=name, PipelineDefinition=definition, RoleArn=ROLE, **request
        )

    def start(self, name: str = "pipe", **parameters: str) -> str:
        """Start an execution and return its ARN."""
        given = [{"Name": key, "Value": value} for key, value in parameters.items()]
        started = self.call("StartPipelineExecution", PipelineName=name, PipelineParameters=given)
        return str(started["PipelineExecutionArn"])

    def run(self, definition: str | None = None, **parameters: str) -> Json:
        """Run an execution to its end and describe it; a definition becomes the pipeline's first."""
        if definition is not None:
            self.create(definition)
        return self.ended(self.start(**parameters))

    def ended(self, arn: str) -> Json:
        """Wait for an execution's end and describe it."""
        assert self.account.engine.wait(arn, 60)
        return self.describe(arn)

    def describe(self, arn: str) -> Json:
        """Describe an execution."""
        return self.call("DescribePipelineExecution", PipelineExecutionArn=arn)

    def steps(self, execution: Json) -> dict[str, Json]:
        """List an execution's steps by name, in the order of their start."""
        listed = self.call(
            "ListPipelineExecutionSteps",
            PipelineExecutionArn=execution
            if isinstance(execution, str)
            else execution["PipelineExecutionArn"],
            SortOrder="Ascending",
        )
        return {step["StepName"]: step for step in listed["PipelineExecutionSteps"]}

    def why(self, execution: Json) -> dict[str, str]:
        """List what an execution's steps say of the cache."""
        return {name: step.get("StepDescription", "") for name, step in self.steps(execution).items()}

    def objects(self, prefix: str = "") -> dict[str, bytes]:
        """Read all objects of the bucket."""
        store = self.account.objects
        return {found.key: store.read("bucket", found.key) for found in store.list("bucket", prefix)}


@contextmanager
def world(home: Path) -> Iterator[World]:
    """Open the account that lies in a folder, as the server does at its start, and close it."""
    operations.load()
    s3 = S3(home / "s3", ACCOUNT_ID)
    account = Account(home, "us-east-1", Store(home / "sagemaker.sqlite"), ObjectStore(s3))
    account.jobs = JobRunner(account, grace=1)
    account.engine = Engine(account)
    if "bucket" not in s3.backend.buckets:
        s3.backend.create_bucket("bucket", "us-east-1")
    account.jobs.recover()
    account.engine.recover()
    try:
        yield World(account)
    finally:
        account.engine.close()
        account.jobs.close()
        s3.close()
        account.store.close()
