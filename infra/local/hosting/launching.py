"""The command, variables and door of an instance, as a container of its image would have them."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from infra.local import images
from infra.local.hosting import connector
from infra.local.hosting.doors import ConnectorDoor, Door, PortDoor, free_port
from infra.local.hosting.errors import StartError
from infra.local.jobs import environment
from infra.local.jobs.plan import Plan

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.hosting.containers import Container
    from infra.local.jobs.process import Task

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
    """

    task: Task
    door: Door


def launch(
    account: Account,
    container: Container,
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
    container
        What it runs.
    base
        Its folder, ``/opt/ml`` to it.
    private
        Whether it gets a ``/opt/ml``, and a network if `container` is isolated, of its own where the kernel
        allows it.
    grace
        Seconds between SIGTERM and SIGKILL.

    Raises
    ------
    StartError
        When nothing says what the image runs.
    """
    port = free_port()
    task = environment.task(
        Plan(
            inputs=(),
            folders=(),
            files={},
            image=container.image,
            entrypoint=_entrypoint(account, container),
            arguments=("serve",),
            environment={**_own(account, container), **container.environment, **_binding(port)},
            isolated=container.isolated,
            seconds=0,
        ),
        base,
        account,
        private=private,
        grace=grace,
    )
    if not (private and container.isolated and _NETWORK.exists()):
        return Launch(task, PortDoor(port))
    wrapped = (sys.executable, "-I", "-S", connector.__file__, str(_NETWORK.readlink()), str(port))
    return Launch(replace(task, command=(*wrapped, *task.command)), ConnectorDoor(base))


def _entrypoint(account: Account, container: Container) -> tuple[str, ...]:
    code = images.resolve(account.home.resolve(), container.image)
    found = images.entrypoint(code) if code else ()
    if not found:
        raise StartError(
            f"The process runtime cannot serve image {container.image}: it was not pushed here with the "
            "program that it runs. Push it with an entrypoint (infra.local.images.push)."
        )
    return found


def _own(account: Account, container: Container) -> dict[str, str]:
    """Return what tells our serving program of the place; a model's own variables go before."""
    cache = account.home.resolve() / "cache"
    cache.mkdir(exist_ok=True)
    version = {"BESTIARY_MODEL_VERSION": container.version} if container.version else {}
    return {"BESTIARY_CACHE": str(cache), **version}


def _binding(port: int) -> dict[str, str]:
    return {"SAGEMAKER_BIND_TO_PORT": str(port), "BESTIARY_BIND": "127.0.0.1"}
