"""A pipeline definition read from its JSON."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from infra.local.pipeline import checks, conditions, expressions, parameters, step_options
from infra.local.pipeline.model import Branch, Definition, Step
from infra.local.pipeline.reading import Reader, refused

if TYPE_CHECKING:
    from typing import NoReturn

    from infra.local.pipeline.model import Json

VERSION = "2020-12-01"
STEP_TYPES = ("Processing", "Training", "Transform", "Condition", "Model", "RegisterModel", "Fail")
_ONLY_IN_AWS = (
    "AutoML", "Callback", "ClarifyCheck", "Cleanup", "EMR", "EMRServerless", "Endpoint", "EndpointConfig",
    "ForEach", "InferenceComponent", "Job", "Lambda", "Lineage", "QualityCheck", "Tuning",
)  # fmt: skip
_CACHED = {"Processing", "Training", "Transform"}
_RETRIED = {"Processing", "Training", "Transform", "Model", "RegisterModel"}
_NAME = re.compile(r"[A-Za-z0-9\-_]{1,64}")
_MOST_STEPS = 50
_LONGEST = 1_048_576
_LONGEST_DISPLAY_NAME = 256


def load(text: str) -> Definition:
    """Read a definition and check it as Create does.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException``: one sentence with the step and what in it is wrong.
    """
    try:
        definition = parse(text)
        checks.check(definition)
    except RecursionError:
        raise refused("It is nested too deeply.") from None
    return definition


def parse(text: str) -> Definition:
    """Read a definition; what it says is checked for its form only.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException`` for bad JSON, an unknown step, function or condition type, an unknown or
        missing property and a value of the wrong type.
    """
    if len(text) > _LONGEST:
        raise refused(f"It has {len(text)} characters; at most {_LONGEST} are allowed.")
    try:
        document = json.loads(text, parse_constant=_no_constant)
    except ValueError as error:
        raise refused(f"It is no JSON: {error}.") from None
    reader = Reader(document, "The definition")
    version = reader.required("Version", str)
    if version != VERSION:
        raise refused(f"Unknown version '{version}'; known is: {VERSION}.")
    reader.optional("Metadata", dict)
    declared = parameters.parse(reader.items("Parameters"))
    experiment = _experiment(reader.optional("PipelineExperimentConfig", dict))
    if reader.optional("MlflowConfig", dict):
        raise refused("MlflowConfig is not available in the local SageMaker: leave it out.")
    steps = _steps(reader.required("Steps", list), None)
    reader.finish()
    return Definition(declared, _by_name(steps), experiment)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _experiment(config: dict[str, Json] | None) -> dict[str, Json] | None:
    if config is None:
        return None
    reader = Reader(config, "PipelineExperimentConfig")
    found = {name: reader.value(name) for name in ("ExperimentName", "TrialName")}
    reader.finish()
    return found


def _by_name(steps: list[Step]) -> dict[str, Step]:
    if not steps:
        raise refused("A pipeline has at least one step.")
    if len(steps) > _MOST_STEPS:
        raise refused(f"A pipeline has at most {_MOST_STEPS} steps; this one has {len(steps)}.")
    named: dict[str, Step] = {}
    for step in steps:
        if step.name in named:
            raise refused(f"Duplicate step name '{step.name}': each step's name is unique in its pipeline.")
        named[step.name] = step
    return named


def _steps(items: list[Json], branch: Branch | None) -> list[Step]:
    return [step for item in items for step in _step(item, branch)]


def _step(item: Json, branch: Branch | None) -> list[Step]:
    """Read one step, and behind a Condition step those of its branches."""
    reader = Reader(item, "A step")
    name = reader.required("Name", str)
    if not _NAME.fullmatch(name):
        raise refused(f"'{name}' is no step name: letters, digits, '-' and '_', at most 64.")
    where = reader.where = f"Step '{name}'"
    kind = reader.required("Type", str)
    _check_type(kind, where)
    given = reader.required("Arguments", dict)
    for _ in expressions.walk(given if kind != "Condition" else given.get("Conditions"), where):
        pass
    arguments, inner = _arguments(name, kind, given, branch)
    step = Step(
        name=name,
        type=kind,
        arguments=arguments,
        depends_on=tuple(step_options.dependency(entry, where) for entry in reader.items("DependsOn")),
        display_name=_display_name(reader.optional("DisplayName", str), where),
        description=reader.optional("Description", str),
        branch=branch,
    )
    if kind in _CACHED:
        cache = step_options.cache_config(reader.optional("CacheConfig", dict), where)
        step = replace(step, cache=cache)
    if kind in _RETRIED:
        policies = [step_options.retry_policy(entry, where) for entry in reader.items("RetryPolicies")]
        step = replace(step, retry_policies=tuple(policies))
    if kind == "Processing":
        files = [step_options.property_file(entry, where) for entry in reader.items("PropertyFiles")]
        step = replace(step, property_files=tuple(files))
    reader.finish()
    return [step, *inner]


def _display_name(text: str | None, where: str) -> str | None:
    if text and (len(text) > _LONGEST_DISPLAY_NAME or len(text.splitlines()) > 1):
        raise refused(f"{where}: DisplayName is one line of at most {_LONGEST_DISPLAY_NAME} characters.")
    return text


def _check_type(kind: str, where: str) -> None:
    if kind in _ONLY_IN_AWS:
        raise refused(
            f"{where}: steps of type {kind} are not available in the local SageMaker; "
            f"available are: {', '.join(STEP_TYPES)}."
        )
    if kind not in STEP_TYPES:
        raise refused(f"{where}: unknown step type '{kind}'; known are: {', '.join(STEP_TYPES)}.")


def _arguments(
    name: str, kind: str, given: dict[str, Json], branch: Branch | None
) -> tuple[dict[str, Json], list[Step]]:
    where = f"Step '{name}'"
    if kind == "Fail":
        reader = Reader(given, where)
        message = reader.value("ErrorMessage")
        if not isinstance(message, str) and expressions.parse(message, where) is None:
            raise refused(f"{where}: ErrorMessage must be a string or an expression.")
        reader.finish()
        return given, []
    if kind != "Condition":
        return given, []
    if branch:
        raise refused(
            f"{where} is a Condition step inside condition step '{branch.condition}': "
            "SageMaker Pipelines does not nest condition steps."
        )
    reader = Reader(given, where)
    wanted = reader.required("Conditions", list)
    for condition in wanted:
        conditions.check(condition, where)
    inner = _steps(reader.items("IfSteps"), Branch(name, outcome=True))
    inner += _steps(reader.items("ElseSteps"), Branch(name, outcome=False))
    reader.finish()
    return {"Conditions": wanted}, inner
