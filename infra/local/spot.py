"""Taking the machines back from trainings on spot, as EC2 does when somebody pays more."""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING

from infra.local.home import LifecycleError
from infra.local.ports import HOST, INTERRUPT

if TYPE_CHECKING:
    from infra.local.lifecycle import Running


def interrupt(running: Running, job: str | None = None) -> list[str]:
    """Interrupt one training job, or all on spot; each goes on from its checkpoint by itself.

    Returns
    -------
    list of str
        Names of the jobs that lost their machine.

    Raises
    ------
    LifecycleError
        When the local SageMaker does not answer.
    """
    connection = HTTPConnection(HOST, running.port, timeout=10)
    try:
        connection.request("POST", INTERRUPT, json.dumps({"training_job": job} if job else {}))
        interrupted: list[str] = json.loads(connection.getresponse().read())
    except (OSError, HTTPException, ValueError) as error:
        raise LifecycleError(f"the local SageMaker does not answer: {error}") from None
    finally:
        connection.close()
    return interrupted
