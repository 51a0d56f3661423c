"""A step's arguments checked against the API operation that they are for, as far as they are constants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from infra.local import constraints, protocol
from infra.local.pipeline import expressions
from infra.local.pipeline.reading import refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.model import ListShape, MapShape, Shape, StructureShape

    from infra.local.pipeline.expressions import Expression
    from infra.local.pipeline.model import Json, Step

OPERATIONS = {
    "Processing": "CreateProcessingJob",
    "Training": "CreateTrainingJob",
    "RegisterModel": "CreateModelPackage",
    "Transform": "CreateTransformJob",
    "Model": "CreateModel",
}
# What Pipelines fills in, and what it does not take (the guide's and the SDK's "will cause rejection").
COMPLETED = {
    "Processing": {"ProcessingJobName", "RoleArn"},
    "Training": {"TrainingJobName", "RoleArn"},
    "Transform": {"TransformJobName"},
    "Model": {"ModelName"},
}
_NOT_TAKEN = {"RegisterModel": {"ModelPackageName", "CertifyForMarketplace", "ClientToken"}}

# The shapes' types by the type of value that they hold.
_HOLDS = {
    "string": ("String",),
    "integer": ("Integer",),
    "long": ("Integer",),
    "float": ("Float", "Integer"),
    "double": ("Float", "Integer"),
    "boolean": ("Boolean",),
    "timestamp": ("String",),
    "list": ("list",),
    "map": ("map",),
    "structure": ("structure",),
}
_PYTHON: dict[str, tuple[type, ...]] = {
    "String": (str,),
    "Integer": (int,),
    "Float": (float, int),
    "Boolean": (bool,),
    "list": (list,),
    "map": (dict,),
    "structure": (dict,),
}


@dataclass(frozen=True)
class _Check:
    """One walk over a step's arguments.

    `completed` names what Pipelines fills in; `kind_of` says which type an expression has, if known.
    """

    where: str
    completed: set[str]
    kind_of: Callable[[Expression], str | None]

    def value(self, value: Json, shape: Shape, path: str) -> None:
        expression = expressions.parse(value, self.where)
        if expression is not None:
            self._reference(expression, shape)
        elif not _is(value, _HOLDS[shape.type_name]):
            raise self._wrong_type(value, shape, path)
        elif shape.type_name == "structure":
            self._structure(value, cast("StructureShape", shape), path)
        elif shape.type_name == "list":
            self._constraints(value, shape, path)
            for position, item in enumerate(value):
                self.value(item, cast("ListShape", shape).member, f"{path}[{position}]")
        elif shape.type_name == "map":
            self._constraints(value, shape, path)
            for name, item in value.items():
                self.value(name, cast("MapShape", shape).key, path)
                self.value(item, cast("MapShape", shape).value, f"{path}['{name}']")
        else:
            self._constraints(value, shape, path)

    def _structure(self, value: dict[str, Json], shape: StructureShape, path: str) -> None:
        for name, item in value.items():
            if name not in shape.members:
                raise refused(f"{self.where}: Unknown Argument member '{_join(path, name)}'.")
            if item is not None:
                self.value(item, shape.members[name], _join(path, name))
        for name in shape.required_members:
            if value.get(name) is None and not (path == "" and name in self.completed):
                raise refused(f"{self.where}: Missing required Argument member '{_join(path, name)}'.")

    def _reference(self, expression: Expression, shape: Shape) -> None:
        kind = self.kind_of(expression)
        if kind is not None and kind not in _HOLDS[shape.type_name]:
            raise refused(
                f"{self.where}: Cannot assign property reference [{expressions.show(expression)}] "
                f"of type {kind} to argument of type [{shape.type_name.capitalize()}]."
            )

    def _constraints(self, value: Json, shape: Shape, path: str) -> None:
        for broken in constraints.broken(value, shape):
            raise refused(
                f"{self.where}: Model Validation failed: {constraints.violation(value, path, broken)}."
            )

    def _wrong_type(self, value: Json, shape: Shape, path: str) -> Exception:
        if shape.type_name == "list":
            return refused(f"{self.where}: Expecting start of Json Array at '{path}'.")
        if shape.type_name in {"map", "structure"}:
            return refused(f"{self.where}: Expecting start of Json Object at '{path}'.")
        return refused(f"{self.where}: '{path}' must be of type {shape.type_name}; {value!r} is not.")


def check(step: Step, kind_of: Callable[[Expression], str | None]) -> None:
    """Check the arguments of a step that calls an API operation.

    Parameters
    ----------
    step
        A step of a type in `OPERATIONS`.
    kind_of
        The type of an expression's value: ``String``, ``Integer``, ``Float``, ``Boolean``, ``list``,
        ``map``, ``structure``, or ``None`` when only the execution can tell.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException`` for an unknown or missing member, a value of the wrong type or one that
        breaks the member's constraints.
    """
    where = f"Step '{step.name}'"
    for name in step.arguments:
        if name in _NOT_TAKEN.get(step.type, ()):
            raise refused(f"{where}: Unknown Argument member '{name}'.")
    shape = protocol.operation_model("sagemaker", OPERATIONS[step.type]).input_shape
    _Check(where, COMPLETED.get(step.type, set()), kind_of).value(step.arguments, cast("Shape", shape), "")


def kind_of_shape(shape: Shape) -> str | None:
    """Name the type of value that a described property has; ``None`` for a time, which resolves to text."""
    kinds = _HOLDS[shape.type_name]
    return None if shape.type_name == "timestamp" else kinds[0]


def _is(value: Json, kinds: tuple[str, ...]) -> bool:
    return any(
        isinstance(value, _PYTHON[kind]) and (kind == "Boolean" or not isinstance(value, bool))
        for kind in kinds
    )


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
