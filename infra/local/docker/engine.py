"""The machine's Docker engine, as one home uses it."""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import docker
from docker.errors import APIError, DockerException, ImageNotFound

from infra.local.account import ACCOUNT_ID

if TYPE_CHECKING:
    from pathlib import Path

HOME = "bestiary.home"
"""The label that says whose a container is."""
_SECONDS = 600
_ECR = re.compile(
    r"\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com/(?P<name>[^@:]+)(@(?P<id>sha256:[0-9a-f]{64})|:(?P<tag>.+))?"
)


class EngineError(Exception):
    """The engine does not answer or lacks an image; the message is one line that says what to do."""


class DockerEngine:
    """The engine, its images and the containers of one home.

    Parameters
    ----------
    home
        The local SageMaker's folder.

    Raises
    ------
    EngineError
        When no engine answers that can show folders of this machine to its containers.
    """

    def __init__(self, home: Path) -> None:
        if sys.platform != "linux":
            raise EngineError("the Docker runtime needs Linux: elsewhere use --runtime process")
        self._label = str(home.resolve())
        try:
            self.client = docker.from_env(timeout=_SECONDS)
            self.client.ping()
        except DockerException:
            raise EngineError(
                "no Docker engine answers: start one, or use bestiary local start --runtime process"
            ) from None

    def image(self, uri: str) -> str:
        """Return the id of an image, named as ECR or Docker names it: by digest, by tag or by id.

        Raises
        ------
        EngineError
            When this engine does not have it.
        """
        named = _ECR.fullmatch(uri)
        names = [uri]
        if named:
            names.append(named["id"] or f"{named['name']}:{named['tag'] or 'latest'}")
        for name in names:
            with suppress(ImageNotFound, APIError):
                return str(self.client.images.get(name).id)
        raise EngineError(f"the Docker engine has no image {uri}: make images, or pull it")

    def uri(self, name: str, tag: str, region: str) -> str:
        """Return the URI that an image of this engine has in the local SageMaker: its id is its digest.

        Raises
        ------
        EngineError
            When it was not built.
        """
        found = self.image(f"{name}:{tag}")
        return f"{ACCOUNT_ID}.dkr.ecr.{region}.amazonaws.com/{name}@{found}"

    def create(self, image: str, **settings: Any) -> Any:  # noqa: ANN401 - docker-py has no types
        """Create a container of this home, as locked up as a container of SageMaker need be.

        Parameters
        ----------
        image
            Its id.
        settings
            Of docker-py's ``containers.create``.
        """
        return self.client.containers.create(
            image,
            labels={HOME: self._label},
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
            # The lines go to the home's own log files.
            log_config={"Type": "none"},
            **settings,
        )

    def end_all(self) -> None:
        """End and remove every container of the home, whichever server started it."""
        found = self.client.containers.list(
            all=True, filters={"label": f"{HOME}={self._label}"}, ignore_removed=True
        )
        for container in found:
            with suppress(APIError):  # gone meanwhile
                container.remove(force=True, v=True)

    def close(self) -> None:
        """Close the connections to the engine."""
        self.client.close()
