"""One monitor job, started by hand: the same image and contract as on schedule, without a schedule."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from pipelines.errors import OperatorError
from pipelines.monitoring import captured, checks
from pipelines.monitoring.programs import CAPTURED, FOLDER, MONITOR, OUTPUT
from pipelines.monitoring.watched import (
    BASELINES,
    CLUSTER,
    LONGEST,
    RESULTS,
    given,
    live,
    read,
)
from pipelines.names import CLASSIFIER
from pipelines.network import isolated

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pipelines.monitoring.checks import Check
    from pipelines.monitoring.programs import Program
    from pipelines.place import Place

_POLL_SECONDS = 0.5


def check_now(place: Place, program: Program, hours: int, say: Callable[[str], None]) -> Check:
    """Compare what was captured in the last hours with what the live version is compared with.

    Raises
    ------
    OperatorError
        Where nothing is live, nothing was captured, or there is nothing to compare with.
    """
    watched = read(place, program)
    inputs = [given(each.name, watched.uris[each.parameter], each.folder) for each in program.inputs]
    variables = {**program.variables, **watched.environment}
    name = f"bestiary-{program.name}-{_stamp()}"
    to = f"s3://{place.surroundings.bucket}/{RESULTS}/{CLASSIFIER}/by-hand/{name}"
    return _run(place, name, program, hours, say, to=to, inputs=inputs, variables=variables)


def make_baseline(place: Place, hours: int, say: Callable[[str], None]) -> Check:
    """Take what was captured in the last hours as usual, for the live version, from now on.

    Raises
    ------
    OperatorError
        Where nothing is live or nothing was captured.
    """
    version = live(place)
    variables = {"BESTIARY_MODEL_VERSION": str(version)}
    to = f"s3://{place.surroundings.bucket}/{BASELINES}/v{version}"
    return _run(
        place, f"bestiary-baseline-{_stamp()}", MONITOR, hours, say, to=to, inputs=[], variables=variables
    )


def _run(  # noqa: PLR0913 - what a job is made of
    place: Place,
    name: str,
    program: Program,
    hours: int,
    say: Callable[[str], None],
    *,
    to: str,
    inputs: list[dict[str, Any]],
    variables: Mapping[str, str],
) -> Check:
    start = datetime.now(UTC) - timedelta(hours=hours)
    captured.wait(place, say)
    folders = captured.folders(place, start)
    if not folders:
        raise OperatorError(
            f"nothing was captured in the last {hours} h: "
            "bestiary classify sends photos, --hours looks further back"
        )
    asked = [
        given(f"endpoint-{number}", folder, f"{CAPTURED}/{number}")
        for number, folder in enumerate(folders, start=1)
    ]
    around = place.surroundings
    request: Any = {
        "ProcessingJobName": name,
        "ProcessingInputs": [*asked, *inputs],
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": "result",
                    "S3Output": {"S3Uri": to, "LocalPath": OUTPUT, "S3UploadMode": "EndOfJob"},
                }
            ]
        },
        "ProcessingResources": {"ClusterConfig": CLUSTER},
        "AppSpecification": {"ImageUri": around.jobs_image, "ContainerEntrypoint": program.entrypoint},
        "RoleArn": around.jobs_role,
        "Environment": {
            "dataset_source": f"{FOLDER}/{CAPTURED}",
            "output_path": OUTPUT,
            "start_time": f"{start:%Y-%m-%dT%H:%M:%SZ}",
            # What a person looks at by hand is no reason to wake anybody.
            "publish_cloudwatch_metrics": "Disabled",
            "sagemaker_endpoint_name": CLASSIFIER,
            **variables,
        },
        "NetworkConfig": isolated(around.network),
        "StoppingCondition": LONGEST,
    }
    place.sagemaker.create_processing_job(**request)
    return _ended(place, name)


def _ended(place: Place, name: str) -> Check:
    while True:
        found = checks.describe(place, name)
        if found.over:
            return found
        time.sleep(_POLL_SECONDS)


def _stamp() -> str:
    return f"{datetime.now(UTC):%Y%m%d%H%M%S}-{uuid.uuid4().hex[:6]}"
