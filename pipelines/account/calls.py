"""Which operations of AWS the operator's code calls, and where: read from the code itself."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import botocore.session
from botocore import xform_name

from pipelines.settings import CODE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SERVICES = (
    "application-autoscaling", "cloudformation", "cloudwatch", "ecr", "events", "iam", "kms",
    "logs", "s3", "sagemaker", "sagemaker-runtime", "scheduler", "service-quotas", "sns", "ssm", "sts",
)  # fmt: skip
FOLDERS = ("pipelines",)
FILES = ("containers/push.py",)
_TRANSFERS: Mapping[str, tuple[str, ...]] = {
    "upload_file": ("PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"),
    "download_file": ("HeadObject", "GetObject"),
    "generate_presigned_post": ("PutObject",),
    "generate_presigned_url": ("GetObject",),
}
"""boto3's own methods, and the operations that they call, or let others call."""
_BY_NAME = ("get_paginator", "get_waiter")


@dataclass(frozen=True, order=True)
class Call:
    """One operation, called at one place.

    Attributes
    ----------
    service, operation
        As AWS names them, such as ``s3`` and ``GetObject``.
    file
        Path in the clone.
    line
        Its line there.
    """

    service: str
    operation: str
    file: str
    line: int


@cache
def of_code() -> tuple[Call, ...]:
    """Find every call of an AWS operation in the operator's code."""
    paths = [path for folder in FOLDERS for path in sorted((CODE / folder).rglob("*.py"))]
    return tuple(sorted({call for path in [*paths, *(CODE / file for file in FILES)] for call in _of(path)}))


def _of(path: Path) -> Iterator[Call]:
    tree = ast.parse(path.read_text())
    modules = _imported(tree)
    file = path.relative_to(CODE).as_posix()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Call):
            found = _method(node, modules) if isinstance(node, ast.Attribute) else _named(node)
            for service, operation in found:
                yield Call(service, operation, file, node.lineno)


def _method(node: ast.Attribute, modules: set[str]) -> Iterator[tuple[str, str]]:
    """Find ``client.operation``, also where it is handed on to be called elsewhere."""
    name, said = node.attr, _service(node.value)
    if _root(node) in modules:
        return
    if name in _TRANSFERS:
        yield from (("s3", operation) for operation in _TRANSFERS[name])
        return
    possible = [service for service in ([said] if said else SERVICES) if name in _operations(service)]
    if len(possible) > 1:
        raise ValueError(f"{name} may be of {', '.join(possible)}: say place.client(service).{name}")
    for service in possible:
        yield service, _operations(service)[name]


def _named(node: ast.Call) -> Iterator[tuple[str, str]]:
    """Find operations that stand by name: paged ones, and ``Call("s3", "get_object", …)``."""
    named = node.args
    service = next((part for part in map(_text, ast.walk(node)) if part in SERVICES), "")
    if isinstance(node.func, ast.Attribute):
        if node.func.attr not in _BY_NAME:
            return
        named, service = node.args[:1], _service(node.func.value) or service
    words = [_text(part) for arg in named for part in ast.walk(arg)]
    for word in words:
        for one in [service] if service else SERVICES:
            if word in _operations(one):
                yield one, _operations(one)[word]


def _text(part: ast.AST) -> str:
    return part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else ""


def _service(value: ast.expr) -> str:
    """Name the service of ``place.s3``, ``place.client("s3")``, or a variable or attribute called so."""
    if isinstance(value, ast.Call):
        if isinstance(value.func, ast.Attribute) and value.func.attr == "client" and value.args:
            told = value.args[0]
            return str(told.value) if isinstance(told, ast.Constant) else ""
        return ""
    name = value.attr if isinstance(value, ast.Attribute) else value.id if isinstance(value, ast.Name) else ""
    return name.strip("_") if name.strip("_") in SERVICES else ""


def _root(function: ast.Attribute) -> str:
    value: ast.expr = function.value
    while isinstance(value, ast.Attribute):
        value = value.value
    return value.id if isinstance(value, ast.Name) else ""


def _imported(tree: ast.Module) -> set[str]:
    return {
        alias.asname or alias.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }


@cache
def _operations(service: str) -> dict[str, str]:
    """Operations of a service: boto3's name of each to AWS's."""
    model = botocore.session.get_session().get_service_model(service)
    return {xform_name(name): name for name in model.operation_names}
