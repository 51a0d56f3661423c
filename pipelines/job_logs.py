"""What jobs print, from CloudWatch Logs, while they run and after."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from pipelines import executions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_logs.type_defs import GetLogEventsResponseTypeDef

    from pipelines.place import Place

_GROUPS = {"TrainingJob": "/aws/sagemaker/TrainingJobs", "ProcessingJob": "/aws/sagemaker/ProcessingJobs"}


def lines(place: Place, arn: str, only: str | None, *, follow: bool) -> Iterator[str]:
    """Yield what the jobs of an execution print, each line led by its step's name.

    Parameters
    ----------
    place
        Where.
    arn
        The execution.
    only
        One step, or all of them.
    follow
        Go on until the execution has ended.
    """
    readers: dict[str, _Reader] = {}
    while True:
        execution = executions.describe(place, arn)
        for step in execution.steps:
            if step.kind in _GROUPS and (only is None or step.name == only):
                reader = readers.setdefault(step.arn, _Reader(place, _GROUPS[step.kind], step.arn))
                yield from (f"{step.name}  {line}" for line in reader.new())
        if not follow or execution.status not in executions.RUNNING:
            return
        time.sleep(1)


class _Reader:
    """Reads one job's streams on from where it stopped."""

    def __init__(self, place: Place, group: str, arn: str) -> None:
        self._logs = place.logs
        self._group = group
        self._prefix = arn.rpartition("/")[2] + "/"
        self._tokens: dict[str, str] = {}

    def new(self) -> Iterator[str]:
        try:
            found = self._logs.describe_log_streams(
                logGroupName=self._group, logStreamNamePrefix=self._prefix
            )
        except ClientError:
            # A job that has not printed yet has no stream, the first of all jobs not even a group.
            return
        for stream in found["logStreams"]:
            yield from self._stream(stream["logStreamName"])

    def _stream(self, name: str) -> Iterator[str]:
        while True:
            token = self._tokens.get(name)
            page = self._page(name, token)
            yield from (event["message"] for event in page["events"])
            # CloudWatch says that a stream has no more by answering with the token it was given.
            if page["nextForwardToken"] == token:
                return
            self._tokens[name] = page["nextForwardToken"]

    def _page(self, name: str, token: str | None) -> GetLogEventsResponseTypeDef:
        if token is None:
            return self._logs.get_log_events(logGroupName=self._group, logStreamName=name, startFromHead=True)
        return self._logs.get_log_events(
            logGroupName=self._group, logStreamName=name, startFromHead=True, nextToken=token
        )
