"""The expressions that may stand anywhere in arguments: ``Get``, ``Std:Join`` and ``Std:JsonGet``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra.local.pipeline import paths
from infra.local.pipeline.reading import Reader, refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.local.pipeline.model import Json

EXECUTION_VARIABLES = (
    "PipelineExecutionId",
    "PipelineExecutionArn",
    "PipelineName",
    "PipelineArn",
    "StartDateTime",
    "CurrentDateTime",
    "TrainingJobName",
    "ProcessingJobName",
)
_EXPERIMENT = ("ExperimentName", "TrialName")
_FUNCTIONS = ("Std:Join", "Std:JsonGet")
_STEP = re.compile(r"Steps\.(?P<step>[A-Za-z0-9\-_]+)(?P<rest>[.\[].*)", re.DOTALL)
_FILE = re.compile(r"\.PropertyFiles\.(?P<file>.+)", re.DOTALL)


@dataclass(frozen=True)
class ParameterGet:
    """``Parameters.NAME``."""

    name: str


@dataclass(frozen=True)
class VariableGet:
    """``Execution.NAME`` or ``PipelineExperimentConfig.NAME``."""

    group: str
    name: str


@dataclass(frozen=True)
class PropertyGet:
    """``Steps.STEP.PATH``: a place in what the API describes of a finished step; `text` is all of it."""

    step: str
    path: paths.Path
    text: str


@dataclass(frozen=True)
class FileGet:
    """``Steps.STEP.PropertyFiles.FILE``, which only ``Std:JsonGet`` can take."""

    step: str
    file: str
    text: str


@dataclass(frozen=True)
class Join:
    """``Std:Join``: values, expressions among them, as one text with `on` between them."""

    on: str
    values: tuple[Json, ...]


@dataclass(frozen=True)
class JsonGet:
    """``Std:JsonGet``: a scalar in a JSON file, which is a property file or an object at an S3 URI."""

    source: FileGet | Json
    path: paths.Path


Expression = ParameterGet | VariableGet | PropertyGet | FileGet | Join | JsonGet


def parse(value: Json, where: str) -> Expression | None:
    """Read one expression.

    Parameters
    ----------
    value
        Any JSON value.
    where
        How errors name the place, e.g. ``Step 'train'``.

    Returns
    -------
    Expression or None
        ``None`` when the value is a plain one.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException`` for an unknown function or variable, or a malformed one.
    """
    if not isinstance(value, dict):
        return None
    functions = [name for name in value if name.startswith("Std:")]
    for name in functions:
        if name not in _FUNCTIONS:
            raise refused(f"{where}: unknown function '{name}'; known are: Get, {', '.join(_FUNCTIONS)}.")
        if len(value) > 1:
            raise refused(f"{where}: '{name}' must be alone in its object.")
    if functions:
        return (_join if functions[0] == "Std:Join" else _json_get)(value[functions[0]], where)
    return _get(value["Get"], where) if set(value) == {"Get"} else None


def walk(value: Json, where: str) -> Iterator[Expression]:
    """Yield every expression in a value, those inside others after the ones around them.

    Raises
    ------
    infra.local.errors.AwsError
        As `parse` does.
    """
    expression = parse(value, where)
    if expression is not None:
        yield expression
        if isinstance(expression, Join):
            yield from walk(list(expression.values), where)
        elif isinstance(expression, JsonGet):
            inner = expression.source
            yield from iter([inner]) if isinstance(inner, FileGet) else walk(inner, where)
        return
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        yield from walk(child, where)


def steps_in(value: Json, where: str) -> Iterator[str]:
    """Yield the name of each step that a value refers to."""
    for expression in walk(value, where):
        if isinstance(expression, PropertyGet | FileGet):
            yield expression.step


def show(expression: Expression) -> str:
    """Write a reference as the definition does, and a function by its name."""
    match expression:
        case ParameterGet(name):
            return f"Parameters.{name}"
        case VariableGet(group, name):
            return f"{group}.{name}"
        case PropertyGet() | FileGet():
            return expression.text
        case Join():
            return "Std:Join"
        case JsonGet():
            return "Std:JsonGet"


def _get(target: Json, where: str) -> Expression:
    if not isinstance(target, str):
        raise refused(f"{where}: 'Get' must be a string such as 'Parameters.Name'.")
    group, _, name = target.partition(".")
    if group == "Parameters" and name:
        return ParameterGet(name)
    if group == "Execution" and name in EXECUTION_VARIABLES:
        return VariableGet(group, name)
    if group == "PipelineExperimentConfig" and name in _EXPERIMENT:
        return VariableGet(group, name)
    step = _STEP.fullmatch(target)
    if not step:
        raise refused(f"{where}: unknown reference 'Get': '{target}'.")
    file = _FILE.fullmatch(step["rest"])
    if file:
        return FileGet(step["step"], file["file"], target)
    return PropertyGet(step["step"], _path(step["rest"].removeprefix("."), target, where), target)


def _join(body: Json, where: str) -> Join:
    reader = Reader(body, f"{where}: Std:Join")
    on = reader.optional("On", str) or ""
    values = reader.required("Values", list)
    reader.finish()
    for value in values:
        plain = isinstance(value, str | int | float)
        if not plain and parse(value, where) is None:
            raise refused(f"{where}: Std:Join joins strings, numbers, booleans and expressions only.")
    return Join(on, tuple(values))


def _json_get(body: Json, where: str) -> JsonGet:
    reader = Reader(body, f"{where}: Std:JsonGet")
    path = reader.required("Path", str)
    file = reader.optional("PropertyFile", dict)
    uri = None if file is not None else reader.value("S3Uri")
    reader.finish()
    source: FileGet | Json = uri
    if file is not None:
        source = parse(file, where)
        if not isinstance(source, FileGet):
            raise refused(
                f"{where}: PropertyFile of Std:JsonGet must be 'Get': 'Steps.<step>.PropertyFiles.<name>'."
            )
    elif not isinstance(uri, str) and parse(uri, where) is None:
        raise refused(f"{where}: S3Uri of Std:JsonGet must be a string or an expression.")
    return JsonGet(source, _path(path, path, where))


def _path(text: str, whole: str, where: str) -> paths.Path:
    try:
        return paths.parse(text)
    except ValueError:
        raise refused(f"{where}: '{whole}' is no path such as a.b['c'][0].") from None
