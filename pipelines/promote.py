"""The promotion job: approves and deploys one version, where its retraining was started to do so.

``python -m pipelines.promote MODEL_PACKAGE_ARN`` does what ``bestiary approve`` and ``bestiary deploy`` do:
a bad version is taken back by the same alarms, and the history has it. A version of any other run is left to
people. Exit status 1, and the reason as the job's message, where it does not end up serving.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from pipelines import registry
from pipelines.deployment import deploy
from pipelines.deployment.deploy import Live, Wish
from pipelines.deployment.rollout import carry_out
from pipelines.deployment.served import CLASSIFIER
from pipelines.errors import OperatorError
from pipelines.monitoring import schedule
from pipelines.place import open_place, reason
from pipelines.scheduling import retraining
from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.place import Place

_WHY = "automatic: the gate let it through"


def main() -> None:
    """Promote the version that the command line names."""
    try:
        message = promote(open_place(Settings.read("aws"), _say), sys.argv[1])
    except (OperatorError, ClientError, BotoCoreError) as error:
        line = str(error) if isinstance(error, OperatorError) else reason(error)
        _conclude(line)
        sys.exit(f"error: {line}")
    _conclude(message)
    _say(message)


def promote(place: Place, arn: str) -> str:
    """Approve and deploy a version, and say what was done.

    Raises
    ------
    OperatorError
        Where it does not end up serving.
    """
    version = registry.describe(place, arn)
    number = version.version
    if not version.automatic:
        return f"version {number} waits for a person: bestiary approve {number}"
    registry.decide(place, number, "Approved", _WHY)
    plan = deploy.decide_deploy(place, CLASSIFIER, Wish(number))
    if not isinstance(plan, Live):
        ended = carry_out(place, plan, _WHY, _say)
        if ended.status != "succeeded":
            raise OperatorError(
                f"version {number} was approved, but its deploy is {ended.status}: {ended.reason}"
            )
    schedule.follow(place)
    retraining.follow(place)
    return f"version {number} is approved and live"


def _conclude(message: str) -> None:
    output = Path(os.environ.get("SAGEMAKER_BASE_DIR") or "/opt/ml") / "output"
    output.mkdir(parents=True, exist_ok=True)
    (output / "message").write_bytes(message.encode()[:1024])


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a job's log is its standard output


if __name__ == "__main__":
    main()
