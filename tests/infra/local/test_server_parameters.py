"""The Parameter Store, and the README's table of operations."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from infra.local import coverage, operations
from infra.local.account import Account
from infra.local.errors import AwsError
from infra.local.operations import parameters as _registers  # noqa: F401 - its import registers the operations
from infra.local.protocol import check_request, check_response
from infra.local.store import Store


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    """Make an account."""
    store = Store(tmp_path / "sagemaker.sqlite")
    yield Account(tmp_path, "us-east-1", store, None)
    store.close()


def ask(account: Account, operation: str, **request: Any) -> dict[str, Any]:
    """Perform one operation, checked both ways against AWS's own model."""
    handler = operations.HANDLERS["ssm", operation]
    answer = handler(account, check_request("ssm", operation, request)) or {}
    return check_response("ssm", operation, answer)


def test_a_parameter_is_found_by_name_and_by_arn(account: Account) -> None:
    """With the version of the last change."""
    assert ask(account, "PutParameter", Name="/b/x", Value="1", Type="String")["Version"] == 1
    assert ask(account, "PutParameter", Name="/b/x", Value="2", Overwrite=True)["Version"] == 2
    found = ask(account, "GetParameter", Name="/b/x")["Parameter"]
    assert (found["Value"], found["Version"], found["Type"]) == ("2", 2, "String")
    assert ask(account, "GetParameter", Name=found["ARN"])["Parameter"] == found
    ask(account, "DeleteParameter", Name="/b/x")
    missing = ask(account, "GetParameters", Names=["/b/x"])
    assert missing == {"Parameters": [], "InvalidParameters": ["/b/x"]}


def test_two_changes_at_once_are_two_versions(account: Account) -> None:
    """No change is lost behind another one's number."""
    with ThreadPoolExecutor(8) as threads:
        put = partial(ask, account, "PutParameter", Name="/b/x", Type="String", Overwrite=True)
        versions = threads.map(lambda number: put(Value=str(number))["Version"], range(24))
        assert sorted(versions) == list(range(1, 25))


def test_parameters_under_a_path_come_in_pages(account: Account) -> None:
    """All depths, or one; each parameter once."""
    for number in range(12):
        ask(account, "PutParameter", Name=f"/b/{number:02}", Value="v", Type="String")
    ask(account, "PutParameter", Name="/b/deep/x", Value="v", Type="String")
    ask(account, "PutParameter", Name="/bb", Value="v", Type="String")
    names: list[str] = []
    token: dict[str, str] = {}
    while True:
        page = ask(account, "GetParametersByPath", Path="/b", Recursive=True, MaxResults=5, **token)
        names += [parameter["Name"] for parameter in page["Parameters"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert names == [*(f"/b/{number:02}" for number in range(12)), "/b/deep/x"]
    flat = ask(account, "GetParametersByPath", Path="/b/deep/")["Parameters"]
    assert [parameter["Name"] for parameter in flat] == ["/b/deep/x"]


@pytest.mark.parametrize(
    ("operation", "request_", "code"),
    [
        ("PutParameter", {"Name": "/there", "Value": "2", "Type": "String"}, "ParameterAlreadyExists"),
        ("PutParameter", {"Name": "/new", "Value": "2"}, "ValidationException"),
        ("PutParameter", {"Name": "/new", "Value": "2", "Type": "SecureString"}, "ValidationException"),
        ("GetParameter", {"Name": "/no"}, "ParameterNotFound"),
        ("DeleteParameter", {"Name": "/no"}, "ParameterNotFound"),
    ],
)
def test_errors_are_those_of_the_parameter_store(
    account: Account, operation: str, request_: dict[str, Any], code: str
) -> None:
    """And nothing is pretended to be encrypted."""
    ask(account, "PutParameter", Name="/there", Value="1", Type="String")
    with pytest.raises(AwsError) as caught:
        ask(account, operation, **request_)
    assert caught.value.code == code
    assert ask(account, "GetParameter", Name="/there")["Parameter"]["Value"] == "1"


def test_the_readme_says_what_is_answered() -> None:
    """The table is the one that ``python -m infra.local.coverage --write`` writes."""
    assert coverage.main([]) == 0
    for service, operation in operations.HANDLERS:
        assert service
        assert operation in coverage.README.read_text()
