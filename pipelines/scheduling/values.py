"""What a retraining is started with: the newest run's settings, its photos and the inbox's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from pipelines import executions, registry
from pipelines.errors import OperatorError
from pipelines.labelling import inbox
from pipelines.names import PIPELINE
from pipelines.parameters import WITHOUT

if TYPE_CHECKING:
    from pipelines.place import Place
    from pipelines.scheduling.retraining import Wish

_OF_ONE_RUN = {*WITHOUT, "ApprovedVersion", "AsOf", "Reason", "Approval"}


def values(place: Place, wish: Wish, *, reason: str, as_of: str) -> dict[str, str]:
    """Return a retraining's parameters, as far as the pipeline has them.

    Parameters
    ----------
    reason
        Why it is started.
    as_of
        When it is, or what EventBridge puts that time in place of: other photos may be there then, of which
        the cache of SageMaker Pipelines would not know.

    Raises
    ------
    OperatorError
        Where the pipeline was never run.
    """
    try:
        definition = place.sagemaker.describe_pipeline(PipelineName=PIPELINE)["PipelineDefinition"]
    except ClientError:
        raise OperatorError(f"there is no pipeline {PIPELINE} yet: bestiary run makes it") from None
    known = {parameter["Name"] for parameter in json.loads(definition)["Parameters"]}
    before = {name: value for name, value in _newest(place).items() if name not in _OF_ONE_RUN}
    wanted = {
        **before,
        "DataUri": wish.data_uri,
        "InboxUri": inbox.uri(place),
        **_compared(place),
        "AsOf": as_of,
        "Reason": reason,
        "Approval": "automatic" if wish.automatic else "manual",
    }
    return {name: value for name, value in wanted.items() if name in known}


def last_data(place: Place) -> str:
    """Return the prefix of photos that the newest run was on.

    Raises
    ------
    OperatorError
        Where there was none.
    """
    found = _newest(place)
    if "DataUri" not in found:
        raise OperatorError("there was no run yet whose photos could be taken: give --data, or bestiary run")
    return found["DataUri"]


def _newest(place: Place) -> dict[str, str]:
    known = executions.latest(place, 1)
    return executions.parameters(place, known[0].arn) if known else {}


def _compared(place: Place) -> dict[str, str]:
    version = registry.approved(place)
    if version is None:
        return {}
    pinned = {"PinnedTestUri": version.test_set} if version.test_set else {}
    return {
        "ApprovedVersion": str(version.version),
        "ApprovedModelUri": version.artifact.removesuffix("model.tar.gz"),
        **pinned,
    }
