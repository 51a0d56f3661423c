"""What later steps may refer to of each step type: the shape of its API operation's description."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from infra.local import protocol
from infra.local.pipeline import expressions, paths
from infra.local.pipeline.reading import refused

if TYPE_CHECKING:
    from botocore.model import ListShape, MapShape, Shape, StructureShape

    from infra.local.pipeline.expressions import FileGet, PropertyGet
    from infra.local.pipeline.model import Json, Step

_DESCRIBED_BY = {
    "Processing": "DescribeProcessingJob",
    "Training": "DescribeTrainingJob",
    "RegisterModel": "DescribeModelPackage",
    "Transform": "DescribeTransformJob",
    "Model": "DescribeModel",
}


def shape_of(reference: PropertyGet, step: Step, where: str) -> Shape | None:
    """Find the shape of what a reference leads to.

    Returns
    -------
    Shape or None
        ``None`` for a Condition step's ``Outcome``.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException`` when steps of that type have no such property, or this one names no such
        input, output or channel.
    """
    unknown = refused(
        f"{where}: unknown property reference '{expressions.show(reference)}' of the {step.type} step."
    )
    if step.type == "Condition" and reference.path == ("Outcome",):
        return None
    operation = _DESCRIBED_BY.get(step.type)
    if operation is None:
        raise unknown
    shape: Shape | None = protocol.operation_model("sagemaker", operation).output_shape
    given: Json = step.arguments
    for token in reference.path:
        outer, shape = shape, _inside(shape, token)
        if shape is None or not _may_have(given, outer, token):
            raise unknown
        given = _given(given, token)
    return shape


def check_file(reference: FileGet, step: Step, where: str) -> None:
    """Check that a step defines the property file that another reads.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException`` naming the property files that it does define.
    """
    names = [file.name for file in step.property_files]
    if reference.file not in names:
        raise refused(
            f"{where}: property file reference '{expressions.show(reference)}' is undefined; "
            f"step '{step.name}' defines: {', '.join(names) or 'none'}."
        )


def _inside(shape: Shape | None, token: str | int) -> Shape | None:
    if shape is None:
        return None
    if shape.type_name == "structure" and isinstance(token, str):
        return cast("StructureShape", shape).members.get(token)
    if shape.type_name == "map" and isinstance(token, str):
        return cast("MapShape", shape).value
    if shape.type_name == "list":
        member = cast("ListShape", shape).member
        named = member.type_name == "structure" and any(
            paths.is_name(name) for name in cast("StructureShape", member).members
        )
        return member if isinstance(token, int) or named else None
    return None


def _may_have(given: Json, shape: Shape | None, token: str | int) -> bool:
    """Say whether the arguments, as far as they are constants, allow that the description has a thing."""
    if isinstance(given, dict) and shape is not None and shape.type_name == "map":
        return token in given or expressions.parse(given, "The map") is not None
    if isinstance(given, list) and isinstance(token, str):
        names = [paths.name_of(item) for item in given]
        return token in names or None in names
    return True


def _given(given: Json, token: str | int) -> Json:
    try:
        return paths.look_up(given, (token,))
    except paths.NothingThereError:
        return None
