"""The training pipeline from the operator's side: bring it up to date and start it."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from pipelines.errors import OperatorError, UsageError
from pipelines.graph.compile import compile_training
from pipelines.names import PIPELINE
from pipelines.place import reason
from pipelines.registry import approved
from pipelines.s3 import upload_file

if TYPE_CHECKING:
    from pipelines.place import Place

DEFAULT_BACKBONE = "efficientnetb3"


def start(place: Place, data_uri: str, own_backbone: Path | None, values: dict[str, str]) -> str:
    """Start an execution of the training pipeline as this code defines it.

    Parameters
    ----------
    place
        Where.
    data_uri
        S3 prefix of the photos.
    own_backbone
        A Keras file, or None for EfficientNetB3.
    values
        Pipeline parameters by name, as text.

    Returns
    -------
    str
        ARN of the execution.

    Raises
    ------
    OperatorError
        Where the place refuses the pipeline or the execution.
    """
    values = {"DataUri": data_uri, **_compared_with(place), **values}
    try:
        if own_backbone:
            values["BackboneUri"] = upload_file(place, own_backbone, "bestiary/backbones")
        definition = compile_training(
            place.surroundings,
            place.settings.region,
            own_backbone=own_backbone is not None,
            many_machines=int(values.get("ProcessingInstanceCount", 1)) > 1,
        )
        _upsert(place, definition)
        started = place.sagemaker.start_pipeline_execution(
            PipelineName=PIPELINE,
            PipelineParameters=[{"Name": name, "Value": value} for name, value in values.items()],
            ClientRequestToken=uuid.uuid4().hex,
        )
    except (ClientError, BotoCoreError) as error:
        raise OperatorError(f"the run could not start: {reason(error)}") from None
    return started["PipelineExecutionArn"]


def _compared_with(place: Place) -> dict[str, str]:
    version = approved(place)
    if version is None:
        return {}
    return {
        "ApprovedVersion": str(version.version),
        "ApprovedModelUri": version.artifact.removesuffix("model.tar.gz"),
    }


def _upsert(place: Place, definition: str) -> None:
    try:
        _update(place, definition)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "ResourceNotFound":
            raise
        try:
            _create(place, definition)
        except ClientError as other:
            if "already exists" not in str(other):
                raise
            # Another run began at the same moment and was first.
            _update(place, definition)


def _update(place: Place, definition: str) -> None:
    role = place.surroundings.pipeline_role
    place.sagemaker.update_pipeline(PipelineName=PIPELINE, PipelineDefinition=definition, RoleArn=role)


def _create(place: Place, definition: str) -> None:
    place.sagemaker.create_pipeline(
        PipelineName=PIPELINE,
        PipelineDefinition=definition,
        RoleArn=place.surroundings.pipeline_role,
        ClientRequestToken=uuid.uuid4().hex,
        PipelineDescription="From photos to a registered classifier",
    )


def backbone_file(backbone: str) -> Path | None:
    """Find the file that ``--backbone`` names; None for EfficientNetB3.

    Raises
    ------
    UsageError
        Where there is no such file, or it is no Keras file by its name.
    """
    if backbone == DEFAULT_BACKBONE:
        return None
    path = Path(backbone).expanduser()
    if not path.is_file():
        raise UsageError(
            f"--backbone {backbone}: it is efficientnetb3 or a Keras file, and there is no such file"
        )
    if path.suffix != ".keras":
        raise UsageError(f"--backbone {backbone}: give a .keras file, as model.save('name.keras') writes")
    return path
