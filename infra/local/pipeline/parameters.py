"""Pipeline parameters: what a definition declares and the values an execution gives them."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from infra.local.errors import validation
from infra.local.pipeline.model import Parameter, Scalar
from infra.local.pipeline.reading import Reader, refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PYTHON: dict[str, type[Scalar]] = {"String": str, "Integer": int, "Float": float, "Boolean": bool}
_NAME = re.compile(r"[A-Za-z0-9\-_]{1,256}")
_WHOLE = re.compile(r"[+-]?\d+")
_MOST = 200
_LONGEST = 1024


def parse(declared: Sequence[object]) -> dict[str, Parameter]:
    """Read the definition's ``Parameters``.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException`` naming the parameter and what is wrong with it.
    """
    if len(declared) > _MOST:
        raise refused(f"A pipeline has at most {_MOST} parameters; this one has {len(declared)}.")
    parameters: dict[str, Parameter] = {}
    for position, item in enumerate(declared):
        parameter = _parameter(item, position)
        if parameter.name in parameters:
            raise refused(f"Parameter '{parameter.name}' is defined twice.")
        parameters[parameter.name] = parameter
    return parameters


def bind(parameters: Mapping[str, Parameter], given: Sequence[Mapping[str, str]]) -> dict[str, Scalar]:
    """Give every parameter its value for one execution.

    Parameters
    ----------
    parameters
        What the definition declares.
    given
        ``PipelineParameters`` of the request: ``Name`` and ``Value``, always text.

    Returns
    -------
    dict
        Each parameter's value in its own type, in the definition's order.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException`` for a name that is not declared or given twice, a value of the wrong type
        or outside the allowed ones, and a parameter left without a value.
    """
    values = {item["Name"]: item["Value"] for item in given}
    if len(values) < len(given):
        raise validation("Duplicate pipeline parameter names are not allowed: give each parameter once.")
    unknown = sorted(set(values) - set(parameters))
    if unknown:
        known = ", ".join(parameters) or "none"
        raise validation(f"Unknown pipeline parameters: [{', '.join(unknown)}]. It defines: {known}.")
    absent = [name for name, p in parameters.items() if name not in values and p.default is None]
    if absent:
        raise validation(
            f"Missing required pipeline parameters: [{', '.join(absent)}]. They have no default value."
        )
    return {
        name: _typed(parameter, values[name]) if name in values else _default(parameter)
        for name, parameter in parameters.items()
    }


def as_text(value: Scalar) -> str:
    """Write a value as the API and ``Std:Join`` do: ``true``, ``3``, ``0.5``."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _parameter(item: object, position: int) -> Parameter:
    reader = Reader(item, f"Parameter number {position + 1}")
    name = reader.required("Name", str)
    if not _NAME.fullmatch(name):
        raise refused(f"'{name}' is no parameter name: letters, digits, '-' and '_', at most 256.")
    reader.where = f"Parameter '{name}'"
    kind = reader.required("Type", str)
    if kind not in _PYTHON:
        raise refused(f"Parameter '{name}' has unknown type '{kind}'; known are: {', '.join(_PYTHON)}.")
    default = reader.optional("DefaultValue", _PYTHON[kind])
    allowed = tuple(reader.items("EnumValues"))
    reader.finish()
    if allowed and (kind != "String" or not all(isinstance(value, str) for value in allowed)):
        raise refused(f"Parameter '{name}': EnumValues are strings of a String parameter.")
    if default is not None and len(as_text(default)) > _LONGEST:
        raise refused(f"Parameter '{name}': a value has at most {_LONGEST} characters.")
    if allowed and default is not None and default not in allowed:
        raise refused(f"Parameter '{name}': the default value '{default}' is none of its EnumValues.")
    return Parameter(name, kind, default, allowed)


def _default(parameter: Parameter) -> Scalar:
    assert parameter.default is not None  # noqa: S101 - `bind` has refused such a parameter
    return parameter.default


def _typed(parameter: Parameter, text: str) -> Scalar:
    value = _convert(parameter.type, text)
    if value is None:
        raise validation(
            f"Pipeline parameter '{parameter.name}' is of type {parameter.type}; '{text}' is not."
        )
    if parameter.allowed and text not in parameter.allowed:
        raise validation(
            f"Pipeline parameter '{parameter.name}' is '{text}'; "
            f"it must be one of: [{', '.join(parameter.allowed)}]."
        )
    return value


def _convert(kind: str, text: str) -> Scalar | None:
    if kind == "Integer":
        return int(text) if _WHOLE.fullmatch(text) else None
    if kind == "Boolean":
        return {"true": True, "false": False}.get(text.lower())
    if kind == "Float":
        try:
            number = float(text)
        except ValueError:
            return None
        return number if math.isfinite(number) else None
    return text
