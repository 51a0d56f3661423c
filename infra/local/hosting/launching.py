"""The command, variables and door of an instance, as a container of its image would have them."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from infra.local import images, runtime
from infra.local.hosting import connector, held_port
from infra.local.hosting.doors import ConnectorDoor, Door, PortDoor
from infra.local.hosting.errors import StartError
from infra.local.jobs import environment
from infra.local.jobs.plan import Plan

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.docker.engine import DockerEngine
    from infra.local.hosting.containers import Container
    from infra.local.hosting.held_port import HeldPort
    from infra.local.hosting.plan import Variant
    from infra.local.jobs.process import Startable

_NETWORK = Path("/proc/self/ns/net")


@dataclass(frozen=True)
class Launch:
    """What to run for one instance, and how to reach it.

    Attributes
    ----------
    task
        The program.
    door
        Opens connections to it.
    held
        The port that it listens on, where that is one of this machine's.
    """

    task: Startable
    door: Door
    held: HeldPort | None = None


def launch(
    account: Account,
    variant: Variant,
    base: Path,
    *,
    private: bool,
    grace: float,
) -> Launch:
    """Say how to start an instance; every call gives it another port.

    Parameters
    ----------
    account
        Where it runs.
    variant
        What it runs, and on how large a machine.
    base
        Its folder, ``/opt/ml`` to it.
    private
        Whether it gets a ``/opt/ml``, and a network if the container is isolated, of its own where the kernel
        allows it.
    grace
        Seconds between SIGTERM and SIGKILL.

    Raises
    ------
    StartError
        When nothing says what the image runs.
    """
    container = variant.container
    if engine := runtime.runs_in_docker(account, container.image):
        return _in_docker(engine, account.region, variant, base, grace)
    held = held_port.hold()
    task = environment.process(
        Plan(
            inputs=(),
            folders=(),
            files={},
            image=container.image,
            entrypoint=_entrypoint(account, container),
            arguments=("serve",),
            environment={**_own(account), **_version(container), **_binding(held.number)},
            isolated=container.isolated,
            seconds=0,
        ),
        base,
        account,
        private=private,
        grace=grace,
    )
    if not (private and container.isolated and _NETWORK.exists()):
        return Launch(task, PortDoor(held.number), held)
    wrapped = (sys.executable, "-I", "-S", connector.__file__, str(_NETWORK.readlink()), str(held.number))
    return Launch(replace(task, command=(*wrapped, *task.command)), ConnectorDoor(base), held)


def _entrypoint(account: Account, container: Container) -> tuple[str, ...]:
    code = images.resolve(account.home.resolve(), container.image)
    found = images.entrypoint(code) if code else ()
    if not found:
        raise StartError(
            f"The process runtime cannot serve image {container.image}: it was not pushed here with the "
            "program that it runs. Push it with an entrypoint (infra.local.images.push)."
        )
    return found


def _in_docker(engine: DockerEngine, region: str, variant: Variant, base: Path, grace: float) -> Launch:
    from infra.local.docker import tasks

    task = tasks.of_instance(
        engine,
        variant.container,
        base,
        instance_type=variant.instance_type,
        region=region,
        own=_version(variant.container),
        grace=grace,
    )
    return Launch(task, ConnectorDoor(base / tasks.DOOR))


def _own(account: Account) -> dict[str, str]:
    """Return what tells our serving program of the place; a model's own variables go before."""
    cache = account.home.resolve() / "cache"
    cache.mkdir(exist_ok=True)
    return {"BESTIARY_CACHE": str(cache)}


def _version(container: Container) -> dict[str, str]:
    """Return the variables of a model, and its version where they do not say it."""
    version = {"BESTIARY_MODEL_VERSION": container.version} if container.version else {}
    return {**version, **container.environment}


def _binding(port: int) -> dict[str, str]:
    return {"SAGEMAKER_BIND_TO_PORT": str(port), "BESTIARY_BIND": "127.0.0.1"}
