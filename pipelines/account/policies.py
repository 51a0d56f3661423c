"""The stacks' policies as IAM gets them, for linters that know no CloudFormation.

``python -m pipelines.account.policies FOLDER`` writes each as a JSON file.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.account import templates

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipelines.account.templates import Template

_ACCOUNT, _REGION = "123456789012", "us-east-1"
_PSEUDO = {
    "AWS::AccountId": _ACCOUNT,
    "AWS::Region": _REGION,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
}
_ARNS = {
    "AWS::S3::Bucket": f"arn:aws:s3:::bestiary-{_ACCOUNT}-{_REGION}",
    "AWS::KMS::Key": f"arn:aws:kms:{_REGION}:{_ACCOUNT}:key/11111111-2222-3333-4444-555555555555",
    "AWS::IAM::Role": f"arn:aws:iam::{_ACCOUNT}:role/bestiary-",
    "AWS::IAM::ManagedPolicy": f"arn:aws:iam::{_ACCOUNT}:policy/bestiary-",
    "AWS::SQS::Queue": f"arn:aws:sqs:{_REGION}:{_ACCOUNT}:bestiary-",
    "AWS::SNS::Topic": f"arn:aws:sns:{_REGION}:{_ACCOUNT}:bestiary-",
    "AWS::Logs::LogGroup": f"arn:aws:logs:{_REGION}:{_ACCOUNT}:log-group:bestiary:*",
    "AWS::ECR::Repository": f"arn:aws:ecr:{_REGION}:{_ACCOUNT}:repository/bestiary-",
}
"""ARNs of an example; those that end in a dash are followed by the resource's own name."""


def written() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every identity policy of the stacks: a name, and the document with everything filled in."""
    for template in templates.read():
        for name, resource in template.resources.items():
            if not resource["Type"].startswith("AWS::IAM::"):
                continue
            told = resource["Properties"]
            documents = [
                told.get("PolicyDocument"),
                *(one["PolicyDocument"] for one in told.get("Policies", [])),
            ]
            for number, document in enumerate(each for each in documents if each):
                yield f"{template.name}-{name}-{number}", _filled(template, document)


def _filled(template: Template, value: Any) -> Any:  # noqa: ANN401 - any node of a template
    if isinstance(value, list):
        return [_filled(template, each) for each in value]
    if not isinstance(value, dict):
        return value
    form, given = next(iter(value.items()), ("", ""))
    match form:
        case "Sub":
            text, names = (given[0], given[1]) if isinstance(given, list) else (given, {})
            return re.sub(r"\$\{([\w:.]+)\}", lambda found: str(_named(template, found[1], names)), text)
        case "Ref" | "GetAtt":
            return _named(template, given, {})
        case "ImportValue":
            return _imported(given)
        case _:
            return {name: _filled(template, each) for name, each in value.items()}


def _named(template: Template, name: str, names: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as above
    if name in names:
        return _filled(template, names[name])
    if name in _PSEUDO:
        return _PSEUDO[name]
    resource, _, attribute = name.partition(".")
    if resource not in template.resources:  # a parameter: a list of ARNs
        return ["arn:aws:s3:::photos", "arn:aws:s3:::photos/*"]
    arn = _ARNS.get(template.resources[resource]["Type"], "")
    if not arn or (not attribute and "SNS" not in template.resources[resource]["Type"]):
        return resource.lower()
    return arn + resource.lower() if arn.endswith("-") else arn


def _imported(export: str) -> Any:  # noqa: ANN401 - as above
    for template in templates.read():
        for output in template.body.get("Outputs", {}).values():
            if output.get("Export", {}).get("Name") == export:
                return _filled(template, output["Value"])
    raise LookupError(export)


if __name__ == "__main__":
    for title, policy in written():
        (Path(sys.argv[1]) / f"{title}.json").write_text(json.dumps(policy, indent=1), "utf-8")
