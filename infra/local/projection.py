"""What of a record an operation shows: the members that AWS's model of its answer has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from infra.local import protocol

if TYPE_CHECKING:
    from botocore.model import ListShape, StructureShape

Record = dict[str, Any]


def described(operation: str, record: Record) -> Record:
    """Keep the members of a record that a Describe operation answers with."""
    return _kept(record, _answer(operation))


def summary(operation: str, record: Record) -> Record:
    """Keep the members of a record that one entry of a List operation's answer has."""
    lists = (shape for shape in _answer(operation).members.values() if shape.type_name == "list")
    return _kept(record, cast("StructureShape", cast("ListShape", next(lists)).member))


def _answer(operation: str) -> StructureShape:
    return cast("StructureShape", protocol.operation_model("sagemaker", operation).output_shape)


def _kept(record: Record, shape: StructureShape) -> Record:
    return {name: value for name, value in record.items() if name in shape.members}
