"""Everything about a definition that only shows when its parts are seen together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.local.pipeline import arguments, conditions, expressions, graph, paths, properties
from infra.local.pipeline.expressions import FileGet, Join, JsonGet, ParameterGet, PropertyGet, VariableGet
from infra.local.pipeline.reading import refused

if TYPE_CHECKING:
    from infra.local.pipeline.expressions import Expression
    from infra.local.pipeline.model import Definition, Json, Step

_FAMILIES = {"Integer": "Number", "Float": "Number"}


def check(definition: Definition) -> None:
    """Check references, types, arguments and order.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException`` with the first thing that is wrong: the step and what in it.
    """
    if definition.experiment:
        _check_experiment(definition)
    for step in definition.steps.values():
        _Step(definition, step).check()
    graph.check(definition)


def _check_experiment(definition: Definition) -> None:
    where = "PipelineExperimentConfig"
    for expression in expressions.walk(definition.experiment, where):
        if isinstance(expression, ParameterGet) and expression.name not in definition.parameters:
            raise refused(f"{where}: parameter '{expression.name}' is not defined.")
        variable = isinstance(expression, VariableGet) and expression.group == "Execution"
        if not isinstance(expression, ParameterGet | Join) and not variable:
            raise refused(f"{where} may only use parameters and execution variables.")


class _Step:
    """The checks of one step of a definition."""

    def __init__(self, definition: Definition, step: Step) -> None:
        self._definition = definition
        self._step = step
        self._where = f"Step '{step.name}'"

    def check(self) -> None:
        """Check that every reference leads somewhere and that the arguments can hold what they are given."""
        step = self._step
        outputs = _output_names(step)
        for file in step.property_files:
            if outputs is not None and file.output not in outputs:
                raise refused(
                    f"{self._where}: property file '{file.name}' names output '{file.output}'; "
                    f"the step has: {', '.join(outputs) or 'none'}."
                )
        for expression in expressions.walk(step.arguments, self._where):
            self._kind(expression)
        if step.type in arguments.OPERATIONS:
            arguments.check(step, self._argument)
        elif step.type == "Condition":
            for condition in step.arguments["Conditions"]:
                for left, right in conditions.pairs(condition):
                    self._check_pair(left, right)

    def _argument(self, expression: Expression) -> str | None:
        if isinstance(expression, FileGet):
            raise refused(f"{self._where}: {expressions.show(expression)} can only be read by Std:JsonGet.")
        return self._kind(expression)

    def _check_pair(self, left: Json, right: Json) -> None:
        families = [self._family(left), self._family(right)]
        if None not in families and families[0] != families[1]:
            raise refused(f"{self._where}: a condition compares {families[0]} with {families[1]}.")

    def _family(self, value: Json) -> str | None:
        expression = expressions.parse(value, self._where)
        if expression is None:
            if isinstance(value, str | int | float):
                return conditions.family(value)
            raise refused(f"{self._where}: a condition compares {value!r}, which is no scalar.")
        kind = self._argument(expression)
        if kind in {"list", "map", "structure"}:
            raise refused(f"{self._where}: a condition compares {expressions.show(expression)}, a {kind}.")
        return _FAMILIES.get(kind, kind) if kind else None

    def _kind(self, expression: Expression) -> str | None:
        match expression:
            case ParameterGet(name):
                return self._parameter(name)
            case PropertyGet(name):
                shape = properties.shape_of(expression, self._other(name), self._where)
                return arguments.kind_of_shape(shape) if shape else "Boolean"
            case FileGet(name):
                properties.check_file(expression, self._other(name), self._where)
                return None
            case JsonGet():
                return None
            case Join(_, values):
                for value in values:
                    self._check_joined(value)
                return "String"
            case VariableGet():
                return "String"

    def _check_joined(self, value: Json) -> None:
        inner = expressions.parse(value, self._where)
        if inner and self._argument(inner) in {"list", "map", "structure"}:
            raise refused(f"{self._where}: Std:Join cannot join {expressions.show(inner)}.")

    def _parameter(self, name: str) -> str:
        if name not in self._definition.parameters:
            known = ", ".join(self._definition.parameters) or "none"
            raise refused(f"{self._where}: parameter '{name}' is not defined; the pipeline defines: {known}.")
        return self._definition.parameters[name].type

    def _other(self, name: str) -> Step:
        if name not in self._definition.steps:
            raise refused(f"{self._where} refers to step '{name}', which does not exist.")
        if self._definition.steps[name].type == "Fail":
            raise refused(f"{self._where} refers to Fail step '{name}', which has no properties.")
        return self._definition.steps[name]


def _output_names(step: Step) -> list[str] | None:
    """Name a processing step's outputs, or ``None`` when they are not constants."""
    try:
        outputs = paths.look_up(step.arguments, ("ProcessingOutputConfig", "Outputs"))
    except paths.NothingThereError:
        return []
    names = [paths.name_of(output) for output in outputs] if isinstance(outputs, list) else [None]
    return None if None in names else [name for name in names if name]
