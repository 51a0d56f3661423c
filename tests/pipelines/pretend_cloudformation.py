"""CloudFormation as far as ``up`` and ``down`` need it: stacks, change sets, exports, failures."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from pipelines.account import templates

ACCOUNT = "123456789012"


@dataclass
class Stack:
    status: str
    text: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    failure: str = ""


def found_in(body: Any, form: str) -> set[str]:
    """Find what a short form names, everywhere in a template."""
    if isinstance(body, dict):
        own = {str(value) for key, value in body.items() if key == form and isinstance(value, str)}
        return own.union(*(found_in(value, form) for value in body.values()))
    if isinstance(body, list):
        return set().union(*(found_in(value, form) for value in body))
    return set()


read = cache(templates.parse)


def exports(text: str) -> set[str]:
    return {one["Export"]["Name"] for one in read(text).get("Outputs", {}).values() if "Export" in one}


@dataclass
class CloudFormation:
    """An account's stacks.

    Attributes
    ----------
    stacks
        By name.
    failing
        Stacks that cannot be made, each with the reason.
    """

    stacks: dict[str, Stack] = field(default_factory=dict)
    failing: dict[str, str] = field(default_factory=dict)
    change_sets: dict[str, dict[str, Any]] = field(default_factory=dict)

    def answer(self, body: str) -> tuple[int, bytes]:
        """Answer one request of the query protocol."""
        told = dict(parse_qsl(body, keep_blank_values=True))
        action = told["Action"]
        try:
            result = getattr(self, f"_{action}")(told)
        except KeyError:
            name = told.get("StackName", "")
            error = f"<Code>ValidationError</Code><Message>Stack with id {name} does not exist</Message>"
            return 400, f"<ErrorResponse><Error>{error}</Error></ErrorResponse>".encode()
        except ValueError as refused:
            error = f"<Code>ValidationError</Code><Message>{escape(str(refused))}</Message>"
            return 400, f"<ErrorResponse><Error>{error}</Error></ErrorResponse>".encode()
        return 200, f"<{action}Response><{action}Result>{result}</{action}Result></{action}Response>".encode()

    def _CreateChangeSet(self, told: dict[str, str]) -> str:  # noqa: N802 - AWS's name, as below
        name, text = told["StackName"], told["TemplateBody"]
        given = {
            told[f"Parameters.member.{n}.ParameterKey"]: told.get(f"Parameters.member.{n}.ParameterValue")
            for n in range(1, 20)
            if f"Parameters.member.{n}.ParameterKey" in told
        }
        if told["ChangeSetType"] == "CREATE":
            assert name not in self.stacks
            self.stacks[name] = Stack("REVIEW_IN_PROGRESS")
        stack = self.stacks[name]
        values = {key: stack.parameters.get(key) if value is None else value for key, value in given.items()}
        assert None not in values.values(), "UsePreviousValue of a parameter that the stack has not"
        there = set().union(*(exports(one.text) for one in self.stacks.values() if one.text))
        missing = found_in(read(text), "ImportValue") - there
        why = f"No export named {min(missing)} found." if missing else ""
        before = read(stack.text)["Resources"] if stack.text else {}
        after = read(text)["Resources"]
        changed = [(key, one["Type"], "Modify" if key in before else "Add")
                   for key, one in after.items() if before.get(key) != one]  # fmt: skip
        changed += [(key, one["Type"], "Remove") for key, one in before.items() if key not in after]
        if not changed and values == {k: v for k, v in stack.parameters.items() if k in values}:
            why = "The submitted information didn't contain changes."
        arn = f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:changeSet/{told['ChangeSetName']}/{uuid.uuid4()}"
        self.change_sets[arn] = {
            "stack": name, "text": text, "values": values, "why": why, "changed": changed,
        }  # fmt: skip
        return f"<Id>{arn}</Id>"

    def _DescribeChangeSet(self, told: dict[str, str]) -> str:  # noqa: N802
        known = self.change_sets[told["ChangeSetName"]]
        changes = "".join(
            f"<member><Type>Resource</Type><ResourceChange><Action>{action}</Action>"
            f"<LogicalResourceId>{name}</LogicalResourceId><ResourceType>{kind}</ResourceType>"
            f"<Replacement>False</Replacement></ResourceChange></member>"
            for name, kind, action in known["changed"]
        )
        status = "FAILED" if known["why"] else "CREATE_COMPLETE"
        return (
            f"<Status>{status}</Status><StatusReason>{escape(known['why'])}</StatusReason>"
            f"<Changes>{changes}</Changes>"
        )

    def _DeleteChangeSet(self, told: dict[str, str]) -> str:  # noqa: N802
        del self.change_sets[told["ChangeSetName"]]
        return ""

    def _ExecuteChangeSet(self, told: dict[str, str]) -> str:  # noqa: N802
        known = self.change_sets.pop(told["ChangeSetName"])
        stack = self.stacks[known["stack"]]
        why = self.failing.get(known["stack"], "")
        if why:
            stack.status, stack.failure = (
                "UPDATE_ROLLBACK_COMPLETE" if stack.text else "ROLLBACK_COMPLETE",
                why,
            )
            return ""
        stack.status = "UPDATE_COMPLETE" if stack.text else "CREATE_COMPLETE"
        stack.text = known["text"]
        stack.parameters = {**stack.parameters, **known["values"]}
        return ""

    def _DescribeStacks(self, told: dict[str, str]) -> str:  # noqa: N802
        stack = self.stacks[told["StackName"]]
        given = "".join(
            f"<member><ParameterKey>{key}</ParameterKey><ParameterValue>{value}</ParameterValue></member>"
            for key, value in stack.parameters.items()
        )
        return (
            f"<Stacks><member><StackName>{told['StackName']}</StackName><StackStatus>{stack.status}"
            f"</StackStatus><Parameters>{given}</Parameters></member></Stacks>"
        )

    def _DescribeStackEvents(self, told: dict[str, str]) -> str:  # noqa: N802
        stack = self.stacks[told["StackName"]]
        return (
            "<StackEvents><member><LogicalResourceId>Bucket</LogicalResourceId>"
            "<ResourceType>AWS::S3::Bucket</ResourceType><ResourceStatus>CREATE_FAILED</ResourceStatus>"
            f"<ResourceStatusReason>{escape(stack.failure)}</ResourceStatusReason></member></StackEvents>"
        )

    def _DescribeStackResource(self, told: dict[str, str]) -> str:  # noqa: N802
        self.stacks[told["StackName"]]
        key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
        return f"<StackResourceDetail><PhysicalResourceId>{key}</PhysicalResourceId></StackResourceDetail>"

    def _DeleteStack(self, told: dict[str, str]) -> str:  # noqa: N802
        name = told["StackName"]
        used = {
            other
            for other, stack in self.stacks.items()
            if other != name
            and found_in(read(stack.text or "{}"), "ImportValue") & exports(self.stacks[name].text or "{}")
        }
        if used:
            raise ValueError(
                f"Export of {name} cannot be deleted as it is in use by {', '.join(sorted(used))}"
            )
        del self.stacks[name]
        return ""
