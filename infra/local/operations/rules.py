"""Rules: put, describe, list, enable, disable, delete, and their targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.local import tags
from infra.local.errors import AwsError, validation
from infra.local.events import patterns, targets, transforming
from infra.local.events.bus import BUS, RULE
from infra.local.listing import cut
from infra.local.operations import operation

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.operations import Document

_SHOWN = ("Name", "Arn", "EventPattern", "State", "Description", "RoleArn", "EventBusName")
_MOST_TARGETS = 5


@operation("events", "PutRule")
def put_rule(account: Account, request: Document) -> Document:
    """Make a rule, or change the one of that name, which keeps its targets."""
    _bus(account, request)
    name = request["Name"]
    if request.get("ScheduleExpression"):
        raise validation(
            "Rules on a schedule are not in the local SageMaker: use CreateSchedule of EventBridge Scheduler."
        )
    if not request.get("EventPattern"):
        raise validation("Parameter(s) EventPattern or ScheduleExpression must be specified.")
    patterns.read(request["EventPattern"])
    arn = _arn(account, name)
    with account.store.together():
        old = account.store.get(RULE, name) or {"Targets": []}
        rule = {member: request[member] for member in _SHOWN if member in request}
        account.store.put(
            RULE,
            name,
            {"State": "ENABLED", **rule, "Arn": arn, "EventBusName": BUS, "Targets": old["Targets"]},
        )
        tags.add(account.store, arn, request.get("Tags"))
    account.events.reread()
    return {"RuleArn": arn}


@operation("events", "DescribeRule")
def describe_rule(account: Account, request: Document) -> Document:
    """Tell all of one rule."""
    return _shown(_rule(account, request, "Name")) | {"CreatedBy": account.account_id}


@operation("events", "ListRules")
def list_rules(account: Account, request: Document) -> Document:
    """List rules by name."""
    _bus(account, request)
    found = [
        rule for rule in account.store.list(RULE) if rule["Name"].startswith(request.get("NamePrefix", ""))
    ]
    page, token = _page(found, request, "Name")
    return {"Rules": [_shown(rule) for rule in page], "NextToken": token}


@operation("events", "EnableRule")
def enable_rule(account: Account, request: Document) -> None:
    """Let a rule match again."""
    _change(account, request, "Name", {"State": "ENABLED"})


@operation("events", "DisableRule")
def disable_rule(account: Account, request: Document) -> None:
    """Let a rule match nothing until it is enabled."""
    _change(account, request, "Name", {"State": "DISABLED"})


@operation("events", "DeleteRule")
def delete_rule(account: Account, request: Document) -> None:
    """Remove a rule without targets; one that is not there is passed over."""
    _bus(account, request)
    rule = account.store.get(RULE, request["Name"])
    if rule and rule["Targets"]:
        raise validation("Rule can't be deleted since it has targets.")
    account.store.delete(RULE, request["Name"])
    tags.forget(account.store, _arn(account, request["Name"]))
    account.events.reread()


@operation("events", "PutTargets")
def put_targets(account: Account, request: Document) -> Document:
    """Add targets to a rule, over those of the same ids."""
    rule = _rule(account, request, "Rule")
    for target in request["Targets"]:
        targets.check(target)
        transforming.check(target)
        if targets.service_of(target["Arn"]) == "sagemaker" and "RoleArn" not in target:
            raise validation(f"RoleArn is required for target {target['Arn']}.")
    new = {target["Id"]: target for target in [*rule["Targets"], *request["Targets"]]}
    if len(new) > _MOST_TARGETS:
        raise AwsError("LimitExceededException", f"A rule has at most {_MOST_TARGETS} targets.")
    _change(account, request, "Rule", {"Targets": list(new.values())})
    return {"FailedEntryCount": 0, "FailedEntries": []}


@operation("events", "RemoveTargets")
def remove_targets(account: Account, request: Document) -> Document:
    """Take targets from a rule; ids that it has not are passed over."""
    rule = _rule(account, request, "Rule")
    left = [target for target in rule["Targets"] if target["Id"] not in request["Ids"]]
    _change(account, request, "Rule", {"Targets": left})
    return {"FailedEntryCount": 0, "FailedEntries": []}


@operation("events", "ListTargetsByRule")
def list_targets_by_rule(account: Account, request: Document) -> Document:
    """List a rule's targets."""
    page, token = _page(_rule(account, request, "Rule")["Targets"], request, "Id")
    return {"Targets": page, "NextToken": token}


@operation("events", "ListRuleNamesByTarget")
def list_rule_names_by_target(account: Account, request: Document) -> Document:
    """List the rules that have a target."""
    _bus(account, request)
    found = [
        rule
        for rule in account.store.list(RULE)
        if any(target["Arn"] == request["TargetArn"] for target in rule["Targets"])
    ]
    page, token = _page(found, request, "Name")
    return {"RuleNames": [rule["Name"] for rule in page], "NextToken": token}


def _page(items: list[Document], request: Document, by: str) -> tuple[list[Document], str | None]:
    limit = {"MaxResults": request["Limit"]} if "Limit" in request else {}
    asked = {name: value for name, value in request.items() if name != "Limit"} | limit
    return cut(items, asked, lambda item: (item[by],), descending=False, size=100)


def _rule(account: Account, request: Document, member: str) -> Document:
    _bus(account, request)
    rule = account.store.get(RULE, request[member])
    if rule is None:
        raise AwsError(
            "ResourceNotFoundException", f"Rule {request[member]} does not exist on EventBus {BUS}."
        )
    return rule


def _change(account: Account, request: Document, member: str, fields: Document) -> None:
    _rule(account, request, member)
    account.store.update(RULE, request[member], lambda rule: rule | fields)
    account.events.reread()


def _bus(account: Account, request: Document) -> None:
    name = request.get("EventBusName", BUS).rpartition("/")[2]
    if name != BUS:
        raise AwsError(
            "ResourceNotFoundException",
            f"Event bus {name} does not exist: the local SageMaker has the default one, in {account.region}.",
        )


def _shown(rule: Document) -> Document:
    return {member: rule[member] for member in _SHOWN if member in rule}


def _arn(account: Account, name: str) -> str:
    return f"arn:aws:events:{account.region}:{account.account_id}:rule/{name}"
