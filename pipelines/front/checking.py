"""Holds a JSON value against a schema: the part of JSON Schema that `pipelines.front.schemas` is written in.

The function behind API Gateway brings no package along, and what it checks is what the document says.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from pipelines.front.exchange import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    Schema = dict[str, Any]

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
}


def check(value: Any, schema: Schema) -> None:  # noqa: ANN401 - any JSON value
    """Refuse a value that does not fit.

    Raises
    ------
    RefusedError
        400, with where it does not fit first, and why.
    """
    for where, why in _faults(value, schema, ""):
        raise RefusedError(HTTPStatus.BAD_REQUEST, f"{where or 'the body'}: {why}")


def _faults(value: Any, schema: Schema, where: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    kind = schema["type"]
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        yield where, f"it has to be {'an' if kind[0] in 'aio' else 'a'} {kind}"
    elif kind == "object":
        yield from _of_object(value, schema, where)
    elif kind == "array":
        yield from _of_array(value, schema, where)
    elif kind == "string":
        yield from _of_string(value, schema, where)
    elif kind != "boolean" and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield where, f"it has to be {_range(schema, 'minimum', 'maximum')}"


def _of_object(value: Any, schema: Schema, where: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    known = schema["properties"]
    for name in schema.get("required", ()):
        if name not in value:
            yield _under(where, name), "it is missing"
    for name, inner in value.items():
        if name in known:
            yield from _faults(inner, known[name], _under(where, name))
        else:
            yield _under(where, name), f"nothing here has that name; there are {', '.join(known)}"


def _of_array(value: Any, schema: Schema, where: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        yield where, f"there are {len(value)}, not {_range(schema, 'minItems', 'maxItems')}"
    for number, inner in enumerate(value):
        yield from _faults(inner, schema["items"], _under(where, str(number)))


def _of_string(value: Any, schema: Schema, where: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    if "enum" in schema and value not in schema["enum"]:
        yield where, f"it is one of {', '.join(schema['enum'])}"
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        yield where, f"it has {len(value)} letters, not {_range(schema, 'minLength', 'maxLength')}"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield where, f"it has to look like {schema['example']}"


def _range(schema: Schema, least: str, most: str) -> str:
    ends = (("from ", least), (" to " if least in schema else "at most ", most))
    return "".join(f"{word}{schema[name]}" for word, name in ends if name in schema)


def _under(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name
