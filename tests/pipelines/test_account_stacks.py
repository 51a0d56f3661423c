"""``bestiary up``, ``doctor`` and ``down --account``: the account is made, looked at and taken down.

CloudFormation is played from memory, since no account is at hand; all else is answered by a local SageMaker.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable

import boto3
import pytest
from aws_played import AwsCommandLine, PlayedAws
from command_line import CommandLine

from pipelines.account import leftovers, readiness, stacks, teardown, templates
from pipelines.cli.teardown import account_down
from pipelines.errors import OperatorError, UsageError
from pipelines.place import Place
from pipelines.settings import Settings

BUCKET = "bestiary-123456789012-us-east-1"


@pytest.fixture(scope="module")
def local(new_command_line: Callable[[], CommandLine]) -> CommandLine:
    """Return a home whose local SageMaker plays the account."""
    command_line = new_command_line()
    assert command_line("local", "start").returncode == 0
    return command_line


@pytest.fixture
def aws(local: CommandLine, monkeypatch: pytest.MonkeyPatch) -> PlayedAws:
    """Return an account without stacks."""
    played = PlayedAws(local.endpoint_url)
    played.json_answers = {
        "DescribeRepositories": lambda _: {"repositories": []},
        "ScheduleKeyDeletion": lambda told: {"KeyId": told["KeyId"]},
    }
    monkeypatch.setattr(boto3, "Session", played.session)
    monkeypatch.setattr(stacks, "POLL_SECONDS", 0.01)
    return played


@pytest.fixture
def bestiary(local: CommandLine) -> AwsCommandLine:
    return AwsCommandLine(local.home)


def place(played: PlayedAws, bestiary: AwsCommandLine) -> Place:
    session = played.session("x", "x", region_name="us-east-1")
    return Place(Settings("aws", bestiary.home, "us-east-1"), session)


def states(played: PlayedAws) -> dict[str, str]:
    return {name: stack.status for name, stack in played.cloudformation.stacks.items()}


ALL_MADE = {f"bestiary-{name}": "CREATE_COMPLETE" for name in templates.STACKS}


def test_up_shows_changes_and_cost_and_asks_before_it_does_anything(
    aws: PlayedAws, bestiary: AwsCommandLine
) -> None:
    """Nobody answers: nothing is made."""
    done = bestiary("up")
    assert 2 == done.returncode
    assert "bestiary up --yes" in done.stderr
    assert "AWS::S3::Bucket" in done.stdout
    assert "encryption key" in done.stdout
    assert "1.66" in done.stdout
    assert {} == states(aws)


def test_up_tells_what_a_vpc_with_calls_of_its_own_costs_before_it_is_made(
    aws: PlayedAws, bestiary: AwsCommandLine
) -> None:
    asked = bestiary("up", "--dry-run", "--set", "Network=yes", "--set", "PrivateCalls=yes")
    assert 0 == asked.returncode, asked.stderr
    assert "12 interfaces, 730 h" in asked.stdout
    assert "12 interfaces" not in bestiary("up", "--dry-run", "--set", "PrivateCalls=yes").stdout


def test_up_makes_all_stacks_in_the_order_of_their_exports(aws: PlayedAws, bestiary: AwsCommandLine) -> None:
    """CloudFormation refuses what imports from a stack that is not there yet; the pretended one does too."""
    answer = bestiary.json("up", "--yes", "--set", "Email=ranger@example.org")
    assert answer["done"]
    assert ALL_MADE == states(aws)
    assert "ranger@example.org" == aws.cloudformation.stacks["bestiary-alerts"].parameters["Email"]
    assert {f"{BUCKET}.s3.amazonaws.com", "cloudformation.us-east-1.amazonaws.com"} <= aws.hosts
    put = [each for each in aws.requests if each.operation == "PutObject"]
    assert ["bestiary/approved/none/none.json"] == [each.arguments["Key"] for each in put]


def test_up_again_changes_nothing_and_a_new_value_only_its_stack(
    aws: PlayedAws, bestiary: AwsCommandLine
) -> None:
    bestiary.json("up", "--yes", "--set", "MonthlyDollars=70")
    again = bestiary.json("up", "--yes")
    assert [] == [change for stack in again["stacks"] for change in stack["changes"]]
    before = len(aws.requests)
    bestiary.json("up", "--yes", "--set", "MonthlyDollars=90")
    carried = [one for one in aws.requests[before:] if one.operation == "ExecuteChangeSet"]
    assert 1 == len(carried)
    assert "UPDATE_COMPLETE" == states(aws)["bestiary-alerts"]
    assert "90" == aws.cloudformation.stacks["bestiary-alerts"].parameters["MonthlyDollars"]


def test_the_front_is_opened_with_its_code_in_the_bucket_and_its_cost_told(
    aws: PlayedAws, bestiary: AwsCommandLine
) -> None:
    """The stack names the very object that was put; a closed front puts none."""
    bestiary.json("up", "--yes")
    told = bestiary("up", "--dry-run", "--set", "Front=yes").stderr
    assert "the front costs about 18.61 USD a month in AWS (100 jobs of 15 min" in told
    before = len(aws.requests)
    bestiary.json("up", "--yes", "--set", "Front=yes", "--set", "FrontOrigins=https://page.example")
    given = aws.cloudformation.stacks["bestiary-front"].parameters
    assert ("yes", "https://page.example") == (given["Front"], given["FrontOrigins"])
    assert "https://page.example" == aws.cloudformation.stacks["bestiary-storage"].parameters["FrontOrigins"]
    put = {one.arguments["Key"] for one in aws.requests[before:] if one.operation == "PutObject"}
    assert {given["FrontCode"], "bestiary/approved/none/none.json"} == put


def test_a_dry_run_leaves_neither_stacks_nor_change_sets(aws: PlayedAws, bestiary: AwsCommandLine) -> None:
    answer = bestiary.json("up", "--dry-run")
    assert not answer["done"]
    assert {} == states(aws)
    bestiary.json("up", "--yes")
    aws.cloudformation.stacks["bestiary-dashboard"].text = json.dumps({"Resources": {}})
    answer = bestiary.json("up", "--dry-run")
    dashboard = next(one for one in answer["stacks"] if one["stack"] == "bestiary-dashboard")
    assert ["Add"] == [change["action"] for change in dashboard["changes"]]
    assert {} == aws.cloudformation.change_sets
    assert ALL_MADE == states(aws)


def test_a_stack_that_fails_is_told_with_its_first_reason_and_made_anew_next_time(
    aws: PlayedAws, bestiary: AwsCommandLine
) -> None:
    aws.cloudformation.failing = {"bestiary-storage": "the bucket exists in another account"}
    done = bestiary("up", "--yes")
    assert 1 == done.returncode
    assert "bestiary-storage is ROLLBACK_COMPLETE: Bucket (AWS::S3::Bucket): the bucket exists" in done.stderr
    assert {"bestiary-storage": "ROLLBACK_COMPLETE"} == states(aws)
    aws.cloudformation.failing = {}
    assert bestiary.json("up", "--yes")["done"]
    assert ALL_MADE == states(aws)


def test_an_unknown_parameter_is_refused_with_those_there_are(
    aws: PlayedAws, bestiary: AwsCommandLine
) -> None:
    done = bestiary("up", "--yes", "--set", "Mail=x")
    assert 2 == done.returncode
    assert "Email" in done.stderr
    assert {} == states(aws)


def test_here_up_says_that_there_is_nothing_to_make(local: CommandLine) -> None:
    """The local account has from its start what the stacks make, and no CloudFormation."""
    done = local("up", "--yes")
    assert 1 == done.returncode
    assert "the local account has from its start what the stacks make" in done.stderr
    assert "Traceback" not in done.stderr


def test_doctor_says_what_an_account_lacks_and_where_to_ask_for_it(
    aws: PlayedAws, bestiary: AwsCommandLine
) -> None:
    """Before `up`: stacks, images and machines are missing; each comes with what to do."""
    aws.json_answers["DescribeImages"] = lambda _: {"imageDetails": [{"imageSizeInBytes": 790_000_000}]}
    aws.json_answers["ListServiceQuotas"] = lambda _: {
        "Quotas": [
            {"QuotaName": "ml.g4dn.xlarge for endpoint usage", "QuotaCode": "L-1", "Value": 1.0},
            {"QuotaName": "ml.g4dn.xlarge for spot training job usage", "QuotaCode": "L-2", "Value": 3.0},
        ]
    }
    found = {check.name: check for check in readiness.examine(place(aws, bestiary))}
    assert found["AWS credentials"].ok
    assert found["clock"].ok
    assert found["region"].ok
    assert ("bestiary up --where aws", False) == (found["stacks"].fix, found["stacks"].ok)
    assert found["image jobs"].ok
    asked = found["quota ml.g4dn.xlarge for endpoint usage"]
    assert "ask for 4 at https://us-east-1.console.aws.amazon.com/servicequotas" in asked.fix
    assert asked.fix.endswith("/L-1")
    assert found["quota ml.g4dn.xlarge for spot training job usage"].ok
    assert "no such quota" in found["quota ml.m5.xlarge for processing job usage"].detail
    assert "before 2026-07-30" in found["Model Monitor"].detail
    # The local account's scheduler role is SageMaker's like the others: in AWS no schedule could take it.
    assert "scheduler.amazonaws.com may not take" in found["roles"].detail


def test_doctor_without_credentials_says_so_and_looks_no_further(
    aws: PlayedAws, bestiary: AwsCommandLine
) -> None:
    aws.json_answers = {}
    aws.refused = "The security token included in the request is invalid."
    (check,) = readiness.examine(place(aws, bestiary))
    assert ("AWS credentials", False, True) == (check.name, check.ok, check.needed)
    assert "security token" in check.detail
    assert "aws configure" in check.fix


def test_down_keeps_what_was_learned_and_forgets_it_only_by_name(
    aws: PlayedAws,
    bestiary: AwsCommandLine,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """First the stacks that hold nothing; with the bucket's name all else, every version of every object."""
    bestiary.json("up", "--yes")
    account = place(aws, bestiary)
    account.s3.put_object(Bucket=BUCKET, Key="bestiary/data/a.jpg", Body=b"1")
    account.s3.put_object(Bucket=BUCKET, Key="bestiary/data/a.jpg", Body=b"2")
    account.s3.delete_object(Bucket=BUCKET, Key="bestiary/data/a.jpg")
    account.sagemaker.create_model_package_group(ModelPackageGroupName="bestiary-stylizer")
    events, topic = account.client("events"), account.parameters["alerts-topic-arn"]
    events.put_rule(Name="bestiary-alarms", EventPattern='{"source": ["aws.sagemaker"]}')
    events.put_targets(Rule="bestiary-alarms", Targets=[{"Id": "topic", "Arn": topic}])
    step = {"Name": "stop", "Type": "Fail", "Arguments": {"ErrorMessage": "x"}}
    pipeline = json.dumps({"Version": "2020-12-01", "Steps": [step]})
    account.sagemaker.create_pipeline(
        PipelineName="bestiary-training",
        PipelineDefinition=pipeline,
        RoleArn=account.parameters["pipeline-role-arn"],
        ClientRequestToken="0" * 32,
    )
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(UsageError, match="bestiary down --account --yes"):
        account_down(account, "", yes=False, as_json=False)
    assert len(templates.STACKS) == len(states(aws))
    account_down(account, "", yes=True, as_json=True)
    answer = json.loads(capsys.readouterr().out)
    assert {"kind": "pipeline", "name": "bestiary-training"} in answer["removed"]
    kinds = {each["kind"] for each in answer["left"]}
    assert {"bestiary-storage", "bestiary-registry"} == set(states(aws))
    assert {"stack", "bucket", "model package group", "parameter"} <= kinds
    assert not kinds & {kind.word for kind in leftovers.MOVING}
    with pytest.raises(UsageError, match=f"the account's is {BUCKET}"):
        teardown.check_bucket(account, "another")
    account = place(aws, bestiary)
    assert [] == teardown.remove(account, BUCKET, lambda _: None)
    assert {} == states(aws)
    assert 30 == next(
        one.arguments["PendingWindowInDays"] for one in aws.requests if one.operation == "ScheduleKeyDeletion"
    )


def test_down_refuses_before_it_removes_anything_where_there_is_no_cloudformation(local: CommandLine) -> None:
    session = boto3.Session("local", "local", region_name="us-east-1")
    here = Place(Settings("local", local.home, "us-east-1"), session, local.endpoint_url)
    with pytest.raises(OperatorError, match="no CloudFormation here"):
        leftovers.look(here)
