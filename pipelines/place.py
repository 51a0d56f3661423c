"""The place where things happen: an AWS account, or the local SageMaker that plays one.

Everything after `open_place` is the same plain boto3 in both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from infra.local import lifecycle
from pipelines.errors import OperatorError
from pipelines.network import Network
from pipelines.settings import CODE, Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient

    from pipelines.graph.compile import Surroundings

PARAMETERS = "/bestiary/"
SPOT = "training/spot"
_SWITCH = {"yes": True, "no": False}


@dataclass(frozen=True)
class Place:
    """One account in one region, and how to reach it.

    Attributes
    ----------
    settings
        What the operator asked for.
    session
        Carries the credentials.
    endpoint_url
        ``None`` for AWS itself.
    """

    settings: Settings
    session: boto3.Session = field(repr=False)
    endpoint_url: str | None = None
    _clients: dict[tuple[str, int], Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def client(self, service: str, connections: int = 10) -> Any:  # noqa: ANN401 - boto3 makes clients at run time
        """Return a boto3 client of one service in this place, for so many requests at a time."""
        # Making one takes longer than most of its requests.
        if (service, connections) not in self._clients:
            self._clients[service, connections] = self._make(service, connections)
        return self._clients[service, connections]

    def _make(self, service: str, connections: int) -> Any:  # noqa: ANN401 - as above
        how = Config(
            retries={"mode": "standard", "total_max_attempts": 3},
            connect_timeout=10,
            max_pool_connections=connections,
        )
        if service == "s3":
            # For addresses that are signed: objects under a key of one's own take no older signature, and a
            # bucket answers at its region's address only.
            how = how.merge(Config(signature_version="s3v4", s3={"addressing_style": "virtual"}))
        if self.endpoint_url:
            # What answers on this machine is never behind a proxy.
            how = how.merge(Config(proxies={}))
        return self.session.client(cast("Any", service), endpoint_url=self.endpoint_url, config=how)

    @cached_property
    def sagemaker(self) -> SageMakerClient:
        """SageMaker's control plane."""
        return cast("SageMakerClient", self.client("sagemaker"))

    @cached_property
    def s3(self) -> S3Client:
        """S3."""
        return cast("S3Client", self.client("s3"))

    @cached_property
    def logs(self) -> CloudWatchLogsClient:
        """CloudWatch Logs."""
        return cast("CloudWatchLogsClient", self.client("logs"))

    @cached_property
    def surroundings(self) -> Surroundings:
        """What the pipelines stand on here, as the account's own parameters tell.

        Raises
        ------
        OperatorError
            Where the account was not set up for Bestiary.
        """
        from pipelines.graph.compile import Surroundings

        return Surroundings(
            bucket=self.bucket,
            jobs_role=self._parameter("role-arn"),
            pipeline_role=self._parameter("pipeline-role-arn"),
            jobs_image=self._parameter("images/jobs"),
            serving_image=self._parameter("images/serving"),
            no_approved_uri=self._parameter("approved-none-uri"),
            spot=self.spot,
            network=Network.read(self.parameters),
        )

    @property
    def bucket(self) -> str:
        """The account's bucket; raises `OperatorError` where the account was not set up."""
        return self._parameter("bucket")

    def _parameter(self, name: str) -> str:
        found = self.parameters.get(name)
        if found is None:
            raise OperatorError(
                f"this account is not set up for Bestiary: the SSM parameter {PARAMETERS}{name} is missing "
                f"in {self.settings.region}; bestiary doctor says what to do"
            )
        return found

    @property
    def spot(self) -> bool:
        """Whether trainings run on spot machines: ``/bestiary/training/spot``, ``yes`` unless it is set.

        Raises
        ------
        OperatorError
            Where it is neither ``yes`` nor ``no``.
        """
        said = self.parameters.get(SPOT, "yes")
        if said not in _SWITCH:
            raise OperatorError(f"the SSM parameter {PARAMETERS}{SPOT} is {said!r}: it takes yes or no")
        return _SWITCH[said]

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The account's SSM parameters under ``/bestiary/``, by the rest of their name."""
        pages = self.client("ssm").get_paginator("get_parameters_by_path")
        return {
            parameter["Name"].removeprefix(PARAMETERS): parameter["Value"]
            for page in pages.paginate(Path=PARAMETERS, Recursive=True)
            for parameter in page["Parameters"]
        }


def open_place(settings: Settings, say: Callable[[str], None]) -> Place:
    """Reach the place the settings name; the local SageMaker is started when it is not up.

    Parameters
    ----------
    settings
        What the operator asked for.
    say
        Told what takes a moment.

    Raises
    ------
    OperatorError
        Where the local SageMaker does not come up.
    """
    if settings.where == "aws":
        return Place(settings, boto3.Session(region_name=settings.region))
    try:
        running, started = lifecycle.ensure_running(settings.home, CODE)
    except lifecycle.LifecycleError as error:
        raise OperatorError(str(error)) from None
    if started:
        say(f"started the local SageMaker at {running.endpoint_url} (bestiary local stop ends it)")
    elif running.outdated:
        say("the local SageMaker runs the code it was started with: bestiary local stop renews it")
    session = boto3.Session("local", "local", region_name=settings.region)
    return Place(settings, session, running.endpoint_url)


def reason(error: ClientError | BotoCoreError) -> str:
    """What AWS says went wrong, in one line."""
    if isinstance(error, ClientError):
        told = error.response.get("Error", {})
        return f"{error.operation_name}: {told.get('Message') or told.get('Code') or error}"
    if isinstance(error, NoCredentialsError):
        return f"{error}: bestiary doctor --where aws says what is missing"
    return str(error)
