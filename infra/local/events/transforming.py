"""What a target gets of an event: all of it, a part, fixed words, or a template filled from it.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

from __future__ import annotations

import json
import re
from typing import Any

from infra.local.errors import AwsError, validation
from infra.local.events.targets import value

Record = dict[str, Any]

_PLACE = re.compile(r"<([A-Za-z0-9_.-]+)>")


def check(target: Record) -> None:
    """See that a target says in one way at most what it gets.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException``.
    """
    given = [name for name in ("Input", "InputPath", "InputTransformer") if name in target]
    if len(given) > 1:
        raise validation(f"Target {target['Id']}: only one of {', '.join(given)} can be given.")
    transformer = target.get("InputTransformer", {})
    known = set(transformer.get("InputPathsMap", {})) | {"aws.events.event", "aws.events.event.json"}
    for name in _PLACE.findall(transformer.get("InputTemplate", "")):
        if name not in known:
            raise validation(f"Target {target['Id']}: InputTemplate has <{name}>, InputPathsMap has not.")


def body(target: Record, event: Record) -> str:
    """Write what a target gets of an event; what the event lacks is left empty."""
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        return _at(target["InputPath"], event)
    if transformer := target.get("InputTransformer"):
        return _filled(transformer, event)
    return json.dumps(event)


def _filled(transformer: Record, event: Record) -> str:
    paths = transformer.get("InputPathsMap", {})
    template = transformer["InputTemplate"]
    text = template.lstrip()
    if not text.startswith('"'):  # a JSON document, whose strings are quoted by whoever wrote it
        return _PLACE.sub(lambda found: _part(found[1], paths, event), template)
    filled = _PLACE.sub(lambda found: json.dumps(_part(found[1], paths, event))[1:-1], text)
    lines = [line.strip() for line in filled.splitlines()]
    return "\n".join(_unquoted(line) for line in lines if line)


def _part(name: str, paths: Record, event: Record) -> str:
    if name in {"aws.events.event", "aws.events.event.json"}:
        return json.dumps(event)
    return _at(paths[name], event)


def _at(path: str, event: Record) -> str:
    try:
        return value(path, event)
    except AwsError:
        return ""


def _unquoted(line: str) -> str:
    try:
        return str(json.loads(line))
    except ValueError:
        return line
