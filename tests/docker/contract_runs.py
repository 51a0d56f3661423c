"""Containers run as SageMaker runs them: a base folder at /opt/ml, no network, limited memory."""

from __future__ import annotations

import json
import os
import socket
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker
from docker.models.containers import Container

JOBS, SERVING, OPERATOR = "bestiary-jobs:cpu", "bestiary-serving:cpu", "bestiary-operator:cpu"
MEMORY = "3g"
NOBODY = 65534
END_SECONDS = 300


@dataclass(frozen=True)
class Ended:
    """How a container ended: its exit code and all that it printed."""

    code: int
    log: str


@dataclass
class Host:
    """A machine with an engine; everything that it starts is gone after `close`.

    Attributes
    ----------
    engine
        The client of the Docker engine.
    label
        Of everything that is started, whoever starts it.
    """

    engine: docker.DockerClient
    label: str = field(default_factory=lambda: f"bestiary-test-{uuid.uuid4().hex}")
    _started: list[Path] = field(default_factory=list)

    def run(self, image: str, command: list[str], base: Path, **settings: Any) -> Ended:
        """Run a job to its end; `command` is its entrypoint with its arguments."""
        container = self.start(image, base, entrypoint=command[:1], command=command[1:], **settings)
        code = int(container.wait(timeout=END_SECONDS)["StatusCode"])
        return Ended(code, container.logs().decode())

    def start(self, image: str, base: Path, *, read_only_model: bool = False, **settings: Any) -> Container:
        """Start a container with a folder as its /opt/ml, as locked up as Docker can.

        Parameters
        ----------
        read_only_model
            Whether only the folder's ``model`` is mounted, and cannot be written.
        settings
            Of docker-py's ``containers.run``, before those that hold here.
        """
        mount = (
            {str(base / "model"): {"bind": "/opt/ml/model", "mode": "ro"}}
            if read_only_model
            else {str(base): {"bind": "/opt/ml", "mode": "rw"}}
        )
        locked = {
            "network_mode": "none",
            "mem_limit": MEMORY,
            "memswap_limit": MEMORY,
            "read_only": True,
            "tmpfs": {"/tmp": "mode=1777"},  # noqa: S108 - the container's
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges"],
            "user": str(os.getuid()),
        }
        container = self.engine.containers.run(
            image, volumes=mount, labels=[self.label], detach=True, **{**locked, **settings}
        )
        self._started.append(base)
        return container

    def close(self) -> None:
        """Remove every container, and give the files that they wrote to whoever runs the tests."""
        for container in self.engine.containers.list(all=True, filters={"label": self.label}):
            container.remove(force=True)
        for base in self._started:
            if os.getuid() != 0:
                self.engine.containers.run(
                    JOBS,
                    ["-R", f"{os.getuid()}:{os.getgid()}", "/opt/ml"],
                    entrypoint=["chown"],
                    volumes={str(base): {"bind": "/opt/ml", "mode": "rw"}},
                    remove=True,
                )
        self._started.clear()


def training_base(folder: Path, train: Path | None, **hyperparameters: str) -> Path:
    """Make the base folder of a training job: its configuration and its channel."""
    config = folder / "input" / "config"
    config.mkdir(parents=True)
    (config / "hyperparameters.json").write_text(json.dumps(hyperparameters))
    (config / "resourceconfig.json").write_text(json.dumps({"current_host": "algo-1", "hosts": ["algo-1"]}))
    for place in ("model", "output/data", "input/data"):
        (folder / place).mkdir(parents=True)
    if train:
        train.rename(folder / "input" / "data" / "train")
    return folder


def open_to_nobody(folder: Path) -> Path:
    """Let any user write in a folder and all below it."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)
    return folder


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
