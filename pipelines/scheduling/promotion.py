"""Versions that nobody has to approve: a retraining that says so registers them, and they go live.

EventBridge hears of a registration and starts a pipeline of one job, which does what ``bestiary approve`` and
``bestiary deploy`` do, with the canary and the alarms. It runs in the operator's image, with a role that may.
"""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pipelines.deployment.endpoint import missing
from pipelines.errors import OperatorError
from pipelines.names import CLASSIFIER
from pipelines.scheduling import eventbridge

if TYPE_CHECKING:
    from pipelines.place import Place

PIPELINE = "bestiary-promotion"
RULE = "bestiary-promote"
_TWO_HOURS = {"MaxRuntimeInSeconds": 7200}


def put(place: Place, *, automatic: bool) -> None:
    """Promote what comes with that wish from now on; nothing is done where nothing does.

    Raises
    ------
    OperatorError
        Where the account has no operator's image, or no role that may deploy.
    """
    if not automatic:
        return
    _put_pipeline(place)
    pattern = {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Model Package State Change"],
        "detail": {
            "ModelPackageGroupName": [CLASSIFIER],
            "ModelPackageStatus": ["Completed"],
            "ModelApprovalStatus": ["PendingManualApproval"],
        },
    }
    events = place.client("events")
    events.put_rule(
        Name=RULE,
        EventPattern=json.dumps(pattern),
        Description="approves and deploys what needs nobody's approval",
    )
    target = eventbridge.target(place, PIPELINE, {"ModelPackageArn": "$.detail.ModelPackageArn"})
    events.put_targets(Rule=RULE, Targets=[{"Id": "pipeline", **target}])


def remove(place: Place) -> None:
    """Promote nothing any more."""
    events = place.client("events")
    try:
        events.remove_targets(Rule=RULE, Ids=["pipeline"])
        events.delete_rule(Name=RULE)
    except events.exceptions.ResourceNotFoundException:
        return


def _put_pipeline(place: Place) -> None:
    around = place.surroundings
    definition = json.dumps(_definition(place), indent=1)
    try:
        place.sagemaker.update_pipeline(
            PipelineName=PIPELINE, PipelineDefinition=definition, RoleArn=around.pipeline_role
        )
    except ClientError as error:
        if not missing(error):
            raise
        place.sagemaker.create_pipeline(
            PipelineName=PIPELINE,
            PipelineDefinition=definition,
            RoleArn=around.pipeline_role,
            ClientRequestToken=uuid.uuid4().hex,
            PipelineDescription="Approves and deploys a version",
        )


def _definition(place: Place) -> dict[str, Any]:
    arguments = {
        "ProcessingResources": {
            "ClusterConfig": {"InstanceType": "ml.t3.medium", "InstanceCount": 1, "VolumeSizeInGB": 10}
        },
        "AppSpecification": {
            "ImageUri": _setting(place, "images/operator"),
            "ContainerEntrypoint": ["python", "-m", "pipelines.promote"],
            "ContainerArguments": [{"Get": "Parameters.ModelPackageArn"}],
        },
        "RoleArn": _setting(place, "deployer-role-arn"),
        "StoppingCondition": _TWO_HOURS,
    }
    return {
        "Version": "2020-12-01",
        "Metadata": {},
        "Parameters": [{"Name": "ModelPackageArn", "Type": "String"}],
        "Steps": [{"Name": "promote", "Type": "Processing", "Arguments": arguments}],
    }


def _setting(place: Place, name: str) -> str:
    try:
        return place.parameters[name]
    except KeyError:
        raise OperatorError(
            f"--auto-approve needs the SSM parameter /bestiary/{name}, which is missing: infra/aws creates it"
        ) from None
