"""Values checked against the shapes of an AWS service model, worded as AWS words it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from infra.local import constraints

if TYPE_CHECKING:
    from botocore.model import ListShape, MapShape, Shape, StructureShape


class WrongTypeError(Exception):
    """A value of a type that its shape cannot hold; the message says where."""


@dataclass
class Check:
    """One walk over a document.

    Attributes
    ----------
    strict
        Whether a member that the shape does not know is a violation (responses) or is dropped (requests).
    violations
        What was found, each as AWS words it.
    """

    strict: bool = False
    violations: list[str] = field(default_factory=list)

    def value(self, value: object, shape: Shape, path: str) -> object:
        """Check one value and everything in it.

        Returns
        -------
        Any
            The value with members of ``None`` dropped and timestamps as aware UTC datetimes.

        Raises
        ------
        WrongTypeError
            When a value has a type that its shape cannot hold.
        """
        convert = _CONVERTERS.get(shape.type_name)
        return convert(self, value, shape, path) if convert else value

    def constrain(self, value: object, shape: Shape, path: str) -> None:
        """Record each constraint of the shape that the value breaks."""
        self.violations += [
            constraints.violation(value, path, broken) for broken in constraints.broken(value, shape)
        ]


def _structure(check: Check, value: object, shape: Shape, path: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _wrong(value, shape, path)
    structure = cast("StructureShape", shape)
    given = {name: item for name, item in value.items() if item is not None}
    for name in structure.required_members:
        if name not in given:
            check.violations.append(constraints.violation(None, _join(path, name), "Member must not be null"))
    if check.strict:
        check.violations += [
            f"Unknown member '{_join(path, str(name))}'" for name in given if name not in structure.members
        ]
    return {
        name: check.value(given[name], member, _join(path, name))
        for name, member in structure.members.items()
        if name in given
    }


def _list(check: Check, value: object, shape: Shape, path: str) -> list[Any]:
    if isinstance(value, str | bytes) or not isinstance(value, Sequence):
        raise _wrong(value, shape, path)
    if value or not check.strict:  # AWS answers with empty lists whatever its model says
        check.constrain(value, shape, path)
    member = cast("ListShape", shape).member
    if member.type_name in _CONTAINERS:
        return [check.value(item, member, f"{path}.{n}.member") for n, item in enumerate(value, start=1)]
    inner = Check(check.strict)
    items = [inner.value(item, member, path) for item in value]
    if inner.violations:
        check.violations.append(constraints.of_members(value, path, "Member", member))
    return items


def _map(check: Check, value: object, shape: Shape, path: str) -> dict[Any, Any]:
    if not isinstance(value, Mapping):
        raise _wrong(value, shape, path)
    check.constrain(value, shape, path)
    key_shape, value_shape = cast("MapShape", shape).key, cast("MapShape", shape).value
    keys, values = Check(check.strict), Check(check.strict)
    result = {
        keys.value(key, key_shape, path): values.value(item, value_shape, f"{path}.{key}.member")
        for key, item in value.items()
        if item is not None
    }
    if keys.violations:
        check.violations.append(constraints.of_members(value, path, "Map keys", key_shape))
    if values.violations and value_shape.type_name in _CONTAINERS:
        check.violations += values.violations
    elif values.violations:
        check.violations.append(constraints.of_members(value, path, "Map value", value_shape))
    return result


def _string(check: Check, value: object, shape: Shape, path: str) -> str:
    if not isinstance(value, str):
        raise _wrong(value, shape, path)
    check.constrain(value, shape, path)
    return value


def _integer(check: Check, value: object, shape: Shape, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        raise _wrong(value, shape, path)
    check.constrain(int(value), shape, path)
    return int(value)


def _number(check: Check, value: object, shape: Shape, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(value, shape, path)
    check.constrain(value, shape, path)
    return value


def _boolean(check: Check, value: object, shape: Shape, path: str) -> bool:  # noqa: ARG001 - one signature for all
    if not isinstance(value, bool):
        raise _wrong(value, shape, path)
    return value


def _timestamp(check: Check, value: object, shape: Shape, path: str) -> datetime:  # noqa: ARG001 - as above
    try:
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    raise _wrong(value, shape, path)


def _wrong(value: object, shape: Shape, path: str) -> WrongTypeError:
    where = f" at '{path}'" if path else ""
    return WrongTypeError(
        f"{type(value).__name__} {value!r}{where} can not be converted to {shape.type_name}"
    )


def _join(path: str, member: str) -> str:
    member = member[:1].lower() + member[1:]
    return f"{path}.{member}" if path else member


_CONTAINERS = {"structure", "list", "map"}
_CONVERTERS: dict[str, Callable[[Check, object, Shape, str], object]] = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _string,
    "integer": _integer,
    "long": _integer,
    "float": _number,
    "double": _number,
    "boolean": _boolean,
    "timestamp": _timestamp,
}
