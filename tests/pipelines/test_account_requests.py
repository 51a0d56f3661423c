"""The same life twice, here and with ``--where aws``: every request that AWS would get, held against ours.

With ``--where aws`` the requests go to AWS's own addresses; a transport under boto3 writes them down and lets
a local SageMaker answer.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from aws_played import AwsCommandLine, PlayedAws, Request
from command_line import CommandLine, QuickCommandLine
from PIL import Image
from toy_versions import Account

from infra.local import protocol
from pipelines.account import needs, permissions
from pipelines.account.calls import Call
from pipelines.account.permissions import OPERATORS

READING = ("Describe", "Get", "Head", "List", "Search")
CHECKED = ("application-autoscaling", "events", "logs", "sagemaker", "ssm")
DEPLOYER = ("Look", "Deploy", "Watch")
EXECUTION = "arn:aws:sagemaker:us-east-1:123456789012:pipeline/bestiary-training/execution/abcdefghijkl"
RUN = {
    "StartPipelineExecution": lambda _: {"PipelineExecutionArn": EXECUTION},
    "DescribePipelineExecution": lambda _: {
        "PipelineExecutionArn": EXECUTION,
        "PipelineExecutionStatus": "Executing",
        "CreationTime": 1790000000,
    },
    "ListPipelineExecutionSteps": lambda _: {"PipelineExecutionSteps": []},
}
"""The run is asked for and not led: other tests train."""
CHANGING = (
    (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "uuid"),
    (r"-v(\d+)-\d{8}t\d{6}-[0-9a-f]+", r"-v\1-when"),
    (r"\d{4}-?\d\d-?\d\dT\d\d:?\d\d:?\d\d[.\d]*(Z|\+00:00)?", "when"),
    (r"/\d{8}T\d+-[0-9a-f]+", "/when"),
    (r"[0-9a-f]{12,}(-\d+)?", "digest"),
)
"""What differs from one life to the next wherever it is led."""


@dataclass(frozen=True)
class Life:
    """What was asked from the first photo to the last endpoint.

    Attributes
    ----------
    requests
        In order, of everything but the run.
    run
        Those that put photos and started the pipeline.
    hosts
        Whom they went to.
    """

    requests: list[Request]
    run: list[Request]
    hosts: set[str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two species, two photos each; one photo to ask about."""
    made = tmp_path_factory.mktemp("photos")
    for number, species in enumerate(("bear", "bear", "duck", "duck")):
        (made / species).mkdir(exist_ok=True)
        Image.new("RGB", (40, 40), (60 * number, 90, 20)).save(made / species / f"{number}.jpg")
    return made


@pytest.fixture(scope="module")
def lead(
    new_command_line: Callable[[], CommandLine], tmp_path_factory: pytest.TempPathFactory, folder: Path
) -> Callable[[type[QuickCommandLine]], Life]:
    def led(kind: type[QuickCommandLine]) -> Life:
        home = new_command_line().home
        account = Account.open(QuickCommandLine(home), tmp_path_factory.mktemp("toys"))
        account.setting("wait-seconds", 0)
        first, second = account.toy(approved=False), account.toy()
        bestiary, played = kind(home), PlayedAws(account.bestiary.endpoint_url, json_answers=RUN)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(boto3, "Session", played.session)
            _ask(bestiary, "run", "--data", str(folder), "--no-wait", "--json")
            run, played.requests = played.requests, []
            for words in _words(first, second, next(folder.rglob("*.jpg"))):
                _ask(bestiary, *words)
        return Life(played.requests, run, played.hosts)

    return led


def _words(first: int, second: int, photo: Path) -> Iterator[tuple[str, ...]]:
    yield "approve", str(first)
    yield "deploy", str(first), "--why", "the first"
    yield "classify", str(photo)
    yield "deploy", str(second), "--strategy", "all-at-once"
    yield ("rollback",)
    yield ("history",)
    yield ("versions",)
    yield ("cost",)
    yield "down", "--yes"


def _ask(bestiary: CommandLine, *words: str) -> None:
    done = bestiary(*words)
    assert 0 == done.returncode, (words, done.stderr)


@pytest.fixture(scope="module")
def here(lead: Callable[[type[QuickCommandLine]], Life]) -> Life:
    return lead(QuickCommandLine)


@pytest.fixture(scope="module")
def there(lead: Callable[[type[QuickCommandLine]], Life]) -> Life:
    return lead(AwsCommandLine)


def same(value: Any) -> Any:
    """Write arguments without what differs from life to life."""
    text = repr(value)
    for pattern, instead in CHANGING:
        text = re.sub(pattern, instead, text)
    return text


def changes(requests: list[Request]) -> list[tuple[str, str, Any]]:
    return [
        (one.service, one.operation, same(one.arguments))
        for one in requests
        if not one.operation.startswith(READING)
    ]


def test_aws_gets_the_same_requests_as_the_local_sagemaker(here: Life, there: Life) -> None:
    """Alike but for the address: what moves things in the same order, what only looks by operation."""
    assert changes(here.requests) == changes(there.requests)
    looks = [{(r.service, r.operation) for r in life.requests} for life in (here, there)]
    assert looks[0] == looks[1]
    assert sorted(changes(here.run)) == sorted(changes(there.run))
    assert {"127.0.0.1"} == here.hosts
    assert all(host.endswith(".amazonaws.com") for host in there.hosts)
    moved = [operation for service, operation, _ in changes(there.requests) if service == "sagemaker"]
    assert ["CreateEndpoint", "UpdateEndpoint", "UpdateEndpoint", "DeleteEndpoint"] == [
        operation for operation in moved if operation.endswith("Endpoint")
    ]
    assert "StartPipelineExecution" in {one.operation for one in there.run}


def test_every_request_fits_awss_own_service_model(there: Life) -> None:
    """Types, required members, enumerations, lengths, ranges and patterns."""
    checked = [one for one in (*there.run, *there.requests) if one.service in CHECKED]
    assert len(checked) > 20
    for one in checked:
        protocol.check_request(one.service, one.operation, one.arguments)


def test_the_policies_allow_the_life_and_the_deployers_role_all_but_the_run(there: Life) -> None:
    """Also by resource, where it is an object: nobody writes where no policy lets them."""
    given = permissions.read()
    assert [] == refused(given, there.run, OPERATORS)
    assert [] == refused(given, there.requests, DEPLOYER)


def test_the_code_is_known_to_make_every_call_that_it_makes(here: Life) -> None:
    """What `bestiary iam` reads from the code is not less than what was seen."""
    read = {(call.service, call.operation) for call in permissions.of_operators()}
    seen = {(one.service, one.operation) for one in (*here.run, *here.requests)}
    assert set() == seen - read


def refused(
    given: list[permissions.Permission], requests: list[Request], duties: tuple[str, ...]
) -> list[tuple[str, str]]:
    allowed: dict[str, list[str]] = {}
    for each in given:
        if each.duty in duties:
            allowed.setdefault(each.action, []).extend(each.resources)
    found = []
    for one in requests:
        key = one.arguments.get("Key")
        for action in needs.actions(Call(one.service, one.operation, "", 0)):
            on = f"bucket/{key}" if key and action.startswith("s3:") else ""
            resources = allowed.get(action, [])
            if not resources or (on and not any(fnmatch.fnmatchcase(on, pattern) for pattern in resources)):
                found.append((action, on))
    return found
