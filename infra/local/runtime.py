"""How a home runs its jobs and endpoints: as processes, or as containers on a Docker engine."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Literal, get_args

from infra.local import bootstrap, images
from infra.local.client import REGION
from infra.local.files import write_whole
from infra.local.home import LifecycleError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from infra.local.account import Account
    from infra.local.docker.engine import DockerEngine

Runtime = Literal["process", "docker"]

TAG = "cpu"
"""Of the images that `make images` builds and that are run here."""


def chosen(home: Path) -> Runtime:
    """Return what a home was told to use; processes unless told."""
    try:
        said = (home / "runtime").read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return "process"
    return next((each for each in get_args(Runtime) if each == said), "process")


def choose(home: Path, runtime: Runtime) -> None:
    """Have a home use another runtime from its next start on; what the one before left is ended.

    Raises
    ------
    LifecycleError
        When it is ``docker``, or was, and no Docker engine answers.
    """
    if "docker" in {runtime, chosen(home)}:
        opened = engine(home)
        opened.end_all()
        opened.close()
    write_whole(home / "runtime", runtime)


def engine(home: Path) -> DockerEngine:
    """Open the Docker engine for a home.

    Raises
    ------
    LifecycleError
        When none answers.
    """
    from infra.local.docker.engine import DockerEngine, EngineError

    try:
        return DockerEngine(home)
    except EngineError as error:
        raise LifecycleError(str(error)) from None


def end_leftovers(home: Path) -> None:
    """End the containers of a server that had to be killed; an engine that is gone has none."""
    if chosen(home) == "docker":
        with suppress(LifecycleError):
            opened = engine(home)
            opened.end_all()
            opened.close()


def push(home: Path, source: Path) -> dict[str, str]:
    """Have the images of the code at `source` ready to be run, and return their URIs by what they are for.

    Parameters
    ----------
    home
        The local SageMaker's folder.
    source
        The folder that holds the packages; with Docker, the images are those that were built last.

    Raises
    ------
    LifecycleError
        When they were not built, or no Docker engine answers.
    """
    if chosen(home) == "process":
        return _snapshots(home, source, {**bootstrap.IMAGES, **bootstrap.OPERATORS})
    from infra.local.docker.engine import EngineError

    opened = engine(home)
    try:
        built = {name: opened.uri(f"bestiary-{name}", TAG, REGION) for name in bootstrap.IMAGES}
    except EngineError as error:
        raise LifecycleError(str(error)) from None
    finally:
        opened.close()
    # What acts for the operator calls this server, and runs beside it.
    return built | _snapshots(home, source, bootstrap.OPERATORS)


def runs_in_docker(account: Account, image: str) -> DockerEngine | None:
    """Return the engine that runs an image; None for one that is a snapshot of code, run as a process."""
    if account.docker is None or images.resolve(account.home.resolve(), image):
        return None
    return account.docker


def _snapshots(home: Path, source: Path, rooms: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    return {
        name: images.push(
            home, f"bestiary-{name}", source, packages, entrypoint=bootstrap.ENTRYPOINTS.get(name, ())
        )
        for name, packages in rooms.items()
    }
