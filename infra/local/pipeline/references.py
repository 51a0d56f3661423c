"""References resolved: an expression's value in one execution, at one moment of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from infra.local.pipeline import expressions, paths
from infra.local.pipeline.expressions import FileGet, Join, JsonGet, ParameterGet, PropertyGet, VariableGet
from infra.local.pipeline.model import Scalar
from infra.local.pipeline.parameters import as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from infra.local.pipeline.expressions import Expression
    from infra.local.pipeline.model import Json


class UnresolvedError(Exception):
    """A reference without a value, or with one that cannot stand where it does; the message says which."""


@dataclass(frozen=True)
class Scope:
    """What expressions can refer to.

    Attributes
    ----------
    parameters
        The execution's parameters, typed.
    variables
        ``Execution`` and ``PipelineExperimentConfig`` variables: a function of both names.
    properties
        What the API describes of a finished step, by the step's name.
    read_file
        Reads a property file: a function of the step's and the file's name.
    read_uri
        Reads a JSON object at an ``s3://`` URI.
    """

    parameters: Mapping[str, Scalar]
    variables: Callable[[str, str], str]
    properties: Callable[[str], Json]
    read_file: Callable[[str, str], Json]
    read_uri: Callable[[str], Json]


def resolve(value: Json, scope: Scope) -> Json:
    """Replace every expression in a value by what it stands for.

    Returns
    -------
    Json
        A copy without expressions.

    Raises
    ------
    UnresolvedError
        When a reference has no value.
    """
    expression = expressions.parse(value, "The value")
    if expression is not None:
        return _evaluate(expression, scope)
    if isinstance(value, dict):
        return {name: resolve(item, scope) for name, item in value.items()}
    if isinstance(value, list):
        return [resolve(item, scope) for item in value]
    return value


def _evaluate(expression: Expression, scope: Scope) -> Json:
    match expression:
        case ParameterGet(name):
            return scope.parameters[name]
        case VariableGet(group, name):
            return scope.variables(group, name)
        case PropertyGet(step, path):
            return _follow(scope.properties(step), path, expressions.show(expression))
        case Join(on, values):
            return on.join(_text(resolve(value, scope)) for value in values)
        case JsonGet():
            return _json_get(expression, scope)
        case FileGet():
            raise UnresolvedError(f"{expressions.show(expression)} can only be read by Std:JsonGet.")


def _json_get(expression: JsonGet, scope: Scope) -> Scalar:
    source = expression.source
    if isinstance(source, FileGet):
        name = expressions.show(source)
        document = scope.read_file(source.step, source.file)
    else:
        name = resolve(source, scope)
        document = scope.read_uri(name)
    value = _follow(document, expression.path, name)
    if isinstance(value, Scalar):
        return value
    raise UnresolvedError(
        f"Std:JsonGet of '{paths.show(expression.path)}' in {name} is no string, number or boolean."
    )


def _follow(document: Json, path: paths.Path, name: str) -> Json:
    try:
        found = paths.look_up(document, path)
    except paths.NothingThereError as error:
        raise UnresolvedError(f"{name} cannot be resolved: {error}.") from None
    return found.isoformat() if isinstance(found, datetime) else found


def _text(value: Json) -> str:
    if isinstance(value, Scalar):
        return as_text(value)
    raise UnresolvedError("Std:Join can join strings, numbers and booleans only.")
