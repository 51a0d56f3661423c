"""What a job's container and an endpoint's are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra.local.docker.engine import DockerEngine, EngineError
from infra.local.docker.process import ContainerTask, user
from infra.local.docker.sizes import limits
from infra.local.hosting import connector
from infra.local.hosting.errors import StartError
from infra.local.jobs.failures import JobFailedError
from infra.local.jobs.plan import OPT_ML

if TYPE_CHECKING:
    from pathlib import Path

    from infra.local.hosting.containers import Container
    from infra.local.jobs.plan import Plan

DOOR = "door"
"""Folder of an instance in which its connector listens."""
_AT = "/run/bestiary"


def of_job(engine: DockerEngine, plan: Plan, base: Path, region: str, grace: float) -> ContainerTask:
    """Return the container of a job: its base folder is ``/opt/ml``.

    Raises
    ------
    JobFailedError
        When the engine does not have the image.
    """
    try:
        image = engine.image(plan.image)
    except EngineError as error:
        raise JobFailedError(f"ClientError: {error}") from error
    own = {"BESTIARY_IMAGE": plan.image, **plan.environment}
    settings = {
        **_common(isolated=plan.isolated, instance_type=plan.instance_type, region=region, own=own),
        "volumes": {str(base): {"bind": OPT_ML, "mode": "rw"}},
        # Without either, SageMaker runs the image's own program with one word.
        "command": [*plan.arguments] or ([plan.word] if plan.word and not plan.entrypoint else []),
        **({"entrypoint": [*plan.entrypoint]} if plan.entrypoint else {}),
    }
    return ContainerTask(engine, image, settings, grace)


def of_instance(  # noqa: PLR0913 - all but the first say what it is
    engine: DockerEngine,
    container: Container,
    base: Path,
    *,
    instance_type: str,
    region: str,
    own: dict[str, str],
    grace: float,
) -> ContainerTask:
    """Return the container of an endpoint's instance, with a connector beside its program.

    Its model is all of ``/opt/ml`` that it sees, for reading only. Nothing of it can be reached but through
    the connector, which lies in a folder of its own.

    Raises
    ------
    StartError
        When the engine does not have the image.
    """
    try:
        image = engine.image(container.image)
    except EngineError as error:
        raise StartError(str(error)) from error
    (base / DOOR).mkdir(exist_ok=True)
    settings = {
        **_common(isolated=container.isolated, instance_type=instance_type, region=region, own=own),
        "volumes": {
            str(base / "model"): {"bind": f"{OPT_ML}/model", "mode": "ro"},
            str(base / DOOR): {"bind": f"{_AT}/{DOOR}", "mode": "rw"},
            connector.__file__: {"bind": f"{_AT}/connector.py", "mode": "ro"},
        },
        "command": ["serve"],
    }
    command = ("python", "-I", "-S", f"{_AT}/connector.py", "-", connector.PORT)
    beside = command, {"SAGEMAKER_BASE_DIR": f"{_AT}/{DOOR}"}
    return ContainerTask(engine, image, settings, grace, beside)


def _common(*, isolated: bool, instance_type: str, region: str, own: dict[str, str]) -> dict[str, Any]:
    return {
        "environment": {"AWS_REGION": region, "AWS_DEFAULT_REGION": region, **own},
        "network_mode": "none" if isolated else "bridge",
        "user": user(),
        **limits(instance_type),
    }
