"""What of a record an operation shows: the members that AWS's model of its answer has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from infra.local import protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from botocore.model import ListShape, StructureShape

Record = dict[str, Any]


def described(operation: str, record: Record) -> Record:
    """Keep the members of a record that a Describe operation answers with."""
    return _kept(record, _answer(operation))


def summary(operation: str, record: Record) -> Record:
    """Keep the members of a record that one entry of a List operation's answer has."""
    _, entries = _entries(operation)
    return _kept(record, cast("StructureShape", entries.member))


def listed(operation: str, records: Iterable[Record], token: str | None) -> Record:
    """Answer a List operation with a page of records and the token of the next one."""
    name, _ = _entries(operation)
    return {name: [summary(operation, record) for record in records], "NextToken": token}


def _entries(operation: str) -> tuple[str, ListShape]:
    members = _answer(operation).members.items()
    return next((name, cast("ListShape", shape)) for name, shape in members if shape.type_name == "list")


def _answer(operation: str) -> StructureShape:
    return cast("StructureShape", protocol.operation_model("sagemaker", operation).output_shape)


def _kept(record: Record, shape: StructureShape) -> Record:
    return {name: value for name, value in record.items() if name in shape.members}
