"""AWS played on this machine: requests go out to AWS's own addresses and a local SageMaker answers them."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.httpsession import URLLib3Session
from botocore.loaders import create_loader
from command_line import QuickCommandLine
from pretend_cloudformation import CloudFormation


@dataclass(frozen=True)
class Request:
    """One request as the code meant it, and the host it was for."""

    service: str
    operation: str
    arguments: dict[str, Any]


class Body:
    """A body in memory, read as botocore reads one from the wire."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, *_: object, **__: object) -> Any:
        yield self._content


@dataclass
class PlayedAws:
    """The transport under boto3.

    Attributes
    ----------
    answers_at
        Address of the local SageMaker.
    requests
        All that was asked, in order.
    hosts
        Which were called.
    json_answers
        Of operations that the local SageMaker has not, or must not do: what is answered.
    refused
        What AWS says to credentials that it does not know; empty where it knows them.
    """

    answers_at: str
    requests: list[Request] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)
    cloudformation: CloudFormation = field(default_factory=CloudFormation)
    json_answers: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = field(default_factory=dict)
    refused: str = ""
    _http: URLLib3Session = field(default_factory=URLLib3Session)
    _clients: dict[tuple[str, str | None], Any] = field(default_factory=dict)

    def session(self, *arguments: Any, **named: Any) -> boto3.Session:
        """Make a session as boto3 does, over this transport."""
        core = botocore.session.get_session()
        # Reading the services' models anew for every command would take longer than the commands.
        core.register_component("data_loader", LOADER)
        made = REAL_SESSION(*arguments, botocore_session=core, **named)
        made.events.register("before-parameter-build", self._meant)
        made.events.register("before-send", self._sent)
        make = made.client

        def client(service: Any, **how: Any) -> Any:
            key = (service, how.get("endpoint_url"))
            if key not in self._clients:
                self._clients[key] = make(service, **how)
            return self._clients[key]

        # A command makes its clients anew; a life of ten commands need not.
        made.client = client  # type: ignore[method-assign]
        return made

    def _meant(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        arguments = {
            name: value if not hasattr(value, "read") else "a stream" for name, value in params.items()
        }
        self.requests.append(Request(model.service_model.service_name, model.name, copy.deepcopy(arguments)))

    def _sent(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        parts = urlsplit(request.url)
        host = str(parts.hostname)
        self.hosts.add(host)
        target = request.headers.get("X-Amz-Target", b"")
        name = (target.decode() if isinstance(target, bytes) else target).rpartition(".")[2]
        if name in self.json_answers:
            answer = json.dumps(self.json_answers[name](json.loads(request.body))).encode()
            return AWSResponse(request.url, 200, {"content-type": "application/x-amz-json-1.1"}, Body(answer))
        if self.refused:
            said = f"<Error><Code>InvalidClientTokenId</Code><Message>{self.refused}</Message></Error>"
            body = f"<ErrorResponse>{said}</ErrorResponse>".encode()
            return AWSResponse(request.url, 403, {"content-type": "text/xml"}, Body(body))
        if host == "127.0.0.1":
            return None
        assert host.endswith(".amazonaws.com"), host
        assert parts.scheme == "https"
        if host.startswith("cloudformation."):
            body = request.body.decode() if isinstance(request.body, bytes) else str(request.body)
            status, answer = self.cloudformation.answer(body)
            return AWSResponse(request.url, status, {"content-type": "text/xml"}, Body(answer))
        # S3's buckets are in the name of the host there, and in the path here.
        bucket = host.partition(".s3.")[0] if ".s3." in host else ""
        path = f"/{bucket}{parts.path}" if bucket else parts.path
        url = f"{self.answers_at}{path}" + (f"?{parts.query}" if parts.query else "")
        forwarded = AWSPreparedRequest(
            request.method, url, request.headers, request.body, request.stream_output
        )
        return self._http.send(forwarded)


REAL_SESSION, LOADER = boto3.Session, create_loader()


@dataclass(frozen=True)
class AwsCommandLine(QuickCommandLine):
    """``bestiary --where aws`` with somebody's credentials."""

    @property
    def environment(self) -> dict[str, str]:
        given = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "example"}
        return {**super().environment, **given, "AWS_DEFAULT_REGION": "us-east-1", "BESTIARY_WHERE": "aws"}
